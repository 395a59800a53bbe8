"""A history as a client sends it, turned into the same rows that a source gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.days import number
from features.histories import Facts, People, Rows, make_facts
from features.people import birth_day, group_of
from features.streams import Streams
from features.vocabulary import SYSTEMS, TABLE_CODES, TABLE_OF, SlotMap, Vocabulary
from pathways.words import ETHNICITIES, SEXES

OPERATORS = {"<": k.LESS, "<=": k.LESS_EQUAL, ">=": k.GREATER_EQUAL, ">": k.GREATER}
UNKNOWN_UNIT = -1
"""A unit in words that no stream accepts: never taken for the unit of the stream."""

PLACES = ("region", "area", "practice")


@dataclass(frozen=True)
class Sent:
    """One person's rows, and what the client calls them."""

    people: People
    facts: Facts
    rows: Rows
    covered: dict[str, int]
    ids: tuple[int | str, ...]
    places: Mapping[str, str]
    not_mapped: int
    later: int


def unit_names(streams: Streams) -> dict[str, int]:
    """The unit that each spelling stands for, in small letters without spaces."""
    return {
        _spelling(name): unit.concept_id
        for stream in streams.recorded
        for unit in stream.units
        for name in (unit.name, *unit.names)
    }


def _spelling(name: str) -> str:
    return name.lower().replace(" ", "").replace("\N{MICRO SIGN}", "u").replace("\N{GREEK SMALL LETTER MU}", "u")


@dataclass(frozen=True)
class Reference:
    """What it takes to understand a history: prepared once for a prediction."""

    slots: SlotMap
    units: Mapping[str, int]
    vocabulary: Vocabulary

    @cached_property
    def kinds(self) -> Mapping[str, tuple[int, dict[int, int], dict[int, int]]]:
        """For each kind of record the code of its table, and the slots of its concepts and of its answers."""
        by_table = self.slots.by_table
        return {kind: (TABLE_CODES[table], *by_table.get(table, ({}, {}))) for kind, table in TABLE_OF.items()}

    def concept(self, record: Mapping[str, Any]) -> int | None:
        """The concept of a coded record, 0 if it is one that nobody asks for, None if its code cannot be told."""
        system = SYSTEMS.get(record.get("system", ""), record.get("system", ""))
        if system not in self.vocabulary.coded:
            return None
        return self.vocabulary.codes.get(f"{system}|{record['code']}", 0)


def read_history(history: Mapping[str, Any], reference: Reference, as_of: date) -> Sent:
    """Rows, facts and coverage of a history that has been checked (`interface.md`, request); days as dates or text.

    A record whose code cannot be told might be anything of its kind, so that kind counts as not covered.
    """
    covered = {one["kind"]: _day(one["from"]) for one in history.get("covers", ())}
    records: Sequence[Mapping[str, Any]] = history.get("records", ())
    rows: list[tuple[Any, ...]] = []
    later = not_mapped = 0
    last, kinds, units = number(as_of), reference.kinds, reference.units
    for at, record in enumerate(records):
        day = _day(record["date"])
        entered = _day(record["entered"]) if "entered" in record else k.MIN_DAY
        if day > last or entered > last:
            later += 1
        concept = record["concept_id"] if "concept_id" in record else reference.concept(record)
        if concept is None:
            not_mapped += 1
            covered.pop(record["kind"], None)
            continue
        table, concepts, answers = kinds[record["kind"]]
        said = _said(record, units, day, entered, at * 16 + table)
        if concept in concepts:
            rows.append((concepts[concept], *said))
        if answers and (answer := answers.get(record.get("value_concept_id", 0))) is not None:
            rows.append((answer, *said) if concept not in concepts else (answer, *said[:4], k.AGAIN, *said[5:]))
    person = history["person"]
    return Sent(
        people=_person(person),
        facts=_facts(person, covered, last),
        rows=_columns(rows),
        covered=covered,
        ids=tuple([record.get("id", at) for at, record in enumerate(records)]),
        places={name: person[name] for name in PLACES if name in person},
        not_mapped=not_mapped,
        later=later,
    )


def _said(
    record: Mapping[str, Any], units: Mapping[str, int], day: int, entered: int, record_number: int
) -> tuple[Any, ...]:
    """Day, until, value, unit, operator, entered, record."""
    if "unit_concept_id" in record or "unit" not in record:
        unit = record.get("unit_concept_id", 0)
    else:
        unit = units.get(_spelling(record["unit"]), UNKNOWN_UNIT)
    value = record.get("value", _NAN)
    if "days_supply" in record and record["kind"] in _SUPPLIED:
        value = record["days_supply"]
    return (
        day,
        _day(record["end"]) if "end" in record else k.MIN_DAY,
        value,
        unit,
        OPERATORS[record["operator"]] if "operator" in record else 0,
        entered,
        record_number,
    )


_NAN = float("nan")
_SUPPLIED = ("medication", "immunisation")


@lru_cache(maxsize=2**16)
def _day(day: date | str) -> int:
    return number(day if isinstance(day, date) else date.fromisoformat(day))


def _columns(rows: list[tuple[Any, ...]]) -> Rows:
    slot, day, until, value, unit, operator, entered, record = zip(*rows, strict=True) if rows else ((),) * 8
    return Rows(
        person=np.zeros(len(rows), dtype=np.int32),
        slot=_ints(slot),
        day=_ints(day),
        until=_ints(until),
        value=np.array(value, dtype=np.float64),
        unit=_ints(unit),
        operator=_ints(operator),
        entered=_ints(entered),
        record=np.array(record, dtype=np.int64),
    )


def _ints(values: Sequence[int]) -> NDArray[np.int32]:
    return np.array(values, dtype=np.int32)


_NOBODY, _ALIVE, _NO_HOME = np.zeros(1, dtype=np.int64), _ints([k.MAX_DAY]), np.full(1, -1, dtype=np.int64)


def _person(person: Mapping[str, Any]) -> People:
    parts = [int(part) for part in person["birth_date"].split("-")]
    code, sex = person.get("ethnicity", "Z"), person["sex"]
    return People(
        ids=_NOBODY,
        birth=_ints([birth_day(parts[0], parts[1], parts[2] if len(parts) > 2 else 0)]),
        death=_ALIVE,
        sex=np.array([float(SEXES.index(sex)) if sex in SEXES else np.nan]),
        ethnicity=np.array([float(ETHNICITIES.index(code)) if code in ETHNICITIES else np.nan]),
        group=np.array([group_of(code)], dtype=np.str_),
        home=_NO_HOME,
    )


def _facts(person: Mapping[str, Any], covered: Mapping[str, int], last: int) -> Facts:
    """Observed from the day given, else from the first day that anything is covered; to the day of the question."""
    start = _day(person["observed_from"]) if "observed_from" in person else None
    start = min(covered.values(), default=None) if start is None else start
    end = _day(person["observed_to"]) if "observed_to" in person else last
    parts: list[tuple[str, int, int, int, float]] = []
    if start is not None and start <= end:
        parts.append(("observed", 0, start, end, float("nan")))
    parts += [(name, 0, k.MIN_DAY, k.MAX_DAY, 0.0) for name in PLACES if name in person]
    if "deprivation" in person:
        parts.append(("deprivation", 0, k.MIN_DAY, k.MAX_DAY, float(person["deprivation"]["fifth"])))
    return make_facts(parts)
