"""The grouped calibration curve: what happened to people of like risk, from the lowest to the highest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evaluation.censoring import OUTCOME
from evaluation.estimate import FEWEST, LEVEL, Estimate
from evaluation.incidence import FollowUp
from evaluation.inputs import Bools, Floats, InputError, Ints, Rows, distinct, dot, rows
from evaluation.intervals import proportion, variance, wilson_of


@dataclass(frozen=True)
class CurvePoint:
    """One group of people of similar risk: the mean risk, and how many had the outcome (with Wilson's interval)."""

    expected: float
    observed: Estimate


def curve(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    groups: int = 10,
    level: float = LEVEL,
) -> tuple[CurvePoint, ...]:
    """Set what happened against what was predicted, from the people of lowest risk to those of highest.

    Parameters
    ----------
    outcome, risk, weight, family, level
        As for `calibration.in_the_large`.
    groups : int
        Groups of about equal weight; people with the same risk are never parted, so there may be fewer.

    Returns
    -------
    tuple[CurvePoint, ...]
        Ascending in risk. A point is "ok" from 10 people on, however few outcomes it has.

    Raises
    ------
    InputError
        As for `calibration.in_the_large`, or if `groups` is below 1.

    References
    ----------
    Van Calster et al. (2019), BMC Med 17:230, box 1 (grouped calibration plot).

    Examples
    --------
    >>> points = curve([False, True, True, True], [0.1, 0.1, 0.8, 0.9], groups=2)
    >>> [(round(point.expected, 2), point.observed.value) for point in points]
    [(0.1, 0.5), (0.85, 1.0)]
    """
    return risk_groups(rows(outcome, risk, weight, family, probability=True), groups, level)


def risk_groups(people: Rows, groups: int = 10, level: float = LEVEL) -> tuple[CurvePoint, ...]:
    """The grouped calibration curve of rows that were checked before."""
    place = _places(people, groups)
    return tuple(_point(people, place == group, level) for group in np.unique(place))


def followed_groups(
    followed: FollowUp, risk: Floats, family: Ints | None, groups: int = 10, level: float = LEVEL
) -> tuple[CurvePoint, ...]:
    """The grouped calibration curve of everyone, the censored as well: Aalen-Johansen in each group, Wilson's interval.

    References
    ----------
    Austin, Putter, Giardiello and van Klaveren (2022), Diagn Progn Res 6:2 (calibration with competing risks).
    """
    everyone = rows(np.zeros(len(risk), dtype=bool), risk, None, family, probability=True)
    place = _places(everyone, groups)
    had = (followed.event == OUTCOME) & (followed.time < followed.horizon)
    found = []
    for group in np.unique(place):
        here = place == group
        seen = followed.incidence(here)
        n, events = distinct(family, here), distinct(family, here & had)
        ends = wilson_of(seen.value, variance(seen.influence, family), n, level)
        enough = n >= FEWEST
        observed = Estimate.of(seen.value, *ends, n=n, events=events, kind="aalen-johansen", level=level, enough=enough)
        found.append(CurvePoint(float(risk[here].mean()), observed))
    return tuple(found)


def _places(people: Rows, groups: int) -> Ints:
    """The group of each row, from 0 for the lowest risks; rows of one risk are never parted."""
    if groups < 1:
        raise InputError(f"{groups} groups of risk cannot be made; give 1 or more")
    if not people.size:
        return np.zeros(0, dtype=np.int64)
    _, rank = people.ranked
    mass = np.bincount(rank, weights=people.weight)
    # A distinct risk goes where the middle of its weight falls.
    return np.asarray(((np.cumsum(mass) - mass / 2) / people.total * groups).astype(np.int64)[rank])


def _point(people: Rows, chosen: Bools, level: float) -> CurvePoint:
    y, weight = people.y[chosen], people.weight[chosen]
    family = None if people.family is None else people.family[chosen]
    value, ends = proportion(y, np.ones(len(y)), weight, family, level)
    n, events = distinct(people.family, chosen), distinct(people.family, chosen & people.outcome)
    observed = Estimate.of(value, *ends, n=n, events=events, kind="wilson", level=level, enough=n >= FEWEST)
    return CurvePoint(dot(weight, people.risk[chosen]) / float(weight.sum()), observed)
