"""The OMOP tables that adapters fill: people, the time in which they were watched, deaths and records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

FEMALE, MALE, UNKNOWN_SEX = 8532, 8507, 0

TABLES = {
    "condition_occurrence": ("condition_concept_id", "condition_start_date"),
    "drug_exposure": ("drug_concept_id", "drug_exposure_start_date"),
    "measurement": ("measurement_concept_id", "measurement_date"),
    "observation": ("observation_concept_id", "observation_date"),
    "procedure_occurrence": ("procedure_concept_id", "procedure_date"),
    "visit_occurrence": ("visit_concept_id", "visit_start_date"),
}
"""What a concept and its day are called in each table of records."""


@dataclass(frozen=True)
class Code:
    """A column of a flat set, or a code of a MEDS set, and the record that it becomes.

    `equals` is the answer in the column that makes a record; None takes the number in it, in `unit`. A code of MEDS is
    a pattern: * stands for any text, ? for one sign, [3-8] for one of these.
    """

    source: str
    table: str
    concept: int
    name: str
    unit: int = 0
    unit_name: str = ""
    equals: object = None

    @property
    def said(self) -> str:
        """What it is in the set."""
        return self.source if self.equals is None else f"{self.source} = {self.equals}"

    @property
    def record(self) -> str:
        """What it becomes."""
        unit = f", in {self.unit_name}" if self.unit_name else ""
        return f"{self.table} {self.concept} {self.name}{unit}"


def write(into: Path, people: pd.DataFrame, records: pd.DataFrame, complete: tuple[str, ...] = ()) -> None:
    """Write OMOP tables as Parquet.

    Parameters
    ----------
    people : DataFrame
        person_id, gender_concept_id, year_of_birth (may be missing), first, last and death (may be missing) as dates.
    records : DataFrame
        person_id, table, concept, day, value and unit.
    complete : tuple of str
        Tables of which it is assumed that they would hold whatever there was. One of them without a record gets a row
        of concept 0, since an empty table says nothing.
    """
    into.mkdir(parents=True, exist_ok=True)
    _put(into, "person", people[["person_id", "gender_concept_id", "year_of_birth"]])
    first, last = "observation_period_start_date", "observation_period_end_date"
    watched = people.rename(columns={"first": first, "last": last})[["person_id", first, last]]
    _put(into, "observation_period", watched)
    dead = people[people["death"].notna()].rename(columns={"death": "death_date"})
    if len(dead):
        _put(into, "death", dead[["person_id", "death_date"]])
    for table in TABLES:
        rows = records[records["table"] == table]
        if table in complete and rows.empty:
            rows = _nothing(people)
        if len(rows):
            _records(into, table, rows)


def _records(into: Path, table: str, rows: pd.DataFrame) -> None:
    concept, day = TABLES[table]
    named = rows.rename(columns={"concept": concept, "day": day, "value": "value_as_number", "unit": "unit_concept_id"})
    numbers = ["value_as_number", "unit_concept_id"] if table == "measurement" else []
    _put(into, table, named[["person_id", concept, day, *numbers]].assign(**{f"{table}_id": range(1, len(rows) + 1)}))


def _nothing(people: pd.DataFrame) -> pd.DataFrame:
    """One row that no concept set asks for."""
    one = people.head(1)
    return pd.DataFrame({"person_id": one["person_id"], "concept": 0, "day": one["first"], "value": None, "unit": 0})


def _put(into: Path, table: str, rows: pd.DataFrame) -> None:
    rows.to_parquet(into / f"{table}.parquet", index=False)
