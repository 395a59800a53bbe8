"""The feature table of everybody against the least that any engine must do: read the same columns."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from bench.clock import alternating, medians, peak_memory
from bench.population import DAYS, FIRST
from features.cohort import feature_table
from features.source import open_source
from features.table import FeatureTable
from pathways.definition import Pathway, Prediction

DATES = (4, 12)
"""Index dates of each person, beside one."""

SHARE = 100
"""One person in so many is refreshed."""

ON = FIRST + DAYS - 650
"""The index date of everybody: late enough for a look-back, early enough for a time at risk."""

COLUMNS = {
    "condition_occurrence": (
        "person_id",
        "condition_concept_id",
        "condition_start_date",
        "condition_end_date",
        "condition_occurrence_id",
    ),
    "measurement": (
        "person_id",
        "measurement_concept_id",
        "measurement_date",
        "value_as_number",
        "unit_concept_id",
        "operator_concept_id",
        "measurement_id",
    ),
    "drug_exposure": (
        "person_id",
        "drug_concept_id",
        "drug_exposure_start_date",
        "drug_exposure_end_date",
        "drug_exposure_id",
    ),
    "visit_occurrence": (
        "person_id",
        "visit_concept_id",
        "visit_start_date",
        "visit_end_date",
        "visit_occurrence_id",
    ),
}
"""Every column of every record that features read: `tests/bench` compares this with the queries."""


@dataclass(frozen=True)
class Built:
    """The figures of this part, and the table for whoever compares it."""

    figures: dict[str, Any]
    table: FeatureTable


def bare_scan(folder: Path) -> None:
    """Read every value of every column once: the sum of each."""
    with duckdb.connect() as connection:
        for table, columns in COLUMNS.items():
            sums = ", ".join(f"sum({_number(column)})" for column in columns)
            connection.sql(f"SELECT {sums} FROM read_parquet('{folder / table}.parquet')").fetchall()


def _number(column: str) -> str:
    return f"{column} - DATE '1970-01-01'" if column.endswith("_date") else column


def build(folder: Path, pathway: Pathway, prediction: Prediction, dates: int = 1) -> FeatureTable:
    """The feature table of everybody on one index date, or on several, a month before one another."""
    return feature_table(pathway, prediction, open_source(folder), on=[ON - 30 * before for before in range(dates)])


def refresh(folder: Path, pathway: Pathway, prediction: Prediction, people: NDArray[np.int64]) -> FeatureTable:
    """The feature table of some people, as when their records have changed."""
    return feature_table(pathway, prediction, open_source(folder).only(people), on=[ON])


def measure(folder: Path, pathway: Pathway, prediction: Prediction, repeats: int, step: Callable[[str], None]) -> Built:
    """CPU seconds of the scan and of the table, alternating; whoever calls has compiled the kernel."""
    tables: list[FeatureTable] = []

    def table_side() -> None:
        step("Feature table")
        tables[:] = [build(folder, pathway, prediction)]

    def scan_side() -> None:
        step("Bare scan")
        bare_scan(folder)

    taken = alternating({"scan": scan_side, "table": table_side}, repeats)
    middle = medians(taken)
    (table,) = tables
    ratios = [of / over for of, over in zip(taken["table"], taken["scan"], strict=True)]
    figures = {
        "scan_cpu_s": middle["scan"],
        "table_cpu_s": middle["table"],
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "goal": 3.5,
        "peak_memory_bytes": peak_memory(),
        "index_dates": len(table),
        "predictors": len(table.columns),
        "records": sum(fates["rows in"] for fates in table.accounts.values()),
        "records_asked_for": sum(fates["rows in"] - fates["not asked for"] for fates in table.accounts.values()),
    }
    return Built(figures | _other_tables(folder, pathway, prediction, repeats, step), table)


def _other_tables(
    folder: Path, pathway: Pathway, prediction: Prediction, repeats: int, step: Callable[[str], None]
) -> dict[str, Any]:
    """Several index dates for each person over one, and some people over the bare scan of everybody."""
    step("Several index dates, and a refresh")
    people = open_source(folder).people.ids
    some = np.sort(np.random.default_rng(1).choice(people, len(people) // SHARE, replace=False))
    sides: dict[str, Callable[[], object]] = {
        "scan": lambda: bare_scan(folder),
        "refresh": lambda: refresh(folder, pathway, prediction, some),
        **{str(dates): partial(build, folder, pathway, prediction, dates) for dates in (1, *DATES)},
    }
    taken = medians(alternating(sides, min(repeats, 3)))
    further = {str(dates): (taken[str(dates)] - taken["1"]) / (dates - 1) / taken["1"] for dates in DATES}
    return {"refresh_ratio": taken["refresh"] / taken["scan"], "refreshed": len(some), "further_date": further}
