"""A person of a source as a `history`, the shape in which a client sends one (`interface.md`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from features import kernel as k
from features.days import calendar_date
from features.histories import Facts, Rows
from features.sent import OPERATORS, PLACES
from features.source import Source
from features.streams import BASE
from features.vocabulary import TABLE_OF, TABLES, SlotMap
from pathways.words import ETHNICITIES, KINDS, RELATIONS, SEXES

_SYMBOLS = {concept: symbol for symbol, concept in OPERATORS.items()}
_KIND_OF = {table: kind for kind, table in reversed(TABLE_OF.items())}


def history(source: Source, slots: SlotMap, person_id: int, index_day: int) -> dict[str, Any]:
    """Everything that the source holds on one person, and on relatives, for some slots, as at an index date."""
    ids = source.people.ids
    at = int(np.searchsorted(ids, person_id))
    return history_of(source, slots, at, source.rows(slots, person_id, person_id + 1, ids[at : at + 1]), index_day)


def history_of(source: Source, slots: SlotMap, at: int, tables: Iterable[Rows], index_day: int) -> dict[str, Any]:
    """The same for the person at a position, from their rows by table.

    A row without a date, or after death, is of no use to anybody and is not sent; a history has no date of death.
    """
    last = int(source.people.death[at])
    records = [
        _record(rows, row, slots)
        for rows in tables
        for row in range(len(rows.record))
        if k.MIN_DAY < rows.day[row] <= last
    ]
    records.sort(key=lambda record: (record["id"], "value_concept_id" in record))
    return {
        "person": _person(source, at, index_day),
        "covers": [{"kind": kind, "from": "1800-01-01"} for kind in KINDS if kind in source.complete],
        "records": records,
    } | ({} if slots.theirs is None else {"relatives": _relatives(source, slots.theirs, at, index_day)})


def _relatives(source: Source, slots: SlotMap, at: int, index_day: int) -> list[dict[str, Any]]:
    """The relatives of the person at a position; whoever is not born or was never registered is known to nobody."""
    links, whole, found = source.links.part(at, at + 1), source.whole, []
    found_links = (each.tolist() for each in (links.relation, links.other, links.since))
    for relation, other, since in zip(*found_links, strict=True):
        first = _first_seen(whole.places.of(other, other + 1))
        if first is None or whole.people.birth[other] >= index_day or since >= index_day:
            continue
        one = history(whole, slots, int(whole.people.ids[other]), index_day)
        person = {name: one["person"][name] for name in ("birth_date", "sex")}
        person["observed_from"] = calendar_date(first).isoformat()
        found.append({"relation": RELATIONS[relation], "person": person, "records": one["records"]})
    return found


def _first_seen(facts: Facts) -> int | None:
    observed = facts.first[facts.stream == BASE.index("observed")]
    return int(observed.min()) if len(observed) else None


def _record(rows: Rows, row: int, slots: SlotMap) -> dict[str, Any]:
    slot = int(rows.slot[row])
    concept = int(slots.slots.concepts[slot])
    table = TABLES[int(rows.record[row]) & 15]
    record: dict[str, Any] = {
        "kind": _KIND_OF[table],
        "concept_id": 0 if slots.slots.answers[slot] else concept,
        "date": calendar_date(rows.day[row]).isoformat(),
        "id": int(rows.record[row]),
    }
    if slots.slots.answers[slot]:
        record["value_concept_id"] = concept
    if rows.until[row] > k.MIN_DAY:
        record["end"] = calendar_date(max(rows.until[row], rows.day[row])).isoformat()
    if not np.isnan(rows.value[row]):
        record["value"] = float(rows.value[row])
    if rows.unit[row]:
        record["unit_concept_id"] = int(rows.unit[row])
    if int(rows.operator[row]) in _SYMBOLS and "value" in record:
        record["operator"] = _SYMBOLS[int(rows.operator[row])]
    if rows.entered[row] > k.MIN_DAY:
        record["entered"] = calendar_date(rows.entered[row]).isoformat()
    return record


def _person(source: Source, at: int, index_day: int) -> dict[str, Any]:
    people, facts = source.people, source.places.of(at, at + 1)
    sex, ethnicity = people.sex[at], people.ethnicity[at]
    person: dict[str, Any] = {
        "birth_date": calendar_date(people.birth[at]).isoformat(),
        "sex": "unknown" if np.isnan(sex) else SEXES[int(sex)],
        "ethnicity": "Z" if np.isnan(ethnicity) else ETHNICITIES[int(ethnicity)],
    }
    if (period := _period(facts, index_day)) is not None:
        person["observed_from"], person["observed_to"] = (calendar_date(day).isoformat() for day in period)
    for place in PLACES:
        if (level := _level(facts, place, index_day)) is not None:
            person[place] = source.places.levels[place][int(level)]
    if (fifth := _level(facts, "deprivation", index_day)) is not None and 1 <= fifth <= 5:
        person["deprivation"] = {"fifth": int(fifth), "release": "IMD2019"}
    return person


def _period(facts: Facts, index_day: int) -> tuple[int, int] | None:
    """The observation period that holds the day before the index date, else the last; periods that touch are one."""
    joined: list[tuple[int, int]] = []
    observed = facts.stream == BASE.index("observed")
    for first, last in sorted(zip(facts.first[observed].tolist(), facts.last[observed].tolist(), strict=True)):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    held = [period for period in joined if period[0] <= index_day and period[1] >= index_day - 1]
    return (held or joined)[-1] if joined else None


def _level(facts: Facts, name: str, index_day: int) -> float | None:
    """The newest level of a dated fact before the index date."""
    known = (facts.stream == BASE.index(name)) & (facts.first < index_day)
    dated = sorted(zip(facts.first[known].tolist(), facts.level[known].tolist(), strict=True))
    return dated[-1][1] if dated else None
