"""How far a smooth calibration curve lies from the risks: on average (ICI), for half and for nine in ten (E50, E90)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from evaluation.calibration import log_odds
from evaluation.estimate import LEVEL, Estimate, insufficient
from evaluation.inputs import Floats, Ints, Rows, dot, rows
from evaluation.intervals import by_family, on_logit_scale, variance
from evaluation.logistic import Fit, combined, fit

QUANTILES = (0.5, 0.9)
POINTS, CURVES = 400, 200
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
    return distances(people, level).ici


@dataclass(frozen=True)
class Distances:
    """Mean, median and ninth decile of the distance between the curve and the risks of people, each in [0, 1].

    Austin and Steyerberg (2019), Stat Med 38:4051-4065. Interval of the mean as for `ici`; those of the quantiles by
    drawing curves from the sampling distribution of the fitted one, on the log scale.
    """

    ici: Estimate
    e50: Estimate
    e90: Estimate


def distances(people: Rows, level: float = LEVEL) -> Distances:
    """The three of rows that were checked before."""
    found = smooth_curve(people)
    if found is None:
        nothing = insufficient(n=people.n, events=people.events, kind="influence", level=level)
        return Distances(nothing, nothing, nothing)
    value, influence = mean_and_influence(people, found)
    ends = on_logit_scale(value, variance(influence, people.family), level)
    mean = Estimate.of(value, *ends, n=people.n, events=people.events, kind="influence", level=level)
    return Distances(mean, *_quantiles(people, found, level))


@dataclass(frozen=True)
class Smooth:
    """The columns of the spline, shape (n, k), and the regression on them."""

    design: Floats
    fit: Fit


def smooth_curve(people: Rows) -> Smooth | None:
    """The smooth curve through the rows; None if their risks do not differ or no finite one fits."""
    odds = log_odds(people.risk)
    if not people.size or float(np.ptp(odds)) < 1e-12:
        return None
    design = spline(odds)
    as_given = (0.0, 1.0, *(0.0,) * (design.shape[1] - 2))
    found = fit(design, people.y, people.weight, start=as_given)
    return None if math.isnan(float(found.coefficients[0])) else Smooth(design, found)


def mean_and_influence(people: Rows, curve: Smooth) -> tuple[float, Floats]:
    """The index, and what each row adds to it by its own distance and by pulling the curve."""
    smooth = expit(combined(curve.design.T, curve.fit.coefficients))
    unit, off = people.weight / people.total, smooth - people.risk
    value = dot(unit, np.abs(off))
    pull = combined(curve.design, unit * np.sign(off) * smooth * (1 - smooth))
    return value, unit * (np.abs(off) - value) + combined(curve.fit.influence.T, pull)


def _quantiles(people: Rows, curve: Smooth, level: float) -> tuple[Estimate, Estimate]:
    smooth = expit(combined(curve.design.T, curve.fit.coefficients))
    values = _weighted_quantiles(np.abs(smooth - people.risk), people.weight)
    # The same people by some that stand for equal shares of them, so that many curves cost little.
    order = np.argsort(people.risk, kind="stable")
    middle = (np.arange(POINTS) + 0.5) / POINTS * people.total
    some = order[np.searchsorted(np.cumsum(people.weight[order]), middle)]
    drawn = np.random.default_rng(0).multivariate_normal(
        curve.fit.coefficients, _covariance(curve.fit.influence, people.family), CURVES, method="eigh"
    )
    off = np.abs(expit(drawn @ curve.design[some].T) - people.risk[some])
    spread = np.quantile(off, QUANTILES, axis=1).var(axis=1)

    def estimate(value: float, var: float) -> Estimate:
        ends = on_logit_scale(value, var, level)
        return Estimate.of(value, *ends, n=people.n, events=people.events, kind="bootstrap", level=level)

    half, most = (estimate(float(value), float(var)) for value, var in zip(values, spread, strict=True))
    return half, most


def _covariance(influence: Floats, family: Ints | None) -> Floats:
    sums = influence if family is None else np.column_stack([by_family(column, family) for column in influence.T])
    return np.asarray(np.einsum("ij,ik->jk", sums, sums))


def _weighted_quantiles(values: Floats, weight: Floats) -> Floats:
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(weight[order])
    at = np.searchsorted(mass, np.array(QUANTILES) * mass[-1])
    return np.asarray(values[order][np.minimum(at, len(values) - 1)])


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
