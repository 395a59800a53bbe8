"""Do the risks come true, and for everyone alike? People whose time at risk is over, group by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluation.axes import UNKNOWN, labels
from evaluation.disclosure import Published, publish_rows, publish_share, suppress_table
from evaluation.discrimination import sensitivity
from evaluation.estimate import FEWEST, Estimate, difference
from evaluation.groups import Known, Row, by_axis, known
from features.table import OUTCOME, FeatureTable
from monitoring.cells import LIMITS, Cell, Group, judged
from monitoring.pooling import pooled, pooled_in_order
from monitoring.promised import promised_concordance, promised_sensitivity
from monitoring.states import Figure

AXES = ("region", "sex", "age_band", "ethnic_group", "deprivation")
IN_ORDER = ("age_band", "deprivation")
OF_EVERYONE_AND_REGIONS = ("slope", "net_benefit")
AT_THRESHOLD = ("sensitivity", "sensitivity_gap", "net_benefit")

SHOWN = "shown "

TOO_FEW = "fewer than 8 people, or 8 with or without the outcome"
TOO_FEW_TO_JUDGE = f"fewer than {FEWEST} people with the outcome"
TOO_LITTLE = "so few of these people are near the threshold that no fault could show"
NO_THRESHOLD = "the pathway has no threshold at this horizon"
NOBODY_ELSE = "there is nobody else to compare with"

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Figures = Mapping[str, tuple[Figure, float | None]]


@dataclass(frozen=True)
class _Followed:
    """The matured rows with the risk of each, the weights of the whole and the threshold."""

    table: FeatureTable
    risk: Floats
    weighed: Known
    horizon: int
    threshold: float | None

    @property
    def had(self) -> Mask:
        return np.asarray((self.table.event == OUTCOME) & (self.table.time < self.horizon))


@dataclass(frozen=True)
class _People:
    """Different people, and those with the outcome, as shown; and whether those are enough to judge by."""

    people: int | None
    outcomes: int | None
    enough: bool


def matured(table: FeatureTable, horizon: int) -> Mask:
    """Rows whose time at risk was over when the records end, whether or not somebody left before."""
    return np.asarray(table.index_day.astype(np.int64) + horizon <= table.data_to + 1)


def review_performance(
    table: FeatureTable, risk: Floats, horizon: int, threshold: float | None, axes: Sequence[str] = AXES
) -> tuple[Group, ...]:
    """Every measure for everyone and for each level of each axis, on matured rows alone; empty if there is none."""
    ripe = matured(table, horizon)
    if not ripe.any():
        return ()
    over = _with_shown(table.rows(ripe), horizon, axes)
    followed = _Followed(over, risk[ripe], known(over, horizon), horizon, threshold)
    thresholds = () if threshold is None else (threshold,)
    found = by_axis(over, followed.risk, horizon, [SHOWN + axis for axis in axes], thresholds)
    rows = [replace(row, axis=row.axis.removeprefix(SHOWN)) for row in found]
    groups = [
        group for axis in ("all", *axes) for group in _axis(followed, axis, [row for row in rows if row.axis == axis])
    ]
    return judged(groups)


def _with_shown(table: FeatureTable, horizon: int, axes: Sequence[str]) -> FeatureTable:
    """The table with one more axis for each of these: its levels as they are shown, small ones together."""
    had = np.asarray((table.event == OUTCOME) & (table.time < horizon))
    shown = {}
    for axis in axes:
        together = pooled_in_order if axis in IN_ORDER else pooled
        shown[SHOWN + axis] = together(labels(table, axis), table.person_id, had)
    return replace(table, axes={**table.axes, **shown})


def _axis(followed: _Followed, axis: str, rows: Sequence[Row]) -> list[Group]:
    if [row.level for row in rows] == [UNKNOWN]:
        reason = f"{axis.replace('_', ' ')} is not recorded for anybody"
        cells = tuple(Cell(axis, UNKNOWN, measure, "not run", reason) for measure in _measures(axis))
        return [Group(axis, UNKNOWN, None, None, None, None, cells)]
    level = np.full(len(followed.risk), "all") if axis == "all" else followed.table.axes[SHOWN + axis]
    counted = _people(followed, level, [row.level for row in rows])
    return [
        _group(followed, row, published, level == row.level, counted[row.level])
        for row, published in zip(rows, publish_rows(rows), strict=True)
    ]


def _measures(axis: str) -> list[str]:
    left_out = () if axis in ("all", "region") else OF_EVERYONE_AND_REGIONS
    return [name for name in LIMITS if name not in left_out and (name != "sensitivity_gap" or axis != "all")]


def _people(followed: _Followed, level: NDArray[np.str_], names: Sequence[str]) -> dict[str, _People]:
    """Several index dates may be one person's: it is people who must not be told from a count."""
    person, had = followed.table.person_id, followed.had
    people = {name: len(np.unique(person[level == name])) for name in names}
    outcomes = {name: len(np.unique(person[(level == name) & had])) for name in names}
    seen, hit = suppress_table(people), suppress_table(outcomes)
    return {name: _People(seen[name], hit[name], outcomes[name] >= FEWEST) for name in names}


