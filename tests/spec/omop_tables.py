"""People of a drawn table as OMOP tables, in a real DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from features.families import MOTHER
from features.source import Source
from features.vocabulary import TABLE_OF
from tests.spec.clinic import RECORDS, UNITS
from tests.spec.drawn import NEIGHBOUR, Patient, day_of, unit_of

OPERATOR_CONCEPTS = {"<": 4171756, "<=": 4171754, ">=": 4171755, ">": 4172704}
SEX_CONCEPTS = {"female": 8532, "male": 8507, "other": 8521, "unknown": 0}

_SHAPES: dict[str, dict[str, pa.DataType]] = {
    "person": {"person_id": pa.int64(), "gender_concept_id": pa.int64(), "year_of_birth": pa.int32(),
               "month_of_birth": pa.int32(), "day_of_birth": pa.int32(), "race_concept_id": pa.int64(),
               "ethnicity_source_value": pa.string(), "race_source_value": pa.string(), "location_id": pa.int64()},
    "location_history": {"location_id": pa.int64(), "domain_id": pa.string(), "entity_id": pa.int64(),
                         "start_date": pa.date32()},
    "observation_period": {"person_id": pa.int64(), "observation_period_start_date": pa.date32(),
                           "observation_period_end_date": pa.date32()},
    "fact_relationship": {"domain_concept_id_1": pa.int64(), "fact_id_1": pa.int64(), "domain_concept_id_2": pa.int64(),
                          "fact_id_2": pa.int64(), "relationship_concept_id": pa.int64()},
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
        if one.mother:
            _put_mother(tables, one.id, people[one.mother].id)
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
         "ethnicity_source_value": one.ethnicity, "race_source_value": None,
         "location_id": one.homes[-1][0] if one.homes else None}
    )  # fmt: skip
    for first, last in one.observed:
        tables["observation_period"].append(
            {"person_id": one.id, "observation_period_start_date": first, "observation_period_end_date": last}
        )
    for place, since in one.homes if len(one.homes) > 1 else ():
        tables["location_history"].append(
            {"location_id": place, "domain_id": "Person", "entity_id": one.id, "start_date": since or date(1800, 1, 1)}
        )
    if one.died:
        tables["death"].append({"person_id": one.id, "death_date": one.died})
    if one.fifth:
        tables["observation"].append(
            {"observation_id": 900_000 + one.id, "person_id": one.id, "observation_concept_id": 0,
             "observation_date": date(2000, 1, 1), "value_as_number": float(one.fifth),
             "observation_source_value": "IMD2019"}
        )  # fmt: skip


def _put_mother(tables: dict[str, list[dict[str, Any]]], child: int, mother: int) -> None:
    for one, other, relation in ((child, mother, MOTHER), (mother, child, 0)):
        tables["fact_relationship"].append(
            {"domain_concept_id_1": 1147314, "fact_id_1": one, "domain_concept_id_2": 1147314, "fact_id_2": other,
             "relationship_concept_id": relation}
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
        start: day_of(line.get("date")),
    }
    if end:
        row[end] = day_of(line.get("end"))
    value = float(line["value"]) if line.get("value") else None
    if table in ("measurement", "observation"):
        row["value_as_number"] = value
        row["unit_concept_id"] = UNITS.get(unit_of(line), 0)
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
         "visit_start_date": day_of(line["date"]), "visit_end_date": day_of(line["entered"])}
    )  # fmt: skip
    return at


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
