"""Groups of people as a reader knows them: places by name, fifths by which end, ethnic categories in words."""

from __future__ import annotations

from evaluation.axes import CROSS, UNKNOWN
from pathways.words import ETHNIC_CATEGORIES

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
    "area": "Board",
    "year": "Year",
    "sex": "Sex",
    "age_band": "Age at the index date",
    "ethnic_group": "Ethnic group",
    "ethnicity": "Ethnic category",
    "deprivation": "Deprivation fifth",
}

_FIFTHS = {"1": "1 (most deprived)", "5": "5 (least deprived)"}


def place(region: str) -> str:
    """A region by name; a code that is not one of England's stays as it is.

    >>> place("E12000007"), place("north"), place("unknown")
    ('London', 'north', 'Region not recorded')
    """
    return "Region not recorded" if region in ("", UNKNOWN) else REGIONS.get(region, region)


def axis_name(axis: str) -> str:
    """An axis as a heading, or two of them crossed.

    >>> axis_name("ethnic_group x deprivation")
    'Ethnic group and deprivation fifth'
    """
    first, *rest = (AXES.get(each, each) for each in axis.split(CROSS))
    return " and ".join([first, *(each[:1].lower() + each[1:] for each in rest)])


def level_name(axis: str, level: str) -> str:
    """One level of an axis.

    >>> level_name("deprivation", "1"), level_name("sex", "unknown"), level_name("age_band", "18-34")
    ('1 (most deprived)', 'Not recorded', '18 to 34')
    >>> level_name("ethnicity", "K"), level_name("ethnic_group x deprivation", "Black x 5")
    ('Asian: Bangladeshi', 'Black, 5 (least deprived)')
    """
    if axis == "all":
        return "Everyone"
    if axis == "region":
        return place(level)
    if level == UNKNOWN:
        return "Not recorded"
    if CROSS in axis:
        return ", ".join(level_name(*each) for each in zip(axis.split(CROSS), level.split(CROSS), strict=True))
    if axis == "ethnicity" and level in ETHNIC_CATEGORIES:
        return ": ".join(ETHNIC_CATEGORIES[level])
    if axis == "age_band":
        return level.replace("-", " to ")
    return _FIFTHS.get(level, level) if axis == "deprivation" else level[:1].upper() + level[1:]
