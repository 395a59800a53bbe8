"""The kernel equals a slow, obvious reference, and nothing that does not concern a person changes their predictors."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from features.cohort import execute, read
from features.days import number
from features.histories import REASONS
from features.person import PersonReader
from features.programme import compile_prediction
from features.vocabulary import Vocabulary, slot_map
from pathways import words as w
from pathways.language import Pathway, Prediction, Predictor
from pathways.words import KINDS
from tests.features import reference
from tests.features.by_chance import INDEX, coverage, entered_late, people, several, words
from tests.spec.drawn import ALWAYS, NEIGHBOUR, Patient, history, plain
from tests.spec.omop_tables import as_source, omop
from tests.spec.routes import asking

MODEST = settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
FEW = settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))


def _by_history(asked: list[w.Word], one: Patient, covers: dict[str, date]) -> list[float]:
    prediction = _asking(asked)
    reader = PersonReader(Pathway(title="Drawn", predictions=(prediction,)), prediction, Vocabulary({}))
    return reader.from_history(history(one, INDEX, covers), INDEX - timedelta(days=1)).predictors.tolist()


def _asking(asked: list[w.Word]) -> Prediction:
    """One prediction that asks for several words at once."""
    predictors = tuple(Predictor(f"x{at}", word) for at, word in enumerate(asked))
    one = asking()
    return Prediction(
        one.name, index=one.index, population=one.population, outcome=one.outcome, predictors=predictors, horizons=365
    )


@MODEST
@given(data=st.data(), one=people(), asked=st.lists(words, min_size=10, max_size=20), covers=coverage)
def test_the_words_of_a_history_are_what_the_slow_reference_says(data, one, asked, covers):
    one = data.draw(entered_late(one))

    found = _by_history(asked, one, covers)

    person = plain(one, covers)
    for word, value in zip(asked, found, strict=True):
        expected = reference.value(word, person, INDEX)
        same = math.isnan(value) if math.isnan(expected) else value == pytest.approx(expected, rel=1e-5, abs=1e-4)
        assert same, f"{word}: {value}, expected {expected}"


@FEW
@given(everyone=st.lists(people(), min_size=2, max_size=6, unique_by=lambda one: one.id), asked=several)
@example(everyone=[Patient(1), Patient(2)], asked=[w.Age()])
def test_the_words_of_many_people_are_what_the_slow_reference_says_of_each_in_chunks_of_any_size(everyone, asked):
    tables = omop({str(one.id): one for one in everyone})
    complete = dict.fromkeys(KINDS, ALWAYS)
    extract = date(2030, 12, 31)  # when the neighbour was last observed

    together = _registers(asked, tables)

    for chunk in (1, 3):
        assert _registers(asked, tables, chunk=chunk) == together
    for one in everyone:
        person = replace(plain(one, complete), extract=extract)
        for word, found in zip(asked, np.frombuffer(together[one.id]), strict=True):
            expected = reference.value(word, person, INDEX)
            same = math.isnan(found) if math.isnan(expected) else found == pytest.approx(expected, rel=1e-6, abs=1e-6)
            assert same, f"{word}: {found}, expected {expected}"


@FEW
@given(data=st.data(), everyone=st.lists(people(), min_size=2, max_size=4, unique_by=lambda one: one.id), asked=several)
def test_the_order_of_rows_and_who_else_is_there_change_nothing(data, everyone, asked):
    tables = omop({str(one.id): one for one in everyone})
    shuffled = {name: data.draw(st.permutations(rows)) for name, rows in tables.items()}
    kept = {everyone[0].id, NEIGHBOUR}
    alone = {name: [row for row in rows if row["person_id"] in kept] for name, rows in tables.items()}

    together = _registers(asked, tables)

    assert _registers(asked, shuffled) == together
    assert _registers(asked, alone)[everyone[0].id] == together[everyone[0].id]


DUCK = ibis.duckdb.connect()


def _registers(asked: list[w.Word], tables: Any, chunk: int = 1_000) -> dict[int, bytes]:
    """The bits of the words' registers for everybody."""
    source = as_source(tables, DUCK)
    prediction = _asking(asked)
    compiled = compile_prediction(prediction)
    slots = slot_map(compiled.streams, source.vocabulary(compiled.streams.sets))
    column, found = compiled.whole.columns(asked), {}
    for histories, _ in read(source, compiled, slots, np.zeros((16, len(REASONS)), dtype=np.int64), chunk=chunk):
        n = len(histories.people)
        rows = np.arange(n, dtype=np.int64), np.full(n, number(INDEX), dtype=np.int64)
        _, registers = execute(compiled.whole, histories, rows, column, column)
        found.update({one: bits.tobytes() for one, bits in zip(histories.people.ids.tolist(), registers, strict=True)})
    return found
