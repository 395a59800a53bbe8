"""Histories: the records of people as sorted columns, stream by stream; the one shape for every source."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.streams import BASE, Streams
from pathways.words import RELATIONS

REASONS = (
    "used",
    "person unknown",
    "no date",
    "no value",
    "unit not accepted",
    "implausible",
    "limit says nothing",
    "before birth",
    "after death",
    "after the extract",
    "duplicate",
    "folded into the day's value",
)
"""What becomes of a row, in the order of the kernel's codes."""


@dataclass(frozen=True)
class People:
    """Facts about people, all arrays of shape (n_people,); `ids` rise.

    `sex` is a level number of `words.SEXES` and `ethnicity` of `words.ETHNICITIES`, NaN for unknown; `category` is the
    code of the ethnic category for reports, or the pooled group where only that is known; `home` is the town that
    twins share (-1 if unknown). Days count from 1970-01-01; a person without a death has `MAX_DAY`.
    """

    ids: NDArray[np.int64]
    birth: NDArray[np.int32]
    death: NDArray[np.int32]
    sex: NDArray[np.float64]
    ethnicity: NDArray[np.float64]
    category: NDArray[np.str_]
    home: NDArray[np.int64]

    def part(self, keep: slice | NDArray[np.int64]) -> People:
        """The people at some positions."""
        return People(*(np.ascontiguousarray(getattr(self, name)[keep]) for name in FIELDS))

    def __len__(self) -> int:
        return len(self.ids)

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """What the kernel reads."""
        return self.birth, self.death, self.sex, self.ethnicity


FIELDS = ("ids", "birth", "death", "sex", "ethnicity", "category", "home")


@dataclass(frozen=True)
class Rows:
    """Rows of one table that some concept set asks for, as columns of shape (n_rows,).

    `slot` numbers the concept (see `Slots`), `unit` and `operator` are OMOP concepts (0 for none), `record` is the id
    of the row times 16 plus the code of its kind. Missing days are `MIN_DAY`, missing values NaN.
    """

    person: NDArray[np.int32]
    slot: NDArray[np.int32]
    day: NDArray[np.int32]
    until: NDArray[np.int32]
    value: NDArray[np.float64]
    unit: NDArray[np.int32]
    operator: NDArray[np.int32]
    entered: NDArray[np.int32]
    record: NDArray[np.int64]

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        return (
            self.person,
            self.slot,
            self.day,
            self.until,
            self.value,
            self.unit,
            self.operator,
            self.entered,
            self.record,
        )


@dataclass(frozen=True)
class Facts:
    """Dated facts outside the records: observation periods, places, deprivation; columns of shape (n_facts,)."""

    stream: NDArray[np.int32]
    person: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    level: NDArray[np.float64]


@dataclass(frozen=True)
class Slots:
    """Which streams want a concept: entries `start[slot]` to `start[slot + 1]` of the other three arrays."""

    concepts: NDArray[np.int64]
    answers: NDArray[np.bool_]
    tables: tuple[str, ...]
    start: NDArray[np.int64]
    stream: NDArray[np.int64]
    level: NDArray[np.float64]
    assumed: NDArray[np.int64]

    @cached_property
    def widest(self) -> int:
        """The most streams that one concept feeds."""
        return int(np.diff(self.start).max(initial=1))

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        return self.start, self.stream, self.level, self.assumed


