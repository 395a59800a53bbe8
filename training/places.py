"""How a model does in places that it never saw, and how much practices differ where it was examined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.disclosure import publish_rows
from evaluation.groups import Row, by_axis, known
from evaluation.heterogeneity import Pooled, Scale, pooled, spread_of
from evaluation.inputs import distinct
from features.table import FeatureTable
from training.candidates import Candidate, Effort, fit
from training.evidence import KEPT, Examined, recalibrated, risks
from training.sample import sample
from training.split import had_outcome
from training.task import LEAST_TO_LEARN, Task

SCALES: Mapping[str, Scale] = {"c_statistic": "logit", "observed_over_expected": "log", "slope": "identity"}
FEWEST_PRACTICES, FEWEST_EXPECTED = 10, 100
"""Practices, and outcomes expected in all of them, below which their spread is not told from chance."""
PRACTICES_DIFFER = 0.3
"""What is expected of the spread of practices, in log-odds, before they speak: as for regions in `recalibrate`."""
OUTCOMES_ALONE = 20
"""People with the outcome whom a board must hold to be examined alone."""


@dataclass(frozen=True)
class Apart:
    """Places that are left out together, and what to call them."""

    name: str
    places: tuple[str, ...]


def left_out(
    axis: str,
    task: Task,
    like: Candidate,
    development: FeatureTable,
    validation: FeatureTable,
    effort: Effort,
    step: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Train without each place of an axis, examine in it, and pool: what a place that it never saw may expect."""
    rows: list[tuple[Apart, Row]] = []
    for apart in parted(axis, validation, task.primary):
        step(f"Training without {apart.name}")
        row = _without(apart, axis, task, like, development, validation, effort)
        rows += [] if row is None else [(apart, row)]
    # Together, as levels of an axis: a hidden count must not follow from the others and the total.
    shown = publish_rows([Row(axis, apart.name, row.measures) for apart, row in rows])
    return {
        "axis": axis,
        "places": [
            {"place": apart.name, "members": list(apart.places)} | {name: each[name] for name in KEPT}
            for (apart, _), each in zip(rows, shown, strict=True)
        ],
        "heterogeneity": [
            {"measure": name} | _plain(pooled([getattr(row.measures, name) for _, row in rows], scale))
            for name, scale in SCALES.items()
        ],
    }


def left_out_regions(
    task: Task, like: Candidate, development: FeatureTable, validation: FeatureTable, effort: Effort
) -> list[dict[str, Any]]:
    """Trained without a region, examined in it; nothing where there is one region."""
    regions = parted("region", validation, task.primary)
    found = left_out("region", task, like, development, validation, effort)["places"] if len(regions) > 1 else []
    return [{"region": each["place"]} | {name: each[name] for name in KEPT} for each in found]


def parted(axis: str, table: FeatureTable, horizon: int) -> list[Apart]:
    """The places to leave out: each region; each board, those of few outcomes together with others of their region.

    Were boards of few outcomes passed over, those where more happened than was expected would be examined sooner.
    """
    levels, had = table.axes[axis], had_outcome(table, horizon)
    places = [str(each) for each in np.unique(levels) if each]
    if axis == "region":
        return [Apart(place, (place,)) for place in places]
    outcomes = {place: distinct(table.person_id, had & (levels == place)) for place in places}
    alone = [Apart(place, (place,)) for place in places if outcomes[place] >= OUTCOMES_ALONE]
    few = [place for place in places if outcomes[place] < OUTCOMES_ALONE]
    region = {place: str(table.axes["region"][levels == place][0]) for place in few}
    for name in sorted(set(region.values())):
        groups = _together([place for place in few if region[place] == name], outcomes)
        for number, group in enumerate(groups, 1):
            several = f" ({number})" if len(groups) > 1 else ""
            alone.append(Apart(group[0] if len(group) == 1 else f"boards of {name} together{several}", tuple(group)))
    return alone


def _together(places: list[str], outcomes: Mapping[str, int]) -> list[list[str]]:
    """Neighbours in the order of names until they hold enough outcomes; what is left joins the last."""
    groups: list[list[str]] = [[]]
    for place in places:
        if sum(outcomes[each] for each in groups[-1]) >= OUTCOMES_ALONE:
            groups.append([])
        groups[-1].append(place)
    if len(groups) > 1 and sum(outcomes[each] for each in groups[-1]) < OUTCOMES_ALONE:
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups


def _without(
    apart: Apart,
    axis: str,
    task: Task,
    like: Candidate,
    development: FeatureTable,
    validation: FeatureTable,
    effort: Effort,
) -> Row | None:
    """Trained without these places and measured in them; None if too few are left to learn from."""
    others = development.rows(~np.isin(development.axes[axis], apart.places))
    if distinct(others.person_id, had_outcome(others, task.primary)) < LEAST_TO_LEARN:
        return None
    found = fit(like.kind, sample(others, task.primary, effort.seed), task.columns, effort, like=like)
    model = task.model(found, recalibrated(task, found.out_of_fold, others))
    there = validation.rows(np.isin(validation.axes[axis], apart.places))
    risk = risks(model, there)[:, model.recalibration.primary_index]
    return by_axis(there, risk, task.primary, axes=())[0]


def _plain(found: Pooled | None) -> dict[str, Any]:
    if found is None:
        return {"state": "insufficient", "why": "fewer than three places with enough outcomes"}
    return {"state": "ok"} | {
        name: value if isinstance(value, int) else round(value, 3) for name, value in found.to_json().items()
    }


def practice_spread(examined: Examined) -> dict[str, Any]:
    """The standard deviation between practices, of the log-odds of the primary risk, beyond chance; or why not."""
    validation = examined.table
    practice = validation.axes["practice"]
    seen = known(validation, examined.horizon)
    used = (practice != "") & (seen.weight > 0)
    names, at = np.unique(practice[used], return_inverse=True)
    risk = examined.risk[used]
    # Several index dates of a person are nearly one: each person counts once, or chance would look like a spread.
    _, person, dates = np.unique(validation.person_id[used], return_inverse=True, return_counts=True)
    weight = seen.weight[used] / dates[person]
    outcome = seen.outcome[used]
    if len(names) < FEWEST_PRACTICES or weight @ risk < FEWEST_EXPECTED or not outcome.any():
        why = f"it takes {FEWEST_PRACTICES} practices and {FEWEST_EXPECTED} expected outcomes to tell"
        return {"state": "insufficient", "why": why}
    spread = spread_of(at, outcome, risk, weight, validation.family[used], PRACTICES_DIFFER)
    return {"state": "ok", "practices": len(names), "log_odds": round(spread, 3)}
