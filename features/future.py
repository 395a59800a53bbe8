"""Does anything that is said of a person on an index date change when all that came later is changed?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.cohort import execute, index_dates
from features.histories import REASONS, Facts, Histories, People, Rows, build
from features.programme import Compiled, compile_prediction, criteria
from features.source import Source
from features.streams import BASE
from features.vocabulary import TABLE_CODES, SlotMap, slot_map
from pathways.definition import Pathway, Prediction
from pathways.parts import known_words
from pathways.words import Word

PEOPLE = 500
BLOCKS = 10
"""Places of the source, evenly spread, at which people are read together."""

WAYS = ("removed", "altered", "added")
"""What is done to everything dated, or entered, on or after the index date."""

_FIRST_NEW = 2**40
"""Ids of added records begin here, where no source has any."""

_LATEST = 1200
"""Days after the index date up to which changed and added records lie."""


@dataclass(frozen=True)
class Unmoved:
    """What was compared, and what moved.

    `moved` holds, for each thing that is known on the index date and did change, on how many index dates.
    `outcome_moved` counts index dates whose outcome changed: it looks after the index date, so unless it changes
    nothing was shown. `values` counts single values compared, `later` the records that came too late to count.
    """

    people: int
    things: int
    values: int
    later: int
    added: int
    moved: tuple[tuple[str, int], ...]
    outcome_moved: int


def unmoved(pathway: Pathway, prediction: Prediction, source: Source, people: int = PEOPLE, seed: int = 0) -> Unmoved:
    """Change the future of a sample of people in three ways and compute everything again.

    One index date is drawn for each person. Everything dated or entered on or after it is removed; or gets other days
    after it, other values and other concepts; or stays, and records of every concept that any set asks for are added,
    those of the outcome too. Watch and death end elsewhere, and places change. Population, predictors, required inputs,
    rules, comparators and the index date itself must be what they were, bit for bit.

    Raises
    ------
    ValueError
        If the source has nobody with an index date.
    """
    compiled = compile_prediction(prediction)
    slots = slot_map(compiled.streams, source.vocabulary(compiled.streams.sets))
    draw = np.random.default_rng(seed)
    sample = _sample(len(source.people), people)
    chosen, facts = source.people.part(sample), source.places.some(sample)
    tables = list(source.rows_of(slots, chosen.ids))
    build_ = _Builder(compiled, source, slots)
    before = build_(chosen, facts, tables, source.extract_day)
    rows = _one_each(index_dates(compiled, before, source.extract_day), draw)
    if not len(rows[0]):
        raise ValueError("nobody in this source has an index date, so nothing could be compared")
    index = np.full(len(chosen), k.MAX_DAY, dtype=np.int64)
    index[rows[0]] = rows[1]
    names, known = _known(compiled, before, rows)
    outcome = _outcome(compiled, before, rows)
    moved: Counter[str] = Counter()
    shaken, added = np.zeros(len(rows[0]), dtype=np.bool_), 0
    for way in WAYS:
        changed, new = _changed(way, tables, index, slots, draw)
        after = build_(_people(chosen, index, way, draw), _facts(facts, index, way), changed, k.MAX_DAY)
        for name, count in zip(names, _differ(known, _known(compiled, after, rows)[1]).sum(axis=0), strict=True):
            moved[name] += int(count)
        moved["the index date"] += _lost(rows, index_dates(compiled, after, source.extract_day))
        shaken |= _differ(outcome, _outcome(compiled, after, rows)).any(axis=1)
        added += new
    return Unmoved(
        people=len(rows[0]),
        things=len(names),
        values=len(WAYS) * known.size,
        later=sum(int(_later(each, index).sum()) for each in tables),
        added=added,
        moved=tuple(sorted((+moved).items())),
        outcome_moved=int(shaken.sum()),
    )


def _sample(total: int, wanted: int) -> NDArray[np.int64]:
    """Positions of so many people, in blocks evenly spread: a source is read fastest where ids lie together."""
    width = -(-min(wanted, total) // BLOCKS)
    starts = np.linspace(0, max(0, total - width), BLOCKS).astype(np.int64)
    within: NDArray[np.int64] = (starts[:, None] + np.arange(width)).ravel()
    return np.unique(within[within < total])


class _Builder:
    """Builds histories of a block again and again; a class, because it holds what does not change between them."""

    def __init__(self, compiled: Compiled, source: Source, slots: SlotMap) -> None:
        self.compiled, self.slots = compiled, slots
        self.covered = compiled.streams.covered(source.complete)

    def __call__(self, people: People, facts: Facts, tables: list[Rows], extract_day: int) -> Histories:
        return build(
            self.compiled.streams,
            self.slots.slots,
            people,
            facts,
            tuple(tables),
            extract_day=extract_day,
            covered=self.covered,
            tally=np.zeros((16, len(REASONS)), dtype=np.int64),
        )


def _one_each(
    rows: tuple[NDArray[np.int64], NDArray[np.int64]], draw: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One index date of each person who has any."""
    order = draw.permutation(len(rows[0]))
    person, first = np.unique(rows[0][order], return_index=True)
    return person, rows[1][order][first]


