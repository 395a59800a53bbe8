"""Drawn tables: people and their records as text, turned into OMOP tables, into histories, and into plain lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from features.cohort import execute, index_dates, read
from features.days import calendar_date, number
from features.histories import REASONS, Histories
from features.outcomes import label
from features.person import PersonReader
from features.programme import Compiled, compile_prediction
from features.source import Source
from features.vocabulary import TABLE_OF, Vocabulary, slot_map
from pathways.language import Age, Every, Happens, Pathway, Prediction, Predictor
from pathways.words import IndexDate, Outcome, Word
from tests.features import reference
from tests.spec.clinic import DIABETES, RECORDS, UNITS

OPERATOR_CONCEPTS = {"<": 4171756, "<=": 4171754, ">=": 4171755, ">": 4172704}
SEX_CONCEPTS = {"female": 8532, "male": 8507, "other": 8521, "unknown": 0}
ALWAYS = date(1800, 1, 1)
NEIGHBOUR = 999
"""Somebody who has one of everything, so that no kind of record is absent and nobody is alone in a table."""


def drawn(text: str) -> list[dict[str, str]]:
    """The rows of a table drawn with bars, by column."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


@dataclass(frozen=True)
class Patient:
    """A person of a drawn table."""

    id: int
    born: str = "1960-01-01"
    sex: str = "female"
    observed: tuple[tuple[date, date], ...] = ((date(2000, 1, 1), date(2030, 12, 31)),)
    died: date | None = None
    ethnicity: str = "Z"
    fifth: str = ""
    rows: tuple[dict[str, str], ...] = field(default=())

    @property
    def birth(self) -> date:
        """As the language reads it: mid-month if only the month is known, 1 July if only the year is."""
        return date.fromisoformat(self.born + {10: "", 7: "-15", 4: "-07-01"}[len(self.born)])


def patients(records: str, people: str = "") -> dict[str, Patient]:
    """Everybody who stands in either table, by name."""
    found: dict[str, Patient] = {}
    for line in drawn(people) if people else ():
        found[line["person"]] = _patient(len(found) + 1, line)
    for line in drawn(records) if records.strip() else ():
        one = found.setdefault(line["person"], Patient(len(found) + 1))
        found[line["person"]] = replace(one, rows=(*one.rows, line))
    return found


def _patient(at: int, line: Mapping[str, str]) -> Patient:
    facts: dict[str, Any] = {name: line[name] for name in ("born", "sex", "ethnicity", "fifth") if line.get(name)}
    if line.get("observed"):
        spans = [part.split(" to ") for part in line["observed"].split(",")]
        facts["observed"] = tuple((date.fromisoformat(a.strip()), date.fromisoformat(b.strip())) for a, b in spans)
    if line.get("observed") == "":
        facts["observed"] = ()
    if line.get("died"):
        facts["died"] = date.fromisoformat(line["died"])
    return Patient(at, **facts)


# As OMOP tables -------------------------------------------------------------------------------------------------------

_SHAPES: dict[str, dict[str, pa.DataType]] = {
    "person": {"person_id": pa.int64(), "gender_concept_id": pa.int64(), "year_of_birth": pa.int32(),
               "month_of_birth": pa.int32(), "day_of_birth": pa.int32(), "race_concept_id": pa.int64(),
               "ethnicity_source_value": pa.string(), "race_source_value": pa.string()},
    "observation_period": {"person_id": pa.int64(), "observation_period_start_date": pa.date32(),
                           "observation_period_end_date": pa.date32()},
    "death": {"person_id": pa.int64(), "death_date": pa.date32()},
    "condition_occurrence": {"condition_occurrence_id": pa.int64(), "person_id": pa.int64(),
                             "condition_concept_id": pa.int64(), "condition_start_date": pa.date32(),
                             "condition_end_date": pa.date32(), "visit_occurrence_id": pa.int64()},
    "measurement": {"measurement_id": pa.int64(), "person_id": pa.int64(), "measurement_concept_id": pa.int64(),
                    "measurement_date": pa.date32(), "operator_concept_id": pa.int64(),
                    "value_as_number": pa.float64(), "value_as_concept_id": pa.int64(), "unit_concept_id": pa.int64()},
    "drug_exposure": {"drug_exposure_id": pa.int64(), "person_id": pa.int64(), "drug_concept_id": pa.int64(),
                      "drug_exposure_start_date": pa.date32(), "drug_exposure_end_date": pa.date32(),
                      "days_supply": pa.float64()},
    "procedure_occurrence": {"procedure_occurrence_id": pa.int64(), "person_id": pa.int64(),
                             "procedure_concept_id": pa.int64(), "procedure_date": pa.date32()},
    "visit_occurrence": {"visit_occurrence_id": pa.int64(), "person_id": pa.int64(), "visit_concept_id": pa.int64(),
                         "visit_start_date": pa.date32(), "visit_end_date": pa.date32()},
    "observation": {"observation_id": pa.int64(), "person_id": pa.int64(), "observation_concept_id": pa.int64(),
                    "observation_date": pa.date32(), "value_as_number": pa.float64(),
                    "value_as_concept_id": pa.int64(), "observation_source_value": pa.string(),
                    "unit_concept_id": pa.int64()},
}  # fmt: skip


