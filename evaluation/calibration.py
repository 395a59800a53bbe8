"""Do the risks come true? Observed over expected, intercept and slope."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit

from evaluation.estimate import LEVEL, Estimate, insufficient
from evaluation.incidence import Incidence
from evaluation.inputs import Floats, InputError, Rows, dot, rows
from evaluation.intervals import on_log_scale, plain, variance
from evaluation.logistic import Fit, fit

EDGE = 1e-9
"""Risks nearer to 0 or 1 than this are moved to it before their log-odds are taken."""


def in_the_large(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Compare the number of outcomes with the number predicted.

    Parameters
    ----------
    outcome : bool array of shape (n,)
        Whether each person had the outcome by the horizon.
    risk : float array of shape (n,)
        Predicted probability of that outcome, each in [0, 1].
    weight : float array of shape (n,), optional
        From `censoring.weights`; 1 for everyone if left out.
    family : integer array of shape (n,), optional
        People who share a number are not independent.
    level : float
        Coverage aimed at.

    Returns
    -------
    Estimate
        Observed over expected: 1.2 means 20% more outcomes than predicted. Interval by the delta method (influence
        function of the ratio, both parts drawn with the people), symmetric on the log scale.

    Raises
    ------
    InputError
        If the arrays differ in shape or a risk is missing or outside [0, 1].

    References
    ----------
    Van Calster et al. (2016), J Clin Epidemiol 74:167-176, "mean calibration".

    Examples
    --------
    >>> in_the_large([True, False], [0.25, 0.15]).value
    2.5
    """
    return observed_over_expected(rows(outcome, risk, weight, family, probability=True), level)


def observed_over_expected(people: Rows, level: float = LEVEL) -> Estimate:
    """Observed over expected of rows that were checked before."""
    value, influence = ratio_and_influence(people)
    if math.isnan(value):
        return insufficient(n=people.n, events=people.events, kind="influence", level=level)
    ends = on_log_scale(value, variance(influence, people.family), level)
    return Estimate.of(value, *ends, n=people.n, events=people.events, kind="influence", level=level)


def ratio_and_influence(people: Rows) -> tuple[float, Floats]:
    """Observed over expected and the influence of each row; NaN if nothing is expected."""
    expected = dot(people.weight, people.risk)
    if not expected > 0:
        return math.nan, np.full(people.size, math.nan)
    value = dot(people.weight, people.y) / expected
    return value, people.weight * (people.y - value * people.risk) / expected


