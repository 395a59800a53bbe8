"""Views 5 to 9 of `labels_a.sql` beside the outcomes of blood pressure, asthma and cancer (docs/decisions/0020).

As in `labels_sql`: the statements as they stand, then again after each change that gives them one of our inputs or
rules.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

import pathways
from features.cohort import execute, index_dates
from features.days import calendar_date
from features.outcomes import label
from features.programme import criteria
from features.source import Source, open_source
from pathways import concept_sets as shared
from pathways.catalogue import asthma_attack as asthma
from pathways.catalogue import cancer_diagnosis as cancer
from pathways.language import ConceptSet
from tests.features.labels_sql import WATCH, _make, _people, differ, histories_of

SETS: Mapping[str, tuple[ConceptSet, ...]] = {
    "sbp": (shared.SYSTOLIC_PRESSURE,),
    "dbp": (shared.DIASTOLIC_PRESSURE,),
    "hypertension_dx": (shared.HYPERTENSION,),
    "asthma_dx": (asthma.ASTHMA_SET,),
    "asthma_exacerbation_dx": (asthma.EXACERBATION_SET,),
    "lrti": (asthma.CHEST_INFECTION_SET,),
    "rx_ocs": asthma.STEROID.of,
    "any_malignancy_excl_nmsc": cancer.CANCER.of,
}
TABLES = {
    "condition_occurrence": ("condition_concept_id", "condition_start_date"),
    "measurement": ("measurement_concept_id", "measurement_date"),
    "drug_exposure": ("drug_concept_id", "drug_exposure_start_date"),
}
UNTIL_WATCHED = "JOIN watch w USING (person_id, our_index)"

Found = Mapping[tuple[int, date], Any]


@dataclass(frozen=True)
class Asked:
    """A prediction, the view that gives its outcome, how to read it off, and what gives the statements our rules."""

    pathway: str
    prediction: str
    views: tuple[str, ...]
    query: str
    changes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    within: int | None = None
    measured: bool = False


FIRST = (
    "SELECT i.person_id, i.our_index, min(CASE WHEN {day} <= w.last THEN {day} END) FROM idx i "
    f"{UNTIL_WATCHED} LEFT JOIN {{view}} e ON e.person_id = i.person_id {{on}} GROUP BY ALL"
)
OF_INDEX = "AND e.index_date = i.index_date"
AFTER = "AND e.attack_date > i.index_date"

EACH_RECORD = (
    "each record, not each chain of records",
    (
        (
            "SELECT person_id, min(d) attack_date, max(sev) severity /*1 OCS/coded 2 ED 3 admitted*/ FROM k "
            "GROUP BY person_id, n",
            "SELECT person_id, d attack_date, sev severity FROM k",
        ),
    ),
)
BY_DATES = (
    "a code within the dates of a visit, not of its id",
    (
        (
            "FROM dx JOIN visit_occurrence v USING (visit_occurrence_id)",
            "FROM dx JOIN visit_occurrence v ON v.person_id = dx.person_id AND dx.d BETWEEN v.visit_start_date "
            "AND coalesce(v.visit_end_date, v.visit_start_date)",
        ),
    ),
)
ASKED = (
    Asked(
        "high_blood_pressure",
        "undetected",
        ("bp_day", "htn_new"),
        FIRST.format(day="e.event_date", view="htn_new", on=OF_INDEX),
        (
            (
                "a first raised day before the index date",
                (
                    ("AND b.d>i.index_date AND (b.sbp>=140", "AND (b.sbp>=140"),
                    ("WHERE date_diff('day',d,d2)<=365", "WHERE date_diff('day',d,d2)<=365 AND d2>index_date"),
                ),
            ),
        ),
    ),
    Asked(
        "high_blood_pressure",
        "uncontrolled",
        ("bp_day", "htn_uncontrolled"),
        "SELECT i.person_id, i.our_index, e.uncontrolled FROM idx i "
        "LEFT JOIN htn_uncontrolled e ON e.person_id = i.person_id AND e.index_date = i.index_date",
        (
            (
                "the age at the reading",
                (
                    (
                        "extract(year FROM i.index_date)-p.year_of_birth<80",
                        "(max(b.d) - any_value(p.birth)) / 365.25 < 80",
                    ),
                ),
            ),
        ),
        measured=True,
    ),
    Asked(
        "asthma_attack",
        "any_attack",
        ("asthma_attack",),
        FIRST.format(day="e.attack_date", view="asthma_attack", on=AFTER),
        (EACH_RECORD, BY_DATES),
    ),
    Asked(
        "asthma_attack",
        "adults",
        ("asthma_attack",),
        FIRST.format(day="e.attack_date", view="asthma_attack", on=f"{AFTER} AND e.severity >= 2"),
        (EACH_RECORD, BY_DATES),
    ),
    Asked(
        "cancer_diagnosis",
        "any_cancer",
        ("cancer_12m",),
        FIRST.format(day="e.cancer_date", view="cancer_12m", on=OF_INDEX),
        (),
        within=365,
    ),
)


# Ours -----------------------------------------------------------------------------------------------------------------


def ours(asked: Asked, source: Source) -> Found:
    """The day of the outcome of everybody eligible (None if it did not come), or for a measured one what was judged."""
    pathway = pathways.load(asked.pathway)
    prediction = pathway.prediction(asked.prediction)
    compiled, histories = histories_of(pathway, prediction, source)
    rows = index_dates(compiled, histories, source.extract_day)
    none = np.empty(0, dtype=np.int64)
    _, holds = execute(compiled.population, histories, rows, none, compiled.population.columns(criteria(prediction)))
    kept = (holds == 1.0).all(axis=1)
    rows = rows[0][kept], rows[1][kept]
    events = compiled.outcomes[0]
    _, registers = execute(compiled.whole, histories, rows, none, np.array(events.registers, dtype=np.int64))
    labels = label(events, histories, rows, registers)
    found: dict[tuple[int, date], Any] = {}
    for at, (person, index) in enumerate(zip(histories.people.ids[rows[0]].tolist(), rows[1].tolist(), strict=True)):
        came, time = bool(labels.event[at] == 1), int(labels.time[at])
        if asked.measured:
            found[(person, calendar_date(index))] = came if labels.measured[at] else None
        else:
            soon = asked.within is None or time < asked.within
            found[(person, calendar_date(index))] = calendar_date(index + time) if came and soon else None
    return found


# Theirs ---------------------------------------------------------------------------------------------------------------


def theirs(asked: Asked, source: Source, folder: Path, statements: str, mine: Found) -> Iterator[tuple[str, Found]]:
    """What the statements say as they stand, and after each change."""
    con = _opened(source, folder, mine)
    _make(con, statements, asked.views)
    yield "as they stand", _read(asked, con)
    for change in _inputs():
        con.execute(change)
    yield "our inputs", _read(asked, con)
    for name, pairs in asked.changes:
        for old, new in pairs:
            assert statements.count(old) == 1, old
            statements = statements.replace(old, new)
        _make(con, statements, asked.views)
        yield name, _read(asked, con)
    for change in WATCH.tables:
        con.execute(change)
    yield "end of the watch", _read(asked, con)


def _opened(source: Source, folder: Path, mine: Found) -> Any:
    con = duckdb.connect()
    vocabulary = source.vocabulary(tuple(part for parts in SETS.values() for part in parts))
    listed = [(name, one) for name, parts in SETS.items() for part in parts for one in vocabulary.of(part)]
    pairs = sorted(set(listed))
    con.register("listed", pa.table({"concept_set": [a for a, _ in pairs], "concept_id": [b for _, b in pairs]}))
    con.execute("CREATE TABLE cs AS SELECT * FROM listed")
    for table, (concept, _) in TABLES.items():
        con.execute(
            f"CREATE TABLE {table} AS SELECT * FROM '{folder}/{table}.parquet' "
            f"WHERE {concept} IN (SELECT concept_id FROM cs)"
        )
    con.execute(f"CREATE TABLE visit_occurrence AS SELECT * FROM '{folder}/visit_occurrence.parquet'")
    _people(con, source, folder)
    con.execute(f"SET VARIABLE extract = DATE '{calendar_date(source.extract_day)}'")
    rows = list(mine)
    con.register("ours", pa.table({"person_id": [a for a, _ in rows], "our_index": [b for _, b in rows]}))
    con.execute("CREATE TABLE idx AS SELECT person_id, our_index - 1 AS index_date, our_index FROM ours")
    con.execute("CREATE TABLE watch AS SELECT person_id, our_index, DATE '9999-01-01' AS last FROM ours")
    return con


def _inputs() -> Iterator[str]:
    """Records that cannot be, and pressures in a unit that nobody accepts, are left out by us and counted."""
    for table, (_, day) in {**TABLES, "visit_occurrence": ("", "visit_start_date")}.items():
        yield (
            f"DELETE FROM {table} USING person p WHERE p.person_id = {table}.person_id "
            f"AND ({day} < birth OR {day} > death OR {day} > getvariable('extract'))"
        )
    yield "DELETE FROM measurement WHERE coalesce(unit_concept_id, 0) NOT IN (0, 8876)"


def _read(asked: Asked, con: Any) -> Found:
    found = {(person, index): value for person, index, value in con.execute(asked.query).fetchall()}
    if asked.within is None:
        return found
    last = timedelta(days=asked.within)
    return {key: value if value is None or value < key[1] + last else None for key, value in found.items()}


def steps(asked: Asked, source: Source, folder: Path, statements: str) -> Iterator[tuple[str, int]]:
    """How many index dates differ, as they stand and after each change."""
    mine = ours(asked, source)
    for name, found in theirs(asked, source, folder, statements, mine):
        yield name, differ(found, mine)


def table(folder: Path, statements: str) -> str:
    """The differences as the table of docs/decisions/0020."""
    source = open_source(folder)
    lines = ["| outcome | index dates, with it | " + "what still differs | ", "|---|---|---|"]
    for asked in ASKED:
        mine = ours(asked, source)
        having = sum(value is not None and value is not False for value in mine.values())
        told = ", ".join(f"{name}: {count:,}" for name, count in steps(asked, source, folder, statements))
        lines.append(f"| {asked.pathway}.{asked.prediction} | {len(mine):,}, {having:,} | {told} |")
    return "\n".join(lines)


if __name__ == "__main__":  # python -m tests.features.labels_others FOLDER LABELS_SQL
    sys.stdout.write(table(Path(sys.argv[1]), Path(sys.argv[2]).read_text()) + "\n")
