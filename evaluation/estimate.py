"""A measured figure with its interval: it says how far it can be trusted, and never passes a test that it cannot."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["influence", "delong", "wilson", "sandwich", "aalen-johansen", "poisson", "bootstrap", "mover"]
State = Literal["ok", "insufficient"]

LEVEL = 0.95
FEWEST = 10
"""Outcomes, and people without one, below which a figure is shown as insufficient and passes nothing."""


@dataclass(frozen=True)
class Estimate:
    """A figure, its interval, what it rests on and whether that is enough.

    Parameters
    ----------
    value, low, high : float
        The figure and the ends of its interval, in the unit of the measure; NaN where it cannot be computed.
    level : float
        Coverage that the interval aims at, 0.95 unless asked otherwise.
    n, events : int
        People in the denominator, and those of them counted in the numerator, people of one family once. For a
        c-statistic or a calibration measure: people whose outcome is known, and those with the outcome. For
        sensitivity: people with the outcome, and those flagged.
    kind : str
        How the interval was made.
    state : "ok" or "insufficient"
        "insufficient" if fewer than `FEWEST` people had, or did not have, the outcome, or the interval is not finite.

    Raises
    ------
    ValueError
        If it is called "ok" without a finite value and a finite interval.

    Examples
    --------
    >>> Estimate.of(0.8, 0.7, 0.9, n=500, events=40, kind="influence").passes(at_least=0.65)
    True
    >>> Estimate.of(0.8, 0.7, 0.9, n=500, events=9, kind="influence").passes(at_least=0.65)
    False
    """

    value: float
    low: float
    high: float
    level: float
    n: int
    events: int
    kind: Kind
    state: State

    def __post_init__(self) -> None:
        if self.state == "ok" and not (_finite(self.value, self.low, self.high) and self.low <= self.high):
            raise ValueError("an estimate without a finite, ordered interval cannot be 'ok'; make it with Estimate.of")

    @classmethod
    def of(
        cls,
        value: float,
        low: float,
        high: float,
        *,
        n: int,
        events: int,
        kind: Kind,
        level: float = LEVEL,
        enough: bool | None = None,
    ) -> Estimate:
        """Make an estimate and decide its state; `enough` replaces the count of outcomes where the group decides."""
        if enough is None:
            enough = min(events, n - events) >= FEWEST
        known = _finite(value, low, high) and low <= high
        ends = (float(low), float(high)) if known else (math.nan, math.nan)
        shown = float(value) if math.isfinite(value) else math.nan
        return cls(shown, *ends, level, int(n), int(events), kind, "ok" if enough and known else "insufficient")

    def passes(
        self, at_least: float | None = None, at_most: float | None = None, by: Literal["interval", "value"] = "interval"
    ) -> bool:
        """Whether the whole interval (or only the value) keeps the limits; never if insufficient, never on NaN.

        Raises
        ------
        ValueError
            If no limit is given: passing nothing is not passing.
        """
        if at_least is None and at_most is None:
            raise ValueError("nothing to pass: give at_least, at_most or both")
        if self.state != "ok":
            return False
        low, high = (self.low, self.high) if by == "interval" else (self.value, self.value)
        return (at_least is None or low >= at_least) and (at_most is None or high <= at_most)

    def one_over(self) -> Estimate:
        """One over the figure and its interval: people reviewed for each found, from a positive predictive value.

        Examples
        --------
        >>> number = Estimate.of(0.25, 0.2, 0.5, n=100, events=25, kind="wilson").one_over()
        >>> number.value, number.low, number.high
        (4.0, 2.0, 5.0)
        """
        value, low, high = (1 / each if each > 0 else math.nan for each in (self.value, self.high, self.low))
        enough, n, events = self.state == "ok", self.n, self.events
        return Estimate.of(value, low, high, n=n, events=events, kind=self.kind, level=self.level, enough=enough)

    def to_json(self) -> dict[str, float | int | str | None]:
        """Plain values for a file that stays inside (`disclosure` makes those that leave); NaN becomes null."""
        return {name: _null_if_nan(value) for name, value in asdict(self).items()}


def insufficient(*, n: int, events: int, kind: Kind, level: float = LEVEL, value: float = math.nan) -> Estimate:
    """Say that there is nothing to compute an interval from."""
    return Estimate.of(value, math.nan, math.nan, n=n, events=events, kind=kind, level=level, enough=False)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """Compare a figure between two groups that share no one, from the two intervals alone.

    Parameters
    ----------
    one, other : Estimate
        The same measure in two disjoint groups of people, at the same level.

    Returns
    -------
    Estimate
        `one - other`, in the measure's unit; insufficient if either is.

    Raises
    ------
    ValueError
        If the two were made at different levels.

    References
    ----------
    Zou and Donner (2008), Stat Med 27:1693-1702 (method of variance estimates recovery, "MOVER").

    Examples
    --------
    >>> north = Estimate.of(0.80, 0.77, 0.83, n=400, events=320, kind="wilson")
    >>> london = Estimate.of(0.70, 0.66, 0.74, n=400, events=280, kind="wilson")
    >>> gap = difference(north, london)
    >>> print(f"{gap.value:.2f} ({gap.low:.2f} to {gap.high:.2f})")
    0.10 (0.05 to 0.15)
    """
    if one.level != other.level:
        raise ValueError("the two intervals differ in level; make both at the same one")
    value = one.value - other.value
    return Estimate.of(
        value,
        value - math.hypot(one.value - one.low, other.high - other.value),
        value + math.hypot(one.high - one.value, other.value - other.low),
        n=one.n + other.n,
        events=one.events + other.events,
        kind="mover",
        level=one.level,
        enough=one.state == other.state == "ok",
    )


def _finite(*values: float) -> bool:
    return all(math.isfinite(value) for value in values)


def _null_if_nan(value: float | int | str) -> float | int | str | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value
