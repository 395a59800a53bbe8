"""Whole days since 1970-01-01, the one shape of a date in histories."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

EPOCH = date(1970, 1, 1).toordinal()


def number(day: date) -> int:
    """Days since 1970-01-01.

    >>> number(date(1970, 2, 1))
    31
    """
    return day.toordinal() - EPOCH


@lru_cache(maxsize=2**16)
def calendar_date(day: int) -> date:
    """The date of a day number.

    >>> calendar_date(31)
    datetime.date(1970, 2, 1)
    """
    return date.fromordinal(EPOCH + int(day))
