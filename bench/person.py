"""One person: the programme alone, and a history as a client sends it turned into a reading."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from features.cohort import execute
from features.days import calendar_date, number
from features.export import history
from features.histories import REASONS, build
from features.person import PersonReader
from features.programme import compile_prediction
from features.source import Source
from features.table import FeatureTable
from pathways.definition import Pathway, Prediction
from pathways.words import ConceptSet

RECORDS = 60
"""The history of about so many records is taken, as a person of the bench's million has on average."""
CALLS, BLOCKS = 100, 15


@dataclass(frozen=True)
class Chosen:
    """A person who is scored, with the history that is sent for them."""

    person_id: int
    history: dict[str, Any]
    as_of: date
    predictors: list[float]


def choose(
    pathway: Pathway, prediction: Prediction, source: Source, table: FeatureTable
) -> tuple[PersonReader, Chosen]:
    """A reader, and of fifty people of the table the one with the number of records nearest to `RECORDS`."""
    reader = PersonReader(pathway, prediction, source.vocabulary(_sets(pathway, prediction)), source)
    best: tuple[int, int, dict[str, Any]] | None = None
    for row in np.unique(np.linspace(0, len(table) - 1, 50).astype(np.int64)).tolist():
        sent = history(source, reader.slots, int(table.person_id[row]), int(table.index_day[row]))
        away = abs(len(sent["records"]) - RECORDS)
        if best is None or away < best[0]:
            best = away, row, sent
    assert best is not None
    _, row, sent = best
    as_of = calendar_date(int(table.index_day[row]) - 1)
    return reader, Chosen(int(table.person_id[row]), sent, as_of, table.values[row].tolist())


def _sets(pathway: Pathway, prediction: Prediction) -> tuple[ConceptSet, ...]:
    return compile_prediction(prediction).streams.sets


def measure(reader: PersonReader, chosen: Chosen) -> dict[str, Any]:
    """CPU microseconds of the kernel's programme alone and of history to reading."""
    return {
        "records": len(chosen.history["records"]),
        "programme_us": _microseconds(_programme(reader, chosen)),
        "reading_us": _microseconds(lambda: reader.from_history(chosen.history, chosen.as_of)),
        "goal_us": 150,
    }


def _programme(reader: PersonReader, chosen: Chosen) -> Callable[[], object]:
    """The programme over this person, whose history stands ready."""
    source, streams, whole = reader.source, reader.compiled.streams, reader.compiled.whole
    assert source is not None
    at = int(np.searchsorted(source.people.ids, chosen.person_id))
    people = source.people.part(slice(at, at + 1))
    histories = build(
        streams,
        reader.slots.slots,
        people,
        source.places.of(at, at + 1),
        tuple(source.rows(reader.slots, chosen.person_id, chosen.person_id + 1, people.ids)),
        extract_day=source.extract_day,
        covered=streams.covered(source.complete),
        tally=np.zeros((16, len(REASONS)), dtype=np.int64),
    )
    rows = np.zeros(1, dtype=np.int64), np.full(1, number(chosen.as_of) + 1, dtype=np.int64)
    columns = whole.columns(predictor.of for predictor in reader.prediction.predictors)
    none = np.empty(0, dtype=np.int64)
    return lambda: execute(whole, histories, rows, columns, none)


def _microseconds(call: Callable[[], object]) -> float:
    """The median over blocks of the mean CPU time of a call."""
    call()
    gc.collect()
    gc.freeze()  # as the service does: the collector need not walk what stays for good
    times = []
    for _ in range(BLOCKS):
        begun = time.process_time()
        for _ in range(CALLS):
            call()
        times.append((time.process_time() - begun) / CALLS * 1e6)
    return statistics.median(times)
