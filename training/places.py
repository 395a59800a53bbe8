"""How a model does in places that it never saw, and how much practices differ where it was examined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from evaluation.disclosure import publish_rows
from evaluation.groups import Row, by_axis, known
from evaluation.heterogeneity import Pooled, Scale, on_log_odds, pooled, rate_spread
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
    rows: list[tuple[str, Row]] = []
    for place in (str(each) for each in np.unique(validation.axes[axis]) if each):
        others = development.rows(development.axes[axis] != place)
        if distinct(others.person_id, had_outcome(others, task.primary)) < LEAST_TO_LEARN:
            continue
        step(f"Training without {place}")
        found = fit(like.kind, sample(others, task.primary, effort.seed), task.columns, effort, like=like)
        model = task.model(found, recalibrated(task, found.out_of_fold, others))
        there = validation.rows(validation.axes[axis] == place)
        if len(there):
            risk = risks(model, there)[:, model.recalibration.primary_index]
            rows.append((place, by_axis(there, risk, task.primary, axes=())[0]))
    return {
        "axis": axis,
        "places": [{"place": place} | {name: publish_rows([row])[0][name] for name in KEPT} for place, row in rows],
        "heterogeneity": [
            {"measure": name} | _plain(pooled([getattr(row.measures, name) for _, row in rows], scale))
            for name, scale in SCALES.items()
        ],
    }


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
    expected = np.bincount(at, weights=weight * risk, minlength=len(names))
    observed = np.bincount(at, weights=weight * seen.outcome[used], minlength=len(names))
    if len(names) < FEWEST_PRACTICES or expected.sum() < FEWEST_EXPECTED:
        why = f"it takes {FEWEST_PRACTICES} practices and {FEWEST_EXPECTED} expected outcomes to tell"
        return {"state": "insufficient", "why": why}
    share = float(weight @ risk / weight.sum())
    spread = on_log_odds(rate_spread(observed, expected), share)
    return {"state": "ok", "practices": len(names), "log_odds": round(spread, 3)}
