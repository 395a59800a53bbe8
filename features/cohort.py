"""From a source to a feature table: people in chunks, index dates, eligibility, predictors, outcomes, attrition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.axes import axes_of
from features.comparators import scores
from features.days import number
from features.histories import REASONS, Histories, accounts, build
from features.kin import Relatives
from features.outcomes import Labels, label
from features.programme import Compiled, Programme, compile_table, criteria
from features.source import Source
from features.table import CENSORED, Ended, FeatureTable, joined_ends
from features.vocabulary import TABLE_CODES, SlotMap, slot_map
from pathways import words
from pathways.definition import Pathway, Prediction
from pathways.describe import describe
from pathways.parts import concept_sets, is_flag

FETCH = 200_000
"""People whose rows the engine delivers at once; nothing but time and memory depends on it."""

CHUNK = 8_000
"""People whose histories stand side by side: few enough for them to stay in the processor's cache."""

Rows = tuple[NDArray[np.int64], NDArray[np.int64]]
"""People (positions in a chunk) and index days."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class NothingToPredict(Exception):
    """The source gives no index date for anybody; the message says what it lacks and where everybody fell out.

    `lacks` are the reasons without a count, `attrition` and `accounts` are those of a feature table.
    """

    def __init__(
        self,
        lacks: tuple[str, ...],
        attrition: tuple[tuple[str, int], ...],
        accounts: Mapping[str, Mapping[str, int]],
    ) -> None:
        counted = [f"{text}: {count:,}" for text, count in attrition]
        super().__init__("\n- ".join(["nobody in this source can be scored:", *lacks, *counted]))
        self.lacks, self.attrition, self.accounts = lacks, attrition, accounts


def feature_table(
    pathway: Pathway,
    prediction: Prediction,
    source: Source,
    *,
    on: Sequence[int] | None = None,
    chunk: int = CHUNK,
    fetch: int = FETCH,
    progress: Progress | None = None,
) -> FeatureTable:
    """Everybody of a source who may be scored, with predictors, outcomes and the axes of evaluation.

    The index dates are those of the prediction, or for everybody the days `on`: one for a list of today, several for
    how people stood month by month. `source.only(people)` is the source of some people.

    Raises
    ------
    NothingToPredict
        If nobody is left; the message gives the attrition and the kinds of record that the source lacks.
    """
    compiled = compile_table(prediction)
    # The concepts of the whole pathway are kept with the table: whoever answers with its model reads by these.
    sets = concept_sets(pathway)
    vocabulary = source.vocabulary(sets)
    slots = slot_map(compiled.streams, vocabulary)
    tally = np.zeros((16, len(REASONS)), dtype=np.int64)
    counts: Counter[str] = Counter()
    parts = []
    for histories, low in read(source, compiled, slots, tally, chunk=chunk, fetch=fetch, progress=progress):
        rows = index_dates(compiled, histories, source.extract_day) if on is None else observed_on(histories, on)
        part = _part(compiled, source, histories, low, rows, counts)
        if len(part):
            parts.append(part)
    attrition = _attrition(compiled, counts)
    if not parts:
        raise NothingToPredict(_lacks(source, compiled, attrition), attrition, _accounts(source, tally))
    table = _joined(parts)
    concepts = {one.name: tuple(sorted(vocabulary.of(one))) for one in sets}
    return replace(
        table,
        attrition=attrition,
        accounts=_accounts(source, tally),
        data_to=source.extract_day,
        concepts=concepts,
        codes=vocabulary.codes,
    )


def read(
    source: Source,
    compiled: Compiled,
    slots: SlotMap,
    tally: NDArray[np.int64],
    *,
    chunk: int = CHUNK,
    fetch: int = FETCH,
    progress: Progress | None = None,
) -> Iterator[tuple[Histories, int]]:
    """Histories of everybody in chunks of people, each with the position of its first person."""
    people, covered = source.people, compiled.streams.covered(source.complete)
    relatives = Relatives.of(source, compiled, slots)
    for low in range(0, max(1, len(people)), fetch):
        high = min(low + fetch, len(people))
        first = None if low == 0 else int(people.ids[low])
        last = None if high >= len(people) else int(people.ids[high])
        tables = tuple(source.chunks(slots, first, last, people.ids[low:high], chunk))
        theirs = None if relatives is None else relatives.read(low, high)
        for start in range(low, max(high, 1), chunk):
            stop = min(start + chunk, high)
            yield (
                build(
                    compiled.streams,
                    slots.slots,
                    people.part(slice(start, stop)),
                    source.places.of(start, stop),
                    tuple(next(rows) for rows in tables),
                    extract_day=source.extract_day,
                    covered=covered,
                    tally=tally,
                    kin=None if theirs is None else theirs.of(start, stop),
                ),
                start,
            )
            if progress is not None:
                progress("people read", stop, len(people))


def index_dates(compiled: Compiled, histories: Histories, last_day: int) -> Rows:
    """Every index date of everybody, inside their observation periods."""
    index, ids, people = compiled.prediction.index, histories.people.ids, histories.people.arrays()
    place = (people, histories.offset, histories.columns)
    match index:
        case words.Every():
            on = index.on if isinstance(index.on, int) else 0
            landmark = (ids, index.unit == "month", on, index.draw == "one a year", last_day)
            person, day = _twice(lambda person, day: int(k.every(*landmark, *place, person, day)))
            asked = np.ones(len(day), dtype=np.bool_) if index.since is None else day >= number(index.since)
            return person[asked], day[asked]
        case words.AtAge():
            birthday = (index.age.months, index.age.days, last_day)
            return _twice(lambda person, day: int(k.at_age(*birthday, *place, person, day)))
        case words.After():
            how = (index.which == "first", index.washout, index.plus, last_day)
            numbers = [compiled.streams.number(one) for one in index.streams]
            return _each_once([_twice(lambda *out, at=at: int(k.after(at, *how, *place, *out))) for at in numbers])


def _each_once(found: Sequence[Rows]) -> Rows:
    """The index dates of several streams in order of person and day, each once."""
    both = np.unique(np.stack([np.concatenate(column) for column in zip(*found, strict=True)], axis=1), axis=0)
    return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])


def _twice(fill: Callable[[NDArray[np.int64], NDArray[np.int64]], int]) -> Rows:
    """Count, make room, fill."""
    n = fill(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    person, day = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    fill(person, day)
    return person, day


def execute(
    programme: Programme,
    histories: Histories,
    rows: Rows,
    columns: NDArray[np.int64],
    kept: NDArray[np.int64],
    which: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Run a programme over rows: `columns` as float32 of shape (n_rows, n_columns), `kept` registers as float64."""
    n = len(rows[0])
    values = np.empty((n, len(columns)), dtype=np.float32)
    registers = np.empty((n, len(kept)), dtype=np.float64)
    which = np.empty((0, 0), dtype=np.int64) if which is None else which
    k.run(
        programme.code,
        programme.limits,
        programme.args,
        columns,
        kept,
        rows,
        histories.people.arrays(),
        histories.offset,
        histories.columns,
        histories.covered,
        programme.streams.sexed,
        values,
        registers,
        which,
    )
    return values, registers


