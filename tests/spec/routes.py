"""A word, an index date or an outcome by every route: OMOP tables, histories as clients send them, plain lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from features.cohort import execute, index_dates, read
from features.days import calendar_date, number
from features.histories import REASONS, Histories
from features.outcomes import label
from features.person import PersonReader
from features.programme import Compiled, compile_prediction
from features.source import Source
from features.vocabulary import Vocabulary, slot_map
from pathways.language import Age, Every, Happens, Pathway, Prediction, Predictor
from pathways.words import IndexDate, Outcome, Word
from tests.features import reference
from tests.spec.clinic import DIABETES
from tests.spec.drawn import Patient, history, plain, relatives


def asking(word: Word | None = None, *, index: IndexDate | None = None, outcome: Outcome | None = None) -> Prediction:
    """The smallest prediction around one word, index date or outcome."""
    return Prediction(
        "asked",
        index=index or Every("year"),
        population=Age("months").at_least(0),
        outcome=outcome or Happens(DIABETES),
        predictors=(Predictor("x", Age() if word is None else word),),
        horizons=365,
    )


def prepared(prediction: Prediction, source: Source) -> tuple[Compiled, Histories]:
    """A prediction compiled, and everybody's histories."""
    Pathway(title="Drawn", predictions=(prediction,))  # refuses what may not be drawn
    compiled = compile_prediction(prediction)
    slots = slot_map(compiled.streams, source.vocabulary(compiled.streams.sets))
    tally = np.zeros((16, len(REASONS)), dtype=np.int64)
    ((histories, _),) = read(source, compiled, slots, tally)
    return compiled, histories


def by_tables(word: Word, people: Mapping[str, Patient], on: Mapping[str, date], source: Source) -> dict[str, float]:
    """The word's register for each person, from OMOP tables."""
    compiled, histories = prepared(asking(word), source)
    at = np.searchsorted(histories.people.ids, [people[name].id for name in on]).astype(np.int64)
    rows = (at, np.array([number(day) for day in on.values()], dtype=np.int64))
    column = compiled.whole.columns([word])
    _, registers = execute(compiled.whole, histories, rows, column, column)
    return dict(zip(on, registers[:, 0].tolist(), strict=True))


def by_history(
    word: Word, people: Mapping[str, Patient], on: Mapping[str, date], covers: Mapping[str, date]
) -> dict[str, float]:
    """The word's register for each person, from a history as a client sends it."""
    prediction = asking(word)
    reader = PersonReader(Pathway(title="Drawn", predictions=(prediction,)), prediction, Vocabulary({}))
    found = {}
    for name, day in on.items():
        sent = history(people[name], day, covers, relatives(name, people, day))
        found[name] = float(reader.from_history(sent, day - timedelta(days=1)).predictors[0])
    return found


def by_lists(
    word: Word, people: Mapping[str, Patient], on: Mapping[str, date], covers: Mapping[str, date]
) -> dict[str, float]:
    """The word for each person by the slow reference."""
    return {
        name: reference.value(word, plain(people[name], covers, relatives(name, people, day)), day)
        for name, day in on.items()
    }


def days_of(index: IndexDate, people: Mapping[str, Patient], source: Source) -> dict[str, list[str]]:
    """The index dates of each person."""
    compiled, histories = prepared(asking(index=index), source)
    person, day = index_dates(compiled, histories, source.extract_day)
    ids = histories.people.ids[person]
    return {name: [calendar_date(at).isoformat() for at in day[ids == one.id].tolist()] for name, one in people.items()}


def ends_of(
    outcome: Outcome, people: Mapping[str, Patient], on: Mapping[str, date], source: Source
) -> dict[str, tuple[str, int]]:
    """What ended each person's watch, and after how many days."""
    compiled, histories = prepared(asking(outcome=outcome), source)
    at = np.searchsorted(histories.people.ids, [people[name].id for name in on]).astype(np.int64)
    rows = (at, np.array([number(day) for day in on.values()], dtype=np.int64))
    (words,) = compiled.outcomes
    _, registers = execute(
        compiled.whole, histories, rows, np.empty(0, np.int64), np.array(words.registers, dtype=np.int64)
    )
    labels = label(words, histories, rows, registers)
    names = ("left", "outcome", "competing")
    return {
        name: (names[event] if measured else f"{names[event]}, not measured", time)
        for name, event, time, measured in zip(
            on, labels.event.tolist(), labels.time.tolist(), labels.measured.tolist(), strict=True
        )
    }
