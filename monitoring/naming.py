"""The words of the report: places, groups, measures and states as a reader knows them."""

from __future__ import annotations

from collections.abc import Mapping

import evaluation.naming
from monitoring.pooling import SMALL, WITH_SMALL

MEASURES = {
    "observed_over_expected": "Observed over expected",
    "slope": "Calibration slope",
    "c_statistic": "c-statistic",
    "sensitivity": "Sensitivity",
    "sensitivity_gap": "Difference in sensitivity from everyone else",
    "net_benefit": "Net benefit over treating all or none",
}


def level_name(axis: str, level: str) -> str:
    """One level of an axis as a reader knows it.

    >>> level_name("sex", "unknown"), level_name("region", "E12000007 and small groups")
    ('Not recorded', 'London, with small groups')
    """
    if level.endswith(WITH_SMALL):
        joined = level.removesuffix(WITH_SMALL).split("; ")
        return ", ".join(level_name(axis, each) for each in joined) + ", with small groups"
    if level == SMALL:
        return "Small groups together"
    return evaluation.naming.level_name(axis, level)


def count(people: int | None) -> str:
    """A count as it may be shown.

    >>> count(12340), count(0), count(None)
    ('12,340', '0', 'hidden')
    """
    return "hidden" if people is None else f"{people:,}"


def counts_in_words(states: Mapping[str, int]) -> str:
    """How many cells are in each state, in one line.

    >>> counts_in_words({"breach": 1, "watch": 0, "insufficient": 2, "not run": 0, "pass": 9})
    '1 breach, 0 watch, 2 insufficient, 0 not run, 9 pass'
    """
    return ", ".join(f"{number} {state}" for state, number in states.items())


def signed(number: float, decimals: int) -> str:
    """A number with a minus sign that reads as one.

    >>> signed(-0.667, 2), signed(-0.001, 2)
    ('−0.67', '0.00')
    """
    text = f"{number:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")
