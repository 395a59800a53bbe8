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
from features.histories import FIELDS, Facts, Links, People, Rows, make_facts
from features.people import birth_day
from features.streams import Streams
from features.vocabulary import SYSTEMS, TABLE_CODES, TABLE_OF, SlotMap, Vocabulary
from pathways.words import ETHNICITIES, RELATIONS, SEXES

OPERATORS = {"<": k.LESS, "<=": k.LESS_EQUAL, ">=": k.GREATER_EQUAL, ">": k.GREATER}
UNKNOWN_UNIT = -1
"""A unit in words that no stream accepts: never taken for the unit of the stream."""

PLACES = ("region", "area", "practice")


@dataclass(frozen=True)
class SentKin:
    """The relatives of a person who is sent, and how they are related."""

    people: People
    facts: Facts
    rows: Rows
    links: Links


@dataclass(frozen=True)
class Sent:
    """One person's rows, and what the client calls them; relatives if the prediction asks for them."""

    people: People
    facts: Facts
    rows: Rows
    covered: dict[str, int]
    ids: tuple[int | str, ...]
    places: Mapping[str, str]
    not_mapped: int
    later: int
    of_relatives: dict[str, int]
    kin: SentKin | None


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


def read_history(
    history: Mapping[str, Any], reference: Reference, as_of: date, of_relatives: Reference | None = None
) -> Sent:
    """Rows, facts and coverage of a history that has been checked (`interface.md`, request); days as dates or text.

    A record whose code cannot be told might be anything of its kind, so that kind counts as not covered: for the person
    if it is the person's, for all relatives if it is of one of them. What the history covers of the person it covers of
    the relatives in it.
    """
    covered = {one["kind"]: _day(one["from"]) for one in history.get("covers", ())}
    theirs = dict(covered)
    records: Sequence[Mapping[str, Any]] = history.get("records", ())
    relatives = history.get("relatives", ()) if of_relatives is not None else ()
    counts, rows, last = _Counts(), list[tuple[Any, ...]](), number(as_of)
    _read(records, reference, (0, 0, last), covered, rows, counts)
    of_them, ids = list[tuple[Any, ...]](), [record.get("id", at) for at, record in enumerate(records)]
    for who, one in enumerate(relatives):
        _read(one["records"], of_relatives, (who, len(ids), last), theirs, of_them, counts)  # type: ignore[arg-type]
        ids += [record.get("id", at) for at, record in enumerate(one["records"], len(ids))]
    person = history["person"]
    return Sent(
        people=_person(person),
        facts=_facts(person, covered, last),
        rows=_columns(rows),
        covered=covered,
        ids=tuple(ids),
        places={name: person[name] for name in PLACES if name in person},
        not_mapped=counts.not_mapped,
        later=counts.later,
        of_relatives=theirs,
        kin=_kin(relatives, of_them) if relatives else None,
    )


@dataclass
class _Counts:
    """Records of which nothing can be made."""

    later: int = 0
    not_mapped: int = 0


def _read(
    records: Sequence[Mapping[str, Any]],
    reference: Reference,
    place: tuple[int, int, int],
    covered: dict[str, int],
    rows: list[tuple[Any, ...]],
    counts: _Counts,
) -> None:
    """The rows of somebody's records; `place` is whose they are, the number of the first, the last day that counts."""
    who, first, last = place
    kinds, units = reference.kinds, reference.units
    for at, record in enumerate(records, first):
        day = _day(record["date"])
        entered = _day(record["entered"]) if "entered" in record else k.MIN_DAY
        if day > last or entered > last:
            counts.later += 1
        concept = record["concept_id"] if "concept_id" in record else reference.concept(record)
        if concept is None:
            counts.not_mapped += 1
            covered.pop(record["kind"], None)
            continue
        table, concepts, answers = kinds[record["kind"]]
        said = _said(record, units, day, entered, at * 16 + table)
        if concept in concepts:
            rows.append((who, concepts[concept], *said))
        if answers and (answer := answers.get(record.get("value_concept_id", 0))) is not None:
            rows.append(
                (who, answer, *said) if concept not in concepts else (who, answer, *said[:4], k.AGAIN, *said[5:])
            )


def _kin(relatives: Sequence[Mapping[str, Any]], rows: list[tuple[Any, ...]]) -> SentKin:
    """Relatives as people of their own; each is known from the day of registration, else from birth."""
    people = [_person(one["person"]) for one in relatives]
    joined = People(*(np.concatenate([getattr(one, name) for one in people]) for name in FIELDS))
    periods = []
    for at, (one, who) in enumerate(zip(relatives, people, strict=True)):
        first = _day(one["person"]["observed_from"]) if "observed_from" in one["person"] else int(who.birth[0])
        periods.append(("observed", at, first, k.MAX_DAY, float("nan")))
    relation = _ints([RELATIONS.index(one["relation"]) for one in relatives])
    start = np.array([0, len(relatives)], dtype=np.int64)
    always = np.full(len(relatives), k.MIN_DAY, dtype=np.int32)
    links = Links(start, relation, np.arange(len(relatives), dtype=np.int32), always)
    return SentKin(joined, make_facts(periods), _columns(rows), links)


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
    who, slot, day, until, value, unit, operator, entered, record = zip(*rows, strict=True) if rows else ((),) * 9
    return Rows(
        person=_ints(who),
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
        category=np.array([code if code in ETHNICITIES else ""], dtype=np.str_),
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
