"""People who leave before the horizon: weights that stand in for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.inputs import Bools, Floats, InputError, Ints

# The codes of features.table, which this package may not import; a test holds the two together.
CENSORED, OUTCOME, DEATH = 0, 1, 2

CAP = 10.0
"""Largest weight: one person followed stands for at most ten."""


@dataclass(frozen=True)
class Weights:
    """Outcomes by the horizon, and how many people each person stands for.

    Attributes
    ----------
    outcome : bool array of shape (n,)
        Had the outcome before the horizon; false also for those who died first or whose outcome is not known.
    weight : float array of shape (n,)
        0 for those censored before the horizon; without capping the weights add up to n.
    capped_share : float
        Share of the rows with a positive weight whose weight was cut to the cap.
    unreached_share : float
        Share of all rows in strata where nobody was followed to the horizon; all their weights are 0, since the risk
        there is not known.
    """

    outcome: Bools
    weight: Floats
    capped_share: float
    unreached_share: float


def weights(
    time: ArrayLike, event: ArrayLike, horizon: int, strata: ArrayLike | None = None, cap: float = CAP
) -> Weights:
    """Weigh the people whose outcome by the horizon is known so that they stand for those who left.

    Parameters
    ----------
    time : integer array of shape (n,)
        Whole days from the index date to the outcome, the death or the end of follow-up; 0 is the index date.
    event : integer array of shape (n,)
        OUTCOME (1), DEATH (2) or CENSORED (0).
    horizon : int
        Days; the outcome counts if `time < horizon`, and followed to the horizon means `time >= horizon`.
    strata : integer array of shape (n,), optional
        Censoring is estimated within each stratum (see `stratify`); over everyone if left out.
    cap : float
        Largest weight.

    Returns
    -------
    Weights
        Outcome by h 1 / G(T-); death first a non-outcome with 1 / G(T-); followed to h 1 / G(h-); censored before
        h 0. G(t-) is the Kaplan-Meier probability of not being censored before day t.

    Raises
    ------
    InputError
        If the arrays differ in shape, days are negative or not whole, a code is unknown, or the horizon or the cap
        is below 1.

    References
    ----------
    Blanche, Dartigues and Jacqmin-Gadda (2013), Stat Med 32:5381-5397. Uno et al. (2007), JASA 102:527-537.

    Examples
    --------
    Of four people one leaves on day 10, so the two who are seen later stand for three.

    >>> weights(time=[5, 10, 20, 30], event=[OUTCOME, CENSORED, DEATH, CENSORED], horizon=30).weight
    array([1. , 0. , 1.5, 1.5])
    """
    days, codes = checked(time, event, horizon)
    if not cap >= 1:
        raise InputError(f"a cap of {cap} would make people count for less than themselves; give 1 or more")
    stratum = np.zeros(len(days), dtype=np.int64) if strata is None else numbered(np.asarray(strata), len(days))
    raw = np.zeros(len(days))
    unreached = 0
    for rows in rows_of(stratum):
        one, reached = _stratum_weights(days[rows], codes[rows], horizon)
        raw[rows] = one
        unreached += 0 if reached else len(rows)
    known = max(1, int(np.count_nonzero(raw)))
    return Weights(
        outcome=(codes == OUTCOME) & (days < horizon),
        weight=np.minimum(raw, cap),
        capped_share=float(np.count_nonzero(raw > cap)) / known,
        unreached_share=unreached / max(1, len(days)),
    )


def _stratum_weights(days: Ints, codes: Ints, horizon: int) -> tuple[Floats, bool]:
    staying = uncensored(days, codes, horizon)
    if staying[horizon] <= 0:
        return np.zeros(len(days)), False
    known = (days >= horizon) | (codes != CENSORED)
    return np.where(known, 1 / staying[np.minimum(days, horizon)], 0.0), True


def uncensored(time: ArrayLike, event: ArrayLike, horizon: int) -> Floats:
    """G, the Kaplan-Meier probability of not having been censored before each day.

    Parameters
    ----------
    time, event, horizon
        As for `weights`.

    Returns
    -------
    float array of shape (horizon + 1,)
        Element t is G(t-). On one day outcomes and deaths come before censorings, so somebody who had the outcome on
        a day is no longer among those who could be censored on it.

    Raises
    ------
    InputError
        As for `weights`.

    Examples
    --------
    >>> uncensored(time=[1, 1, 2, 3], event=[OUTCOME, CENSORED, CENSORED, DEATH], horizon=3)
    array([1.        , 1.        , 0.66666667, 0.33333333])
    """
    days, codes = checked(time, event, horizon)
    at_risk, ended, censored = by_day(days, codes, horizon)
    able = at_risk - ended
    staying = np.ones(horizon + 1)
    np.cumprod(1 - np.divide(censored, able, out=np.zeros(horizon), where=able > 0), out=staying[1:])
    return staying


def for_unmeasured(weight: ArrayLike, measured: ArrayLike, strata: ArrayLike | None = None) -> Floats:
    """Let the people whose outcome was measured stand for those of their stratum for whom it was not.

    Parameters
    ----------
    weight : float array of shape (n,)
        From `weights`.
    measured : bool array of shape (n,)
        False where the outcome exists only if measured and was not.
    strata : integer array of shape (n,), optional
        Measurement is taken to depend on these alone.

    Returns
    -------
    float array of shape (n,)
        0 for the unmeasured; the weights of a stratum add up to what they were, or to 0 if nobody was measured.

    Raises
    ------
    InputError
        If the arrays differ in shape.

    References
    ----------
    Inverse probability of measurement: Seaman and White (2013), Stat Methods Med Res 22:278-295.

    Examples
    --------
    >>> for_unmeasured([1.0, 1.0, 2.0], [True, False, True])
    array([1.33333333, 0.        , 2.66666667])
    """
    known, seen = np.asarray(weight, dtype=np.float64), np.asarray(measured, dtype=bool)
    if known.shape != seen.shape:
        raise InputError(f"weight has shape {known.shape} and measured {seen.shape}; give the same people")
    stratum = np.zeros(len(known), dtype=np.int64) if strata is None else numbered(np.asarray(strata), len(known))
    whole = np.bincount(stratum, weights=known)
    part = np.bincount(stratum, weights=known * seen)
    factor = np.divide(whole, part, out=np.zeros(len(whole)), where=part > 0)
    return np.asarray(known * seen * factor[stratum])


def by_day(days: Ints, codes: Ints, horizon: int) -> tuple[Floats, Floats, Floats]:
    """People at risk, ended (outcome or death) and censored on each day before the horizon; shape (horizon,)."""
    by = days < horizon
    leaving = np.bincount(days[by], minlength=horizon).astype(np.float64)
    censored = np.bincount(days[by & (codes == CENSORED)], minlength=horizon).astype(np.float64)
    at_risk = len(days) - np.r_[0.0, np.cumsum(leaving[:-1])]
    return at_risk, leaving - censored, censored


def rows_of(stratum: Ints) -> list[Ints]:
    """The rows of each stratum that occurs."""
    order = np.argsort(stratum, kind="stable")
    return [rows for rows in np.split(order, np.cumsum(np.bincount(stratum))[:-1]) if len(rows)]


def numbered(strata: NDArray[np.generic], n: int) -> Ints:
    """Strata of n rows, whatever they are called, as numbers from 0."""
    if strata.shape != (n,):
        raise InputError(f"strata has shape {strata.shape}; {(n,)} was expected")
    code: Ints = np.unique(strata, return_inverse=True)[1].astype(np.int64)
    return code


def checked(time: ArrayLike, event: ArrayLike, horizon: int) -> tuple[Ints, Ints]:
    """Whole days and codes of the same rows; every fault is named at once, without a value."""
    days, codes = np.asarray(time), np.asarray(event)
    found = []
    if days.shape != codes.shape or days.ndim != 1:
        found.append(f"time {days.shape} and event {codes.shape} are not two arrays of the same length")
    if days.dtype.kind not in "iu" and days.size:
        found.append(f"time is {days.dtype}; give whole days")
    elif np.count_nonzero(days < 0):
        found.append(f"{np.count_nonzero(days < 0)} times lie before the index date")
    if unknown := int(np.count_nonzero(~np.isin(codes, (CENSORED, OUTCOME, DEATH)))):
        found.append(f"{unknown} events are not CENSORED (0), OUTCOME (1) or DEATH (2)")
    if horizon < 1:
        found.append(f"the horizon is {horizon} days; give 1 or more")
    if found:
        raise InputError("follow-up cannot be used:\n- " + "\n- ".join(found))
    return days.astype(np.int64), codes.astype(np.int64)
