"""Who shares a home, and since when: by LOCATION_HISTORY where the source has it for a person, else by PERSON, always.

OMOP has no table of households. A place where more than twelve people live at once is a hostel, a block of flats
without numbers, or no address at all, so it makes nobody a household (clinical_b.md 0.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features import kernel as k
from features.columns import numbers
from features.histories import People
from features.places import homes

MOST_AT_HOME = 12

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Stays:
    """Stays of people at places, from the first to the last day, sorted by place."""

    person: Ints
    place: Ints
    first: Ints
    last: Ints

    def some(self, which: Ints | NDArray[np.bool_]) -> _Stays:
        return _Stays(self.person[which], self.place[which], self.first[which], self.last[which])


def read_households(people: People, tables: Mapping[str, Any]) -> tuple[Ints, Ints, NDArray[np.int32]]:
    """Pairs of people (positions) who share or have shared a home, both ways, and the first day of both there."""
    stays = _stays(people, tables)
    stays = stays.some(~_crowded(stays))
    start, end = (np.searchsorted(stays.place, stays.place, side) for side in ("left", "right"))
    many = end - start
    one = np.repeat(np.arange(len(many)), many)
    other = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(start, many)
    since = np.maximum(stays.first[one], stays.first[other])
    met = (since <= np.minimum(stays.last[one], stays.last[other])) & (stays.person[one] != stays.person[other])
    return stays.person[one[met]], stays.person[other[met]], since[met].astype(np.int32)


def _stays(people: People, tables: Mapping[str, Any]) -> _Stays:
    """From birth or the day of moving in until the next move or death."""
    found = homes(dict(tables))
    if found is None:
        nobody = np.empty(0, dtype=np.int64)
        return _Stays(nobody, nobody, nobody, nobody)
    table = found.filter(found.place.notnull()).to_pyarrow()
    person = np.empty(table.num_rows, dtype=np.int32)
    k.locate(people.ids, numbers(table["person_id"], pa.int64(), -1), person)
    place, moved = numbers(table["place"], pa.int64(), -1), numbers(table["first"], pa.int32(), k.MIN_DAY)
    order = np.lexsort((moved, person))
    order = order[person[order] >= 0]
    person, place, moved = person[order].astype(np.int64), place[order], moved[order].astype(np.int64)
    again = np.append(person[1:] == person[:-1], False)[: len(person)]
    until = np.where(again, np.append(moved[1:], 0)[: len(person)] - 1, k.MAX_DAY)
    first, last = np.maximum(moved, people.birth[person]), np.minimum(until, people.death[person])
    stays = _Stays(person, place, first, last).some(first <= last)
    return stays.some(np.argsort(stays.place, kind="stable"))


def _crowded(stays: _Stays) -> NDArray[np.bool_]:
    """Whether ever more than twelve people lived at the place of each stay on one day."""
    if not len(stays.place):
        return np.zeros(0, dtype=np.bool_)
    place, day = np.tile(stays.place, 2), np.concatenate([stays.first, stays.last + 1])
    change = np.repeat([1, -1], len(stays.place))
    order = np.lexsort((change, day, place))
    living = np.cumsum(change[order])
    starts = np.flatnonzero(np.diff(place[order], prepend=place[order[0]] - 1))
    crowded = place[order[starts]][np.maximum.reduceat(living, starts) > MOST_AT_HOME]
    return np.isin(stays.place, crowded)
