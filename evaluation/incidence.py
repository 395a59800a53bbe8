"""The share of people who have the outcome by a horizon, death competing and some of them lost: Aalen and Johansen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.censoring import CENSORED, OUTCOME, checked, numbered
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
    if not n:
        return Incidence(math.nan, np.empty(0))
    stratum = np.zeros(n, dtype=np.int64) if strata is None else numbered(np.asarray(strata), n)
    day = np.minimum(days, horizon)
    key = stratum * (horizon + 1) + day
    order = np.argsort(key, kind="stable")
    start = _starts(key[order])
    cells = _Cells.of(key[order][start], np.diff(np.r_[start, n]), codes[order], start, horizon)
    if cells.nobody_left:
        return Incidence(math.nan, np.full(n, math.nan))
    of_stratum, size, on = cells.influence()
    value = float(size @ of_stratum) / n
    influence = np.empty(n)
    cell = np.repeat(np.arange(len(start)), np.diff(np.r_[start, n]))
    code, mine = codes[order], cells.stratum[cell]
    own = on.passing[cell] + np.where(code != CENSORED, on.ending[cell], 0) + np.where(code == OUTCOME, on.had[cell], 0)
    influence[order] = size[mine] / n * own + (of_stratum[mine] - value) / n
    return Incidence(value, influence)


def _starts(values: Ints) -> Ints:
    """Where runs of equal values begin."""
    return np.flatnonzero(np.r_[True, values[1:] != values[:-1]])


@dataclass(frozen=True)
class _On:
    """What a row adds in each cell: by being at risk until then, by an outcome or death there, by an outcome there."""

    passing: Floats
    ending: Floats
    had: Floats


@dataclass(frozen=True)
class _Cells:
    """People of one stratum and one day together, in the order of strata and days; arrays of shape (cells,).

    The last day of a stratum may be the horizon, where whoever was seen so long is counted and nothing happens.
    """

    stratum: Ints
    first: Ints
    at_risk: Floats
    ended: Floats
    censored: Floats
    outcomes: Floats

    @classmethod
    def of(cls, key: Ints, size: Ints, codes: Ints, start: Ints, horizon: int) -> _Cells:
        by = key % (horizon + 1) < horizon
        first = _starts(key // (horizon + 1))
        stratum = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(key)]))
        passed = np.cumsum(size) - size
        censored = np.add.reduceat(codes == CENSORED, start, dtype=np.float64) * by
        return cls(
            stratum=stratum,
            first=first,
            at_risk=(np.add.reduceat(size, first)[stratum] - (passed - passed[first][stratum])).astype(np.float64),
            ended=size * by - censored,
            censored=censored,
            outcomes=np.add.reduceat(codes == OUTCOME, start, dtype=np.float64) * by,
        )

    @property
    def nobody_left(self) -> bool:
        """Whether in some stratum everybody still at risk left on one day, so that nothing is known of later days."""
        able = self.at_risk - self.ended
        return bool(((able > 0) & (self.censored == able)).any())

    def influence(self) -> tuple[Floats, Floats, _On]:
        """The incidence and the number of people of each stratum, and what a row adds in each cell."""
        per_head = 1 / self.at_risk
        hazard, staying = self.ended * per_head, (self.at_risk - self.ended) * per_head
        # Where everybody at risk has an event nothing comes later in the stratum, so 1 does as well as 0 there.
        staying = np.where(staying > 0, staying, 1.0)
        logs = np.log(staying)
        before = np.exp(self._along(logs) - logs)
        step = before * self.outcomes * per_head
        so_far = self._along(step)
        last = np.r_[self.first[1:], len(step)] - 1
        slope = np.where(hazard < 1, (so_far[last][self.stratum] - so_far) / staying, 0.0)
        passing = self._along((slope * hazard - step) * per_head)
        by = self.ended + self.censored > 0
        on = _On(passing, -slope * per_head * by, before * per_head * by)
        return so_far[last], self.at_risk[self.first], on

    def _along(self, values: Floats) -> Floats:
        """Running sums within each stratum."""
        total = np.cumsum(values)
        return np.asarray(total - (total - values)[self.first][self.stratum])


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
        rows = self._order if chosen is None else self._order[chosen[self._order]]
        days = self.time[rows]
        found = aalen_johansen(days, self.event[rows], self.horizon, self._strata(rows, days))
        influence = np.zeros(len(self.time))
        influence[rows] = found.influence
        return Incidence(found.value, influence)

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        """As the estimate sorts them, so that parts are sorted already."""
        return np.lexsort((self.time, self.stratum))

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