_NO_COLUMNS = np.empty(0, dtype=np.int64)


def observed_on(histories: Histories, days: Sequence[int]) -> Rows:
    """Everybody with each of some days on which they are observed, person by person."""
    many, each = len(histories.people), np.unique(np.array(days, dtype=np.int64))
    person, day = np.repeat(np.arange(many, dtype=np.int64), len(each)), np.tile(each, many)
    watched = np.empty(len(person), dtype=np.int64)
    k.watched_until((person, day), histories.offset, histories.columns, watched)
    kept = (watched >= day) & (histories.people.death[person] >= day)
    return person[kept], day[kept]


def _part(
    compiled: Compiled, source: Source, histories: Histories, low: int, rows: Rows, counts: Counter[str]
) -> FeatureTable:
    counts["people"] += len(histories.people)
    counts["observed"] += int((histories.offset[0, 1:] > histories.offset[0, :-1]).sum())
    counts["dates"] += len(rows[0])
    rows = _eligible(compiled, histories, rows, counts)
    return _table(compiled, source, histories, low, rows, counts)


def _eligible(compiled: Compiled, histories: Histories, rows: Rows, counts: Counter[str]) -> Rows:
    """Rows that meet every criterion and have every required input; who is left out is counted by the first reason."""
    programme, prediction = compiled.population, compiled.prediction
    population = programme.columns(criteria(prediction))
    required = programme.columns(one.of for one in prediction.requires)
    _, found = execute(programme, histories, rows, _NO_COLUMNS, np.concatenate([population, required]))
    left = np.ones(len(rows[0]), dtype=np.bool_)
    for at in range(len(population)):
        unknown = left & np.isnan(found[:, at])
        fails = left & (found[:, at] == 0.0)
        counts[f"fails {at}"] += int(fails.sum())
        counts[f"unknown {at}"] += int(unknown.sum())
        left &= ~(unknown | fails)
    for at, one in enumerate(prediction.requires):
        value = found[:, len(population) + at]
        lacks = left & (~(value > 0.0) if is_flag(one.of) else np.isnan(value))
        counts[f"requires {at}"] += int(lacks.sum())
        left &= ~lacks
    return rows[0][left], rows[1][left]


