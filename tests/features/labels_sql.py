"""`labels_a.sql`, the specification's own statements, beside ours: what the two comparisons share.

The statements are run as they stand, then again after each change that gives them one of our inputs or rules (the pages
0004 and 0014 of docs/decisions name them). What a change takes away is what it explains; after the last one nothing may
differ, person by person, and index date by index date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from features.cohort import execute, index_dates, read
from features.days import calendar_date
from features.histories import REASONS
from features.outcomes import LINKED_DAYS, label
from features.programme import Compiled, compile_prediction, criteria
from features.source import Source
from features.vocabulary import slot_map
from pathways import streams
from pathways.catalogue import kidney_disease as kidney
from pathways.definition import Pathway, Prediction
from pathways.language import Records, Word

SETS = {
    "creatinine_serum": (streams.SERUM_CREATININE,),
    "egfr": (streams.LABORATORY_EGFR,),
    "ckd_dx_any": (kidney.CKD_OF_ANY_STAGE,),
    "ckd_stage3": (kidney.CKD_STAGE_3,),
    "ckd_stage4": (kidney.CKD_STAGE_4,),
    "ckd_stage5_eskd": (kidney.CKD_STAGE_5,),
    "krt_dialysis": streams.DIALYSIS.of,
    "krt_transplant": streams.TRANSPLANT.of,
}
NEVER = date(9999, 1, 1)

Days = Mapping[int, date]
Outcomes = Mapping[tuple[int, date], date | None]


@dataclass(frozen=True)
class Change:
    """One of our inputs or rules, given to the statements: to the rows of their tables, or to their text."""

    name: str
    tables: tuple[str, ...] = ()
    text: tuple[tuple[str, str], ...] = ()


# Ours -----------------------------------------------------------------------------------------------------------------


def histories_of(pathway: Pathway, prediction: Prediction, source: Source) -> tuple[Compiled, Any]:
    """A prediction compiled, and everybody's histories at once."""
    compiled = compile_prediction(prediction)
    slots = slot_map(compiled.streams, source.vocabulary(compiled.streams.sets))
    tally = np.zeros((16, len(REASONS)), dtype=np.int64)
    ((histories, _),) = read(source, compiled, slots, tally, chunk=10**7)
    return compiled, histories


def our_outcomes(
    pathway: Pathway, prediction: Prediction, source: Source, also: Iterable[Word] = ()
) -> tuple[Outcomes, ...]:
    """The primary and the secondary outcomes of everybody eligible on each of their index dates.

    None if an outcome did not come while watched. `also` are words of the population that have to hold besides.
    """
    compiled, histories = histories_of(pathway, prediction, source)
    rows = index_dates(compiled, histories, source.extract_day)
    none = np.empty(0, dtype=np.int64)
    kept = compiled.population.columns((*criteria(prediction), *also))
    _, holds = execute(compiled.population, histories, rows, none, kept)
    eligible = (holds == 1.0).all(axis=1)
    rows = rows[0][eligible], rows[1][eligible]
    return tuple(_labelled(compiled, at, histories, rows) for at in range(len(compiled.outcomes)))


def _labelled(compiled: Compiled, at: int, histories: Any, rows: tuple[Any, Any]) -> Outcomes:
    events = compiled.outcomes[at]
    wanted = np.array(events.registers, dtype=np.int64)
    _, registers = execute(compiled.whole, histories, rows, np.empty(0, dtype=np.int64), wanted)
    labels = label(events, histories, rows, registers)
    return {
        (person, calendar_date(index)): calendar_date(index + time) if event == 1 else None
        for person, index, time, event in zip(
            histories.people.ids[rows[0]].tolist(),
            rows[1].tolist(),
            labels.time.tolist(),
            labels.event.tolist(),
            strict=True,
        )
    }


# Theirs ---------------------------------------------------------------------------------------------------------------


def opened(source: Source, folder: Path, keys: Iterable[tuple[int, date]]) -> Any:
    """The tables of the statements, so that changes can be made to them: rows of the concept sets alone.

    `idx` holds our index dates, moved as docs/decisions/0003 says; `watch` the last day on which an outcome counts.
    """
    con = duckdb.connect()
    vocabulary = source.vocabulary(tuple(part for parts in SETS.values() for part in parts))
    listed = [(name, one) for name, parts in SETS.items() for part in parts for one in vocabulary.of(part)]
    con.register("listed", pa.table({"concept_set": [a for a, _ in listed], "concept_id": [b for _, b in listed]}))
    con.execute("CREATE TABLE cs AS SELECT * FROM listed")
    for table, kind in (
        ("condition_occurrence", "condition"),
        ("procedure_occurrence", "procedure"),
        ("measurement", "measurement"),
    ):
        con.execute(
            f"CREATE TABLE {table} AS SELECT * FROM '{folder}/{table}.parquet' "
            f"WHERE {kind}_concept_id IN (SELECT concept_id FROM cs)"
        )
    _people(con, source, folder)
    con.execute(f"SET VARIABLE extract = DATE '{calendar_date(source.extract_day)}'")
    rows = tuple(keys)
    con.register("ours", pa.table({"person_id": [a for a, _ in rows], "our_index": [b for _, b in rows]}))
    con.execute("CREATE TABLE idx AS SELECT person_id, our_index - 1 AS index_date, our_index FROM ours")
    con.execute("CREATE TABLE watch AS SELECT person_id, our_index, DATE '9999-01-01' AS last FROM ours")
    return con


