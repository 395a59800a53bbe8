"""Nothing compiles in a request: each compiled function that Python calls has one signature, whatever calls it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from numba.core.dispatcher import Dispatcher

from features import kernel
from features.cohort import feature_table
from features.days import calendar_date
from features.export import history
from features.person import PersonReader
from features.programme import compile_prediction
from features.source import open_source
from features.vocabulary import slot_map

FROM_PYTHON = (
    "locate",
    "deal",
    "judge",
    "place",
    "room",
    "finish",
    "derive",
    "run",
    "every",
    "watched_until",
    "place_at",
    "seen",
    "newest_days",
)


def compiled() -> dict[str, Dispatcher]:
    return {name: one for name, one in vars(kernel).items() if isinstance(one, Dispatcher)}


@pytest.fixture(scope="module")
def after_both_ways(population, pathway, detection):
    """A feature table, a person by id and a history."""
    source = open_source(population)
    feature_table(pathway, detection, source, chunk=999)
    compilation = compile_prediction(detection)
    vocabulary = source.vocabulary(compilation.streams.sets)
    reader = PersonReader(pathway, detection, vocabulary, source)
    day = calendar_date(source.extract_day - 100)
    slots = slot_map(compilation.streams, vocabulary)
    sent = [history(source, slots, one, source.extract_day - 99) for one in source.people.ids[:3].tolist()]
    reader.from_source(int(source.people.ids[0]), day)
    reader.from_history(sent[0], day)
    return reader, sent, day


def test_every_function_that_python_calls_has_one_signature(after_both_ways):
    signatures = {name: len(compiled()[name].signatures) for name in FROM_PYTHON}

    assert signatures == dict.fromkeys(FROM_PYTHON, 1)


def test_a_second_history_a_poorer_one_and_an_empty_one_compile_nothing(after_both_ways):
    reader, sent, day = after_both_ways
    before = {name: list(one.signatures) for name, one in compiled().items()}
    empty = {"person": {"birth_date": "1970-03", "sex": "unknown"}, "covers": [], "records": []}
    poorer = {**sent[1], "records": sent[1]["records"][:1], "covers": sent[1]["covers"][:1]}

    for one in (*sent, poorer, empty):
        reader.from_history(one, day)
        reader.from_history(one, day - timedelta(days=365))

    assert {name: list(one.signatures) for name, one in compiled().items()} == before


def test_each_function_of_the_kernel_is_in_one_module_so_that_its_cache_is_renewed_with_it():
    assert {one.py_func.__module__ for one in compiled().values()} == {"features.kernel"}