def incidence_over_expected(
    observed: Incidence,
    risk: ArrayLike,
    outcome: ArrayLike,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Compare the Aalen-Johansen incidence with the mean risk of the same people, censored or not.

    Parameters
    ----------
    observed : Incidence
        From `incidence.aalen_johansen`, on the same n rows.
    risk : float array of shape (n,)
        Predicted probability of the outcome by the same horizon, each in [0, 1].
    outcome : bool array of shape (n,)
        Whether the outcome was seen before the horizon; it is only counted.
    family, level
        As for `in_the_large`.

    Returns
    -------
    Estimate
        Observed over expected, delta-method interval on the log scale.

    Raises
    ------
    InputError
        If the risks are missing, outside [0, 1] or not as many as the rows of `observed`.

    References
    ----------
    Van Calster et al. (2016), J Clin Epidemiol 74:167-176; van Geloven et al. (2022), BMJ 377:e069249.

    Examples
    --------
    >>> from evaluation.censoring import CENSORED, OUTCOME
    >>> from evaluation.incidence import aalen_johansen
    >>> seen = aalen_johansen([5, 10, 20, 30], [OUTCOME, CENSORED, OUTCOME, CENSORED], horizon=30)
    >>> incidence_over_expected(seen, [0.25, 0.25, 0.25, 0.25], [True, False, True, False]).value
    2.5
    """
    people = rows(outcome, risk, None, family, probability=True)
    if people.size != len(observed.influence):
        raise InputError(f"{people.size} risks do not fit an incidence of {len(observed.influence)} rows")
    value, influence = incidence_ratio_and_influence(observed, people.risk)
    if math.isnan(value):
        return insufficient(n=people.n, events=people.events, kind="aalen-johansen", level=level)
    ends = on_log_scale(value, variance(influence, people.family), level)
    return Estimate.of(value, *ends, n=people.n, events=people.events, kind="aalen-johansen", level=level)


def incidence_ratio_and_influence(observed: Incidence, risk: Floats) -> tuple[float, Floats]:
    """Incidence over mean risk of the same rows and the influence of each of them; NaN if nothing is expected."""
    expected = float(risk.mean()) if len(risk) else 0.0
    if not expected > 0:
        return math.nan, np.full(len(risk), math.nan)
    value = observed.value / expected
    return value, (observed.influence - value * (risk - expected) / len(risk)) / expected


def intercept(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """How far the risks as a whole lie from the truth, in log-odds, with their spread left as it is.

    Parameters
    ----------
    outcome, risk, weight, family, level
        As for `in_the_large`.

    Returns
    -------
    Estimate
        Intercept of a logistic regression on the log-odds of the risk with slope 1: 0 is right, 0.2 means risks that
        are too low. Cluster-robust sandwich interval.

    Raises
    ------
    InputError
        As for `in_the_large`.

    References
    ----------
    Cox (1958), Biometrika 45:562-565; Van Calster et al. (2016), J Clin Epidemiol 74:167-176, "weak calibration".

    Examples
    --------
    Three in four had it and one in four was predicted: log(3) - log(1/3).

    >>> round(intercept([True, True, True, False], [0.25, 0.25, 0.25, 0.25]).value, 6)
    2.197225
    """
    return cox_intercept(rows(outcome, risk, weight, family, probability=True), level)


def slope(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Whether the risks are spread as far as the truth.

    Parameters
    ----------
    outcome, risk, weight, family, level
        As for `in_the_large`.

    Returns
    -------
    Estimate
        Slope of a logistic regression on the log-odds of the risk: 1 is right, under 1 means that high risks are too
        high and low ones too low. Cluster-robust sandwich interval; NaN if all risks are equal or tell the outcome
        without error.

    Raises
    ------
    InputError
        As for `in_the_large`.

    References
    ----------
    Cox (1958), Biometrika 45:562-565; Van Calster et al. (2016), J Clin Epidemiol 74:167-176, "weak calibration".

    Examples
    --------
    One in four at a risk of a tenth, three in four at nine tenths: log(3) / log(9).

    >>> outcome = [True, False, False, False, True, True, True, False]
    >>> round(slope(outcome, [0.1] * 4 + [0.9] * 4).value, 6)
    0.5
    """
    return cox_slope(rows(outcome, risk, weight, family, probability=True), level)


def cox_intercept(people: Rows, level: float = LEVEL) -> Estimate:
    """The calibration intercept of rows that were checked before."""
    if not people.n:
        return insufficient(n=0, events=0, kind="sandwich", level=level)
    found = fit(np.ones((people.size, 1)), people.y, people.weight, offset=log_odds(people.risk))
    return _coefficient(people, found, 0, level)


def cox_slope(people: Rows, level: float = LEVEL) -> Estimate:
    """The calibration slope of rows that were checked before."""
    found = _cox(people)
    if found is None:
        return insufficient(n=people.n, events=people.events, kind="sandwich", level=level)
    return _coefficient(people, found, 1, level)


def slope_and_influence(people: Rows) -> tuple[float, Floats]:
    """The calibration slope and the influence of each row; NaN if all have one risk or no finite slope fits."""
    found = _cox(people)
    if found is None:
        return math.nan, np.full(people.size, math.nan)
    return float(found.coefficients[1]), found.influence[:, 1]


def _cox(people: Rows) -> Fit | None:
    """Intercept and slope on the log-odds of the risks; None if the risks do not differ."""
    odds = log_odds(people.risk)
    if not people.n or float(np.ptp(odds)) < 1e-12:
        return None
    design = np.column_stack([np.ones(people.size), odds])
    return fit(design, people.y, people.weight, start=(0.0, 1.0))


def _coefficient(people: Rows, found: Fit, which: int, level: float) -> Estimate:
    value = float(found.coefficients[which])
    var = variance(found.influence[:, which], people.family) if math.isfinite(value) else math.nan
    ends = plain(value, var, level)
    return Estimate.of(value, *ends, n=people.n, events=people.events, kind="sandwich", level=level)


def log_odds(risk: Floats) -> Floats:
    """Log-odds of risks, those nearer to 0 or 1 than `EDGE` moved to it."""
    return np.asarray(logit(np.clip(risk, EDGE, 1 - EDGE)))