@dataclass(frozen=True)
class Links:
    """Relatives: those of person p are entries `start[p]` to `start[p + 1]` of the other arrays.

    `relation` numbers one of `words.RELATIONS`; `other` is the relative's position among some other people; `since` is
    the day from which they are related, `MIN_DAY` if always.
    """

    start: NDArray[np.int64]
    relation: NDArray[np.int32]
    other: NDArray[np.int32]
    since: NDArray[np.int32]

    @classmethod
    def of(
        cls,
        people: int,
        who: NDArray[np.int64],
        relation: NDArray[np.int32],
        other: NDArray[np.int32],
        since: NDArray[np.int32],
    ) -> Links:
        """Links from (person, relation, relative), in any order; each counts once, from its first day."""
        order = np.lexsort((since, other, relation, who))
        who, relation, other, since = who[order], relation[order], other[order], since[order]
        again = (np.diff(who) == 0) & (np.diff(relation) == 0) & (np.diff(other) == 0)
        once = np.concatenate([[True], ~again])[: len(who)]
        start = np.searchsorted(who[once], np.arange(people + 1)).astype(np.int64)
        return cls(start, *(np.ascontiguousarray(each[once]).astype(np.int32) for each in (relation, other, since)))

    def part(self, low: int, high: int) -> Links:
        """The links of people `low` to `high`."""
        first, last = int(self.start[low]), int(self.start[high])
        these = (each[first:last] for each in (self.relation, self.other, self.since))
        return Links(self.start[low : high + 1] - first, *these)

    def among(self, relations: Collection[str]) -> Links:
        """Only those who are related in one of these ways."""
        keep = np.isin(self.relation, [RELATIONS.index(one) for one in RELATIONS if one in relations])
        start = np.concatenate([[0], np.cumsum(keep)])[self.start].astype(np.int64)
        return Links(start, self.relation[keep], self.other[keep], self.since[keep])

    def some(self, people: NDArray[np.int64]) -> Links:
        """The links of people at some positions, in that order."""
        many = self.start[people + 1] - self.start[people]
        start = np.concatenate([[0], np.cumsum(many)]).astype(np.int64)
        at = np.arange(start[-1]) - np.repeat(start[:-1], many) + np.repeat(self.start[people], many)
        return Links(start, self.relation[at], self.other[at], self.since[at])

    def renumbered(self, others: NDArray[np.int64]) -> Links:
        """The same, with each relative by its place in `others`, which rise."""
        return Links(self.start, self.relation, np.searchsorted(others, self.other).astype(np.int32), self.since)

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """What the kernel reads, in arrays of its own."""
        whole = (self.start, self.relation, self.other, self.since)
        return tuple(np.require(each, requirements=["C", "W"]) for each in whole)


@dataclass(frozen=True)
class Kin:
    """The histories of relatives and, for each of the people who are asked about, which of them are theirs."""

    histories: Histories
    links: Links


@dataclass(frozen=True)
class Histories:
    """Records of many people: stream s of person p is `offset[s, p]` to `offset[s, p + 1]` of the five columns."""

    people: People
    offset: NDArray[np.int64]
    columns: tuple[NDArray[np.generic], ...]
    covered: NDArray[np.int32]

    @property
    def day(self) -> NDArray[np.int32]:
        return self.columns[0]  # type: ignore[return-value]

    @property
    def value(self) -> NDArray[np.float64]:
        return self.columns[2]  # type: ignore[return-value]

    @property
    def record(self) -> NDArray[np.int64]:
        return self.columns[4]  # type: ignore[return-value]


def build(
    streams: Streams,
    slots: Slots,
    people: People,
    facts: Facts,
    tables: Sequence[Rows],
    *,
    extract_day: int,
    covered: NDArray[np.int32],
    tally: NDArray[np.int64],
    kin: Kin | None = None,
) -> Histories:
    """Turn rows into histories: convert, check, sort, drop duplicates, fold days and derive streams.

    Parameters
    ----------
    covered : int32 array of shape (n_streams,)
        The day from which each stream is complete.
    tally : int64 array of shape (16, len(REASONS))
        Rows by kind and by what became of them; added to in place.
    kin : Kin, optional
        The histories of relatives, made with the same streams; without, nobody has any.
    """
    n, base = len(people), streams.n_recorded
    arrays, settings = people.arrays(), streams.settings
    counts = np.zeros((n, base), dtype=np.int64)  # people first, as rows come person by person
    k.count_base(facts.stream, facts.person, counts)
    kept = [_judged(rows, slots, settings, arrays, extract_day, counts, tally) for rows in tables]
    offset = np.empty((len(streams), n + 1), dtype=np.int64)
    k.room(counts, offset[:base])
    sizes = (offset[:base, -1] - offset[:base, 0]).tolist()
    links, their_offset, theirs = _theirs(kin, streams, n)
    columns = _empty(_capacity(streams, sizes, n, links, their_offset))
    concept = np.empty(int(sum(sizes)), dtype=np.int32)
    k.fill_base(facts.stream, facts.person, facts.first, facts.last, facts.level, counts, columns, concept)
    for rows, (many, found) in zip(tables, kept, strict=True):
        k.place(many, found, rows.arrays(), slots.arrays(), counts, columns, concept)
    left = k.finish(base, n, offset, columns, concept, settings[5], tally)
    k.derive(streams.plan, streams.plan_limits, offset, columns, arrays, left, links, their_offset, theirs)
    return Histories(people, offset, columns, covered)


