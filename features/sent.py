"""A history as a client sends it, turned into the same rows that a source gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.days import number
from features.histories import Facts, People, Rows, make_facts
from features.source import birth_day, group_of, supplied_until
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
    tables: tuple[Rows, ...]
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

    def concept(self, record: Mapping[str, Any]) -> int | None:
        """The concept of a record, 0 if it is one that nobody asks for, None if its code cannot be told."""
        if "concept_id" in record:
            return int(record["concept_id"])
        system = SYSTEMS.get(record.get("system", ""), record.get("system", ""))
        if system not in self.vocabulary.coded:
            return None
        return self.vocabulary.codes.get(f"{system}|{record['code']}", 0)


def read_history(history: Mapping[str, Any], reference: Reference, as_of: date) -> Sent:
    """Rows, facts and coverage of a history that has been checked (`interface.md`, request).

    A record whose code cannot be told might be anything of its kind, so that kind counts as not covered.
    """
    slots, units = reference.slots, reference.units
    covered = {one["kind"]: number(date.fromisoformat(one["from"])) for one in history.get("covers", ())}
    records: Sequence[Mapping[str, Any]] = history.get("records", ())
    columns: dict[str, list[tuple[Any, ...]]] = {}
    later = not_mapped = 0
    last, today = number(as_of), as_of.isoformat()
    for at, record in enumerate(records):
        later += record["date"] > today
        concept = reference.concept(record)
        if concept is None:
            not_mapped += 1
            covered.pop(record["kind"], None)
            continue
        table = TABLE_OF[record["kind"]]
        concepts, answers = slots.by_table.get(table, _NOTHING)
        asked = (concepts.get(concept), answers.get(record.get("value_concept_id", 0)))
        for again, slot in enumerate(slot for slot in asked if slot is not None):
            day, until, value, unit, operator, entered = _row(record, units)
            once = k.AGAIN if again else operator
            row = (slot, day, until, value, unit, once, entered, at * 16 + TABLE_CODES[table])
            columns.setdefault(table, []).append(row)
    person = history["person"]
    return Sent(
        people=_person(person),
        facts=_facts(person, covered, last),
        tables=tuple(_columns(rows, table) for table, rows in columns.items()),
        covered=covered,
        ids=tuple(record.get("id", at) for at, record in enumerate(records)),
        places={name: person[name] for name in PLACES if name in person},
        not_mapped=not_mapped,
        later=later,
    )


_NOTHING: tuple[dict[int, int], dict[int, int]] = ({}, {})


def _row(record: Mapping[str, Any], units: Mapping[str, int]) -> tuple[Any, ...]:
    """Day, until, value, unit, operator, entered."""
    unit = record.get("unit_concept_id", 0)
    if not unit and record.get("unit"):
        unit = units.get(_spelling(record["unit"]), UNKNOWN_UNIT)
    value = record.get("days_supply", record.get("value")) if record["kind"] in _SUPPLIED else record.get("value")
    return (
        _day(record["date"]),
        _day(record["end"]) if "end" in record else k.MIN_DAY,
        float("nan") if value is None else float(value),
        unit,
        OPERATORS.get(record.get("operator", ""), 0),
        _day(record["entered"]) if "entered" in record else k.MIN_DAY,
    )


_SUPPLIED = ("medication", "immunisation")
_EPOCH = date(1970, 1, 1).toordinal()


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - _EPOCH


def _columns(rows: list[tuple[Any, ...]], table: str) -> Rows:
    slot, day, until, value, unit, operator, entered, record = zip(*rows, strict=True)
    days, ends, values = _ints(day), _ints(until), np.array(value, dtype=np.float64)
    return Rows(
        person=np.zeros(len(rows), dtype=np.int32),
        slot=_ints(slot),
        day=days,
        until=supplied_until(days, ends, values) if table == "drug_exposure" else ends,
        value=values,
        unit=_ints(unit),
        operator=_ints(operator),
        entered=_ints(entered),
        record=np.array(record, dtype=np.int64),
    )


def _ints(values: Sequence[int]) -> NDArray[np.int32]:
    return np.array(values, dtype=np.int32)


def _person(person: Mapping[str, Any]) -> People:
    parts = [int(part) for part in person["birth_date"].split("-")]
    code, sex = person.get("ethnicity", "Z"), person["sex"]
    return People(
        ids=np.zeros(1, dtype=np.int64),
        birth=_ints([birth_day(parts[0], parts[1], parts[2] if len(parts) > 2 else 0)]),
        death=_ints([k.MAX_DAY]),
        sex=np.array([float(SEXES.index(sex)) if sex in SEXES else np.nan]),
        ethnicity=np.array([float(ETHNICITIES.index(code)) if code in ETHNICITIES else np.nan]),
        group=np.array([group_of(code)], dtype=np.str_),
        home=np.full(1, -1, dtype=np.int64),
    )


def _facts(person: Mapping[str, Any], covered: Mapping[str, int], last: int) -> Facts:
    """Observed from the day given, else from the first day that anything is covered; to the day of the question."""
    start = number(date.fromisoformat(person["observed_from"])) if "observed_from" in person else None
    start = min(covered.values(), default=None) if start is None else start
    end = number(date.fromisoformat(person["observed_to"])) if "observed_to" in person else last
    parts: list[tuple[str, int, int, int, float]] = []
    if start is not None and start <= end:
        parts.append(("observed", 0, start, end, float("nan")))
    parts += [(name, 0, k.MIN_DAY, k.MAX_DAY, 0.0) for name in PLACES if name in person]
    if "deprivation" in person:
        parts.append(("deprivation", 0, k.MIN_DAY, k.MAX_DAY, float(person["deprivation"]["fifth"])))
    return make_facts(parts)
