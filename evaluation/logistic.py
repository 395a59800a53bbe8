"""Weighted logistic regression with few columns: Newton's steps, and what each row adds to each coefficient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from scipy.special import expit

from evaluation.inputs import Floats, dot

STEPS = 50
CLOSE = 1e-7  # Newton's error is squared at each step, so what is left after such a step is below rounding
SAFE = 1.5
FLAT = 1e-9
FAR = 1e4


@dataclass(frozen=True)
class Fit:
    """Coefficients of shape (k,) and each row's influence on them, shape (n, k); all NaN if there is no finite fit."""

    coefficients: Floats
    influence: Floats


def fit(
    design: Floats,
    outcome: Floats,
    weight: Floats,
    offset: Floats | float = 0.0,
    start: Sequence[float] | None = None,
) -> Fit:
    """Maximise the weighted logistic likelihood.

    Parameters
    ----------
    design : float array of shape (n, k)
        Columns of the model; give a column of ones for an intercept.
    outcome, weight : float arrays of shape (n,)
        0 or 1, and positive weights.
    offset : float array of shape (n,) or float
        Part of the log-odds that is taken as known.
    start : k numbers, optional
        Where to begin; zeros if left out.

    Returns
    -------
    Fit
        The outer product of the influence, summed within clusters, is the sandwich covariance.

    References
    ----------
    Newton's method with step halving; McCullagh and Nelder (1989), section 4.4. When a step is safe: Bach (2010),
    Electron J Stat 4:384-414, proposition 1. Sandwich: White (1982), Econometrica 50:1-25.

    Examples
    --------
    >>> ones = np.ones((4, 1))
    >>> float(fit(ones, np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4)).coefficients[0].round(6))  # log(1 / 3)
    -1.098612
    """
    columns = np.ascontiguousarray(design.T)
    k, n = columns.shape
    beta = np.zeros(k) if start is None else np.asarray(start, dtype=np.float64)
    for _ in range(STEPS):
        step = _step(columns, outcome, weight, offset, beta)
        if step is None or not np.abs(beta := beta + step).max() < FAR:
            return Fit(np.full(k, math.nan), np.full((n, k), math.nan))
        if np.abs(step).max() < CLOSE:
            return _found(columns, outcome, weight, offset + combined(columns, beta), beta)
    return Fit(np.full(k, math.nan), np.full((n, k), math.nan))


def combined(columns: Floats, coefficients: Floats) -> Floats:
    """Sum of the columns, shape (k, n), each times its coefficient; on one thread, as `inputs.dot`."""
    return np.asarray(np.einsum("k,kn->n", coefficients, columns))


def _step(columns: Floats, outcome: Floats, weight: Floats, offset: Floats | float, beta: Floats) -> Floats | None:
    """One step of Newton's, halved until the likelihood does not fall; None if the outcome is told apart wholly."""
    linear = offset + combined(columns, beta)
    mean = expit(linear)
    try:
        step = np.linalg.solve(_information(columns, weight, mean), _against(columns, weight * (outcome - mean)))
    except np.linalg.LinAlgError:
        return None
    change = combined(columns, np.asarray(step, dtype=np.float64))
    # The third derivative is at most the second, so a step that moves no log-odds by more than 1.79 cannot overshoot.
    if np.abs(change).max() > SAFE:
        now = _likelihood(linear, outcome, weight)
        while _likelihood(linear + change, outcome, weight) < now and np.abs(change).max() > SAFE:
            step, change = step / 2, change / 2
    return np.asarray(step)


def _information(columns: Floats, weight: Floats, mean: Floats) -> Floats:
    curvature = weight * mean * (1 - mean)
    return np.array([_against(columns, curvature * column) for column in columns])


def _against(columns: Floats, values: Floats) -> Floats:
    return np.array([dot(column, values) for column in columns])


def _likelihood(linear: Floats, outcome: Floats, weight: Floats) -> float:
    return dot(weight, outcome * linear - np.logaddexp(0, linear))


def _found(columns: Floats, outcome: Floats, weight: Floats, linear: Floats, beta: Floats) -> Fit:
    """The fit, unless the outcome is told without error in some direction and rounding alone stopped the steps."""
    mean = expit(linear)
    information = _information(columns, weight, mean)
    everyone = np.array([_against(columns, weight * column) for column in columns])
    if not _least(information, everyone) > FLAT:
        return Fit(np.full_like(beta, math.nan), np.full((len(outcome), len(beta)), math.nan))
    score = columns * (weight * (outcome - mean))
    return Fit(beta, np.asarray(np.einsum("jk,kn->nj", np.linalg.inv(information), score)))


def _least(information: Floats, everyone: Floats) -> float:
    """What any combination of the columns knows at the least: not under the smallest mean * (1 - mean)."""
    try:
        return float(eigh(information, everyone, eigvals_only=True)[0])
    except np.linalg.LinAlgError:  # the columns repeat one another
        return 0.0
