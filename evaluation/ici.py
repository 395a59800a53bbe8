"""The integrated calibration index: how far a smooth calibration curve lies from the risks, on average."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from evaluation.calibration import log_odds
from evaluation.estimate import LEVEL, Estimate
from evaluation.inputs import Floats, Rows, dot, rows
from evaluation.intervals import on_log_scale, variance
from evaluation.logistic import combined, fit

KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)
"""Quantiles of the log-odds at which the pieces of the curve meet (Harrell 2015, table 2.3)."""


def ici(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Mean distance between the risk and what happened to people of that risk, read off a smooth curve.

    Parameters
    ----------
    outcome : bool array of shape (n,)
        Whether each person had the outcome by the horizon.
    risk : float array of shape (n,)
        Predicted probability of it, each in [0, 1].
    weight : float array of shape (n,), optional
        From `censoring.weights`; 1 for everyone if left out.
    family : integer array of shape (n,), optional
        People who share a number are not independent.
    level : float
        Coverage aimed at.

    Returns
    -------
    Estimate
        In [0, 1], in the unit of the risk: 0.01 means one percentage point off on average. Chance alone keeps it from
        0, so read it beside the number of outcomes. Interval from the influence function, knots taken as known, on
        the log scale; where the risks are right it is too narrow, since a distance has its limit there.

    Raises
    ------
    InputError
        If the arrays differ in shape or a risk is missing or outside [0, 1].

    References
    ----------
    Austin and Steyerberg (2019), Stat Med 38:4051-4065, with a restricted cubic spline of the log-odds, 5 knots.

    Examples
    --------
    Risks of one and three tenths that come true twice as often: 0.1 and 0.3 off.

    >>> outcome = np.repeat([True, False, True, False], [20, 80, 60, 40])
    >>> round(ici(outcome, np.repeat([0.1, 0.3], 100)).value, 6)
    0.2
    """
    return distance(rows(outcome, risk, weight, family, probability=True), level)


def distance(people: Rows, level: float = LEVEL) -> Estimate:
    """The integrated calibration index of rows that were checked before."""
    value, influence = distance_and_influence(people)
    ends = on_log_scale(value, variance(influence, people.family), level)
    return Estimate.of(value, *ends, n=people.n, events=people.events, kind="influence", level=level)


def distance_and_influence(people: Rows) -> tuple[float, Floats]:
    """The index, and what each row adds to it by its own distance and by pulling the curve; NaN without a curve."""
    nothing = math.nan, np.full(people.size, math.nan)
    odds = log_odds(people.risk)
    if not people.size or float(np.ptp(odds)) < 1e-12:
        return nothing
    design = spline(odds)
    as_given = (0.0, 1.0, *(0.0,) * (design.shape[1] - 2))
    found = fit(design, people.y, people.weight, start=as_given)
    if math.isnan(float(found.coefficients[0])):
        return nothing
    smooth = expit(combined(design.T, found.coefficients))
    unit, off = people.weight / people.total, smooth - people.risk
    value = dot(unit, np.abs(off))
    pull = combined(design, unit * np.sign(off) * smooth * (1 - smooth))
    return value, unit * (np.abs(off) - value) + combined(found.influence.T, pull)


def spline(values: Floats) -> Floats:
    """Columns of a restricted cubic spline: ones, the values, and a bend for each knot but the last two.

    Parameters
    ----------
    values : float array of shape (n,)
        Not all the same.

    Returns
    -------
    float array of shape (n, k)
        k is 5, or fewer where quantiles coincide; beyond the outer knots each column is a straight line.

    References
    ----------
    Harrell (2015), Regression Modeling Strategies, section 2.4.5.

    Examples
    --------
    >>> spline(np.arange(100.0)).shape
    (100, 5)
    >>> spline(np.repeat([0.0, 1.0], 50)).shape
    (100, 2)
    """
    knots = np.unique(np.quantile(values, KNOTS, method="lower"))
    straight = [np.ones(len(values)), values]
    if len(knots) < 3:
        return np.column_stack(straight)
    last, before = knots[-1], knots[-2]
    scale, gap = (last - knots[0]) ** 2, last - before

    def beyond(knot: float) -> Floats:
        return np.maximum(values - knot, 0) ** 3

    bends = [
        (beyond(knot) - beyond(before) * (last - knot) / gap + beyond(last) * (before - knot) / gap) / scale
        for knot in knots[:-2]
    ]
    return np.column_stack(straight + bends)
