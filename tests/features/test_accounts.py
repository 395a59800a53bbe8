"""For every table: rows in = rows that nobody asks for + rows used + rows left out by reason. Nothing is silent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import ibis
import pytest

from features.cohort import feature_table
from features.days import calendar_date
from features.programme import compile_table
from features.source import open_source
from pathways import load
from pathways.language import (
    Age,
    Count,
    Every,
    Happens,
    Has,
    Latest,
    Pathway,
    Prediction,
    Predictor,
    Records,
)
from tests.spec.clinic import CREATININE, DIABETES, EGFR_UNIT, SMOKING, STEROID, UMOL, concepts
from tests.spec.drawn import patients
from tests.spec.omop_tables import as_source, omop

LAB = Records(
    "lab eGFR", concepts("lab eGFR"), units=EGFR_UNIT, plausible=(1, 200), same_day="median", less_than=0.5, floor=60
)
ASKED_SMOKING = Records("asked about smoking", concepts("smoking status"))
PEOPLE = """
    person | born       | observed                 | died
    Ann    | 1960-01-01 | 2000-01-01 to 2024-12-31 |
    Bob    | 1970-01-01 | 2000-01-01 to 2024-12-31 | 2022-06-01
    """


def counted(records: str, *words, people: str = PEOPLE, more=()):
    """The accounts of drawn records for some words, the neighbour's own records taken away."""
    everyone = patients(records, people)
    tables = omop(everyone)
    for rows in tables.values():
        rows[:] = [row for row in rows if row["person_id"] != 999]
    tables["measurement"] += more
    prediction = Prediction(
        "asked",
        index=Every("year"),
        population=Age().at_least(18),
        outcome=Happens(DIABETES),
        predictors=tuple(Predictor(f"x{at}", word) for at, word in enumerate(words)),
        horizons=365,
    )
    pathway = Pathway(title="Drawn", predictions=(prediction,))
    source = as_source(tables, ibis.duckdb.connect())
    return feature_table(pathway, prediction, source).accounts


def measured(records: str, word=None, **more):
    return counted(records, word or Latest(LAB), **more)["measurement"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2020-01-01 | 50  | mL/min/1.73m2 |   ", "used"),
        ("2020-01-01 | 50  |               |   ", "used"),
        ("2020-01-01 | 50  | mL/min/1.73m2 | < ", "used"),
        ("2020-01-01 | 50  | mmol/L        |   ", "unit not accepted"),
        ("2020-01-01 | 201 | mL/min/1.73m2 |   ", "implausible"),
        ("2020-01-01 | 0   |               |   ", "implausible"),
        ("2020-01-01 | 1   | mL/min/1.73m2 | < ", "implausible"),
        ("2020-01-01 | 59  | mL/min/1.73m2 | > ", "limit says nothing"),
        ("2020-01-01 | 59  | mL/min/1.73m2 | >=", "limit says nothing"),
        ("2020-01-01 |     | mL/min/1.73m2 |   ", "no value"),
        ("           | 50  | mL/min/1.73m2 |   ", "no date"),
        ("1959-12-31 | 50  | mL/min/1.73m2 |   ", "before birth"),
        ("2025-01-01 | 50  | mL/min/1.73m2 |   ", "after the extract"),
        ("2024-12-31 | 50  | mL/min/1.73m2 |   ", "used"),
    ],
)
def test_a_row_is_used_or_left_out_for_one_reason(row, reason):
    found = measured(f"person | record | date | value | unit | operator\nAnn | lab eGFR | {row}")

    assert found == {"rows in": 1, "not asked for": 0, reason: 1}


def test_a_row_after_death_is_left_out_and_one_on_the_day_of_death_is_used():
    found = measured(
        """
        person | record   | date       | value
        Bob    | lab eGFR | 2022-06-01 | 50
        Bob    | lab eGFR | 2022-06-02 | 50
        """
    )

    assert found == {"rows in": 2, "not asked for": 0, "used": 1, "after death": 1}


def test_a_row_of_a_person_whom_nobody_knows_or_of_no_person_is_left_out():
    row = {"measurement_id": 1, "measurement_concept_id": 46236952, "measurement_date": date(2020, 1, 1)}
    stray = [{**row, "person_id": 555, "value_as_number": 50.0}, {**row, "person_id": None, "value_as_number": 50.0}]

    found = measured("", more=stray)

    assert found == {"rows in": 2, "not asked for": 0, "person unknown": 2}


def test_a_row_recorded_twice_is_one_and_other_values_of_the_day_are_folded():
    found = measured(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2020-01-01 | 50
        Ann    | lab eGFR | 2020-01-01 | 50
        Ann    | lab eGFR | 2020-01-01 | 60
        Ann    | lab eGFR | 2020-01-02 | 50
        """
    )

    assert found == {"rows in": 4, "not asked for": 0, "used": 2, "duplicate": 1, "folded into the day's value": 1}


def test_rows_of_concepts_that_no_stream_names_are_not_asked_for():
    found = counted(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2020-01-01 | 50
        Ann    | weight   | 2020-01-01 | 50
        Ann    | diabetes | 2020-01-01 |
        Ann    | asthma   | 2020-01-01 |
        """,
        Latest(LAB),
        Has(DIABETES),
    )

    assert found["measurement"] == {"rows in": 2, "not asked for": 1, "used": 1}
    assert found["condition_occurrence"] == {"rows in": 2, "not asked for": 1, "used": 1}