def omop(people: Mapping[str, Patient], leave_out: Sequence[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """Rows of OMOP tables; tables of the kinds in `leave_out` hold nobody's records, not even the neighbour's."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in _SHAPES}
    everyone = {**people, "the neighbour": _neighbour()}
    for one in everyone.values():
        _put_person(tables, one)
        for line in one.rows:
            _put_record(tables, one, line)
    for kind in leave_out:
        tables[TABLE_OF[kind]] = []
    return tables


def _neighbour() -> Patient:
    rows = tuple({"record": name, "date": "2020-06-15", "value": "100"} for name in RECORDS)
    return Patient(NEIGHBOUR, rows=rows)


def _put_person(tables: dict[str, list[dict[str, Any]]], one: Patient) -> None:
    born = [int(part) for part in one.born.split("-")] + [None, None]
    tables["person"].append(
        {"person_id": one.id, "gender_concept_id": SEX_CONCEPTS[one.sex], "year_of_birth": born[0],
         "month_of_birth": born[1], "day_of_birth": born[2], "race_concept_id": 0,
         "ethnicity_source_value": one.ethnicity, "race_source_value": None}
    )  # fmt: skip
    for first, last in one.observed:
        tables["observation_period"].append(
            {"person_id": one.id, "observation_period_start_date": first, "observation_period_end_date": last}
        )
    if one.died:
        tables["death"].append({"person_id": one.id, "death_date": one.died})
    if one.fifth:
        tables["observation"].append(
            {"observation_id": 900_000 + one.id, "person_id": one.id, "observation_concept_id": 0,
             "observation_date": date(2000, 1, 1), "value_as_number": float(one.fifth),
             "observation_source_value": "IMD2019"}
        )  # fmt: skip


_DATES = {
    "condition_occurrence": ("condition_start_date", "condition_end_date", "condition_concept_id"),
    "measurement": ("measurement_date", None, "measurement_concept_id"),
    "drug_exposure": ("drug_exposure_start_date", "drug_exposure_end_date", "drug_concept_id"),
    "procedure_occurrence": ("procedure_date", None, "procedure_concept_id"),
    "visit_occurrence": ("visit_start_date", "visit_end_date", "visit_concept_id"),
    "observation": ("observation_date", None, "observation_concept_id"),
}


def _put_record(tables: dict[str, list[dict[str, Any]]], one: Patient, line: Mapping[str, str]) -> None:
    kind = RECORDS[line["record"]]
    table = TABLE_OF[kind.kind]
    start, end, concept = _DATES[table]
    row: dict[str, Any] = {
        f"{table}_id": sum(len(rows) for rows in tables.values()) + 1,
        "person_id": one.id,
        concept: kind.concept_id,
        start: _day(line.get("date")),
    }
    if end:
        row[end] = _day(line.get("end"))
    value = float(line["value"]) if line.get("value") else None
    if table in ("measurement", "observation"):
        row["value_as_number"] = value
        row["unit_concept_id"] = UNITS.get(_unit(line), 0)
        row["value_as_concept_id"] = RECORDS[line["answer"]].concept_id if line.get("answer") else None
    if table == "measurement":
        row["operator_concept_id"] = OPERATOR_CONCEPTS.get(line.get("operator", ""), 0)
    if table == "drug_exposure":
        row["days_supply"] = value
    if line.get("entered"):
        row["visit_occurrence_id"] = _stay(tables, one, line)
    tables[table].append(row)


def _stay(tables: dict[str, list[dict[str, Any]]], one: Patient, line: Mapping[str, str]) -> int:
    """OMOP tells when a diagnosis was entered only through the stay in which it was made."""
    at = sum(len(rows) for rows in tables.values()) + 500_000
    tables["visit_occurrence"].append(
        {"visit_occurrence_id": at, "person_id": one.id, "visit_concept_id": 9201,
         "visit_start_date": _day(line["date"]), "visit_end_date": _day(line["entered"])}
    )  # fmt: skip
    return at


def _unit(line: Mapping[str, str]) -> str:
    return line["unit"] if "unit" in line else RECORDS[line["record"]].unit


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def arrow(tables: Mapping[str, list[dict[str, Any]]]) -> dict[str, pa.Table]:
    """Rows as Arrow tables with OMOP's columns."""
    return {
        name: pa.table({column: pa.array([row.get(column) for row in rows], kind) for column, kind in shape.items()})
        for name, shape in _SHAPES.items()
        for rows in [tables[name]]
    }


def as_source(tables: Mapping[str, list[dict[str, Any]]], con: Any) -> Source:
    """The tables in a real DuckDB, as a source."""
    held = {}
    for name, table in arrow(tables).items():
        if table.num_rows:
            view = ibis.util.gen_name(name)
            con.con.register(view, table)
            held[name] = con.table(view)
    return Source(Path(), con, held)


# As histories ---------------------------------------------------------------------------------------------------------


def history(one: Patient, on: date, covers: Mapping[str, date]) -> dict[str, Any]:
    """The same person as a client sends it."""
    person: dict[str, Any] = {"birth_date": one.birth.isoformat(), "sex": one.sex, "ethnicity": one.ethnicity}
    if one.fifth:
        person["deprivation"] = {"fifth": int(one.fifth), "release": "IMD2019"}
    for first, last in one.observed:
        if "observed_from" not in person or first <= on:
            person["observed_from"], person["observed_to"] = first.isoformat(), last.isoformat()
    return {
        "person": person,
        "covers": [{"kind": kind, "from": day.isoformat()} for kind, day in covers.items()],
        "records": [_sent(line) for line in one.rows if line.get("date")],
    }


def _sent(line: Mapping[str, str]) -> dict[str, Any]:
    kind = RECORDS[line["record"]]
    record: dict[str, Any] = {"kind": kind.kind, "concept_id": kind.concept_id, "date": line["date"]}
    for name in ("end", "entered", "operator"):
        if line.get(name):
            record[name] = line[name]
    if line.get("value"):
        record["days_supply" if kind.kind in ("medication", "immunisation") else "value"] = float(line["value"])
    if line.get("answer"):
        record["value_concept_id"] = RECORDS[line["answer"]].concept_id
    if _unit(line):
        record["unit"] = _unit(line)
    return record


# As lists, for the slow reference -------------------------------------------------------------------------------------


def plain(one: Patient, covers: Mapping[str, date]) -> reference.Person:
    """The same person for the reference."""
    rows = [_listed(at, line) for at, line in enumerate(one.rows)]
    return reference.Person(
        born=one.birth,
        sex=one.sex,
        ethnicity=one.ethnicity,
        fifth=int(one.fifth) if one.fifth else None,
        observed=tuple(sorted(one.observed)),
        died=one.died,
        rows=tuple(row for row in rows if row is not None),
        complete_from=dict(covers),
    )


def _listed(at: int, line: Mapping[str, str]) -> reference.Row | None:
    kind, day = RECORDS[line["record"]], _day(line.get("date"))
    if day is None:
        return None
    return reference.Row(
        id=at,
        table=TABLE_OF[kind.kind],
        concept=kind.concept_id,
        day=day,
        end=_day(line.get("end")),
        value=float(line["value"]) if line.get("value") else None,
        unit=UNITS.get(_unit(line), 0),
        operator=line.get("operator", ""),
        entered=_day(line.get("entered")),
        answer=RECORDS[line["answer"]].concept_id if line.get("answer") else 0,
    )


# Running a word by every route ----------------------------------------------------------------------------------------


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
    pathway = Pathway(title="Drawn", predictions=(prediction,))
    compiled = compile_prediction(pathway, prediction)
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
        sent = history(people[name], day, covers)
        found[name] = float(reader.from_history(sent, day - timedelta(days=1)).predictors[0])
    return found


def by_lists(
    word: Word, people: Mapping[str, Patient], on: Mapping[str, date], covers: Mapping[str, date]
) -> dict[str, float]:
    """The word for each person by the slow reference."""
    return {name: reference.value(word, plain(people[name], covers), day) for name, day in on.items()}


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
    words = compiled.outcome
    wanted = [*words.events, *words.censoring, *([words.judged] if words.judged >= 0 else [])]
    _, registers = execute(compiled.whole, histories, rows, np.empty(0, np.int64), np.array(wanted, dtype=np.int64))
    labels = label(compiled, histories, rows, registers)
    names = ("left", "outcome", "competing")
    return {
        name: (names[event] if measured else f"{names[event]}, not measured", time)
        for name, event, time, measured in zip(
            on, labels.event.tolist(), labels.time.tolist(), labels.measured.tolist(), strict=True
        )
    }
