"""The share of people who have the outcome by a horizon, death competing and some of them lost: Aalen and Johansen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.censoring import CENSORED, OUTCOME, by_day, checked, numbered, rows_of
from evaluation.estimate import LEVEL, Estimate
from evaluation.inputs import Bools, Floats, Ints, distinct
from evaluation.intervals import on_log_log_scale, variance

SEEN_LONG = 10
"""People of a stratum who have to be seen to the horizon for an incidence of its own."""


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence by the horizon, and what each row adds to it (influence, shape (n,), sum 0)."""

    value: float
    influence: Floats


def aalen_johansen(time: ArrayLike, event: ArrayLike, horizon: int, strata: ArrayLike | None = None) -> Incidence:
    """Cumulative incidence of the outcome by the horizon, death competing, with each row's influence.

    Parameters
    ----------
    time, event, horizon
        As for `weights`.
    strata : integer array of shape (n,), optional
        It is estimated within each stratum and averaged over people, so that leaving may depend on what a stratum is.

    Returns
    -------
    Incidence
        The influence is the infinitesimal jackknife, the derivative by a row's weight: its sum of squares is the
        variance, and sums within families allow for their likeness. NaN if nobody is at risk long enough.

    Raises
    ------
    InputError
        As for `weights`.

    References
    ----------
    Aalen and Johansen (1978), Scand J Stat 5:141-150. Therneau, R package survival, "methods", section on the
    infinitesimal jackknife of multi-state models.

    Examples
    --------
    >>> aalen_johansen([5, 10, 20, 30], [OUTCOME, CENSORED, OUTCOME, CENSORED], horizon=30).value
    0.625
    """
    days, codes = checked(time, event, horizon)
    n = len(days)
    if strata is None or not n:
        return _incidence(days, codes, horizon)
    parts = [(rows, _incidence(days[rows], codes[rows], horizon)) for rows in rows_of(numbered(np.asarray(strata), n))]
    value = sum(len(rows) / n * part.value for rows, part in parts)
    influence = np.empty(n)
    for rows, part in parts:
        influence[rows] = len(rows) / n * part.influence + (part.value - value) / n
    return Incidence(float(value), influence)


def _incidence(days: Ints, codes: Ints, horizon: int) -> Incidence:
    if not len(days):
        return Incidence(math.nan, np.empty(0))
    # Days on which nothing happens change nothing: few people are counted on their own days.
    if len(days) < horizon:
        passed, day = np.unique(np.minimum(days, horizon), return_inverse=True)
        days, horizon = day.astype(np.int64), int(np.searchsorted(passed, horizon))
        if not horizon:
            return Incidence(0.0, np.zeros(len(days)))
    at_risk, ended, censored = by_day(days, codes, horizon)
    if (censored == at_risk - ended)[at_risk > ended].any():
        return Incidence(math.nan, np.full(len(days), math.nan))
    outcomes = np.bincount(days[(codes == OUTCOME) & (days < horizon)], minlength=horizon).astype(np.float64)
    per_head = np.divide(1.0, at_risk, out=np.zeros(horizon), where=at_risk > 0)
    hazard = ended * per_head
    before = np.cumprod(np.r_[1.0, 1 - hazard])[:horizon]
    incidence = np.cumsum(before * outcomes * per_head)
    later = incidence[-1] - incidence
    # Where everyone left at risk has an event nothing comes later, so the division below has nothing to carry.
    slope = np.divide(later, 1 - hazard, out=np.zeros(horizon), where=(1 - hazard) > 0)
    on_ending, on_outcome = -slope * per_head, before * per_head
    passing = np.cumsum((slope * hazard - before * outcomes * per_head) * per_head)
    day = np.minimum(days, horizon - 1)
    own = np.where(codes != CENSORED, on_ending[day], 0.0) + np.where(codes == OUTCOME, on_outcome[day], 0.0)
    return Incidence(float(incidence[-1]), passing[day] + np.where(days < horizon, own, 0.0))


@dataclass(frozen=True)
class FollowUp:
    """What happened to the n rows of a group by a horizon, to ask for the observed risk of any part of them.

    `time`, `event` and `horizon` as for `weights`; `stratum`, shape (n,), as from `stratify`.
    """

    time: NDArray[np.integer[Any]]
    event: NDArray[np.integer[Any]]
    horizon: int
    stratum: Ints

    def incidence(self, chosen: Bools | None = None) -> Incidence:
        """Aalen-Johansen incidence of the chosen rows; the influence has shape (n,) and is 0 for the others.

        Strata of which fewer than `SEEN_LONG` of these rows were followed to the horizon are taken together.
        """
        rows = np.arange(len(self.time)) if chosen is None else np.flatnonzero(chosen)
        days = self.time[rows]
        found = aalen_johansen(days, self.event[rows], self.horizon, self._strata(rows, days))
        influence = np.zeros(len(self.time))
        influence[rows] = found.influence
        return Incidence(found.value, influence)

    def _strata(self, rows: NDArray[np.intp], days: NDArray[np.integer[Any]]) -> Ints:
        stratum = np.unique(self.stratum[rows], return_inverse=True)[1].astype(np.int64)
        seen = np.bincount(stratum, weights=days >= self.horizon)
        joined = np.where(seen >= SEEN_LONG, np.arange(len(seen)) + 1, 0)
        if (joined == 0).any() and seen[joined == 0].sum() < SEEN_LONG:
            joined[joined == 0] = joined.max(initial=0)
        return np.asarray(joined[stratum])


def incidence(
    time: ArrayLike, event: ArrayLike, horizon: int, family: ArrayLike | None = None, level: float = LEVEL
) -> Estimate:
    """Share of people who have the outcome by the horizon, death competing, with its interval.

    Parameters
    ----------
    time, event, horizon
        As for `weights`.
    family : integer array of shape (n,), optional
        People who share a number are not independent.
    level : float
        Coverage aimed at.

    Returns
    -------
    Estimate
        Aalen-Johansen incidence in [0, 1]; interval from the influence function, symmetric for
        log(-log(1 - incidence)); `n` are all people, `events` those seen to have it
        before the horizon, people of one family counted once.

    Raises
    ------
    InputError
        As for `weights`.

    References
    ----------
    Aalen and Johansen (1978), Scand J Stat 5:141-150. Kalbfleisch and Prentice (2002), section 8.2 (the scale).

    Examples
    --------
    >>> seen = incidence([9] * 20 + [30] * 80, [OUTCOME] * 20 + [CENSORED] * 80, horizon=30)
    >>> print(f"{seen.value:.2f} ({seen.low:.3f} to {seen.high:.3f})")
    0.20 (0.134 to 0.293)
    """
    seen = (np.asarray(event) == OUTCOME) & (np.asarray(time) < horizon)
    return with_interval(aalen_johansen(time, event, horizon), seen, family, level)


def with_interval(
    found: Incidence, outcome: ArrayLike, family: ArrayLike | None = None, level: float = LEVEL
) -> Estimate:
    """The interval of an incidence computed before; `outcome`, shape (n,), says who had it before the horizon."""
    had = np.asarray(outcome, dtype=bool)
    families = None if family is None else np.asarray(family)
    n, events = distinct(families, np.ones(len(had), dtype=bool)), distinct(families, had)
    ends = on_log_log_scale(found.value, variance(found.influence, family), level)
    return Estimate.of(found.value, *ends, n=n, events=events, kind="aalen-johansen", level=level)
