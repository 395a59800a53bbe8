"""The days of the made-up clinic: whole days since 1970-01-01, from 2006 to the end of 2025."""

from __future__ import annotations

from datetime import date

import numpy as np

from synthetic.draws import Floats, Ints

EPOCH = date(1970, 1, 1)
FIRST_YEAR, LAST_YEAR = 2006, 2025
YEARS = np.arange(FIRST_YEAR, LAST_YEAR + 1, dtype=np.int64)
YEAR_DAYS = 365.25
NEVER = np.int64(10**7)  # a day that no record reaches (the year 29349)


def day_of(year: int, month: int = 1, day: int = 1) -> int:
    """Days since 1970-01-01.

    >>> day_of(1971)
    365
    """
    return (date(year, month, day) - EPOCH).days


START, END = day_of(FIRST_YEAR), day_of(LAST_YEAR, 12, 31)
NEW_YEAR: Ints = np.array([day_of(int(year)) for year in YEARS], dtype=np.int64)


def age(birth: Ints, day: Ints) -> Floats:
    """Age in years."""
    return np.asarray((day - birth) / YEAR_DAYS)


def first_crossing(hazard: Floats, threshold: Floats) -> Ints:
    """The day on which a person's yearly hazards (people x years) add up to the threshold; NEVER if they do not.

    >>> first_crossing(np.full((1, 20), 0.5), np.array([0.5]))[0] - START
    np.int64(365)
    """
    total = np.cumsum(hazard, axis=1)
    years = np.sum(total < threshold[:, None], axis=1)
    crossed = years < hazard.shape[1]
    at = np.minimum(years, hazard.shape[1] - 1)
    rows = np.arange(len(at))
    inside = (threshold - (total[rows, at] - hazard[rows, at])) / np.maximum(hazard[rows, at], 1e-12)
    day = NEW_YEAR[at] + np.floor(np.clip(inside, 0.0, 1.0) * 365.0).astype(np.int64)
    return np.where(crossed, day, NEVER)