def _group(followed: _Followed, row: Row, published: Published, here: Mask, counted: _People) -> Group:
    closed = None in (counted.people, counted.outcomes, published["people"], published["events"])
    figures = {} if closed or not counted.enough else _figures(followed, row, published, here)
    cells = tuple(_cell(followed, row, measure, figures, here, closed) for measure in _measures(row.axis))
    if closed:
        people = None if published["people"] is None else counted.people
        return Group(row.axis, row.level, people, None, None, None, cells)
    observed = published["incidence"]["value"]
    return Group(row.axis, row.level, counted.people, counted.outcomes, published["mean_risk"], observed, cells)


def _cell(followed: _Followed, row: Row, measure: str, figures: Figures, here: Mask, closed: bool) -> Cell:
    if measure in AT_THRESHOLD and followed.threshold is None:
        return Cell(row.axis, row.level, measure, "not run", NO_THRESHOLD)
    if measure == "sensitivity_gap" and here.all():
        return Cell(row.axis, row.level, measure, "not run", NOBODY_ELSE)
    if measure not in figures:
        return Cell(row.axis, row.level, measure, "insufficient", TOO_FEW if closed else TOO_FEW_TO_JUDGE)
    figure, expected = figures[measure]
    least = -LIMITS[measure].breach_low
    little = measure == "sensitivity" and expected is not None and expected <= least
    return Cell(row.axis, row.level, measure, "insufficient", TOO_LITTLE if little else "", figure, expected)


def _figures(followed: _Followed, row: Row, published: Published, here: Mask) -> Figures:
    """Each measure as it may be shown for the group, and what the group's own risks promise of it."""
    risk = followed.risk[here]
    figures: dict[str, tuple[Figure, float | None]] = {
        "observed_over_expected": (_shown(published["observed_over_expected"]), 1.0),
        "slope": (_shown(published["slope"]), 1.0),
        "c_statistic": (_shown(published["c_statistic"]), _rounded(promised_concordance(risk))),
    }
    if followed.threshold is not None:
        at = published["thresholds"][0]
        promised = _rounded(promised_sensitivity(risk, followed.threshold))
        figures["sensitivity"] = (_shown(at["sensitivity"]), promised)
        figures["net_benefit"] = (_shown(at["gain"]), 0.0)
        figures["sensitivity_gap"] = (_gap(followed, row, at["sensitivity"], here), 0.0)
    return figures


def _gap(followed: _Followed, row: Row, shown: Published, here: Mask) -> Figure:
    """Sensitivity in the group less that in everyone else, both as they may be shown."""
    rest, weighed = ~here, followed.weighed
    if followed.threshold is None or not rest.any():
        return Figure()
    families = followed.table.family[rest]
    others = sensitivity(weighed.outcome[rest], followed.risk[rest], followed.threshold, weighed.weight[rest], families)
    one = _estimate(row.measures.thresholds[0].sensitivity, shown)
    other = _estimate(others, publish_share(others))
    if one is None or other is None:
        return Figure()
    gap = difference(one, other)
    return Figure(_rounded(gap.value), _rounded(gap.low), _rounded(gap.high))


def _estimate(exact: Estimate, shown: Published) -> Estimate | None:
    known = _shown(shown).known()
    if known is None:
        return None
    return Estimate.of(*known, n=exact.n, events=exact.events, kind="wilson", level=exact.level, enough=True)


def _shown(published: Published) -> Figure:
    if published["state"] != "ok":
        return Figure()
    return Figure(published["value"], published["low"], published["high"])


def _rounded(number: float) -> float | None:
    return round(number, 3) if np.isfinite(number) else None
