"""Somebody whose year of birth the source does not know has no age: nobody guesses one, and nobody else is harmed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from features.cohort import NothingToPredict, feature_table
from features.families import families
from features.person import PersonReader
from features.source import open_source
from pathways.definition import Pathway, Prediction

TABLES = {
    "person": "SELECT 1 person_id, 8532 gender_concept_id, NULL::INTEGER year_of_birth, 1 location_id"
    " UNION ALL SELECT 2, 8532, NULL, 1",
    "location": "SELECT 1 location_id, 'Leeds' city",
    "observation_period": "SELECT 1 observation_period_id, 1 person_id,"
    " DATE '2010-01-01' observation_period_start_date,"
    " DATE '2020-01-01' observation_period_end_date",
    "condition_occurrence": "SELECT 1 condition_occurrence_id, 1 person_id, 320128 condition_concept_id,"
    " DATE '2011-01-01' condition_start_date",
    "measurement": "SELECT 1 measurement_id, 1 person_id, 3020564 measurement_concept_id,"
    " DATE '2011-01-01' measurement_date, 90.0 value_as_number, 8749 unit_concept_id",
    "procedure_occurrence": "SELECT 1 procedure_occurrence_id, 1 person_id, 1 procedure_concept_id,"
    " DATE '2011-01-01' procedure_date",
    "observation": "SELECT 1 observation_id, 1 person_id, 1 observation_concept_id, DATE '2011-01-01' observation_date",
}


@pytest.fixture
def without_birth(tmp_path: Path) -> Path:
    for name, query in TABLES.items():
        duckdb.sql(f"COPY ({query}) TO '{tmp_path}/{name}.parquet'")
    return tmp_path


def test_without_a_year_of_birth_it_is_not_known_whether_somebody_is_an_adult(
    without_birth: Path, pathway: Pathway, detection: Prediction
) -> None:
    with pytest.raises(NothingToPredict) as nobody:
        feature_table(pathway, detection, open_source(without_birth))

    assert dict(nobody.value.attrition)["not known: age is at least 18"] == 10


def test_without_a_year_of_birth_a_creatinine_makes_no_egfr(
    without_birth: Path, pathway: Pathway, detection: Prediction
) -> None:
    source = open_source(without_birth)
    reader = PersonReader(pathway, detection, source.vocabulary(()), source)

    reading = reader.from_source(1, date(2012, 1, 1))

    assert reading.eligible is None
    assert [one.input for one in reading.missing if one.required] == ["eGFR or creatinine in the last 5 years"]


def test_two_people_of_one_town_without_a_year_of_birth_are_no_twins(without_birth: Path) -> None:
    source = open_source(without_birth)

    one, other = families(source.people, source.tables)

    assert one != other
