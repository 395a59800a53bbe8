"""`labels_a.sql`, the specification's own statements, beside ours: person by person, and index date by index date.

The statements are run as they stand, then again after each step that gives them one of our inputs (docs/decisions/0004
names them). What a step changes is what it explains; after the last one nothing may differ.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

import pathways
from features.cohort import execute, index_dates, read
from features.days import calendar_date
from features.histories import REASONS
from features.outcomes import LINKED_DAYS, label
from features.programme import Compiled, compile_prediction, criteria
from features.source import Source, open_source
from features.vocabulary import slot_map
from pathways.catalogue import kidney_disease as kidney
from pathways.definition import Pathway
from pathways.language import Age, Every, Happens, Prediction, Predictor, Records, Since

BORN_FIRST_OF_MONTH = "make_date(p.year_of_birth, coalesce(p.month_of_birth,7), 1)"
VIEWS = ("egfr_day", "ckd_confirmed", "ckd_first")
SETS = {
    "creatinine_serum": (kidney.SERUM_CREATININE,),
    "egfr": (kidney.LABORATORY_EGFR,),
    "ckd_dx_any": (kidney.CKD_OF_ANY_STAGE,),
    "ckd_stage3": (kidney.CKD_STAGE_3,),
    "ckd_stage4": (kidney.CKD_STAGE_4,),
    "ckd_stage5_eskd": (kidney.CKD_STAGE_5,),
    "krt_dialysis": kidney.DIALYSIS.of,
    "krt_transplant": kidney.TRANSPLANT.of[:1],
}
REPLACEMENT = Records("dialysis or transplant", of=(*SETS["krt_dialysis"], *SETS["krt_transplant"]))
FIRST_CODE = Since(kidney.CKD_CODE, which="first", anchor=date(1970, 1, 1))
FIRST_REPLACEMENT = Since(REPLACEMENT, which="first", anchor=date(1970, 1, 1))
NEVER = date(9999, 1, 1)

Days = Mapping[int, date]
Outcomes = Mapping[tuple[int, date], date | None]


@dataclass(frozen=True)
class Ours:
    """Day of confirmation and first evidence by person; day of the outcome by person and index date."""

    confirmed: Days
    first: Days
    outcomes: Outcomes


@dataclass(frozen=True)
class Step:
    """What still differs once the statements have been given one more of our inputs."""

    name: str
    confirmed: int
    first: int
    outcomes: int


# Ours -----------------------------------------------------------------------------------------------------------------


def ours(source: Source) -> Ours:
    pathway = pathways.load("kidney_disease")
    whole = Prediction(
        "asked",
        index=Every("year"),
        population=Age().at_least(0),
        outcome=Happens(kidney.CKD_CODE),
        predictors=(
            Predictor("confirmed", kidney.CONFIRMED_CKD),
            Predictor("code", FIRST_CODE),
            Predictor("replacement", FIRST_REPLACEMENT),
        ),
        horizons=365,
    )
    confirmed, first = _whole_record(Pathway(title="Labels", predictions=(whole,)), source)
    return Ours(confirmed, first, _outcomes(pathway, source))


def _histories(pathway: Pathway, source: Source) -> tuple[Compiled, Any]:
    compiled = compile_prediction(pathway, pathway.predictions[0])
    slots = slot_map(compiled.streams, source.vocabulary(compiled.streams.sets))
    tally = np.zeros((16, len(REASONS)), dtype=np.int64)
    ((histories, _),) = read(source, compiled, slots, tally, chunk=10**7)
    return compiled, histories


def _whole_record(pathway: Pathway, source: Source) -> tuple[Days, Days]:
    """As on a day long after the last record."""
    compiled, histories = _histories(pathway, source)
    n = len(histories.people)
    rows = np.arange(n, dtype=np.int64), np.full(n, source.extract_day + 40_000, dtype=np.int64)
    columns = compiled.whole.columns(one.of for one in compiled.prediction.predictors)
    _, days = execute(compiled.whole, histories, rows, columns, columns)
    firsts = np.where(np.isnan(days), np.inf, days).min(axis=1)
    ids = histories.people.ids.tolist()
    return (
        {one: calendar_date(int(day)) for one, day in zip(ids, days[:, 0].tolist(), strict=True) if day == day},
        {one: calendar_date(int(day)) for one, day in zip(ids, firsts.tolist(), strict=True) if day < np.inf},
    )


def _outcomes(pathway: Pathway, source: Source) -> Outcomes:
    """The outcome of everybody eligible on each of their index dates, None if it did not come while watched."""
    compiled, histories = _histories(pathway, source)
    rows = index_dates(compiled, histories, source.extract_day)
    none = np.empty(0, dtype=np.int64)
    kept = compiled.population.columns(criteria(compiled.prediction))
    _, holds = execute(compiled.population, histories, rows, none, kept)
    eligible = (holds == 1.0).all(axis=1)
    rows = rows[0][eligible], rows[1][eligible]
    events = np.array(compiled.outcomes[0].registers, dtype=np.int64)
    _, registers = execute(compiled.whole, histories, rows, none, events)
    labels = label(compiled.outcomes[0], histories, rows, registers)
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


def steps(source: Source, folder: Path, statements: str) -> Iterator[Step]:
    """The differences with the statements as they stand, and after each of our inputs."""
    mine = ours(source)
    con = _opened(source, folder, mine)
    _views(con, statements)
    yield _compared("as it stands", con, mine)
    for name, changes in CHANGES.items():
        for change in changes:
            con.execute(change)
        if name == "day of birth":
            assert statements.count(BORN_FIRST_OF_MONTH) == 1
            _views(con, statements.replace(BORN_FIRST_OF_MONTH, "p.birth"))
        yield _compared(name, con, mine)


def _opened(source: Source, folder: Path, mine: Ours) -> Any:
    """The tables of the statements, so that steps can change them: rows of the concept sets alone."""
    con = duckdb.connect()
    vocabulary = source.vocabulary(tuple(part for parts in SETS.values() for part in parts))
    listed = [(name, one) for name, parts in SETS.items() for part in parts for one in vocabulary.of(part)]
    con.register("listed", pa.table({"concept_set": [a for a, _ in listed], "concept_id": [b for _, b in listed]}))
    con.execute("CREATE TABLE cs AS SELECT * FROM listed")
    for table in ("condition", "procedure"):
        path = folder / f"{table}_occurrence.parquet"
        con.execute(
            f"CREATE TABLE {table}_occurrence AS SELECT * FROM '{path}' "
            f"WHERE {table}_concept_id IN (SELECT concept_id FROM cs)"
        )
    con.execute(
        f"CREATE TABLE measurement AS SELECT * FROM '{folder}/measurement.parquet' "
        "WHERE measurement_concept_id IN (SELECT concept_id FROM cs)"
    )
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
    moved = pa.table({"person_id": [a for a, _ in mine.outcomes], "our_index": [b for _, b in mine.outcomes]})
    con.register("moved", moved)
    con.execute("CREATE TABLE idx AS SELECT person_id, our_index - 1 AS index_date, our_index FROM moved")
    con.execute(f"SET VARIABLE extract = DATE '{calendar_date(source.extract_day)}'")
    con.execute("CREATE TABLE watch AS SELECT person_id, index_date, DATE '9999-01-01' AS last FROM idx")
    return con


def _views(con: Any, statements: str) -> None:
    for part in statements.split("CREATE OR REPLACE VIEW ")[1:]:
        if part.split()[0] in VIEWS:
            con.execute("CREATE OR REPLACE VIEW " + part)


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
CHANGES: dict[str, tuple[str, ...]] = {
    "unit assumed where there is none": tuple(
        f"UPDATE measurement SET unit_concept_id = {unit} WHERE {_NO_UNIT} AND measurement_concept_id = {concept}"
        for concept, unit in kidney.CREATININE.assumed
    ),
    "unit that the definition does not list": (
        f"DELETE FROM measurement WHERE {_CREATININE} AND NOT ({_NO_UNIT} "
        f"OR unit_concept_id IN ({_listed(kidney.CREATININE)}))",
        f"DELETE FROM measurement WHERE {_EGFR} AND NOT ({_NO_UNIT} "
        f"OR unit_concept_id IN ({_listed(kidney.RECORDED_EGFR)}))",
    ),
    "sex neither female nor male": (
        f"DELETE FROM measurement WHERE {_CREATININE} AND person_id IN "
        "(SELECT person_id FROM person WHERE gender_concept_id NOT IN (8507, 8532))",
    ),
    "before birth, after death, after the extract": (
        _ALIVE.format("measurement", "measurement_date"),
        _ALIVE.format("condition_occurrence", "condition_start_date"),
        _ALIVE.format("procedure_occurrence", "procedure_date"),
    ),
    "recorded twice": (
        "CREATE TABLE once AS SELECT * FROM measurement QUALIFY row_number() OVER (PARTITION BY person_id, "
        f"measurement_concept_id, measurement_date, {_CONVERTED} ORDER BY measurement_id) = 1",
        "DELETE FROM measurement",
        "INSERT INTO measurement SELECT * FROM once",
    ),
    "60 or more, as a limit": (
        f"DELETE FROM measurement WHERE {_EGFR} AND operator_concept_id = 4171755 AND value_as_number < 60",
    ),
    "day of birth": (),
    "end of the watch": (
        "DELETE FROM watch",
        "INSERT INTO watch SELECT i.person_id, i.index_date, CASE WHEN p.death <= o.last + "
        f"{LINKED_DAYS} THEN p.death ELSE o.last END FROM idx i JOIN person p USING (person_id) JOIN "
        "(SELECT i.person_id, i.index_date, max(observation_period_end_date) AS last FROM idx i "
        "JOIN observation_period o ON o.person_id = i.person_id "
        "AND i.our_index BETWEEN observation_period_start_date AND observation_period_end_date GROUP BY ALL) o "
        "USING (person_id, index_date)",
    ),
}

D1 = """
WITH events AS (
  SELECT person_id, condition_start_date AS d FROM condition_occurrence
    JOIN cs ON concept_id = condition_concept_id AND concept_set IN ('ckd_stage3', 'ckd_stage4', 'ckd_stage5_eskd')
  UNION ALL SELECT person_id, confirmed_date FROM ckd_confirmed)
