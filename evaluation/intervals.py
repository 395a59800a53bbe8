"""Intervals: from influence functions summed within families, on the scale where each measure is nearly normal."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit
from scipy.stats import norm

from evaluation.inputs import Floats, Ints, dot

Interval = tuple[float, float]
NOTHING: Interval = (math.nan, math.nan)


def variance(influence: ArrayLike, family: ArrayLike | None = None) -> float:
    """Add up the variance of a figure from what each row adds to it, families kept together.

    Parameters
    ----------
    influence : float array of shape (n,)
        First-order change of the figure if the row's weight were raised by its own size (so divided by n already).
    family : integer array of shape (n,), optional
        Rows that share a number are one independent unit; each row is one if left out.

    Returns
    -------
    float
        Variance with the factor G / (G - 1) for G families; NaN for fewer than two.

    References
    ----------
    Williams (2000), Biometrics 56:645-646 (the between-cluster variance holds whatever the correlation within).

    Examples
    --------
    >>> outcome = np.array([1.0, 0.0, 0.0, 1.0])
    >>> round(variance((outcome - outcome.mean()) / 4), 6)  # p (1 - p) / (n - 1)
    0.083333
    >>> round(variance((outcome - outcome.mean()) / 4, family=[1, 2, 2, 1]), 6)
    0.25
    """
    sums = np.asarray(influence, dtype=np.float64) if family is None else by_family(influence, family)
    if len(sums) < 2:
        return math.nan
    return float(len(sums) / (len(sums) - 1) * dot(sums, sums))


def by_family(values: ArrayLike, family: ArrayLike) -> Floats:
    """Sum the values of each family; one number for each family that occurs, in any order."""
    code = np.asarray(family)
    if not len(code):
        return np.empty(0)
    if code.min() < 0 or code.max() > 4 * len(code):
        code = np.unique(code, return_inverse=True)[1]
    sums = np.bincount(code, weights=np.asarray(values, dtype=np.float64))
    return np.asarray(sums[np.bincount(code) > 0])


def effective_size(weight: Floats, family: Ints | None = None) -> float:
    """Kish's number of equally weighted people (or families) that would be as precise as these weighted ones.

    Examples
    --------
    >>> effective_size(np.array([1.0, 1.0, 2.0]))
    2.6666666666666665
    """
    weights = weight if family is None else by_family(weight, family)
    squares = dot(weights, weights)
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


@cache
def critical(level: float) -> float:
    """The normal quantile of a two-sided interval: 1.96 for 0.95."""
    if not 0 < level < 1:
        raise ValueError(f"the level of an interval lies between 0 and 1, not {level}")
    return float(norm.isf((1 - level) / 2))


def plain(value: float, var: float, level: float) -> Interval:
    """Normal interval on the scale of the measure itself (slopes, net benefit, differences)."""
    half = critical(level) * math.sqrt(var) if var >= 0 else math.nan
    return value - half, value + half


TELLS_NOTHING = 10_000


def on_log_scale(value: float, var: float, level: float) -> Interval:
    """Interval of a positive ratio, symmetric on the log scale; nothing if the value is not positive.

    Nor is there one that would reach further than `TELLS_NOTHING` times the value, as where it is all but 0.

    Examples
    --------
    >>> on_log_scale(1e-9, 1e-4, 0.95)
    (nan, nan)
    """
    if not (value > 0 and var >= 0):
        return NOTHING
    half = critical(level) * math.sqrt(var) / value
    return NOTHING if half > math.log(TELLS_NOTHING) else (value * math.exp(-half), value * math.exp(half))


def on_logit_scale(value: float, var: float, level: float) -> Interval:
    """Interval of a figure strictly between 0 and 1, symmetric on the logit scale; nothing at the ends."""
    if not (0 < value < 1 and var >= 0):
        return NOTHING
    half = critical(level) * math.sqrt(var) / (value * (1 - value))
    centre = float(logit(value))
    return float(expit(centre - half)), float(expit(centre + half))


def on_log_log_scale(value: float, var: float, level: float) -> Interval:
    """Interval of a cumulative incidence F, symmetric for log(-log(1 - F)); nothing at 0 and 1."""
    if not (0 < value < 1 and var >= 0):
        return NOTHING
    survival = 1 - value
    half = critical(level) * math.sqrt(var) / (survival * -math.log(survival))
    return 1 - survival ** math.exp(-half), 1 - survival ** math.exp(min(half, 700.0))  # beyond which exp overflows


def wilson(value: float, size: float, level: float) -> Interval:
    """Wilson's score interval of a proportion of `size` people, which need not be whole; finite at 0 and 1 as well.

    References
    ----------
    Wilson (1927), JASA 22:209-212; with an effective size as in Korn and Graubard (1998), Surv Methodol 24:193-201.

    Examples
    --------
    >>> low, high = wilson(0.0, size=10, level=0.95)
    >>> round(low, 3), round(high, 3)
    (0.0, 0.278)
    """
    if not (0 <= value <= 1 and size > 0):
        return NOTHING
    z = critical(level)
    centre = value + z * z / (2 * size)
    half = z * math.sqrt(value * (1 - value) / size + z * z / (4 * size * size))
    scale = 1 + z * z / size
    # Rounding may leave the limit at 0 or 1 a hair off it.
    return (
        0.0 if value == 0 else max(0.0, (centre - half) / scale),
        1.0 if value == 1 else min(1.0, (centre + half) / scale),
    )


def proportion(
    counted: Floats, among: Floats, weight: Floats, family: Ints | None, level: float
) -> tuple[float, Interval]:
    """A weighted share with Wilson's interval at its effective number of people.

    Parameters
    ----------
    counted, among : float arrays of shape (n,)
        1 for those in the numerator, and in the denominator (which holds the numerator).
    weight : float array of shape (n,)
        Positive weights.
    family : integer array of shape (n,) or None
        Rows that are not independent share a number.
    level : float
        Coverage aimed at.

    Returns
    -------
    tuple[float, tuple[float, float]]
        The share and its interval; NaN if nobody is in the denominator. The effective size is p (1 - p) / variance,
        at most Kish's; where the share is 0 or 1, and so its variance says nothing, Kish's number of families.

    Examples
    --------
    >>> share, (low, high) = proportion(np.array([1.0, 0.0, 0.0]), np.ones(3), np.ones(3), None, 0.95)
    >>> round(share, 3), round(low, 3), round(high, 3)
    (0.333, 0.061, 0.792)
    """
    base = weight * among
    total = float(base.sum())
    if total <= 0:
        return math.nan, NOTHING
    top = weight * counted
    share = float(top.sum()) / total
    var = variance((top - share * base) / total, family)
    if math.isnan(var):
        return share, NOTHING
    if var < 1e-24:
        return share, wilson(share, effective_size(base, family), level)
    size = min(share * (1 - share) / var + 1, effective_size(base))
    return share, wilson(share, size, level)


def wilson_of(value: float, var: float, people: int, level: float) -> Interval:
    """Wilson's interval of a share at the number of people that has its variance, at most `people`.

    Where nobody or everybody has it the variance says nothing, and all the people count.

    Examples
    --------
    >>> low, high = wilson_of(0.2, 0.0016, people=400, level=0.95)  # as of 100 people
    >>> round(low, 3), round(high, 3)
    (0.133, 0.289)
    """
    if not (math.isfinite(value) and var >= 0):
        return NOTHING
    return wilson(value, min(value * (1 - value) / var, people) if var > 1e-24 else people, level)


def bootstrap(
    statistic: Callable[[Floats], float],
    n: int,
    family: ArrayLike | None = None,
    *,
    repeats: int = 500,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Percentile interval of any figure, drawing whole families with replacement.

    Parameters
    ----------
    statistic : callable
        Takes a float array of shape (n,), how often each row was drawn (multiply the weights by it), and gives the
        figure; NaN where it has none, which is left out.
    n : int
        Rows.
    family : integer array of shape (n,), optional
        Families are drawn; rows if left out.
    repeats, seed : int
        Draws, and the seed that makes them the same every time.
    level : float
        Coverage aimed at.

    Returns
    -------
    tuple[float, float]
        The two percentiles; NaN if the figure exists in less than 90% of the draws.

    References
    ----------
    Davison and Hinkley (1997), Bootstrap Methods and their Application, sections 2.4 and 3.8.

    Examples
    --------
    >>> outcome = np.repeat([0.0, 1.0], 50)
    >>> low, high = bootstrap(lambda drawn: float(np.average(outcome, weights=drawn)), 100, repeats=2000)
    >>> round(low, 1), round(high, 1)
    (0.4, 0.6)
    """
    draw = np.random.default_rng(seed)
    code = np.arange(n) if family is None else np.unique(np.asarray(family), return_inverse=True)[1]
    families = int(code.max()) + 1 if n else 0
    if families < 2:
        return NOTHING
    values = np.array([statistic(_drawn(draw, families)[code]) for _ in range(repeats)])
    values = values[np.isfinite(values)]
    if len(values) < 0.9 * repeats:
        return NOTHING
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _drawn(draw: np.random.Generator, families: int) -> Floats:
    return np.bincount(draw.integers(0, families, families), minlength=families).astype(np.float64)
