"""View 4 of `labels_a.sql`, outcomes P1 and P2, beside `kidney_disease.progression` (docs/decisions/0014)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pathways
from features.source import Source, open_source
from pathways.definition import Prediction
from tests.features.labels_sql import INPUTS, WATCH, Change, Outcomes, after_each, opened, our_outcomes

VIEWS = ("egfr_day", "ckd_progression")
LOW = "e.v<=0.6*v0 OR e.v<15"
# The statements have one limit, the higher of the two; ours are two runs, each with its own. That is the same: every
# value at or below the lower limit is at or below the higher one too.
RULES = (
    Change("baseline of 365 days, not 366", text=(("i.index_date-365", "i.index_date-364"),)),
    Change(
        "the run, not neighbours",
        text=(
            (f"lead(e.d) OVER w d2, lead({LOW}) OVER w low2", f"sum((NOT ({LOW}))::INT) OVER w run"),
            (
                "SELECT person_id,index_date,d2 d FROM lo WHERE low AND low2 AND date_diff('day',d,d2)>=28",
                "SELECT person_id,index_date,d FROM (SELECT *, min(d) OVER (PARTITION BY person_id,index_date,run) d0 "
                "FROM lo WHERE low) WHERE d>index_date AND date_diff('day',d0,d)>=28",
            ),
        ),
    ),
    Change("a run begun before the index date", text=((" AND e.d>b.index_date WINDOW", " WINDOW"),)),
    Change(
        "dialysis for acute injury left out",
        (
            "CREATE TABLE dialysis AS SELECT person_id, procedure_date AS d FROM procedure_occurrence "
            "JOIN cs ON concept_id = procedure_concept_id AND concept_set = 'krt_dialysis'",
            "DELETE FROM procedure_occurrence p "
            "WHERE procedure_concept_id IN (SELECT concept_id FROM cs WHERE concept_set = 'krt_dialysis') "
            "AND NOT EXISTS (FROM condition_occurrence c JOIN cs ON concept_id = condition_concept_id "
            "AND concept_set = 'ckd_stage5_eskd' "
            "WHERE c.person_id = p.person_id AND condition_start_date <= p.procedure_date + 90) "
            "AND NOT EXISTS (FROM dialysis a "
            "WHERE a.person_id = p.person_id AND a.d - p.procedure_date BETWEEN 90 AND 365)",
        ),
    ),
    Change(
        "a transplanted kidney among conditions",
        (
            "INSERT INTO procedure_occurrence BY NAME SELECT person_id, condition_concept_id AS procedure_concept_id, "
            "condition_start_date AS procedure_date FROM condition_occurrence "
            "WHERE condition_concept_id IN (SELECT concept_id FROM cs WHERE concept_set = 'krt_transplant')",
        ),
    ),
)
CHANGES = (
    Change("index date moved by a day", ("UPDATE idx SET index_date = our_index - 1",)),
    *INPUTS,
    *RULES,
    WATCH,
)
P1 = """
SELECT i.person_id, i.our_index, CASE WHEN event_date <= w.last THEN event_date END
FROM idx i JOIN watch w USING (person_id, our_index) LEFT JOIN ckd_progression USING (person_id, index_date)
"""
P2 = """
WITH krt AS (SELECT person_id, procedure_date AS d FROM procedure_occurrence
  JOIN cs ON concept_id = procedure_concept_id AND concept_set IN ('krt_dialysis', 'krt_transplant'))
SELECT i.person_id, i.our_index, min(d) FROM idx i JOIN watch w USING (person_id, our_index)
  LEFT JOIN krt ON krt.person_id = i.person_id AND d > i.index_date AND d <= w.last GROUP BY ALL
"""


@dataclass(frozen=True)
class Apart:
    """Index dates at which the statements miss our outcome, date it later or earlier, or have one of their own."""

    missed: int
    later: int
    earlier: int
    not_ours: int

    def __str__(self) -> str:
        return " | ".join(f"{count:,}" for count in (self.missed, self.later, self.earlier, self.not_ours))


NOWHERE = Apart(0, 0, 0, 0)


@dataclass(frozen=True)
class Step:
    """What still differs once the statements have been given one more of our inputs or rules."""

    name: str
    p1: Apart
    p2: Apart


@dataclass(frozen=True)
class Answers:
    """P1 and P2 by person and index date."""

    p1: Outcomes
    p2: Outcomes


def progression() -> Prediction:
    return pathways.load("kidney_disease").prediction("progression")


def ours(source: Source, prediction: Prediction) -> Answers:
    """Of everybody who is eligible and has an eGFR of the last 12 months, as the baseline needs."""
    pathway = pathways.load("kidney_disease")
    return Answers(*our_outcomes(pathway, prediction, source, also=[one.of for one in prediction.requires]))


def theirs(source: Source, folder: Path, statements: str, mine: Answers) -> Iterator[tuple[str, Answers]]:
    """The answers of the statements as they stand, on our own index dates, and after each change."""
    con = opened(source, folder, mine.p1)
    con.execute("UPDATE idx SET index_date = our_index")
    for name in after_each(con, statements, VIEWS, CHANGES):
        yield name, Answers(_asked(con, P1), _asked(con, P2))


def steps(source: Source, folder: Path, statements: str, mine: Answers) -> Iterator[Step]:
    for name, found in theirs(source, folder, statements, mine):
        yield Step(name, _apart(found.p1, mine.p1), _apart(found.p2, mine.p2))


def _asked(con: Any, question: str) -> Outcomes:
    return {(person, index): day for person, index, day in con.execute(question).fetchall()}


def _apart(theirs: Outcomes, mine: Outcomes) -> Apart:
    assert theirs.keys() == mine.keys()
    pairs = [(theirs[key], mine[key]) for key in mine]
    both = [(one, other) for one, other in pairs if one is not None and other is not None]
    return Apart(
        missed=sum(one is None and other is not None for one, other in pairs),
        later=sum(one > other for one, other in both),
        earlier=sum(one < other for one, other in both),
        not_ours=sum(one is not None and other is None for one, other in pairs),
    )


def table(folder: Path, statements: str) -> str:
    """The differences as a table of docs/decisions/0014."""
    source = open_source(folder)
    mine = ours(source, progression())
    had = [sum(day is not None for day in each.values()) for each in (mine.p1, mine.p2)]
    lines = [
        f"{len(mine.p1):,} eligible index dates of {len({person for person, _ in mine.p1}):,} people, "
        f"{had[0]:,} with P1, {had[1]:,} with P2",
        "",
        "| the statements, given also ours for | P1: missed | later | earlier | not ours "
        "| P2: missed | later | earlier | not ours |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [f"| {one.name} | {one.p1} | {one.p2} |" for one in steps(source, folder, statements, mine)]
    return "\n".join(lines)


if __name__ == "__main__":  # python -m tests.features.labels_progression FOLDER LABELS_SQL
    sys.stdout.write(table(Path(sys.argv[1]), Path(sys.argv[2]).read_text()) + "\n")