def test_a_row_that_two_streams_ask_for_counts_once():
    found = counted(
        """
        person | record     | date       | value | unit
        Ann    | creatinine | 2020-01-01 | 80    | umol/L
        Ann    | creatinine | 2020-01-02 | 80    | mmol/L
        """,
        Latest(CREATININE),
        Latest(Records("creatinine of the day", concepts("creatinine"), units=UMOL, same_day="median")),
    )

    assert found["measurement"] == {"rows in": 2, "not asked for": 0, "used": 1, "unit not accepted": 1}


def test_a_row_asked_for_by_its_concept_and_by_its_answer_counts_once():
    found = counted(
        """
        person | record         | date       | answer
        Ann    | smoking status | 2020-01-01 | smoker
        Ann    | smoking status | 2020-01-02 |
        Ann    | smoker         | 2020-01-03 | ex-smoker
        """,
        Latest(SMOKING),
        Count(ASKED_SMOKING),
    )

    assert found["observation"] == {"rows in": 3, "not asked for": 0, "used": 3}


def test_a_diagnosis_of_a_stay_that_stands_twice_in_the_visits_is_one_diagnosis():
    records = """
        person | record   | date       | entered
        Ann    | diabetes | 2020-01-01 | 2020-01-05
        """
    everyone = patients(records, PEOPLE)
    tables = omop(everyone)
    tables["visit_occurrence"] *= 2
    prediction = Prediction("asked", index=Every("year"), population=Age().at_least(18), outcome=Happens(STEROID),
                            predictors=(Predictor("x", Count(DIABETES)),), horizons=365)  # fmt: skip
    source = as_source(tables, ibis.duckdb.connect())

    found = feature_table(Pathway(title="Drawn", predictions=(prediction,)), prediction, source).accounts

    assert found["condition_occurrence"]["rows in"] == sum(
        count for name, count in found["condition_occurrence"].items() if name != "rows in"
    )
    assert found["condition_occurrence"]["used"] == 2  # Ann's and the neighbour's


@pytest.fixture(scope="module")
def table(population, pathway, detection):
    return feature_table(pathway, detection, open_source(population))


def test_the_accounts_of_a_population_with_faults_add_up(table):
    assert set(table.accounts) >= {"measurement", "condition_occurrence", "drug_exposure"}
    for name, found in table.accounts.items():
        assert found["rows in"] == sum(count for reason, count in found.items() if reason != "rows in"), name
        assert min(found.values()) >= 0


def test_faults_put_into_the_population_are_found_and_counted(table, population):
    faults = ("before birth", "after death", "after the extract", "implausible", "duplicate")

    found = table.accounts["measurement"]

    assert all(found[fault] > 0 for fault in faults), found
    assert found["before birth"] == _count(population, table, "measurement_date < birth")
    assert found["after death"] == _count(
        population, table, "measurement_date > death_date AND measurement_date >= birth"
    )
    extract = calendar_date(open_source(population).extract_day)
    assert found["after the extract"] == _count(
        population, table, f"measurement_date > DATE '{extract}' AND coalesce(measurement_date <= death_date, true)"
    )


def _count(folder: Path, table, where: str) -> int:
    """Rows of the asked concepts that meet a condition, by DuckDB's own reckoning."""
    read = compile_table(load("kidney_disease").prediction("detection")).streams.sets
    concepts = sorted({one for part in read for one in table.concepts[part.name]})
    ((found,),) = duckdb.sql(
        f"""
        SELECT count(*) FROM '{folder}/measurement.parquet' m
          JOIN (SELECT person_id, make_date(year_of_birth, month_of_birth, coalesce(day_of_birth, 15)) birth
                FROM '{folder}/person.parquet') USING (person_id)
          LEFT JOIN '{folder}/death.parquet' USING (person_id)
        WHERE measurement_concept_id IN {tuple(concepts)} AND {where}
        """
    ).fetchall()
    return int(found)


def test_the_attrition_leads_from_all_index_dates_to_those_that_stay(table):
    counts = dict(table.attrition)

    left_out = sum(count for text, count in table.attrition if text.startswith("left out"))

    assert counts["index dates"] - left_out == counts["index dates that stay"] == len(table)
    assert counts["people in the source"] == 2_000


def test_an_outcome_or_a_death_on_the_index_date_counts_as_time_at_risk_starts_on_it():
    everyone = patients(
        """
        person | record   | date
        Ann    | diabetes | 2020-01-01
        Cem    | diabetes | 2019-12-31
        """,
        """
        person | born       | observed                 | died
        Ann    | 1960-01-01 | 2000-01-01 to 2020-12-31 |
        Bob    | 1960-01-01 | 2000-01-01 to 2020-01-01 | 2020-01-01
        Cem    | 1960-01-01 | 2000-01-01 to 2020-12-31 |
        """,
    )
    prediction = Prediction("asked", index=Every("year"), population=Age().at_least(60), outcome=Happens(DIABETES),
                            predictors=(Predictor("x", Age()),), horizons=365)  # fmt: skip
    source = as_source(omop(everyone), ibis.duckdb.connect())

    table = feature_table(Pathway(title="Drawn", predictions=(prediction,)), prediction, source)

    rows = zip(table.person_id.tolist(), table.time.tolist(), table.event.tolist(), strict=True)
    assert [row for row in rows if row[0] <= 3] == [(1, 0, 1), (2, 0, 2), (3, 366, 0)]
