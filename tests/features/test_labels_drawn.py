"""Each way in which `labels_a.sql` and our outcome of progression differ, drawn: one person and a few records.

Everybody was born in 1950 and has had an eGFR of 50 for years, so 30 and below is a fall of 40%. The index date is
1 January 2020.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.source import open_source
from pathways.language import Every, Prediction
from tests.features.labels_progression import ours, progression, theirs
from tests.features.labels_sql import NEVER

INDEX = date(2020, 1, 1)
STABLE = {-700: 50.0, -500: 50.0, -200: 50.0, -100: 50.0}
DIALYSIS, STAGE_5, HAS_TRANSPLANT = 4120120, 443611, 42539502


@dataclass(frozen=True)
class Case:
    """Records by days from the index date, and on which day the statements and we see P1 and P2."""

    what: str
    egfr: Mapping[int, float] = field(default_factory=dict)
    dialysis: tuple[int, ...] = ()
    codes: Mapping[int, int] = field(default_factory=dict)
    watched: int = 400
    statements: tuple[int | None, int | None] = (None, None)
    ours: tuple[int | None, int | None] = (None, None)


CASES = (
    Case("neighbours are never 28 days apart", {0: 25, 20: 25, 40: 25}, ours=(40, None)),
    Case("a later pair dates it late", {0: 25, 20: 25, 40: 25, 80: 25}, statements=(80, None), ours=(40, None)),
    Case("a run that began before the index date", {-10: 25, 20: 25}, ours=(20, None)),
    Case("a fall that recovers and comes again", {0: 25, 20: 50, 40: 25}),
    Case("exactly 40% is a fall", {0: 30, 28: 30}, statements=(28, None), ours=(28, None)),
    Case("less than 40% is none", {0: 30.1, 28: 30.1}),
    Case("27 days are too few", {0: 25, 27: 25}),
    Case("a baseline of 366 days", {-366: 80, -200: 50, -100: 50.0, 10: 32, 45: 32}),
    Case("dialysis for acute injury", dialysis=(10, 13), statements=(10, 10)),
    Case("dialysis 100 days on", dialysis=(10, 110), statements=(10, 10), ours=(10, 10)),
    Case("dialysis a year and a day on", dialysis=(10, 376), statements=(10, 10)),
    Case("dialysis, coded later", {}, (10,), {100: STAGE_5}, statements=(10, 10), ours=(10, 10)),
    Case("dialysis, coded too late", {}, (10,), {101: STAGE_5}, statements=(10, 10)),
    Case("a transplant known from a diagnosis", codes={30: HAS_TRANSPLANT}, ours=(30, 30)),
    Case("who left is not watched", {0: 25, 40: 25}, watched=30, statements=(40, None)),
    Case("who stayed is", {0: 25, 40: 25}, watched=40, statements=(40, None), ours=(40, None)),
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The folder of everybody, its source, and what we say of them."""
    folder = tmp_path_factory.mktemp("drawn")
    _write(folder)
    source = open_source(folder)
    return folder, source, ours(source, _on_new_years_day(progression()))


@pytest.fixture(scope="module")
def said(drawn, shared):
    """What the statements say by the name of the last change."""
    folder, source, mine = drawn
    return dict(theirs(source, folder, (shared / "research/labels_a.sql").read_text(), mine))


def _on_new_years_day(one):
    """The same people and outcomes on an index date that a table can be drawn around."""
    return Prediction(
        one.name,
        index=Every("year"),
        population=one.population,
        outcome=one.outcome,
        secondary=one.secondary,
        requires=one.requires,
        predictors=one.predictors[:1],
        horizons=one.horizons,
    )


def _days(answers, person):
    asked = [each[(person, INDEX)] for each in (answers.p1, answers.p2)]
    return tuple(None if day is None else (day - INDEX).days for day in asked)


every_case = pytest.mark.parametrize("at", range(len(CASES)), ids=[case.what for case in CASES])


@every_case
def test_somebody_progresses_on_the_day_that_is_decided(drawn, at):
    *_, mine = drawn

    assert _days(mine, at) == CASES[at].ours


@pytest.mark.external
@every_case
def test_the_statements_differ_until_they_have_our_rules(said, at):
    assert _days(said["index date moved by a day"], at) == CASES[at].statements
    assert _days(said["end of the watch"], at) == CASES[at].ours


def _write(folder):
    """OMOP tables of everybody drawn; nobody is known to have died."""

    def day(days):
        return INDEX + timedelta(days=days)

    people = list(enumerate(CASES))
    tables = {
        "person": [(one, 8507, 1950, 3, 1) for one, _ in people],
        "observation_period": [(one, date(2005, 1, 1), day(case.watched)) for one, case in people],
        "death": [(-1, NEVER)],
        "measurement": [
            (one, 46236952, day(days), value, 720870, 0)
            for one, case in people
            for days, value in (STABLE | case.egfr).items()
        ],
        "condition_occurrence": [
            (one, concept, day(days)) for one, case in people for days, concept in case.codes.items()
        ],
        "procedure_occurrence": [(one, DIALYSIS, day(days)) for one, case in people for days in case.dialysis],
    }
    for name, rows in tables.items():
        numbered = [(at, *row) if name in NUMBERED else row for at, row in enumerate(rows)]
        columns = dict(zip(COLUMNS[name], zip(*numbered, strict=True), strict=True))
        pq.write_table(
            pa.table({column: list(values) for column, values in columns.items()}), folder / f"{name}.parquet"
        )


NUMBERED = ("measurement", "condition_occurrence", "procedure_occurrence")
COLUMNS = {
    "person": ("person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth"),
    "observation_period": ("person_id", "observation_period_start_date", "observation_period_end_date"),
    "death": ("person_id", "death_date"),
    "measurement": (
        "measurement_id",
        "person_id",
        "measurement_concept_id",
        "measurement_date",
        "value_as_number",
        "unit_concept_id",
        "operator_concept_id",
    ),
    "condition_occurrence": ("condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date"),
    "procedure_occurrence": ("procedure_occurrence_id", "person_id", "procedure_concept_id", "procedure_date"),
}