def _judged(
    rows: Rows,
    slots: Slots,
    settings: tuple[NDArray[np.generic], ...],
    people: tuple[NDArray[np.generic], ...],
    extract_day: int,
    counts: NDArray[np.int64],
    tally: NDArray[np.int64],
) -> tuple[int, tuple[NDArray[np.generic], ...]]:
    """How many records the rows of a table make, and the row, slot entry and value of each."""
    most = len(rows.slot) * slots.widest
    kept = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32), np.empty(most, dtype=np.float64)
    return k.judge(rows.arrays(), slots.arrays(), settings, people, extract_day, counts, tally, kept), kept


def _theirs(
    kin: Kin | None, streams: Streams, people: int
) -> tuple[tuple[NDArray[np.generic], ...], NDArray[np.int64], tuple[NDArray[np.generic], ...]]:
    """The relatives as the kernel reads them: links, offsets and columns."""
    if kin is None:
        none = np.empty(0, dtype=np.int32)
        nobody = np.zeros(people + 1, dtype=np.int64), none, none, none
        return nobody, np.zeros((len(streams), 1), dtype=np.int64), _empty(0)
    return kin.links.arrays(), kin.histories.offset, kin.histories.columns


def _capacity(
    streams: Streams,
    sizes: list[int],
    people: int,
    links: tuple[NDArray[np.generic], ...],
    their_offset: NDArray[np.int64],
) -> int:
    """Room for the recorded streams and the most that the derived ones can hold."""
    total, known = sum(sizes), list(sizes)
    other = np.asarray(links[2], dtype=np.int64)
    for kind, _, a, b, _, _ in streams.plan.tolist():
        if kind == k.OF:
            most = int((their_offset[a, other + 1] - their_offset[a, other]).sum())
        elif kind == k.BORN:
            most = people
        else:
            most = known[a] + known[b] if kind in (k.EITHER, k.PREFER) else known[a]
        known.append(most)
        total += most
    return total


def _empty(size: int) -> tuple[NDArray[np.generic], ...]:
    return (
        np.empty(size, dtype=np.int32),
        np.empty(size, dtype=np.int32),
        np.empty(size, dtype=np.float64),
        np.empty(size, dtype=np.int32),
        np.empty(size, dtype=np.int64),
    )


def make_facts(parts: Sequence[tuple[str, int, int, int, float]]) -> Facts:
    """Facts from (stream name, person, first day, last day, level)."""
    columns = list(zip(*parts, strict=True)) if parts else [(), (), (), (), ()]
    return Facts(
        np.array([BASE.index(name) for name in columns[0]], dtype=np.int32),
        np.array(columns[1], dtype=np.int32),
        np.array(columns[2], dtype=np.int32),
        np.array(columns[3], dtype=np.int32),
        np.array(columns[4], dtype=np.float64),
    )


def accounts(tally: NDArray[np.int64], kinds: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """Rows by table and by what became of them, without the empty cells."""
    return {
        name: {reason: int(count) for reason, count in zip(REASONS, tally[code], strict=True) if count}
        for code, name in kinds.items()
        if tally[code].any()
    }
