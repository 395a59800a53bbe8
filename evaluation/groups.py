"""The measures of each region, sex, age band, ethnic group and deprivation fifth, from one set of censoring weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.axes import UNKNOWN, Followed, labels
from evaluation.censoring import CAP, CENSORED, for_unmeasured, weights
from evaluation.estimate import LEVEL, Estimate, State, difference
from evaluation.incidence import FollowUp
from evaluation.inputs import Bools, Floats, InputError, Ints
from evaluation.measures import Measures, measure
from evaluation.strata import stratify

AXES = ("region", "area", "sex", "age_band", "ethnic_group", "deprivation")
STRATA = ("year", "region", "age_band", "deprivation")


@dataclass(frozen=True)
class Row:
    """The measures of one level of one axis; the axis "all" has the level "all"."""

    axis: str
    level: str
    measures: Measures

    @property
    def state(self) -> State:
        return self.measures.state

    def to_json(self) -> dict[str, Any]:
        return {"axis": self.axis, "level": self.level} | self.measures.to_json()


@dataclass(frozen=True)
class Known:
    """Outcomes by the horizon with the weights of a whole table; shapes (n,), shares as in `censoring.Weights`.

    `unreached_share` counts the index dates that lie too near the end of the records as well. `stratum` is the kind of
    people within which leaving was taken to be chance, -1 for those index dates.
    """

    outcome: Bools
    weight: Floats
    capped_share: float
    unreached_share: float
    stratum: Ints


@dataclass(frozen=True)
class Group:
    """Rows of one level of one axis, as positions in the table, with their outcomes and weights.

    `followed` gives their observed risk; None where it would take the unmeasured for people without the outcome.
    """

    axis: str
    level: str
    rows: NDArray[np.intp]
    outcome: Bools
    weight: Floats
    followed: FollowUp | None


def known(
    table: Followed, horizon: int, strata: Sequence[str] = STRATA, at_least: int = 200, cap: float = CAP
) -> Known:
    """Weigh the rows of a whole table for censoring, and for measurement where some were not measured.

    Parameters
    ----------
    table : Followed
        A feature table of n rows.
    horizon : int
        Days; see `censoring.weights`.
    strata : sequence of str
        Axes on which leaving may depend; those that the table has blank throughout make no difference.
    at_least : int
        Smallest stratum; see `strata.stratify`.
    cap : float
        Largest weight for censoring.

    Returns
    -------
    Known
        Use it for training as well: `outcome` and `weight` are the labels of a model for this horizon. Index dates that
        lie too near the end of the records (see `followable`) have weight 0.

    Raises
    ------
    InputError
        As `censoring.weights`, or if the table lacks an axis.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> table = SimpleNamespace(time=np.array([5, 10, 20, 30]), event=np.array([1, 0, 2, 0]), axes={}, data_to=0,
    ...                         measured=np.ones(4, bool), index_day=np.zeros(4, int))
    >>> known(table, horizon=30, strata=()).weight
    array([1. , 0. , 1.5, 1.5])
    """
    early = np.flatnonzero(followable(table, horizon))
    levels = [labels(table, axis)[early] for axis in strata] or [np.full(len(early), "")]
    time, event, measured = table.time[early], table.event[early], table.measured[early]
    left, stayed = (event == CENSORED) & (time < horizon), np.minimum(time, horizon) + 1
    stratum = stratify(*levels, at_least=at_least, events=left, exposure=stayed)
    found = weights(time, event, horizon, stratum, cap)
    outcome, weight = np.zeros(len(table.time), dtype=bool), np.zeros(len(table.time))
    strata_of = np.full(len(table.time), -1)
    outcome[early], weight[early], strata_of[early] = found.outcome, found.weight, stratum
    if not measured.all():
        alike = stratify(*levels, at_least=at_least, events=~measured)
        weight[early] = for_unmeasured(found.weight, measured, alike)
    unreached = 1 - len(early) * (1 - found.unreached_share) / max(1, len(weight))
    return Known(outcome, weight, found.capped_share, unreached if len(weight) else 0.0, strata_of)


def followable(table: Followed, horizon: int) -> Bools:
    """Rows that the records could follow to the horizon, whether or not they did.

    The last people before the end of the records can only show an outcome or be censored. Weighting up the few who
    just reach the horizon would need a weight of any size, and a cap on it would read as too many outcomes.

    Parameters
    ----------
    table : Followed
        A feature table of n rows.
    horizon : int
        Days.

    Returns
    -------
    bool array of shape (n,)
        Whether the index date lies at least `horizon` days before the day after `table.data_to` (or, where that is 0,
        before the end of the longest follow-up).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> followable(SimpleNamespace(index_day=np.array([100, 101]), data_to=129), horizon=30)
    array([ True, False])
    """
    start = np.asarray(table.index_day, dtype=np.int64)
    end = table.data_to + 1 if table.data_to else int((start + table.time).max(initial=0))
    return np.asarray(start + horizon <= end)


def by_axis(
    table: Followed,
    risk: ArrayLike,
    horizon: int,
    axes: Sequence[str] = AXES,
    thresholds: Sequence[float] = (),
    *,
    strata: Sequence[str] = STRATA,
    at_least: int = 200,
    cap: float = CAP,
    level: float = LEVEL,
) -> tuple[Row, ...]:
    """Measure everyone, and every level of every axis, with weights estimated once on the whole table.

    Parameters
    ----------
    table : Followed
        A feature table of n rows.
    risk : float array of shape (n,)
        Predicted probability of the outcome by the horizon, each in [0, 1].
    horizon : int
        Days.
    axes : sequence of str
        As for `axes.labels`: names in `table.axes`, "year", "ethnic_group", or two crossed.
    thresholds : sequence of float
        Risks at and above which one acts.
    strata, at_least, cap
        As for `known`.
    level : float
        Coverage that the intervals aim at.

    Returns
    -------
    tuple[Row, ...]
        "all" first, then the axes in the order asked for, levels in order with "unknown" last. Only rows that are
        `followable` to the horizon are in them, so `people` may be fewer than n. The observed risk of a group, of each
        point of its curve and behind net benefit is its own Aalen-Johansen estimate, within the strata of leaving, or
        its weighted share where some outcomes were not measured.

    Raises
    ------
    InputError
        If the risks are not those of the rows, or an axis is unknown.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> table = SimpleNamespace(time=np.full(4, 90), event=np.zeros(4, int), measured=np.ones(4, bool),
    ...                         family=np.arange(4), index_day=np.zeros(4, int), data_to=100,
    ...                         axes={"sex": np.array(["male", "female", "", "male"])})
    >>> [(row.level, row.measures.people) for row in by_axis(table, np.full(4, 0.1), 30, ["sex"], strata=())]
    [('all', 4), ('female', 1), ('male', 2), ('unknown', 1)]
    """
    scores = np.asarray(risk, dtype=np.float64)
    if scores.shape != table.time.shape:
        raise InputError(f"risk has shape {scores.shape} and the table {table.time.shape}; give one risk for each row")
    return tuple(
        Row(
            group.axis,
            group.level,
            measure(
                group.outcome,
                scores[group.rows],
                group.weight,
                table.family[group.rows],
                thresholds,
                followed=group.followed,
                level=level,
            ),
        )
        for group in parted(table, horizon, axes, strata, at_least, cap)
    )


def parted(
    table: Followed,
    horizon: int,
    axes: Sequence[str],
    strata: Sequence[str] = STRATA,
    at_least: int = 200,
    cap: float = CAP,
) -> Iterator[Group]:
    """Everyone, then each level of each axis in order, "unknown" last: what `by_axis` measures."""
    early = np.flatnonzero(followable(table, horizon))
    whole = known(table, horizon, strata, at_least, cap)

    def group(axis: str, level: str, keep: NDArray[np.intp]) -> Group:
        told = FollowUp(table.time[keep], table.event[keep], horizon, whole.stratum[keep])
        measured = bool(table.measured[keep].all())
        return Group(axis, level, keep, whole.outcome[keep], whole.weight[keep], told if measured else None)

    yield group("all", "all", early)
    for axis in axes:
        levels = labels(table, axis)[early]
        yield from (group(axis, name, early[levels == name]) for name in _ordered(levels))


def gaps(
    rows: Sequence[Row], axis: str, of: Callable[[Measures], Estimate], reference: str
) -> tuple[tuple[str, Estimate], ...]:
    """By how much a measure of each level of an axis differs from that of a level named beforehand.

    Parameters
    ----------
    rows : sequence of Row
        From `by_axis`.
    axis, reference : str
        The axis and its level of comparison.
    of : callable
        Picks the measure, for example `lambda found: found.thresholds[0].sensitivity`.

    Returns
    -------
    tuple[tuple[str, Estimate], ...]
        Each other level with its value minus the reference's; insufficient if either is.

    Raises
    ------
    InputError
        If the axis has no such level.

    References
    ----------
    `estimate.difference`.

    Examples
    --------
    >>> gaps((), "sex", lambda found: found.c_statistic, reference="female")
    Traceback (most recent call last):
        ...
    evaluation.inputs.InputError: the axis 'sex' has no level 'female' to compare with; it has none
    """
    found = {row.level: of(row.measures) for row in rows if row.axis == axis}
    if reference not in found:
        has = ", ".join(found) or "none"
        raise InputError(f"the axis '{axis}' has no level '{reference}' to compare with; it has {has}")
    others = ((level, estimate) for level, estimate in found.items() if level != reference)
    return tuple((level, difference(estimate, found[reference])) for level, estimate in others)


def _ordered(levels: NDArray[np.str_]) -> list[str]:
    return sorted({str(level) for level in np.unique(levels)}, key=lambda level: (level == UNKNOWN, level))
