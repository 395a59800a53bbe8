"""The arithmetic of ranking checked rows: c-statistic and average precision, and the influence of each row on them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evaluation.estimate import LEVEL, Estimate, Kind, insufficient
from evaluation.inputs import Floats, Rows, dot
from evaluation.intervals import effective_size, on_logit_scale, variance, wilson

Ranks = NDArray[np.intp]


def concordance(people: Rows, level: float = LEVEL) -> Estimate:
    """The c-statistic of rows that were checked before."""
    value, influence = c_and_influence(people)
    if math.isnan(value):
        return insufficient(n=people.n, events=people.events, kind="influence", level=level)
    var = _delong(people, influence) if people.plain else variance(influence, people.family)
    ends = on_logit_scale(value, var, level) if 0 < value < 1 else wilson(value, _pairs(people), level)
    kind: Kind = "delong" if people.plain else "influence"
    return Estimate.of(value, *ends, n=people.n, events=people.events, kind=kind, level=level)


def precision(people: Rows, level: float = LEVEL) -> Estimate:
    """The average precision of rows that were checked before."""
    value, influence = precision_and_influence(people)
    if math.isnan(value):
        return insufficient(n=people.n, events=people.events, kind="influence", level=level)
    ends = on_logit_scale(value, variance(influence, people.family), level)
    if value >= 1:
        value, ends = 1.0, wilson(1.0, _pairs(people), level)
    return Estimate.of(value, *ends, n=people.n, events=people.events, kind="influence", level=level)


def c_and_influence(people: Rows) -> tuple[float, Floats]:
    """The c-statistic and the influence of each row: above those without, below those with the outcome."""
    distinct, rank = people.ranked
    with_it = _at_each(people.weight * people.y, rank, distinct)
    without = _at_each(people.weight * (1 - people.y), rank, distinct)
    total, rest = float(with_it.sum()), float(without.sum())
    if not (total > 0 and rest > 0):
        return math.nan, np.full(people.size, math.nan)
    beaten = (np.cumsum(without) - without / 2) / rest
    beating = 1 - (np.cumsum(with_it) - with_it / 2) / total
    value = dot(with_it, beaten) / total
    own = np.where(people.outcome, (beaten[rank] - value) / total, (beating[rank] - value) / rest)
    return value, people.weight * own


def precision_and_influence(people: Rows) -> tuple[float, Floats]:
    """The average precision and the influence of each row: by its own share, and on those ranked no higher."""
    if not people.events:
        return math.nan, np.full(people.size, math.nan)
    distinct, rank = people.ranked
    true, every = _at_each(people.weight * people.y, rank, distinct), _at_each(people.weight, rank, distinct)
    above = np.cumsum(every[::-1])[::-1]
    right = np.cumsum(true[::-1])[::-1] / above
    outcomes = float(true.sum())
    value = dot(true, right) / outcomes
    below, below_right = np.cumsum(true / above), np.cumsum(true * right / above)
    own = people.y * (right[rank] - value + below[rank]) - below_right[rank]
    return value, people.weight * own / outcomes


def _delong(people: Rows, influence: Floats) -> float:
    """DeLong's variance: that of the influence, but with n - 1 in each of the two classes."""
    cases, controls = influence[people.outcome], influence[~people.outcome]
    if min(len(cases), len(controls)) < 2:
        return math.nan
    return float(sum(dot(part, part) * len(part) / (len(part) - 1) for part in (cases, controls)))


def _pairs(people: Rows) -> float:
    """How many disjoint pairs of somebody with and somebody without the outcome the group has, at most."""
    return min(
        effective_size(people.weight[part], None if people.family is None else people.family[part])
        for part in (people.outcome, ~people.outcome)
    )


def _at_each(weight: Floats, rank: Ranks, n: int) -> Floats:
    return np.asarray(np.bincount(rank, weights=weight, minlength=n), dtype=np.float64)
