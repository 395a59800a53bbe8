"""Views 1 to 3 of `labels_a.sql` and outcome D1 beside `kidney_disease.detection` (docs/decisions/0004)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import pathways
from features.cohort import execute
from features.days import calendar_date
from features.source import Source, open_source
from pathways import streams
from pathways.catalogue import kidney_disease as kidney
from pathways.definition import Pathway
from pathways.language import Age, Every, Happens, Prediction, Predictor, Records, Since
from tests.features.labels_sql import INPUTS, WATCH, Days, Outcomes, after_each, differ, histories_of, opened
from tests.features.labels_sql import our_outcomes as outcomes_of

VIEWS = ("egfr_day", "ckd_confirmed", "ckd_first")
REPLACEMENT = Records("dialysis or transplant", of=(*streams.DIALYSIS.of, *streams.TRANSPLANT.of[:1]))
FIRST_CODE = Since(kidney.CKD_CODE, which="first", anchor=date(1970, 1, 1))
FIRST_REPLACEMENT = Since(REPLACEMENT, which="first", anchor=date(1970, 1, 1))
D1 = """
WITH events AS (
  SELECT person_id, condition_start_date AS d FROM condition_occurrence
    JOIN cs ON concept_id = condition_concept_id AND concept_set IN ('ckd_stage3', 'ckd_stage4', 'ckd_stage5_eskd')
  UNION ALL SELECT person_id, confirmed_date FROM ckd_confirmed)
SELECT i.person_id, i.our_index, min(e.d) FROM idx i JOIN watch w USING (person_id, our_index)
  LEFT JOIN events e ON e.person_id = i.person_id AND e.d > i.index_date AND e.d <= w.last GROUP BY ALL
"""


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


def ours(source: Source) -> Ours:
    pathway = pathways.load("kidney_disease")
    (outcomes,) = outcomes_of(pathway, pathway.prediction("detection"), source)
    return Ours(*_whole_record(source), outcomes)


def _whole_record(source: Source) -> tuple[Days, Days]:
    """As on a day long after the last record."""
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
    compiled, histories = histories_of(Pathway(title="Labels", predictions=(whole,)), whole, source)
    n = len(histories.people)
    rows = np.arange(n, dtype=np.int64), np.full(n, source.extract_day + 40_000, dtype=np.int64)
    columns = compiled.whole.columns(one.of for one in whole.predictors)
    _, days = execute(compiled.whole, histories, rows, columns, columns)
    firsts = np.where(np.isnan(days), np.inf, days).min(axis=1)
    ids = histories.people.ids.tolist()
    return (
        {one: calendar_date(int(day)) for one, day in zip(ids, days[:, 0].tolist(), strict=True) if day == day},
        {one: calendar_date(int(day)) for one, day in zip(ids, firsts.tolist(), strict=True) if day < np.inf},
    )


def steps(source: Source, folder: Path, statements: str) -> Iterator[Step]:
    """The differences with the statements as they stand, and after each of our inputs."""
    mine = ours(source)
    con = opened(source, folder, mine.outcomes)
    for name in after_each(con, statements, VIEWS, (*INPUTS, WATCH)):
        yield _compared(name, con, mine)


def _compared(name: str, con: Any, mine: Ours) -> Step:
    confirmed = dict(con.execute("SELECT person_id, confirmed_date FROM ckd_confirmed").fetchall())
    first = dict(con.execute("SELECT person_id, first_date FROM ckd_first").fetchall())
    outcomes = {(person, index): day for person, index, day in con.execute(D1).fetchall()}
    return Step(name, differ(confirmed, mine.confirmed), differ(first, mine.first), differ(outcomes, mine.outcomes))


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


if __name__ == "__main__":  # python -m tests.features.labels_detection FOLDER LABELS_SQL
    sys.stdout.write(table(Path(sys.argv[1]), Path(sys.argv[2]).read_text()) + "\n")
