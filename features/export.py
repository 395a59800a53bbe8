"""A person of a source as a `history`, the shape in which a client sends one (`interface.md`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from features import kernel as k
from features.days import calendar_date
from features.sent import OPERATORS
from features.source import Source
from features.vocabulary import TABLE_OF, TABLES, SlotMap
from pathways.words import ETHNICITIES, KINDS, SEXES

_SYMBOLS = {concept: symbol for symbol, concept in OPERATORS.items()}
_KIND_OF = {table: kind for kind, table in reversed(TABLE_OF.items())}


def history(source: Source, slots: SlotMap, person_id: int, index_day: int) -> dict[str, Any]:
    """Everything that the source holds on one person for some slots, as at an index date."""
    ids = source.people.ids
    at = int(np.searchsorted(ids, person_id))
    records = []
    for rows in source.rows(slots, person_id, person_id + 1, ids[at : at + 1]):
        for row in np.argsort(rows.record, kind="stable").tolist():
            if rows.day[row] > k.MIN_DAY:
                records.append(_record(rows, row, slots))
    records.sort(key=lambda record: (record["id"] % 16, record["id"]))
    return {
        "person": _person(source, at, index_day),
        "covers": [{"kind": kind, "from": "1800-01-01"} for kind in KINDS if kind in source.complete],
        "records": records,
    }


def _record(rows: Any, row: int, slots: SlotMap) -> dict[str, Any]:
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
        record["end"] = calendar_date(rows.until[row]).isoformat()
    if not np.isnan(rows.value[row]):
        record["value"] = float(rows.value[row])
    if rows.unit[row]:
        record["unit_concept_id"] = int(rows.unit[row])
    if int(rows.operator[row]) in _SYMBOLS:
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
    for first, last in sorted(zip(facts.first[facts.stream == 0], facts.last[facts.stream == 0], strict=True)):
        if first <= index_day and last >= index_day - 1:
            person["observed_from"], person["observed_to"] = (calendar_date(day).isoformat() for day in (first, last))
    return person