def _table(
    compiled: Compiled, source: Source, histories: Histories, low: int, rows: Rows, counts: Counter[str]
) -> FeatureTable:
    prediction, programme = compiled.prediction, compiled.whole
    columns = programme.columns(predictor.of for predictor in prediction.predictors)
    wanted = [word for one in prediction.comparators for _, word in one.words(prediction.predictors)]
    inputs = programme.columns(wanted)
    wanted_days = [np.array(one.registers, dtype=np.int64) for one in compiled.outcomes]
    values, registers = execute(programme, histories, rows, columns, np.concatenate([inputs, *wanted_days]))
    starts = np.cumsum([len(inputs), *(len(one) for one in wanted_days)])
    labels, *others = (
        label(one, histories, rows, registers[:, start : start + len(one.registers)])
        for one, start in zip(compiled.outcomes, starts.tolist(), strict=False)
    )
    # Time at risk starts on the index date: what happens on that day counts, what happened before does not.
    watched = (labels.time > 0) | ((labels.time == 0) & (labels.event != CENSORED))
    counts["not watched"] += int((~watched).sum())
    table = _columns(compiled, source, histories, low, rows, values, labels)
    table = _scored(table, compiled, registers[:, : len(inputs)])
    named = zip(prediction.secondary, others, strict=True)
    table = replace(table, secondary={one.name: Ended(found.time, found.event) for one, found in named})
    return table if watched.all() else table.rows(watched)


def _scored(table: FeatureTable, compiled: Compiled, inputs: NDArray[np.float64]) -> FeatureTable:
    prediction = compiled.prediction
    found, at = {}, 0
    for one in prediction.comparators:
        names = [name for name, _ in one.words(prediction.predictors)]
        found[one.name] = scores(one, names, inputs[:, at : at + len(names)])
        at += len(names)
    return replace(table, comparators=found)


def _columns(
    compiled: Compiled,
    source: Source,
    histories: Histories,
    low: int,
    rows: Rows,
    values: NDArray[np.float32],
    labels: Labels,
) -> FeatureTable:
    person, index = rows
    people = histories.people
    return FeatureTable(
        columns=tuple(predictor.name for predictor in compiled.prediction.predictors),
        values=values,
        person_id=people.ids[person],
        index_day=index.astype(np.int32),
        time=labels.time,
        event=labels.event,
        measured=labels.measured,
        family=source.together(compiled.streams.relations)[low : low + len(people)][person],
        comparators={},
        axes=axes_of(source, histories, rows),
    )


def _joined(parts: list[FeatureTable]) -> FeatureTable:
    first = parts[0]
    rowwise = ("values", "person_id", "index_day", "time", "event", "measured", "family")
    joined: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in rowwise}
    return replace(
        first,
        comparators={name: np.concatenate([part.comparators[name] for part in parts]) for name in first.comparators},
        axes={name: np.concatenate([part.axes[name] for part in parts]) for name in first.axes},
        secondary={name: joined_ends([part.secondary[name] for part in parts]) for name in first.secondary},
        **joined,
    )


def _attrition(compiled: Compiled, counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    """Who is left after each step: people, then index dates left out by each reason, then those that stay."""
    lines = [
        ("people in the source", counts["people"]),
        ("people with an observation period", counts["observed"]),
        ("index dates", counts["dates"]),
    ]
    left = counts["dates"]
    for at, part in enumerate(criteria(compiled.prediction)):
        for kind, text in (("fails", f"left out: {_otherwise(part)}"), ("unknown", f"not known: {describe(part)}")):
            if counts[f"{kind} {at}"]:
                lines.append((text, counts[f"{kind} {at}"]))
            left -= counts[f"{kind} {at}"]
    for at, one in enumerate(compiled.prediction.requires):
        lines.append((f"left out, required input missing: {one.input}", counts[f"requires {at}"]))
        left -= counts[f"requires {at}"]
    if counts["not watched"]:
        lines.append(("left out: ended before the index date, or nobody was watching on it", counts["not watched"]))
    return (*lines, ("index dates that stay", left - counts["not watched"]))


def _otherwise(part: words.Word) -> str:
    """What it means that a part of the population does not hold."""
    return part.otherwise if isinstance(part, words.Criterion) else f"this does not hold: {describe(part)}"


def _accounts(source: Source, tally: NDArray[np.int64]) -> dict[str, dict[str, int]]:
    """For every table of the source: rows in, rows that nobody asks for, rows used and left out by reason."""
    asked = accounts(tally, {code: table for table, code in TABLE_CODES.items()})
    found = {}
    for table, rows in source.rows_in.items():
        known = asked.get(table, {})
        found[table] = {"rows in": rows, "not asked for": rows - sum(known.values()), **known}
    return found


def _lacks(source: Source, compiled: Compiled, attrition: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """Why nobody is left: what the source does not hold, and the step at which the last index dates fell out."""
    lacks = []
    if "observation_period" not in source.tables:
        lacks.append("it has no table OBSERVATION_PERIOD, so nobody is known to have been observed")
    lacking = [kind for kind in compiled.streams.kinds if kind not in source.complete]
    if lacking:
        lacks.append(f"it has no records of kind {', '.join(lacking)}, so nothing can be told of them")
    steps = [text for text, count in attrition[3:-1] if count]
    if steps:
        lacks.append(f"nobody is left after this step: {steps[-1]}")
    elif "observation_period" in source.tables:
        lacks.append("no index date lies inside an observation period")
    return tuple(lacks)
