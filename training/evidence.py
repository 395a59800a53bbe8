"""What can be said for a model, all of it on people whom it had not seen, and none of it about one of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.disclosure import FEWEST_SHOWN, publish_rows, suppress
from evaluation.groups import AXES, Known, by_axis, known
from evaluation.inputs import distinct
from features.table import FeatureTable
from registry.model import Model
from registry.recalibration import Recalibration
from training.candidates import Choice, Effort
from training.compare import against, best_single, published, same_people
from training.recalibrate import Seen, recalibrate
from training.sample import Sample
from training.split import Split, families_digest, had_outcome
from training.task import Task

Floats = NDArray[np.float64]

CURVE_POINTS = 20
ROWS_AT_A_TIME = 20_000
KEPT = ("people", "index_dates", "events", "c_statistic", "observed_over_expected", "slope")


def candidates(choice: Choice, effort: Effort) -> dict[str, Any]:
    """How the two candidates ranked people out of fold, and which was taken."""
    return {
        "chosen": choice.chosen.kind,
        "why": choice.why,
        "settings": choice.chosen.settings,
        "trials": effort.trials,
        "c_statistic": {kind: published(found) for kind, found in choice.c_statistics.items()},
        "gain_of_trees": None if choice.gain is None else published(choice.gain),
    }


def data(table: FeatureTable, followed: FeatureTable, split: Split, horizon: int, seed: int) -> dict[str, Any]:
    """How many people and index dates there were and on which side they stood; counts suppressed and rounded."""
    return {
        "snapshot": snapshot(table),
        "attrition": _attrition(table),
        "followable": _sizes(followed, horizon),
        "development": _sizes(followed.rows(split.development), horizon),
        "validation": _sizes(followed.rows(split.validation), horizon),
        "validation_is": "other families" + (" at later dates" if split.cut is not None else ""),
        "why_not_later": split.why_not_later,
        "parted_by": {"seed": seed, "cut": split.cut, "families": families_digest(table)},
    }


def snapshot(table: FeatureTable) -> str:
    """SHA-256 of the predictors, outcomes and index dates: the same records give the same."""
    digest = hashlib.sha256("|".join(table.columns).encode())
    for array in (table.person_id, table.index_day, table.values, table.time, table.event):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Examined:
    """A model and the people on whom it is examined, with their risks, which are worked out once."""

    model: Model
    table: FeatureTable

    @cached_property
    def risks(self) -> Floats:
        return risks(self.model, self.table)

    @property
    def horizon(self) -> int:
        return self.model.recalibration.primary

    @property
    def risk(self) -> Floats:
        """By the primary horizon."""
        return np.asarray(self.risks[:, self.model.recalibration.primary_index])


def groups(seen: Examined, thresholds: tuple[float, ...]) -> list[dict[str, Any]]:
    """Every measure at the primary horizon, for all and for each level of each axis."""
    there = seen.table.axes
    axes = [axis for axis in AXES if axis == "ethnic_group" or np.any(there.get(axis, np.array([""])) != "")]
    return publish_rows(by_axis(seen.table, seen.risk, seen.horizon, axes, thresholds))


def horizons(seen: Examined) -> list[dict[str, Any]]:
    """Calibration and discrimination at each horizon, for all, and whether the horizon has a learner of its own."""
    own = {each.horizon for each in seen.model.apart}
    found = []
    for at, horizon in enumerate(seen.model.recalibration.horizons):
        row = publish_rows(by_axis(seen.table, seen.risks[:, at], horizon, axes=()))[0]
        kept = {name: row[name] for name in (*KEPT, "mean_risk", "incidence")}
        found.append({"horizon_days": horizon, "own_learner": horizon in own} | kept)
    return found


def decision_curve(seen: Examined, thresholds: tuple[float, ...]) -> list[dict[str, Any]]:
    """Net benefit of the model, of acting on everybody and of acting on nobody (0), at twenty thresholds.

    They rise to twice the highest risk at which one acts, or to four times the mean risk where none is declared.
    """
    most = min(0.95, 2 * max(thresholds) if thresholds else 4 * float(seen.risk.mean()))
    grid = [float(f"{most * step / CURVE_POINTS:.3g}") for step in range(1, CURVE_POINTS + 1)]
    everyone = publish_rows(by_axis(seen.table, seen.risk, seen.horizon, (), grid))[0]
    names = ("threshold", "net_benefit", "treat_all", "gain")
    return [{name: at[name] for name in names} for at in everyone["thresholds"]]


def comparisons(task: Task, seen: Examined, people: Sample) -> dict[str, Any]:
    """The model against the comparators and against the best single variable, on validation."""
    outcomes, table = known(seen.table, seen.horizon), seen.table
    alone = best_single(people, seen.model.profile)
    single = same_people(alone.score(table.values[:, alone.at]), seen.risk, outcomes, table)
    return {
        "comparators": against(task, table, seen.risk, outcomes),
        "best_single_variable": {"name": seen.model.columns[alone.at].wording} | single,
        "weights": {"capped": round(outcomes.capped_share, 4), "unreached": round(outcomes.unreached_share, 4)},
    }


def recalibrated(task: Task, out_of_fold: Floats, development: FeatureTable) -> Recalibration:
    """The recalibration by place, on log-odds out of fold and outcomes weighted for each horizon."""
    seen = [_seen(horizon, known(development, horizon)) for horizon in task.horizons]
    places, boards = development.axes["region"], development.axes["area"]
    return recalibrate(out_of_fold, places, development.person_id, seen, task.primary, boards)


def risks(model: Model, table: FeatureTable) -> Floats:
    """The risk of each row at each horizon, in its own region, some rows at a time: trees are read as 64 bits."""
    places = table.axes["region"]
    parts = [slice(begin, begin + ROWS_AT_A_TIME) for begin in range(0, max(1, len(table)), ROWS_AT_A_TIME)]
    return np.vstack([model.risks(table.values[part], places[part].tolist()) for part in parts])


def _seen(horizon: int, found: Known) -> Seen:
    return Seen(horizon, found.outcome, found.weight)


def _attrition(table: FeatureTable) -> list[dict[str, Any]]:
    """The steps, each count hidden that fewer than 8 people could make up, having as many index dates as anyone."""
    most = int(np.unique(table.person_id, return_counts=True)[1].max(initial=1))
    return [
        {"step": step, "count": None if 0 < count < FEWEST_SHOWN * most else suppress(count)}
        for step, count in table.attrition
    ]


def _sizes(table: FeatureTable, horizon: int) -> dict[str, int | None]:
    people = suppress(distinct(table.person_id, np.ones(len(table), dtype=bool)))
    return {
        "people": people,
        "index_dates": None if people is None else suppress(len(table)),
        "outcomes": suppress(distinct(table.person_id, had_outcome(table, horizon))),
    }