def _lost(rows: tuple[NDArray[np.int64], NDArray[np.int64]], left: tuple[NDArray[np.int64], NDArray[np.int64]]) -> int:
    """Index dates that are none any more."""
    there = set(zip(left[0].tolist(), left[1].tolist(), strict=True))
    return sum(pair not in there for pair in zip(rows[0].tolist(), rows[1].tolist(), strict=True))


def _known(
    compiled: Compiled, histories: Histories, rows: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> tuple[list[str], NDArray[np.float64]]:
    """Everything that must be known on the index date, by name, as registers of shape (n_rows, n_things)."""
    words: list[tuple[str, Word]] = [("the population", word) for word in criteria(compiled.prediction)]
    words += list(known_words(compiled.prediction))[1:]  # the first is the population as a whole
    kept = compiled.whole.columns(word for _, word in words)
    none = np.empty(0, dtype=np.int64)
    return [name for name, _ in words], execute(compiled.whole, histories, rows, none, kept)[1]


def _outcome(
    compiled: Compiled, histories: Histories, rows: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> NDArray[np.float64]:
    kept = np.array(compiled.outcomes[0].events, dtype=np.int64)
    return execute(compiled.whole, histories, rows, np.empty(0, dtype=np.int64), kept)[1]


def _differ(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (one.view(np.int64) == other.view(np.int64)) | (np.isnan(one) & np.isnan(other))
    return ~same


def _later(rows: Rows, index: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Rows dated or entered on or after the person's index date; those of nobody are not."""
    first = np.where(rows.person >= 0, index[np.maximum(rows.person, 0)], k.MAX_DAY)
    return np.asarray((rows.day >= first) | (rows.entered >= first))


def _changed(
    way: str, tables: list[Rows], index: NDArray[np.int64], slots: SlotMap, draw: np.random.Generator
) -> tuple[list[Rows], int]:
    """The tables with another future, and how many records were added."""
    if way == "removed":
        return [_rows(each, ~_later(each, index)) for each in tables], 0
    changed = [_altered(each, index, draw) for each in tables]
    if way == "altered":
        return changed, 0
    new = [*_new(tables, index, slots, draw), *(_copied(each, index, draw) for each in tables)]
    return [*changed, *new], sum(len(each.day) for each in new)


def _rows(rows: Rows, keep: NDArray[np.bool_] | NDArray[np.int64]) -> Rows:
    return Rows(*(np.ascontiguousarray(each[keep]) for each in rows.arrays()))


def _altered(rows: Rows, index: NDArray[np.int64], draw: np.random.Generator) -> Rows:
    """Later records get other days, still later, other values and other concepts; an end that lies ahead moves."""
    later = _later(rows, index)
    first = np.where(rows.person >= 0, index[np.maximum(rows.person, 0)], k.MAX_DAY)
    ahead = np.minimum(first + draw.integers(0, _LATEST, len(first)), k.MAX_DAY - 1)
    times = draw.choice([0.3, 0.7, 1.5, 3.0], len(first))
    return replace(
        rows,
        day=np.where(rows.day >= first, ahead, rows.day).astype(np.int32),
        entered=np.where(rows.entered >= first, ahead, rows.entered).astype(np.int32),
        until=np.where(rows.until >= first, ahead, rows.until).astype(np.int32),
        value=np.where(later, rows.value * times, rows.value),
        slot=np.where(later, draw.permutation(rows.slot), rows.slot).astype(np.int32),
    )


def _new(tables: list[Rows], index: NDArray[np.int64], slots: SlotMap, draw: np.random.Generator) -> Iterator[Rows]:
    """Records of every concept that is asked for, for everybody: on the index date, later, and entered later.

    Each is like a record that somebody has of the concept, with that value, a third of it or three times it.
    """
    like, told = _examples(tables, slots)
    person = np.flatnonzero(index < k.MAX_DAY)
    who, which = np.tile(person, len(like.slot)), np.repeat(np.arange(len(like.slot)), len(person))
    on, every = index[who], _rows(like, which)
    for number, kind in enumerate(("on", "later", "entered")):
        ahead = on + (0 if kind == "on" else draw.integers(1, _LATEST, len(who)))
        day = on - draw.integers(1, _LATEST, len(who)) if kind == "entered" else ahead
        made = replace(
            every,
            person=who.astype(np.int32),
            day=day.astype(np.int32),
            until=np.full(len(who), k.MIN_DAY, dtype=np.int32),
            entered=ahead.astype(np.int32),
            value=every.value * draw.choice([1 / 3, 1.0, 3.0], len(who)),
            record=every.record + (_FIRST_NEW + number * len(who) + np.arange(len(who), dtype=np.int64)) * 16,
        )
        # Where a source does not say when its records were entered, none of them can be entered late.
        yield _rows(made, np.repeat(told, len(person))) if kind == "entered" else made


def _examples(tables: list[Rows], slots: SlotMap) -> tuple[Rows, NDArray[np.bool_]]:
    """One record for each slot, as somebody has it, its id that of its table alone; and whether entry is told there."""
    count = len(slots.slots.tables)
    codes = np.array([TABLE_CODES[table] for table in slots.slots.tables], dtype=np.int64)
    value, unit, told = np.full(count, 50.0), np.zeros(count, dtype=np.int32), np.zeros(count, dtype=np.bool_)
    for rows in tables:
        value[rows.slot], unit[rows.slot] = rows.value, rows.unit
        if (rows.entered > k.MIN_DAY).any():
            told |= codes == (rows.record[0] & 15)
    none = np.full(count, k.MIN_DAY, dtype=np.int32)
    slot = np.arange(count, dtype=np.int32)
    return Rows(slot, slot, none, none, value, unit, np.zeros(count, dtype=np.int32), none, codes), told


def _copied(rows: Rows, index: NDArray[np.int64], draw: np.random.Generator) -> Rows:
    """Copies, entered later, of records that were known in time; with ids before and behind all others."""
    early = np.flatnonzero(~_later(rows, index) & (rows.person >= 0) & (rows.entered > k.MIN_DAY))
    copies = _rows(rows, early)
    number = (_FIRST_NEW * 4 + np.arange(len(early), dtype=np.int64)) * draw.choice([-1, 1], len(early))
    return replace(
        copies,
        entered=(index[copies.person] + draw.integers(0, _LATEST, len(early))).astype(np.int32),
        record=number * 16 + (copies.record & 15),
    )


def _people(people: People, index: NDArray[np.int64], way: str, draw: np.random.Generator) -> People:
    """Whoever was alive on the index date lives on; or, where records are altered, dies at some later time."""
    other = index + draw.integers(0, _LATEST, len(index)) if way == "altered" else np.full(len(index), k.MAX_DAY)
    return replace(
        people, death=np.where(people.death >= index, np.minimum(other, k.MAX_DAY), people.death).astype(np.int32)
    )


def _facts(facts: Facts, index: NDArray[np.int64], way: str) -> Facts:
    """The watch ends on the index date, and what is known of places from then on is gone."""
    first = index[facts.person]
    observed = facts.stream == BASE.index("observed")
    kept = np.where(observed, facts.first <= first, facts.first < first) | (way == "altered")
    last = np.where(observed & (facts.last >= first) & (way != "altered"), first, facts.last)
    level = np.where(~observed & (facts.first >= first), 0.0, facts.level)
    return Facts(facts.stream[kept], facts.person[kept], facts.first[kept], last[kept].astype(np.int32), level[kept])
