"""Published scores on the outcome that they predict, beside our model's ranking turned into a risk of the same.

Our risk is of another outcome, so its calibration says nothing here. The ranking of the model is recalibrated to the
secondary outcome on development, and judged with the published score on the same people of validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.disclosure import hidden, publish_rows
from evaluation.discrimination import c_difference
from evaluation.groups import by_axis, known
from evaluation.inputs import distinct
from features.table import FeatureTable
from pathways.definition import PROBABILITY, Comparator, Exceeds, Prediction, Secondary
from registry.model import Model
from registry.recalibration import Recalibration
from training.compare import as_risks, published
from training.recalibrate import Seen, recalibrate
from training.split import had_outcome
from training.task import LEAST_TO_LEARN, Task

Floats = NDArray[np.float64]


def secondary(
    task: Task, model: Model, out_of_fold: Floats, development: FeatureTable, validation: FeatureTable
) -> list[dict[str, Any]]:
    """Each secondary outcome with every published risk of it, at that score's own horizon."""
    return [
        {
            "name": one.name,
            "wording": one.wording,
            "scores": list(_scores(task, one, model, out_of_fold, development, validation)),
        }
        for one in task.prediction.secondary
    ]


def _scores(
    task: Task,
    one: Secondary,
    model: Model,
    out_of_fold: Floats,
    development: FeatureTable,
    validation: FeatureTable,
) -> Iterator[dict[str, Any]]:
    ours = _recalibrated(task, one, out_of_fold, development)
    judged = validation.judged_by(one.name)
    for score in published_risks(task.prediction, one):
        horizon = int(score.horizon or task.primary)
        values = judged.comparators[score.name]
        has = ~np.isnan(values)
        people = judged.rows(has)
        risk = None if ours is None else _risk(model, ours, people, horizon)
        yield {
            "score": score.name,
            "horizon_days": horizon,
            "computable": _computable(judged, has),
            "published": _measures(people, values[has], horizon, limits(task.prediction, score)),
            "ours": None if risk is None else _measures(people, risk, horizon, limits(task.prediction, score)),
            "gain": None if risk is None else _gain(people, risk, values[has], horizon),
            **({} if risk is None else as_risks(people, risk, values[has], horizon, limits(task.prediction, score))),
        }


def published_risks(prediction: Prediction, one: Secondary) -> tuple[Comparator, ...]:
    """The comparators that are probabilities of a secondary outcome."""
    return tuple(each for each in prediction.comparators if each.outcome == one.name and each.unit == PROBABILITY)


def limits(prediction: Prediction, score: Comparator) -> tuple[float, ...]:
    """The risks from which guidelines act on a published score."""
    found = (rule.when for rule in prediction.rules if isinstance(rule.when, Exceeds))
    return tuple(sorted(each.limit for each in found if each.score == score))


def _recalibrated(task: Task, one: Secondary, out_of_fold: Floats, development: FeatureTable) -> Recalibration | None:
    """The ranking as a risk of this outcome; None where too few people had it."""
    table = development.judged_by(one.name)
    if distinct(table.person_id, had_outcome(table, task.primary)) < LEAST_TO_LEARN:
        return None
    ranking = out_of_fold[development.secondary[one.name].time >= 0]
    found = [(horizon, known(table, horizon)) for horizon in task.horizons]
    seen = [Seen(horizon, each.outcome, each.weight) for horizon, each in found]
    return recalibrate(ranking, table.axes["region"], table.person_id, seen, task.primary)


def _risk(model: Model, ours: Recalibration, people: FeatureTable, horizon: int) -> Floats:
    risks = ours.risks(model.log_odds(people.values), people.axes["region"].tolist())
    return np.asarray(risks[:, ours.horizons.index(horizon)])


def _computable(table: FeatureTable, has: NDArray[np.bool_]) -> float | None:
    """The share of index dates for which a score can be computed, unless it would point at few people."""
    few = any(hidden(distinct(table.person_id, mask)) for mask in (has, ~has))
    return None if few else round(float(has.mean()), 2)


def _measures(people: FeatureTable, risk: Floats, horizon: int, thresholds: tuple[float, ...]) -> list[dict[str, Any]]:
    return publish_rows(by_axis(people, risk, horizon, ("region",), thresholds)) if len(people) else []


def _gain(people: FeatureTable, risk: Floats, score: Floats, horizon: int) -> dict[str, Any] | None:
    if not len(people):
        return None
    seen = known(people, horizon)
    return published(c_difference(seen.outcome, risk, score, seen.weight, people.family))