SELECT i.person_id, i.our_index, min(e.d) FROM idx i JOIN watch w USING (person_id, index_date)
  LEFT JOIN events e ON e.person_id = i.person_id AND e.d > i.index_date AND e.d <= w.last GROUP BY ALL
"""


def _compared(name: str, con: Any, mine: Ours) -> Step:
    confirmed = dict(con.execute("SELECT person_id, confirmed_date FROM ckd_confirmed").fetchall())
    first = dict(con.execute("SELECT person_id, first_date FROM ckd_first").fetchall())
    outcomes = {(person, index): day for person, index, day in con.execute(D1).fetchall()}
    return Step(name, _differ(confirmed, mine.confirmed), _differ(first, mine.first), _differ(outcomes, mine.outcomes))


def _differ(theirs: Mapping[Any, Any], mine: Mapping[Any, Any]) -> int:
    return sum(theirs.get(key) != mine.get(key) for key in theirs.keys() | mine.keys())


def table(folder: Path, statements: str) -> str:
    """The differences as the table of docs/decisions/0004."""
    source = open_source(folder)
    mine = ours(source)
    had = sum(day is not None for day in mine.outcomes.values())
    lines = [
        f"{len(source.people):,} people, {len(mine.confirmed):,} confirmed, {len(mine.first):,} with evidence, "
        f"{len(mine.outcomes):,} eligible index dates, {had:,} outcomes",
        "",
        "| the statements, given also ours for | day of confirmation | first evidence | outcome |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {one.name} | {one.confirmed:,} | {one.first:,} | {one.outcomes:,} |"
        for one in steps(source, folder, statements)
    ]
    return "\n".join(lines)


if __name__ == "__main__":  # python -m tests.features.labels_sql FOLDER LABELS_SQL
    sys.stdout.write(table(Path(sys.argv[1]), Path(sys.argv[2]).read_text()) + "\n")
