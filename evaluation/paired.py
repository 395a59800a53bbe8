"""By how much does one model differ from another on the same rows? Every measure, with an interval that pairs them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.accuracy import squared_error_and_influence
from evaluation.axes import Followed
from evaluation.benefit import benefit_and_influence, worth_of_acting
from evaluation.calibration import incidence_ratio_and_influence, ratio_and_influence, slope_and_influence
from evaluation.estimate import LEVEL, Estimate
from evaluation.groups import Group, parted
from evaluation.incidence import FollowUp
from evaluation.inputs import Floats, InputError, Rows, dot, rows
from evaluation.intervals import plain, variance
from evaluation.ranking import c_and_influence, precision_and_influence

Found = tuple[float, Floats]
"""A figure and the influence of each row on it."""


@dataclass(frozen=True)
class Changes:
    """What changes in one level of one axis if the second model takes over from the first.

    `figures` holds second minus first for c_statistic, average_precision, observed_over_expected, slope, brier and
    scaled_brier; `net_benefit` the same for each threshold asked for. `known` and `events` count people with a known
    outcome and those with the outcome, people of one family once.
    """

    axis: str
    level: str
    known: int
    events: int
    figures: Mapping[str, Estimate]
    net_benefit: tuple[Estimate, ...]


def changes(
    table: Followed,
    first: ArrayLike,
    second: ArrayLike,
    horizon: int,
    axes: Sequence[str] = ("region",),
    thresholds: Sequence[float] = (),
    level: float = LEVEL,
) -> tuple[Changes, ...]:
    """Compare two risks of the same rows, for everyone and for each level of each axis.

    Parameters
    ----------
    table : Followed
        A feature table of n rows.
    first, second : float arrays of shape (n,)
        Predicted probabilities of the outcome by the horizon.
    horizon : int
        Days.
    axes : sequence of str
        As for `groups.by_axis`, which gives the figures of each model for the same groups.
    thresholds : sequence of float
        Risks at and above which one acts.
    level : float
        Coverage aimed at.

    Returns
    -------
    tuple[Changes, ...]
        "all" first. The interval comes from the difference of the two influence functions, summed within families, so
        it allows for the correlation of the two models; a model against itself changes nothing, from 0 to 0.

    Raises
    ------
    InputError
        If the risks are not those of the rows.

    References
    ----------
    DeLong et al. (1988), Biometrics 44:837-845, section 4, for the c-statistic; the other measures alike.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> blank = dict.fromkeys(("region", "age_band", "deprivation"), np.full(40, ""))
    >>> table = SimpleNamespace(time=np.repeat([0, 90], 20), event=np.repeat([1, 0], 20), measured=np.ones(40, bool),
    ...                         family=np.arange(40), index_day=np.zeros(40, int), data_to=100, axes=blank)
    >>> risk = np.linspace(0.6, 0.2, 40)
    >>> found = changes(table, risk, risk, 30, axes=())[0].figures["c_statistic"]
    >>> found.value, found.low, found.high
    (0.0, 0.0, 0.0)
    """
    scores = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if any(score.shape != table.time.shape for score in scores):
        raise InputError(f"both models need one risk for each of the {len(table.time)} rows")
    return tuple(_changes(group, table, scores, thresholds, level) for group in parted(table, horizon, axes))


def change(first: Found, second: Found, people: Rows, level: float = LEVEL) -> Estimate:
    """Second minus first of a figure of the same rows, from the two influence functions."""
    value, influence = second[0] - first[0], second[1] - first[1]
    ends = plain(value, variance(influence, people.family), level) if math.isfinite(value) else (math.nan, math.nan)
    return Estimate.of(value, *ends, n=people.n, events=people.events, kind="influence", level=level)


def mean_change(people: Rows, worth: Floats, level: float = LEVEL) -> Estimate:
    """The weighted mean over rows of what each gains."""
    value = dot(people.weight, worth) / people.total if people.total > 0 else math.nan
    own = people.weight * (worth - value) / people.total if people.total > 0 else worth
    return change((0.0, np.zeros(people.size)), (value, own), people, level)


def _changes(
    group: Group, table: Followed, scores: tuple[Floats, Floats], thresholds: Sequence[float], level: float
) -> Changes:
    family = table.family[group.rows]
    one, two = (rows(group.outcome, each[group.rows], group.weight, family, probability=True) for each in scores)
    figures = {name: change(of(one), of(two), one, level) for name, of in MEASURES.items()}
    if group.followed is not None:
        # As in `measures`: over everyone, the censored as well, because Aalen-Johansen allows for them.
        every = rows(group.outcome, scores[0][group.rows], None, family)
        observed = group.followed.incidence()
        before, after = (incidence_ratio_and_influence(observed, each[group.rows]) for each in scores)
        figures["observed_over_expected"] = change(before, after, every, level)
    worth = (
        _worth(one, two, thresholds, level)
        if group.followed is None
        else _followed_worth(group.followed, one, family, [each[group.rows] for each in scores], thresholds, level)
    )
    return Changes(group.axis, group.level, one.n, one.events, figures, tuple(worth))


def _followed_worth(
    followed: FollowUp,
    people: Rows,
    family: NDArray[np.int64],
    risks: Sequence[Floats],
    thresholds: Sequence[float],
    level: float,
) -> Iterator[Estimate]:
    """As in `measures`: over everyone, the censored as well."""
    for threshold in thresholds:
        before, after = (benefit_and_influence(followed, risk >= threshold, threshold) for risk in risks)
        value, influence = after[0] - before[0], after[1] - before[1]
        ends = plain(value, variance(influence, family), level) if math.isfinite(value) else (math.nan, math.nan)
        yield Estimate.of(value, *ends, n=people.n, events=people.events, kind="aalen-johansen", level=level)


def _worth(one: Rows, two: Rows, thresholds: Sequence[float], level: float) -> Iterator[Estimate]:
    for threshold in thresholds:
        moved = (two.risk >= threshold).astype(np.float64) - (one.risk >= threshold)
        yield mean_change(one, worth_of_acting(one, threshold) * moved, level)


MEASURES: Mapping[str, Callable[[Rows], Found]] = {
    "c_statistic": c_and_influence,
    "average_precision": precision_and_influence,
    "observed_over_expected": ratio_and_influence,
    "slope": slope_and_influence,
    "brier": lambda people: squared_error_and_influence(people)[0],
    "scaled_brier": lambda people: squared_error_and_influence(people)[1],
}
"""What is compared; net benefit besides, at each threshold."""
