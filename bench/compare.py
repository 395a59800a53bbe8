"""Some people of the feature table worked out again, one by one, in another way."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from bench.tables import COLUMNS, ON
from features.days import calendar_date
from features.programme import criteria
from features.source import Source, open_source
from features.table import FeatureTable
from pathways.definition import Pathway, Prediction
from pathways.parts import is_flag
from pathways.words import KINDS, SEXES

SLOW = "tests.features.reference"
"""The language a second time, slow and obvious; it shares no code with the kernel."""


@dataclass(frozen=True)
class Person:
    """One person of the source with every row, as the source has them."""

    at: int
    id: int
    rows: dict[str, list[dict[str, Any]]]


def compare(folder: Path, pathway: Pathway, prediction: Prediction, table: FeatureTable, people: int) -> dict[str, Any]:
    """How many of some people are in the table though they should not be, or not though they should, or differ."""
    source = open_source(folder)
    slow = _slow_reference()
    again = _by_lists(prediction, source, slow) if slow else _by_history(pathway, prediction, source)
    place = {person: at for at, person in enumerate(table.person_id.tolist())}
    different = scored = 0
    for person in _some(folder, source, people):
        expected, at = again(person), place.get(person.id)
        scored += at is not None
        same = expected is None if at is None else expected is not None and _same(table.values[at], expected)
        different += not same
    using = "the slow reference" if slow else "the route of one person"
    return {"people": people, "scored": scored, "different": different, "with": using}


def _slow_reference() -> Any:
    try:
        return importlib.import_module(SLOW)
    except ImportError:
        return None


def _same(found: NDArray[np.float32], expected: NDArray[np.float64]) -> bool:
    """Equal as float32, but for the last digits of sums in another order; missing in the same places."""
    return bool(np.allclose(found, expected.astype(np.float32), rtol=1e-6, atol=1e-9, equal_nan=True))


def _some(folder: Path, source: Source, people: int) -> Iterator[Person]:
    """People spread evenly over the source."""
    ids = source.people.ids
    chosen = np.unique(np.linspace(0, len(ids) - 1, min(people, len(ids))).astype(np.int64))
    rows = {table: _rows(folder, table, ids[chosen]) for table in COLUMNS}
    for at in chosen.tolist():
        person = int(ids[at])
        yield Person(at, person, {table: found.get(person, []) for table, found in rows.items()})


def _rows(folder: Path, table: str, ids: NDArray[np.int64]) -> dict[int, list[dict[str, Any]]]:
    listed = ", ".join(str(one) for one in ids.tolist())
    with duckdb.connect() as connection:
        query = f"SELECT * FROM read_parquet('{folder / table}.parquet') WHERE person_id IN ({listed})"
        found: dict[int, list[dict[str, Any]]] = {}
        for row in connection.sql(query).to_arrow_table().to_pylist():
            found.setdefault(row["person_id"], []).append(row)
        return found


def _by_lists(prediction: Prediction, source: Source, slow: Any) -> Callable[[Person], NDArray[np.float64] | None]:
    index = calendar_date(ON)

    def again(person: Person) -> NDArray[np.float64] | None:
        plain = _plain(person, source, slow)
        if not all(slow.value(criterion, plain, index) == 1.0 for criterion in criteria(prediction)):
            return None
        for one in prediction.requires:
            value = slow.value(one.of, plain, index)
            if np.isnan(value) or (is_flag(one.of) and value != 1.0):
                return None
        return np.array([slow.value(predictor.of, plain, index) for predictor in prediction.predictors])

    return again


def _plain(person: Person, source: Source, slow: Any) -> Any:
    """The person as the slow reference takes one."""
    facts, people = source.places.of(person.at, person.at + 1), source.people
    observed = facts.stream == 0
    sex = people.sex[person.at]
    return slow.Person(
        born=calendar_date(people.birth[person.at]),
        sex="unknown" if np.isnan(sex) else SEXES[int(sex)],
        observed=tuple(
            (calendar_date(first), calendar_date(last))
            for first, last in zip(facts.first[observed], facts.last[observed], strict=True)
        ),
        rows=tuple(_row(row, table, slow) for table, rows in person.rows.items() for row in rows),
        complete_from={kind: date.min for kind in KINDS if kind in source.complete},
        extract=calendar_date(source.extract_day),
    )


def _row(row: dict[str, Any], table: str, slow: Any) -> Any:
    columns = COLUMNS[table]
    start = next(name for name in columns if name.endswith("_date"))
    return slow.Row(
        id=row[f"{table}_id"],
        table=table,
        concept=row[columns[1]],
        day=row[start],
        end=row.get(start.replace("start", "end")) if "start" in start else None,
        value=row.get("value_as_number"),
        unit=row.get("unit_concept_id", 0),
    )


def _by_history(
    pathway: Pathway, prediction: Prediction, source: Source
) -> Callable[[Person], NDArray[np.float64] | None]:
    from features.person import PersonReader
    from features.programme import compile_prediction

    reader = PersonReader(pathway, prediction, source.vocabulary(compile_prediction(prediction).streams.sets), source)

    def again(person: Person) -> NDArray[np.float64] | None:
        found = reader.from_source(person.id, calendar_date(ON - 1))
        lacks = any(missing.required for missing in found.missing)
        return found.predictors.astype(np.float64) if found.eligible is True and not lacks else None

    return again
