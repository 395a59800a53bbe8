"""Weighted logistic regression with few columns: Newton's steps, and what each row adds to each coefficient."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from evaluation.inputs import Floats

STEPS = 50
CLOSE = 1e-10
FAR = 1e4


@dataclass(frozen=True)
class Fit:
    """Coefficients of shape (k,) and each row's influence on them, shape (n, k); all NaN if there is no finite fit."""

    coefficients: Floats
    influence: Floats


def fit(design: Floats, outcome: Floats, weight: Floats, offset: Floats | float = 0.0) -> Fit:
    """Maximise the weighted logistic likelihood.

    Parameters
    ----------
    design : float array of shape (n, k)
        Columns of the model; give a column of ones for an intercept.
    outcome, weight : float arrays of shape (n,)
        0 or 1, and positive weights.
    offset : float array of shape (n,) or float
        Part of the log-odds that is taken as known.

    Returns
    -------
    Fit
        The outer product of the influence, summed within clusters, is the sandwich covariance.

    References
    ----------
    Newton's method with step halving; McCullagh and Nelder (1989), section 4.4. Sandwich: White (1982),
    Econometrica 50:1-25.

    Examples
    --------
    >>> ones = np.ones((4, 1))
    >>> float(fit(ones, np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4)).coefficients[0].round(6))  # log(1 / 3)
    -1.098612
    """
    n, k = design.shape
    beta = np.zeros(k)
    for _ in range(STEPS):
        step = _step(design, outcome, weight, offset, beta)
        if step is None or not np.abs(beta := beta + step).max() < FAR:
            return Fit(np.full(k, math.nan), np.full((n, k), math.nan))
        if np.abs(step).max() < CLOSE:
            return Fit(beta, _influence(design, outcome, weight, offset, beta))
    return Fit(np.full(k, math.nan), np.full((n, k), math.nan))


def _step(design: Floats, outcome: Floats, weight: Floats, offset: Floats | float, beta: Floats) -> Floats | None:
    """One step of Newton's, halved until the likelihood does not fall; None if the outcome is told apart wholly."""
    linear = offset + design @ beta
    mean = expit(linear)
    information = (design * (weight * mean * (1 - mean))[:, None]).T @ design
    try:
        step = np.linalg.solve(information, design.T @ (weight * (outcome - mean)))
    except np.linalg.LinAlgError:
        return None
    now = _likelihood(linear, outcome, weight)
    for _ in range(30):
        if _likelihood(linear + design @ step, outcome, weight) >= now - 1e-9 * abs(now):
            break
        step = step / 2
    return np.asarray(step)


def _likelihood(linear: Floats, outcome: Floats, weight: Floats) -> float:
    return float(weight @ (outcome * linear - np.logaddexp(0, linear)))


def _influence(design: Floats, outcome: Floats, weight: Floats, offset: Floats | float, beta: Floats) -> Floats:
    mean = expit(offset + design @ beta)
    information = (design * (weight * mean * (1 - mean))[:, None]).T @ design
    score = design * (weight * (outcome - mean))[:, None]
    return np.asarray(np.linalg.solve(information, score.T).T)
