"""Whether one learner with one slope does for every horizon, and a learner of its own for a horizon for which not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.calibration import slope
from evaluation.estimate import Estimate
from evaluation.groups import known
from evaluation.inputs import distinct
from features.table import FeatureTable
from registry.model import Apart
from registry.recalibration import Recalibration
from training.candidates import OUTCOMES_FOR_TREES, Candidate, Effort, fit
from training.compare import published
from training.recalibrate import Seen, recalibrate
from training.sample import sample
from training.task import LEAST_TO_LEARN, Task

LIMITS = (0.8, 1.2)
"""A horizon whose slope lies outside by its whole interval gets a learner of its own; as the gate asks of slopes."""


@dataclass(frozen=True)
class Tested:
    """The slope of the shared risk at one horizon, on people of development out of fold, and what came of it."""

    horizon: int
    slope: Estimate
    own: Apart | None
    why: str

    def to_json(self) -> dict[str, Any]:
        return {
            "horizon_days": self.horizon,
            "slope": published(self.slope),
            "own_learner": self.own is not None,
            "why": self.why,
        }


def tested(
    task: Task,
    shared: Candidate,
    recalibration: Recalibration,
    development: FeatureTable,
    effort: Effort,
    step: Callable[[str], None] = lambda _: None,
) -> tuple[Tested, ...]:
    """Test each horizon but the primary one, whose slope the recalibration has made right."""
    risks = recalibration.risks(shared.out_of_fold, development.axes["region"].tolist())
    return tuple(
        _tested(task, shared, horizon, risks[:, at], development, effort, step)
        for at, horizon in enumerate(task.horizons)
        if horizon != task.primary
    )


def _tested(
    task: Task,
    shared: Candidate,
    horizon: int,
    risk: NDArray[np.float64],
    development: FeatureTable,
    effort: Effort,
    step: Callable[[str], None],
) -> Tested:
    seen = known(development, horizon)
    found = slope(seen.outcome, risk, seen.weight, development.family)
    if not off(found):
        why = "too few outcomes to tell" if found.state != "ok" else "its slope is not outside the limits"
        return Tested(horizon, found, None, why)
    least = OUTCOMES_FOR_TREES if shared.kind == "lightgbm" else LEAST_TO_LEARN
    if distinct(development.person_id, seen.outcome & (seen.weight > 0)) < least:
        return Tested(horizon, found, None, f"its slope is off, but fewer than {least} people had the outcome by then")
    step(f"Fitting a learner of its own for {horizon} days")
    people = sample(development, horizon, effort.seed)
    own = fit(shared.kind, people, shared.columns, effort, like=shared)
    told = [Seen(horizon, seen.outcome, seen.weight)]
    fitted = recalibrate(own.out_of_fold, development.axes["region"], development.person_id, told, horizon)
    least_slope, most_slope = LIMITS
    return Tested(horizon, found, Apart(own.learner, fitted), f"its slope is outside {least_slope:g} to {most_slope:g}")


def off(found: Estimate) -> bool:
    """Whether a slope lies outside the limits by its whole interval.

    >>> off(Estimate.of(1.6, 1.3, 1.9, n=500, events=90, kind="sandwich"))
    True
    >>> off(Estimate.of(1.3, 1.1, 1.5, n=500, events=90, kind="sandwich"))
    False
    """
    return found.state == "ok" and not (found.high >= LIMITS[0] and found.low <= LIMITS[1])
