"""A set in MEDS, the Medical Event Data Standard: one row for each event with subject_id, time, code and a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from external.adapters.omop import UNKNOWN_SEX, Code, write

BIRTH, DEATH = "MEDS_BIRTH", "MEDS_DEATH"


@dataclass(frozen=True)
class Meds:
    """A file of events and what its codes become; codes that are not listed are left out.

    `sexes` are the codes of sex with their concepts; `value` is the column of numbers.
    """

    file: str
    sexes: tuple[tuple[str, int], ...]
    codes: tuple[Code, ...]
    value: str = "numeric_value"
    notes: tuple[str, ...] = ()
    seen_on: date | None = None
    label: str = ""

    @property
    def assumed(self) -> tuple[str, ...]:
        return (
            "Everybody is taken to have been watched from the first event to the last, though nobody looks at people "
            "between two stays: what happened there is not known and counts as nothing.",
            f"{BIRTH} gives the year of birth and {DEATH} the death; other times are cut to days.",
            *self.notes,
        )

    def write(self, raw: Path, into: Path) -> None:
        with duckdb.connect() as con:
            con.register("codes", self._codes())
            con.register("sexes", pd.DataFrame(self.sexes, columns=["code", "concept"]))
            con.execute(f"CREATE VIEW events AS SELECT * FROM '{raw / self.file}'")
            write(into, con.execute(_PEOPLE).df(), con.execute(_RECORDS.format(value=self.value)).df())

    def labels(self, raw: Path, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """The set says nothing beside its events."""
        return np.full(len(ids), np.nan)

    def _codes(self) -> pd.DataFrame:
        rows = [(code.source, code.table, code.concept, code.unit) for code in self.codes]
        return pd.DataFrame(rows, columns=["pattern", "table", "concept", "unit"])


_PEOPLE = f"""
SELECT subject_id AS person_id,
       coalesce(max(sexes.concept), {UNKNOWN_SEX}) AS gender_concept_id,
       min(year(time)) FILTER (events.code = '{BIRTH}') AS year_of_birth,
       min(time::DATE) FILTER (events.code <> '{BIRTH}') AS first,
       max(time::DATE) FILTER (events.code <> '{BIRTH}') AS last,
       min(time::DATE) FILTER (events.code = '{DEATH}') AS death
FROM events LEFT JOIN sexes USING (code) GROUP BY subject_id ORDER BY subject_id
"""

_RECORDS = """
SELECT subject_id AS person_id, codes."table", codes.concept, time::DATE AS day, {value} AS value, codes.unit
FROM events JOIN codes ON events.code GLOB codes.pattern
WHERE time IS NOT NULL ORDER BY subject_id, time, codes.concept, value
"""
