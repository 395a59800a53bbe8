"""What may leave: counts of 1 to 7 hidden, others to the nearest 5, rates only of enough people, and no way back."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

from evaluation.axes import CROSS
from evaluation.curve import CurvePoint
from evaluation.estimate import Estimate
from evaluation.groups import Row
from evaluation.measures import AtThreshold, Measures

LARGEST_HIDDEN = 7
ROUNDED_TO = 5
FEWEST_SHOWN = LARGEST_HIDDEN + 1
DECIMALS = 3

Published = dict[str, Any]
Key = TypeVar("Key", bound=Hashable)


def suppress(count: int) -> int | None:
    """Show a count so that nobody can be told from it.

    Parameters
    ----------
    count : int
        People, not negative.

    Returns
    -------
    int or None
        0 stays 0, 1 to 7 become None, all others the nearest 5.

    Raises
    ------
    ValueError
        If the count is negative.

    References
    ----------
    NHS England, HES and ECDS disclosure control; OpenSAFELY, "Statistical disclosure control" (7, then round to 5).

    Examples
    --------
    >>> [suppress(count) for count in (0, 1, 7, 8, 12, 13)]
    [0, None, None, 10, 10, 15]
    """
    if count < 0:
        raise ValueError("a count of people cannot be negative")
    if hidden(count):
        return None
    return ROUNDED_TO * ((count + ROUNDED_TO // 2) // ROUNDED_TO)


def hidden(count: int) -> bool:
    """Whether a count is so small that it must not be shown."""
    return 0 < count <= LARGEST_HIDDEN


def suppress_table(counts: Mapping[Key, int]) -> dict[Key, int | None]:
    """Show the counts of an axis whose total is known, so that no hidden one follows from the others.

    Parameters
    ----------
    counts : mapping
        People at each level of an axis; the levels do not overlap.

    Returns
    -------
    dict
        As `suppress`, but where one level alone is hidden, or the hidden ones together hold fewer than 8, the next
        smallest is hidden as well: the total less the shown ones is itself a count.

    Raises
    ------
    ValueError
        If a count is negative.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, section 4.4 (secondary suppression).

    Examples
    --------
    >>> suppress_table({"A": 120, "B": 31, "C": 4})
    {'A': 120, 'B': None, 'C': None}
    >>> suppress_table({"A": 120, "B": 31, "C": 0})
    {'A': 120, 'B': 30, 'C': 0}
    """
    return suppress_lines(counts, [list(counts)])


def suppress_lines(
    counts: Mapping[Key, int], lines: Sequence[Sequence[Key]], sums: Sequence[Sequence[Key]] = ()
) -> dict[Key, int | None]:
    """Show the counts of a table whose totals are known along several lines, as rows and columns have them.

    `sums` are lines of which one count is the sum of the others: there, too, none may be hidden alone.

    Examples
    --------
    >>> counts = {("A", 1): 120, ("A", 2): 4, ("B", 1): 31, ("B", 2): 40}
    >>> lines = [[("A", 1), ("A", 2)], [("B", 1), ("B", 2)], [("A", 1), ("B", 1)], [("A", 2), ("B", 2)]]
    >>> set(suppress_lines(counts, lines).values())
    {None}
    """
    shown = {key: suppress(count) for key, count in counts.items()}
    looking = True
    while looking:
        # Hiding a count may leave another line with one hidden count alone, so look until nothing changes.
        more = {_to_hide(counts, shown, line, FEWEST_SHOWN) for line in lines}
        more |= {_to_hide(counts, shown, line, 0) for line in sums}
        hide = [key for key in more if key is not None]
        shown |= dict.fromkeys(hide)
        looking = bool(hide)
    return shown


def _to_hide(
    counts: Mapping[Key, int], shown: Mapping[Key, int | None], line: Sequence[Key], fewest: int
) -> Key | None:
    """The next count of a line that has to go, None if what is hidden in it cannot be told from the rest."""
    gone = [counts[key] for key in line if shown[key] is None]
    left = [key for key in line if shown[key] is not None]
    if not gone or not left or (len(gone) > 1 and sum(gone) >= fewest):
        return None
    # A level with nobody says nothing about the others, so it is taken last.
    return min(left, key=lambda key: (counts[key] == 0, counts[key]))


def publish_share(estimate: Estimate) -> Published:
    """A share of people, as it would be from rounded counts; nothing if its numerator or the rest is hidden.

    Parameters
    ----------
    estimate : Estimate
        With `n` the denominator and `events` the numerator, as sensitivity, ppv, flagged and incidence have them.

    Returns
    -------
    dict
        value, low, high, level, kind, state; the value in steps of 5 people of the rounded denominator, the interval
        widened to such steps. State "suppressed" and no numbers where the rules forbid.

    References
    ----------
    OpenSAFELY, "Statistical disclosure control": rates are computed from rounded counts.

    Examples
    --------
    >>> share = Estimate.of(0.323, 0.24, 0.42, n=99, events=32, kind="wilson")
    >>> shown = publish_share(share)
    >>> shown["value"], shown["low"], shown["high"]
    (0.3, 0.2, 0.45)
    """
    if estimate.n < FEWEST_SHOWN or hidden(estimate.events) or hidden(estimate.n - estimate.events):
        return withheld(estimate)
    return _in_steps(estimate, estimate.n, within=(0.0, 1.0))


def publish_figure(estimate: Estimate, people: int, events: int, per: float | None = None) -> Published:
    """A figure that is no share (discrimination, calibration, benefit), of at least 8 people with and 8 without.

    Parameters
    ----------
    estimate : Estimate
        The figure.
    people, events : int
        People of the group whose outcome is known, and outcomes.
    per : float, optional
        For a mean over people or a ratio of outcomes: the people, or the expected outcomes, below the line. It is then
        shown in steps of 5 of them, so that no count follows from it more closely than the count is shown.

    Returns
    -------
    dict
        As `publish_share`; without `per` to three decimals.

    References
    ----------
    NHS England, HES and ECDS disclosure control: regressions and standardised rates, but no mean of 1 to 7 people.

    Examples
    --------
    >>> c_statistic = Estimate.of(0.71234, 0.65, 0.78, n=500, events=40, kind="delong")
    >>> publish_figure(c_statistic, people=500, events=40)["value"]
    0.712
    >>> publish_figure(c_statistic, people=500, events=7)["state"]
    'suppressed'
    """
    if min(events, people - events) < FEWEST_SHOWN:
        return withheld(estimate)
    if per is not None:
        return _in_steps(estimate, per)
    return _shown(estimate, *(_rounded(end) for end in (estimate.value, estimate.low, estimate.high)))


def withheld(estimate: Estimate) -> Published:
    """Nothing of a figure but that there is one that may not be shown."""
    return _shown(estimate, None, None, None) | {"state": "suppressed"}


def publish(measures: Measures) -> Published:
    """The measures of one group that stands alone, as they may leave.

    Parameters
    ----------
    measures : Measures
        Of one group; for the levels of an axis use `publish_rows`, which hides what the others would give away.

    Returns
    -------
    dict
        people and events as counts or None; state; mean_risk; each estimate as `publish_share` or `publish_figure`;
        curve and thresholds (with flagged_people) as lists. State "suppressed" if people or events are hidden.

    References
    ----------
    As `suppress`.

    Examples
    --------
    >>> from evaluation.measures import measure
    >>> small = publish(measure([True, False, False], [0.4, 0.2, 0.1]))
    >>> small["people"], small["c_statistic"]["value"], small["state"]
    (None, None, 'suppressed')
    """
    counts = [suppress(at.flagged.events) for at in measures.thresholds]
    return _published(measures, suppress(measures.people), suppress(measures.events), counts)


def publish_rows(rows: Sequence[Row]) -> list[Published]:
    """The rows of `groups.by_axis` as they may leave, each axis with secondary suppression.

    Parameters
    ----------
    rows : sequence of Row
        The rows of an axis stand together.

    Returns
    -------
    list of dict
        `publish` of each row with its axis and level. Where a count is hidden, what rests on it is hidden too.

    References
    ----------
    As `suppress_table`.

    Examples
    --------
    >>> publish_rows([])
    []
    """
    return [each for _, axis in groupby(rows, key=lambda row: row.axis) for each in _axis(list(axis))]


def _axis(rows: list[Row]) -> list[Published]:
    def table(count: Callable[[Measures], int]) -> dict[str, int | None]:
        return suppress_lines({row.level: count(row.measures) for row in rows}, _lines(rows))

    people, events = table(lambda found: found.people), table(lambda found: found.events)
    numbers = range(len(rows[0].measures.thresholds))
    flagged = [table(lambda found, number=number: found.thresholds[number].flagged.events) for number in numbers]  # type: ignore[misc]
    return [
        {"axis": row.axis, "level": row.level}
        | _published(row.measures, people[row.level], events[row.level], [each[row.level] for each in flagged])
        for row in rows
    ]


def _lines(rows: list[Row]) -> list[list[str]]:
    """Levels whose total is known: all of an axis; of two axes crossed also those of each level of either."""
    levels = [row.level for row in rows]
    parts = [level.split(CROSS) for level in levels if CROSS in level] if CROSS in rows[0].axis else []
    crossed = [
        [level for level in levels if CROSS in level and level.split(CROSS)[side] == name]
        for side in (0, 1)
        for name in sorted({part[side] for part in parts})
    ]
    return [levels, *crossed]


def _published(measures: Measures, people: int | None, events: int | None, flagged: Sequence[int | None]) -> Published:
    """One group with its counts as they are to be shown; None hides whatever would give the count away."""
    if people is None:
        events, flagged = None, [None] * len(flagged)
    figure = _figures(measures, people, events)
    expected = (people or 0) * (0.0 if math.isnan(measures.mean_risk) else measures.mean_risk)
    return {
        "people": people,
        "index_dates": None if people is None else suppress(measures.index_dates),
        "events": events,
        "state": "suppressed" if events is None else measures.state,
        "mean_risk": _rounded(measures.mean_risk) if people else None,
        "incidence": withheld(measures.incidence) if events is None else publish_share(measures.incidence),
        "observed_over_expected": figure(measures.observed_over_expected, expected),
        "brier": figure(measures.brier, people),
        "scaled_brier": figure(measures.scaled_brier, None),
        "intercept": figure(measures.intercept, None),
        "slope": figure(measures.slope, None),
        "ici": figure(measures.ici, None),
        "e50": figure(measures.e50, None),
        "e90": figure(measures.e90, None),
        "c_statistic": figure(measures.c_statistic, None),
        "average_precision": figure(measures.average_precision, None),
        "curve": [] if events is None else [_point(point) for point in measures.curve],
        "thresholds": [
            _threshold(at, count, people, figure) for at, count in zip(measures.thresholds, flagged, strict=True)
        ],
    }


Figure = Callable[[Estimate, float | None], Published]


def _figures(measures: Measures, people: int | None, events: int | None) -> Figure:
    """How this group shows a figure that rests on its outcomes."""

    def figure(estimate: Estimate, per: float | None) -> Published:
        if people is None or events is None:
            return withheld(estimate)
        return publish_figure(estimate, measures.known, measures.events, per)

    return figure


def _threshold(at: AtThreshold, flagged: int | None, people: int | None, figure: Figure) -> Published:
    # Found, falsely flagged, missed and rightly cleared people: the four counts behind everything at a threshold.
    cells = (at.ppv.events, at.ppv.n - at.ppv.events, at.sensitivity.n - at.sensitivity.events, at.specificity.events)
    closed = flagged is None or figure(at.gain, None)["state"] == "suppressed"
    shares = {"sensitivity": at.sensitivity, "specificity": at.specificity, "ppv": at.ppv}
    worth = {"net_benefit": at.net_benefit, "gain": at.gain}
    blind = closed or any(hidden(cell) for cell in cells)
    return {
        "threshold": at.threshold,
        "flagged_people": flagged,
        "flagged": withheld(at.flagged) if flagged is None else publish_share(at.flagged),
        **{name: withheld(share) if closed else publish_share(share) for name, share in shares.items()},
        "number_needed": _number_needed(at.number_needed, withheld(at.ppv) if closed else publish_share(at.ppv)),
        **{name: withheld(value) if blind else figure(value, people) for name, value in worth.items()},
        "treat_all": figure(at.treat_all, people),
    }


def _number_needed(exact: Estimate, ppv: Published) -> Published:
    """Nothing but what follows from the share as it is shown."""
    if ppv["value"] is None or ppv["state"] != "ok":
        return _shown(exact, None, None, None) | {"state": ppv["state"]}
    value, low, high = (round(1 / ppv[end], 1) if ppv[end] else None for end in ("value", "high", "low"))
    known = None not in (value, low, high)
    return _shown(exact, value, low, high) | {"state": "ok" if known else "insufficient"}


def _point(point: CurvePoint) -> Published:
    observed = publish_share(point.observed)
    return {"expected": None if observed["state"] == "suppressed" else _rounded(point.expected), "observed": observed}


def _in_steps(estimate: Estimate, per: float, within: tuple[float, float] = (-math.inf, math.inf)) -> Published:
    """Round to steps of 5 people, the interval outwards."""
    base = suppress(round(per)) if per >= FEWEST_SHOWN else None
    if base is None:
        return withheld(estimate)
    step = ROUNDED_TO / base

    def stepped(value: float, to: Callable[[float], float]) -> float | None:
        if not math.isfinite(value):
            return None
        return min(max(round(step * to(round(value / step, 9)), 6), within[0]), within[1])

    return _shown(
        estimate, stepped(estimate.value, round), stepped(estimate.low, math.floor), stepped(estimate.high, math.ceil)
    )


def _shown(estimate: Estimate, value: float | None, low: float | None, high: float | None) -> Published:
    ends = {"value": value, "low": low, "high": high}
    return ends | {"level": estimate.level, "kind": estimate.kind, "state": estimate.state}


def _rounded(value: float) -> float | None:
    return round(value, DECIMALS) if math.isfinite(value) else None