def _people(con: Any, source: Source, folder: Path) -> None:
    people = source.people
    days = pa.table(
        {
            "person_id": people.ids,
            "birth": [calendar_date(day) for day in people.birth.tolist()],
            "death": [calendar_date(day) if day < 2**29 else NEVER for day in people.death.tolist()],
        }
    )
    con.register("days", days)
    con.execute(
        f"CREATE TABLE person AS SELECT p.*, birth, death FROM '{folder}/person.parquet' p JOIN days USING (person_id)"
    )
    con.execute(f"CREATE TABLE observation_period AS SELECT * FROM '{folder}/observation_period.parquet'")


def after_each(con: Any, statements: str, views: tuple[str, ...], changes: tuple[Change, ...]) -> Iterator[str]:
    """Make the views, then again after each change; gives the name of what has just been changed."""
    _make(con, statements, views)
    yield "as they stand"
    for change in changes:
        for one in change.tables:
            con.execute(one)
        for theirs, instead in change.text:
            assert statements.count(theirs) == 1
            statements = statements.replace(theirs, instead)
        _make(con, statements, views)
        yield change.name


def _make(con: Any, statements: str, views: tuple[str, ...]) -> None:
    for part in statements.split("CREATE OR REPLACE VIEW ")[1:]:
        if part.split()[0] in views:
            con.execute("CREATE OR REPLACE VIEW " + part)


def differ(theirs: Mapping[Any, Any], mine: Mapping[Any, Any]) -> int:
    """For how many the two do not say the same."""
    return sum(theirs.get(key) != mine.get(key) for key in theirs.keys() | mine.keys())


# What both comparisons change -----------------------------------------------------------------------------------------


def _listed(records: Records) -> str:
    return ", ".join(str(unit.concept_id) for unit in records.units)


_OF = "measurement_concept_id IN (SELECT concept_id FROM cs WHERE concept_set = '{}')"
_CREATININE, _EGFR = _OF.format("creatinine_serum"), _OF.format("egfr")
_NO_UNIT = "coalesce(unit_concept_id, 0) = 0"
_CONVERTED = "CASE unit_concept_id WHEN 8840 THEN value_as_number * 88.4 ELSE value_as_number END"
_ALIVE = (
    "DELETE FROM {0} USING person p WHERE p.person_id = {0}.person_id "
    "AND ({1} < birth OR {1} > death OR {1} > getvariable('extract'))"
)
INPUTS = (
    Change(
        "unit assumed where there is none",
        tuple(
            f"UPDATE measurement SET unit_concept_id = {unit} WHERE {_NO_UNIT} AND measurement_concept_id = {concept}"
            for concept, unit in streams.CREATININE.assumed
        ),
    ),
    Change(
        "unit that the definition does not list",
        (
            f"DELETE FROM measurement WHERE {_CREATININE} AND NOT ({_NO_UNIT} "
            f"OR unit_concept_id IN ({_listed(streams.CREATININE)}))",
            f"DELETE FROM measurement WHERE {_EGFR} AND NOT ({_NO_UNIT} "
            f"OR unit_concept_id IN ({_listed(streams.RECORDED_EGFR)}))",
        ),
    ),
    Change(
        "sex neither female nor male",
        (
            f"DELETE FROM measurement WHERE {_CREATININE} AND person_id IN "
            "(SELECT person_id FROM person WHERE gender_concept_id NOT IN (8507, 8532))",
        ),
    ),
    Change(
        "before birth, after death, after the extract",
        (
            _ALIVE.format("measurement", "measurement_date"),
            _ALIVE.format("condition_occurrence", "condition_start_date"),
            _ALIVE.format("procedure_occurrence", "procedure_date"),
        ),
    ),
    Change(
        "recorded twice",
        (
            "CREATE TABLE once AS SELECT * FROM measurement QUALIFY row_number() OVER (PARTITION BY person_id, "
            f"measurement_concept_id, measurement_date, {_CONVERTED} ORDER BY measurement_id) = 1",
            "DELETE FROM measurement",
            "INSERT INTO measurement SELECT * FROM once",
        ),
    ),
    Change(
        '">=" below 60, as ">"',
        (f"DELETE FROM measurement WHERE {_EGFR} AND operator_concept_id = 4171755 AND value_as_number < 60",),
    ),
    Change("day of birth", text=(("make_date(p.year_of_birth, coalesce(p.month_of_birth,7), 1)", "p.birth"),)),
)
WATCH = Change(
    "end of the watch",
    (
        "DELETE FROM watch",
        "INSERT INTO watch SELECT i.person_id, i.our_index, CASE WHEN p.death <= o.last + "
        f"{LINKED_DAYS} THEN p.death ELSE o.last END FROM idx i JOIN person p USING (person_id) JOIN "
        "(SELECT i.person_id, i.our_index, max(observation_period_end_date) AS last FROM idx i "
        "JOIN observation_period o ON o.person_id = i.person_id "
        "AND i.our_index BETWEEN observation_period_start_date AND observation_period_end_date GROUP BY ALL) o "
        "USING (person_id, our_index)",
    ),
)
