"""A source read twice: everybody at once from its tables, each person alone as the history that a client sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.cohort import execute, index_dates, read
from features.days import calendar_date
from features.export import history_of
from features.histories import REASONS, Rows
from features.person import PersonReader
from features.programme import compile_prediction
from features.source import Source
from features.vocabulary import SlotMap, slot_map
from pathways.definition import Pathway, Prediction

ROW_FIELDS = ("person", "slot", "day", "until", "value", "unit", "operator", "entered", "record")


@dataclass(frozen=True)
class Compared:
    """How many people were compared, how many of them had an index date, and those who differ."""

    people: int
    with_index: int
    predictors: int
    present: int
    differ: tuple[int, ...]


def compare(pathway: Pathway, prediction: Prediction, source: Source, most: int | None) -> Compared:
    """Predictors by table and by history on one day for each person (their last index date, else a day of theirs)."""
    compiled = compile_prediction(prediction)
    vocabulary = source.vocabulary(compiled.streams.sets)
    slots = slot_map(compiled.streams, vocabulary)
    tally = np.zeros((16, len(REASONS)), dtype=np.int64)
    reader = PersonReader(pathway, prediction, vocabulary)
    columns = compiled.whole.columns(one.of for one in prediction.predictors)
    sender = _Sender(source.path, source.con, source.tables)
    step = 1 if most is None else max(1, len(source.people) // most)
    people = with_index = present = 0
    differ: list[int] = []
    for histories, low in read(source, compiled, slots, tally):
        chosen = np.arange((-low) % step, len(histories.people), step)
        day = _days(compiled, histories, source, chosen)
        values, _ = execute(compiled.whole, histories, (chosen, day[0][chosen]), columns, columns)
        ids = histories.people.ids
        alone = _alone(list(source.rows(slots, int(ids[0]), int(ids[-1]) + 1, ids)), chosen)
        for row, (at, tables) in enumerate(alone):
            sent = history_of(sender, slots, low + at, tables, int(day[0][at]))
            found = reader.from_history(sent, calendar_date(int(day[0][at]) - 1)).predictors
            people, with_index = people + 1, with_index + int(day[1][at])
            present += int((~np.isnan(found)).sum())
            if found.tobytes() != values[row].tobytes():
                differ.append(int(histories.people.ids[at]))
    return Compared(people, with_index, len(columns), present, tuple(differ))


def _days(
    compiled: Any, histories: Any, source: Source, chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each person the last index date; without one the day after the middle record, before death."""
    person, index = index_dates(compiled, histories, source.extract_day)
    n = len(histories.people)
    day, has = np.full(n, 18_000, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    n_base = compiled.streams.n_recorded
    for p in chosen.tolist():
        days = [histories.day[histories.offset[s, p] : histories.offset[s, p + 1]] for s in range(5, n_base)]
        seen = np.sort(np.concatenate(days))
        if len(seen):
            day[p] = int(seen[len(seen) // 2]) + 1
    day[person] = index
    has[person] = True
    return day, has


class _Sender(Source):
    """The same source to whoever sends a history; relatives, asked for one by one, come from one reading."""

    def rows(self, slots: SlotMap, low: int | None, high: int | None, ids: NDArray[np.int64]) -> Iterator[Rows]:
        assert low is not None and high == low + 1, "a history is of one person"
        if self._everybody is None:
            self._everybody = list(super().rows(slots, None, None, self.people.ids))
            self._orders = _orders(self._everybody)
        yield from _of(self._everybody, self._orders, int(np.searchsorted(self.people.ids, low)))

    _everybody: list[Rows] | None = None


def _alone(tables: list[Rows], chosen: NDArray[np.int64]) -> Iterator[tuple[int, list[Rows]]]:
    """The rows of each chosen person by table, from one reading of the tables."""
    orders = _orders(tables)
    for at in chosen.tolist():
        yield at, _of(tables, orders, at)


def _orders(tables: list[Rows]) -> list[NDArray[np.int64]]:
    return [np.argsort(rows.person, kind="stable") for rows in tables]


def _of(tables: list[Rows], orders: list[NDArray[np.int64]], at: int) -> list[Rows]:
    parts = []
    for rows, order in zip(tables, orders, strict=True):
        start, stop = np.searchsorted(rows.person, [at, at + 1], sorter=order)
        parts.append(_taken(rows, order[start:stop]))
    return parts


def _taken(rows: Rows, where: NDArray[np.int64]) -> Rows:
    columns: Mapping[str, Any] = {name: getattr(rows, name)[where] for name in ROW_FIELDS}
    return Rows(**columns)
