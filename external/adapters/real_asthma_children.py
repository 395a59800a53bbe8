"""232 infants with wheeze in a trial, followed for 600 days: each attack with its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from external.adapters.omop import UNKNOWN_SEX, Code, write

ATTACK = Code("Status", "condition_occurrence", 257581, "Exacerbation of asthma", equals=1)
BEGAN = date(2018, 1, 1)
"""A day for the start of everybody's trial: the set has none."""
HALF = 365
"""Days of the trial that are past on the day on which everybody is asked about."""


@dataclass(frozen=True)
class Trial:
    """Intervals at risk of one person after the other; one that ends with `Status` 1 ends with an attack."""

    seen_on: date = date(2019, 1, 1)
    codes: tuple[Code, ...] = (ATTACK,)
    label: str = "had an attack in the rest of the 600 days"
    assumed: tuple[str, ...] = (
        f"The set counts days: the trial of everybody is taken to begin on {BEGAN:%-d %B %Y}, registered for a year"
        " before, and everybody is asked about a year later.",
        "An interval with `Status` 1 ends in an attack on its last day. It has no age, sex, medicine or visit.",
        "Taken to be complete, though the set has no such table: drug_exposure, visit_occurrence.",
    )

    def read(self, raw: Path) -> pd.DataFrame:
        return pd.read_parquet(raw / "parquet" / "asthma_recurrent_trial.parquet")

    def write(self, raw: Path, into: Path) -> None:
        rows = self.read(raw)
        start = pd.Timestamp(BEGAN)
        last = rows.groupby("Patid")["End"].max()
        people = pd.DataFrame(
            {
                "person_id": last.index,
                "gender_concept_id": UNKNOWN_SEX,
                "year_of_birth": pd.array([pd.NA] * len(last), dtype="Int64"),
                "first": start - pd.Timedelta(days=365),
                "last": start + pd.to_timedelta(last.to_numpy(), unit="D"),
                "death": pd.NaT,
            }
        )
        attacks = rows[rows["Status"] == 1]
        records = pd.DataFrame(
            {
                "person_id": attacks["Patid"],
                "table": ATTACK.table,
                "concept": ATTACK.concept,
                "day": start + pd.to_timedelta(attacks["End"], unit="D"),
                "value": np.nan,
                "unit": 0,
            }
        )
        write(into, people, records, ("drug_exposure", "visit_occurrence"))

    def labels(self, raw: Path, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """Whoever was not followed beyond the day and had no attack after it is unknown."""
        rows = self.read(raw)
        later = rows[(rows["Status"] == 1) & (rows["End"] > HALF)].groupby("Patid").size()
        followed = rows.groupby("Patid")["End"].max()
        had = (later.reindex(followed.index).fillna(0) > 0).astype(float)
        return np.asarray(had.where((followed >= 600) | (had == 1)).reindex(ids), dtype=np.float64)


ADAPTERS = {"": Trial()}
