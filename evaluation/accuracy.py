"""How near do the risks come to what happened? The Brier score, and how much it gains on one risk for all."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from evaluation.estimate import LEVEL, Estimate, insufficient
from evaluation.inputs import Floats, Rows, dot, rows
from evaluation.intervals import on_log_scale, plain, variance


def brier(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Mean squared distance of the risk from what happened.

    Parameters
    ----------
    outcome, risk, weight, family, level
        As for `in_the_large`.

    Returns
    -------
    Estimate
        In [0, 1], 0 is best; interval from the influence function, on the log scale.

    Raises
    ------
    InputError
        As for `in_the_large`.

    References
    ----------
    Brier (1950), Mon Weather Rev 78:1-3; Gerds and Schumacher (2006), Biom J 48:1029-1040 (weights).

    Examples
    --------
    >>> round(brier([True, False], [0.8, 0.4]).value, 6)
    0.1
    """
    return squared_error(rows(outcome, risk, weight, family, probability=True), level)[0]


def scaled_brier(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """How much nearer the risks come to what happened than giving everyone the same risk (index of accuracy, IPA).

    Parameters
    ----------
    outcome, risk, weight, family, level
        As for `in_the_large`.

    Returns
    -------
    Estimate
        1 - Brier / Brier of the observed share given to all: 1 is best, 0 no better than that, negative worse.
        Delta-method interval.

    Raises
    ------
    InputError
        As for `in_the_large`.

    References
    ----------
    Kattan and Gerds (2018), Diagn Progn Res 2:7.

    Examples
    --------
    >>> round(scaled_brier([True, False], [0.8, 0.4]).value, 6)
    0.6
    """
    return squared_error(rows(outcome, risk, weight, family, probability=True), level)[1]


def squared_error(people: Rows, level: float = LEVEL) -> tuple[Estimate, Estimate]:
    """The Brier score and the scaled one of rows that were checked before."""
    if not people.n:
        nothing = insufficient(n=0, events=0, kind="influence", level=level)
        return nothing, nothing
    (value, own), (gain, change) = squared_error_and_influence(people)
    ends = on_log_scale(value, variance(own, people.family), level)
    score = Estimate.of(value, *ends, n=people.n, events=people.events, kind="influence", level=level)
    ends = plain(gain, variance(change, people.family), level)
    return score, Estimate.of(gain, *ends, n=people.n, events=people.events, kind="influence", level=level)


def squared_error_and_influence(people: Rows) -> tuple[tuple[float, Floats], tuple[float, Floats]]:
    """The Brier score and the scaled one, each with the influence of each row; NaN where there is none."""
    nothing = math.nan, np.full(people.size, math.nan)
    if not people.n:
        return nothing, nothing
    unit = people.weight / people.total
    miss = (people.y - people.risk) ** 2
    value, share = dot(unit, miss), dot(unit, people.y)
    own = unit * (miss - value)
    if people.outcome.all() or not people.outcome.any():
        return (value, own), nothing
    spread = share * (1 - share)
    change = -own / spread + value / spread**2 * (1 - 2 * share) * unit * (people.y - share)
    return (value, own), (1 - value / spread, change)
