"""Five states, and when a figure is in which: a figure that is missing or too uncertain never passes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.stats import norm

from evaluation.states import STATES, State

FALSE_ALARMS = 0.01
"""Share of the alarms of one measure that may be false (Benjamini and Hochberg 1995, J R Stat Soc B 57:289-300)."""

Scale = Literal["ratio", "difference"]


@dataclass(frozen=True)
class Limits:
    """How far a figure may lie from what is expected, as a ratio (on the log scale) or as a difference.

    Between `watch_low` and `watch_high` nothing is said; beyond the breach limits somebody may come to harm. A side
    that cannot harm (a c-statistic better than expected) has no limit. `worst` is the highest alarm that is raised.
    """

    scale: Scale
    watch_low: float
    breach_low: float
    watch_high: float = math.inf
    breach_high: float = math.inf
    worst: Literal["watch", "breach"] = "breach"


@dataclass(frozen=True)
class Figure:
    """A figure as it may be shown, with its 95% interval; None where it may not be or there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    def known(self) -> tuple[float, float, float] | None:
        """The three numbers, if all of them are there and finite."""
        if self.value is None or self.low is None or self.high is None:
            return None
        if not all(math.isfinite(number) for number in (self.value, self.low, self.high)):
            return None
        return self.value, self.low, self.high

    def less(self, expected: float) -> Figure:
        """How far the figure lies from what was expected."""
        known = self.known()
        return Figure() if known is None else Figure(*(number - expected for number in known))


def chance(figure: Figure, limits: Limits) -> float:
    """How likely so large a departure would be if the truth lay at the limit of watch; 1 if nothing is known.

    >>> ratio = Limits("ratio", 0.9, 0.8, 1 / 0.9, 1.25)
    >>> round(chance(Figure(1.5, 1.25, 1.8), ratio), 4)
    0.0006
    """
    known = figure.known()
    if known is None or (limits.scale == "ratio" and min(known) <= 0):
        return 1.0
    value, low, high = (math.log(number) for number in known) if limits.scale == "ratio" else known
    ends = (limits.watch_low, limits.watch_high)
    lowest, highest = (math.log(end) for end in ends) if limits.scale == "ratio" else ends
    error = (high - low) / (2 * float(norm.isf(0.025)))
    beyond = max(lowest - value, value - highest)
    if error <= 0:
        return 0.0 if beyond > 0 else 1.0
    return float(norm.sf(beyond / error))


def rejected(chances: Sequence[float], false_alarms: float = FALSE_ALARMS) -> list[bool]:
    """Which departures are alarms, so that at most this share of the alarms is false.

    >>> rejected([0.0001, 0.5, 0.004, 0.04], 0.01)
    [True, False, True, False]
    """
    order = sorted(range(len(chances)), key=chances.__getitem__)
    passed = [rank for rank, at in enumerate(order, start=1) if chances[at] <= false_alarms * rank / len(chances)]
    alarms = set(order[: max(passed, default=0)])
    return [at in alarms for at in range(len(chances))]


def judge(figure: Figure, limits: Limits, alarm: bool) -> State:
    """The state of a figure.

    Breach: an alarm, and the whole interval beyond a breach limit. Watch: any other alarm. Pass: the whole interval
    within the breach limits. Everything else is insufficient, because the interval is too wide to tell.

    >>> ratio = Limits("ratio", 0.9, 0.8, 1 / 0.9, 1.25)
    >>> judge(Figure(1.5, 1.3, 1.8), ratio, alarm=True), judge(Figure(1.0, 0.9, 1.1), ratio, alarm=False)
    ('breach', 'pass')
    >>> judge(Figure(float("nan"), 0.9, 1.1), ratio, alarm=False), judge(Figure(1.0, 0.5, 2.0), ratio, alarm=False)
    ('insufficient', 'insufficient')
    """
    known = figure.known()
    if known is None:
        return "insufficient"
    _, low, high = known
    if alarm:
        beyond = high < limits.breach_low or low > limits.breach_high
        return "breach" if beyond and limits.worst == "breach" else "watch"
    return "pass" if low >= limits.breach_low and high <= limits.breach_high else "insufficient"


def tally(states: Iterable[State]) -> dict[str, int]:
    """How many cells are in each state, all five named."""
    counted = Counter(states)
    return {state: counted[state] for state in STATES}


def worst(states: Iterable[State]) -> State:
    """The state that needs attention first; without any cell nothing was run.

    >>> worst(["pass", "watch", "insufficient"]), worst([])
    ('watch', 'not run')
    """
    return min(states, key=STATES.index, default="not run")
