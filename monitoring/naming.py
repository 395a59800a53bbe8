"""The words of the report: places, groups, measures and states as a reader knows them."""

from __future__ import annotations

from collections.abc import Mapping

from monitoring.pooling import SMALL, WITH_SMALL

REGIONS = {
    "E12000001": "North East",
    "E12000002": "North West",
    "E12000003": "Yorkshire and The Humber",
    "E12000004": "East Midlands",
    "E12000005": "West Midlands",
    "E12000006": "East of England",
    "E12000007": "London",
    "E12000008": "South East",
    "E12000009": "South West",
    "E40000001": "North of England",
}
"""Regions of England, Office for National Statistics; the whole North is a region of NHS England."""

AXES = {
    "all": "Everyone",
    "region": "Region",
    "sex": "Sex",
    "age_band": "Age at the index date",
    "ethnic_group": "Ethnic group",
    "deprivation": "Deprivation fifth",
}

MEASURES = {
    "observed_over_expected": "Observed over expected",
    "slope": "Calibration slope",
    "c_statistic": "c-statistic",
    "sensitivity": "Sensitivity",
    "sensitivity_gap": "Difference in sensitivity from everyone else",
    "net_benefit": "Net benefit over treating all or none",
}

_FIFTHS = {"1": "1 (most deprived)", "5": "5 (least deprived)"}


def place(region: str) -> str:
    """A region by name; a code that is not one of England's stays as it is.

    >>> place("E12000007"), place("north"), place("unknown")
    ('London', 'north', 'Region not recorded')
    """
    return "Region not recorded" if region in ("", "unknown") else REGIONS.get(region, region)


def level_name(axis: str, level: str) -> str:
    """One level of an axis as a reader knows it.

    >>> level_name("deprivation", "1"), level_name("sex", "unknown"), level_name("region", "E12000007 and small groups")
    ('1 (most deprived)', 'Not recorded', 'London, with small groups')
    """
    if axis == "all":
        return "Everyone"
    if level.endswith(WITH_SMALL):
        joined = level.removesuffix(WITH_SMALL).split("; ")
        return ", ".join(level_name(axis, each) for each in joined) + ", with small groups"
    if level == SMALL:
        return "Small groups together"
    if axis == "region":
        return place(level)
    if level == "unknown":
        return "Not recorded"
    if axis == "age_band":
        return level.replace("-", " to ")
    return _FIFTHS.get(level, level) if axis == "deprivation" else level[:1].upper() + level[1:]


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
