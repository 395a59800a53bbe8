"""What the programme found of one person: the registers, and the records that decided each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import cast

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.cohort import execute
from features.comparators import score
from features.days import calendar_date
from features.deciding import Deciding
from features.histories import Histories
from features.programme import Compiled
from features.vocabulary import TABLES
from pathways.definition import Comparator, Exceeds, Rule
from pathways.words import Word


@dataclass(frozen=True)
class Record:
    """A record behind a value: the sender's id, its day, its value in the stream's unit, and what it is a record of."""

    id: int | str
    day: date
    value: float | None
    of: str = ""


@dataclass(frozen=True)
class Formula:
    """A comparator, the names of its inputs, the registers that hold them and the streams that they look at."""

    comparator: Comparator
    names: tuple[str, ...]
    labels: tuple[str, ...]
    registers: tuple[int, ...]
    streams: tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """A word that was looked up once: its register, and the streams that it looks at."""

    word: Word
    register: int
    streams: tuple[int, ...]
    flag: bool
    deciding: Deciding


@dataclass(frozen=True)
class Spoken:
    """A rule, what it looks at, and the register of the word that silences it, looked up once: hashing is slow."""

    rule: Rule
    part: Part | Formula
    unless: int | None


class Found:
    """The registers of one person and the positions that decided them."""

    def __init__(
        self,
        compiled: Compiled,
        histories: Histories,
        index: int,
        ids: tuple[int | str, ...] | None,
        wanted: tuple[NDArray[np.int64], NDArray[np.int64]],
    ) -> None:
        self.programme = programme = compiled.whole
        self.streams, self.histories, self.index, self.ids = programme.streams, histories, index, ids
        which = np.empty((len(programme.code), 1), dtype=np.int64)
        row = np.zeros(1, dtype=np.int64), np.full(1, index, dtype=np.int64)
        values, registers = execute(programme, histories, row, *wanted, which)
        # From here on one number at a time is looked up, for which lists are several times faster than arrays.
        self.values, self.which = values[0], which[:, 0].tolist()
        self.registers = registers[0]
        self.by_register: list[float] = self.registers.tolist()
        self.days, self.numbers, self.record_ids = (
            column.tolist() for column in (histories.day, histories.value, histories.record)
        )
        newest = np.empty(len(self.streams), dtype=np.int64)
        k.newest_days(index, histories.offset, histories.columns, newest)
        self.newest_days: list[int] = newest.tolist()
        self.starts: list[int] = histories.offset[:, 0].tolist()

    def score(self, one: Formula) -> tuple[float | None, str | None]:
        return score(one.comparator, one.names, [self.by_register[each] for each in one.registers], one.labels)

    def holds(self, one: Spoken) -> bool | None:
        """Whether a rule speaks; None if it cannot be told."""
        if one.unless is not None and self.by_register[one.unless] == 1.0:
            return False
        if isinstance(one.part, Formula):
            score = self.score(one.part)[0]
            return None if score is None else score > cast("Exceeds", one.rule.when).limit
        value = self.by_register[one.part.register]
        return None if value != value else value == 1.0

    def behind(self, part: Part | Formula) -> tuple[Record, ...]:
        """The records that decided it, each once."""
        if isinstance(part, Part) and not part.deciding.parts:
            return self.records(part.register)
        registers = part.registers if isinstance(part, Formula) else part.deciding.registers(self.by_register)
        return tuple(dict.fromkeys(record for register in registers for record in self.records(register)))

    def records(self, register: int) -> tuple[Record, ...]:
        """The record that decided it; all of them, oldest first, if it was made of several, as a mean is."""
        at = self.which[register]
        if at < 0 or self.record_ids[at] < 0:  # the birth of a relative is no record
            return ()
        register = self.programme.looking(register)
        if register not in self.programme.of_several:
            return (self._record(at),)
        return tuple(map(self._record, self._seen(register)))

    def _seen(self, register: int) -> list[int]:
        programme, histories = self.programme, self.histories
        row = programme.code[register]
        anchor = self.by_register[row[k.ANCHOR_AT]] if row[k.ANCHOR] == k.AT_REGISTER else 0.0
        start, stop = histories.offset[row[k.STREAM], :2].tolist()
        birth = int(histories.people.birth[0])
        limit = programme.limits[register]
        found: list[int] = k.seen(
            row, limit, self.registers, self.index, birth, anchor, start, stop, histories.columns
        ).tolist()
        return found if row[k.WORD] != k.CONFIRMED else _run(found, self.which[register])

    def _record(self, at: int) -> Record:
        value, day = self.numbers[at], calendar_date(self.days[at])
        of, measured = self.streams.titles[bisect_right(self.starts, at) - 1]
        return Record(self._id(self.record_ids[at]), day, value if measured and value == value else None, of)

    def _id(self, record: int) -> int | str:
        return self.ids[record >> 4] if self.ids is not None else f"{TABLES[record & 15]}/{record >> 4}"

    def last_seen(self, streams: Iterable[int]) -> date | None:
        """The day of the newest record, before the index date, of some streams."""
        newest = max(map(self.newest_days.__getitem__, streams), default=k.MIN_DAY)
        return calendar_date(newest) if newest > k.MIN_DAY else None

    def lacks(self, streams: tuple[int, ...]) -> bool:
        """Whether one of these streams is not complete since the person is observed."""
        start, stop = self.histories.offset[0, :2]
        since = max(int(self.histories.people.birth[0]), int(self.histories.day[start]) if stop > start else k.MIN_DAY)
        return any(int(self.histories.covered[stream]) > since for stream in streams)

    def wants_sex(self, streams: tuple[int, ...]) -> bool:
        """Whether one of these streams cannot be worked out, because the sex is not known as female or male."""
        unknown = self.histories.people.sex[0] not in (0.0, 1.0)
        return bool(unknown) and any(self.streams.sexed[stream] for stream in streams)


def _run(qualifying: list[int], last: int) -> list[int]:
    """The positions of the unbroken run that ends at `last`."""
    at = first = bisect_right(qualifying, last) - 1
    while first and qualifying[first - 1] == qualifying[first] - 1:
        first -= 1
    return qualifying[first : at + 1]
