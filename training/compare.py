"""The model against what there is already, on the same people: published scores, today's rule, one variable alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.disclosure import hidden, publish_figure, suppress
from evaluation.discrimination import c_difference, c_statistic
from evaluation.estimate import Estimate
from evaluation.groups import Known
from evaluation.inputs import distinct
from features.table import FeatureTable
from registry.profile import bins
from training.sample import Sample

Floats = NDArray[np.float64]

DRAWN_TO_MEAN = 20.0
"""People by whom a bin's share of outcomes is drawn towards the share of everyone."""


def against(table: FeatureTable, risk: Floats, seen: Known) -> list[dict[str, Any]]:
    """Each comparator of the table: for how many it can be computed, and how it and the model rank those people."""
    return [{"name": name} | same_people(score, risk, seen, table) for name, score in table.comparators.items()]


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


def best_single(people: Sample, profile: Mapping[str, Any]) -> tuple[str, Floats]:
    """The predictor that alone ranks development best, and the share of outcomes in each of its bins."""
    found = ranked_alone(people, profile)
    best = max(found, key=lambda name: found[name][0].value)
    return best, found[best][1]


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


def _share_of_bins(here: NDArray[np.int64], count: int, outcome: NDArray[np.bool_], weight: Floats) -> Floats:
    mean = float(weight @ outcome) / float(weight.sum())
    people = np.bincount(here, weights=weight, minlength=count)
    outcomes = np.bincount(here, weights=weight * outcome, minlength=count)
    return np.asarray((outcomes + DRAWN_TO_MEAN * mean) / (people + DRAWN_TO_MEAN), dtype=np.float64)
