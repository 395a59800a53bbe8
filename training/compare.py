"""The model against what there is already, on the same people: published scores, today's rule, one variable alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.disclosure import hidden, publish_figure, suppress
from evaluation.discrimination import c_difference, c_statistic
from evaluation.estimate import Estimate
from evaluation.groups import Known
from evaluation.inputs import distinct, rows
from evaluation.paired import changes
from evaluation.ranking import c_and_influence
from features.table import FeatureTable
from pathways.definition import PROBABILITY, Comparator
from registry.profile import bins
from training.sample import Sample
from training.task import Task

Floats = NDArray[np.float64]

DRAWN_TO_MEAN = 20.0
"""People by whom a bin's share of outcomes is drawn towards the share of everyone."""


def against(task: Task, table: FeatureTable, risk: Floats, seen: Known) -> list[dict[str, Any]]:
    """Each comparator of the table: for how many it can be computed, and how it and the model rank those people.

    One that is a risk of the same outcome by the same day is also compared as a risk.
    """
    alike = {each.name for each in task.prediction.comparators if same_risk(task, each)}
    return [
        {"name": name}
        | same_people(score, risk, seen, table)
        | (as_risks(table, risk, score, task.primary, task.thresholds) if name in alike else {})
        for name, score in table.comparators.items()
    ]


def same_risk(task: Task, score: Comparator) -> bool:
    """Whether a published score is a probability of this prediction's outcome by its primary day."""
    of_this = score.outcome in ("", task.prediction.name)
    return of_this and score.unit == PROBABILITY and score.horizon == task.primary


def as_risks(
    table: FeatureTable, ours: Floats, score: Floats, horizon: int, thresholds: tuple[float, ...]
) -> dict[str, Any]:
    """What the model gains over a published risk of the same outcome by the same day, on people who have it.

    The gain in Brier score is that of the scaled one; the gain in net benefit is at each threshold.
    """
    has = ~np.isnan(score)
    if not has.any():
        return {"brier_gain": None, "net_benefit_gains": []}
    found = changes(table.rows(has), score[has], ours[has], horizon, (), thresholds)[0]
    worth = zip(thresholds, found.net_benefit, strict=True)
    return {
        "brier_gain": published(found.figures["scaled_brier"]),
        "net_benefit_gains": [
            {"threshold": at, "gain": publish_figure(gain, gain.n, gain.events, gain.n)} for at, gain in worth
        ],
    }


def same_people(score: Floats, risk: Floats, seen: Known, table: FeatureTable) -> dict[str, Any]:
    """How a score and the model rank the people for whom the score can be computed, and how many those are."""
    has = ~np.isnan(score)
    part = (seen.weight[has], table.family[has])
    people = [distinct(table.person_id, mask) for mask in (has, ~has)]
    return {
        "people": suppress(people[0]),
        "computable": None if any(hidden(each) for each in people) else round(float(has.mean()), 2),
        "c_statistic": published(c_statistic(seen.outcome[has], score[has], *part)),
        "model_c_statistic": published(c_statistic(seen.outcome[has], risk[has], *part)),
        "gain": published(c_difference(seen.outcome[has], risk[has], score[has], *part)),
    }


@dataclass(frozen=True)
class Single:
    """One predictor as a score: the share of outcomes in its bins, drawn out to a line between their middles.

    Bins alone would tie a tenth of the people with one another, and any model that does not would seem to rank better
    than its own best predictor. `at` is its column, `middles` holds the median of each bin of numbers.
    """

    name: str
    at: int
    predictor: Mapping[str, Any]
    shares: Floats
    middles: Floats

    def score(self, values: NDArray[np.float32]) -> Floats:
        """A score for each value, shape (n,); beyond the outer middles the line goes on as it was."""
        here = bins(self.predictor, values)
        number = (here < len(self.middles)) & np.isfinite(values)
        there = np.flatnonzero(np.isfinite(self.middles))
        found = self.shares[here]
        if len(there) > 1:
            found[number] = _line(values[number].astype(np.float64), self.middles[there], self.shares[there])
        return found


def best_single(people: Sample, profile: Mapping[str, Any]) -> Single:
    """The predictor that alone ranks development best."""
    known = people.weight > 0
    values, outcome, weight = people.values[known], people.outcome[known], people.weight[known]
    found = []
    for at, (name, predictor) in enumerate(profile["predictors"].items()):
        here, count = bins(predictor, values[:, at]), len(predictor["bins"])
        shares = _share_of_bins(here, count, outcome, weight)
        found.append((_c_of_bins(here, shares, outcome, weight), -at, name, shares))
    _, before, best, shares = max(found, key=lambda one: one[:2])
    predictor = profile["predictors"][best]
    return Single(best, -before, predictor, shares, _middles(predictor, values[:, -before]))


def ranked_alone(
    people: Sample, profile: Mapping[str, Any], family: NDArray[np.int64] | None = None
) -> dict[str, tuple[Estimate, Floats]]:
    """How each predictor alone ranks development by the share of outcomes in its bins, missing among them."""
    known = people.weight > 0
    outcome, weight = people.outcome[known], people.weight[known]
    together = None if family is None else family[known]
    found = {}
    for at, (name, predictor) in enumerate(profile["predictors"].items()):
        here = bins(predictor, people.values[known, at])
        share = _share_of_bins(here, len(predictor["bins"]), outcome, weight)
        found[name] = c_statistic(outcome, share[here], weight, together), share
    return found


def published(estimate: Estimate) -> dict[str, Any]:
    """A figure that rests on the people and outcomes that it counts, as it may leave."""
    return publish_figure(estimate, estimate.n, estimate.events)


def _middles(predictor: Mapping[str, Any], values: NDArray[np.float32]) -> Floats:
    """The median of the values in each bin of numbers, NaN where there are none; of levels there is no line."""
    if predictor["levels"]:
        return np.empty(0)
    here = bins(predictor, values)
    each = [values[here == bin_] for bin_ in range(len(predictor["edges"]) + 1)]
    return np.array([np.median(found) if len(found) else np.nan for found in each], dtype=np.float64)


def _line(values: Floats, middles: Floats, shares: Floats) -> Floats:
    """Straight from middle to middle."""
    piece = np.clip(np.searchsorted(middles, values) - 1, 0, len(middles) - 2)
    rise = np.diff(shares) / np.diff(middles)
    return np.asarray(shares[piece] + rise[piece] * (values - middles[piece]))


def _c_of_bins(here: NDArray[np.int64], shares: Floats, outcome: NDArray[np.bool_], weight: Floats) -> float:
    """The c-statistic of the shares: bins are few, so those with and without the outcome in each are all it takes."""
    each = [np.bincount(here, weights=weight * side, minlength=len(shares)) for side in (outcome, ~outcome)]
    with_it = np.repeat([True, False], len(shares))
    return c_and_influence(rows(with_it, np.tile(shares, 2), np.concatenate(each)))[0]


def _share_of_bins(here: NDArray[np.int64], count: int, outcome: NDArray[np.bool_], weight: Floats) -> Floats:
    mean = float(weight @ outcome) / float(weight.sum())
    people = np.bincount(here, weights=weight, minlength=count)
    outcomes = np.bincount(here, weights=weight * outcome, minlength=count)
    return np.asarray((outcomes + DRAWN_TO_MEAN * mean) / (people + DRAWN_TO_MEAN), dtype=np.float64)
