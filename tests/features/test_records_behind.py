"""The records behind a value: all of those that it is made of, each with its name, and none of those it is not."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest

import pathways
from features.person import PersonReader, Reading
from features.vocabulary import Vocabulary
from pathways.words import KINDS

AS_OF = date(2024, 6, 30)
Sent = dict[str, Any]


@cache
def reader(prediction: str = "detection") -> PersonReader:
    pathway = pathways.load("kidney_disease")
    return PersonReader(pathway, pathway.prediction(prediction), Vocabulary({}))


def read(*records: Sent, kinds: tuple[str, ...] = KINDS, prediction: str = "detection", **person: str) -> Reading:
    """What is read of a man of 64, registered since 2000, complete for some kinds."""
    about = {"birth_date": "1960-03-01", "sex": "male", "observed_from": "2000-01-01"} | person
    covers = [{"kind": kind, "from": "1900-01-01"} for kind in kinds]
    return reader(prediction).from_history({"person": about, "covers": covers, "records": list(records)}, AS_OF)


def measured(concept: int, unit: int) -> Any:
    return lambda value, day, **more: (
        {
            "kind": "measurement",
            "concept_id": concept,
            "date": day,
            "value": value,
            "unit_concept_id": unit,
        }
        | more
    )


egfr, systolic = measured(40764999, 720870), measured(3004249, 8876)


def behind(reading: Reading, name: str) -> list[tuple[str, float | None, str]]:
    """What a predictor's records are, with value and day."""
    names = [one.name for one in reader().prediction.predictors]
    return [(one.of, one.value, one.day.isoformat()) for one in reading.records[names.index(name)]]


def test_a_mean_shows_every_value_of_its_two_years_and_no_older_one() -> None:
    reading = read(systolic(170, "2021-05-01"), systolic(150, "2022-08-01"), systolic(140, "2024-01-10"))

    pressure = "systolic blood pressure"
    assert behind(reading, "sbp_mean_2y") == [(pressure, 150.0, "2022-08-01"), (pressure, 140.0, "2024-01-10")]
    assert behind(reading, "sbp_last") == [(pressure, 140.0, "2024-01-10")]


def test_a_change_shows_every_value_that_it_is_drawn_through() -> None:
    reading = read(egfr(90, "2021-01-01"), egfr(80, "2022-01-01"), egfr(70, "2023-01-01"))

    assert [value for _, value, _ in behind(reading, "egfr_slope")] == [90.0, 80.0, 70.0]
    assert behind(reading, "egfr_min_2y") == [("eGFR", 70.0, "2023-01-01")]


def test_what_was_entered_too_late_is_not_behind_a_mean() -> None:
    reading = read(systolic(150, "2024-01-01"), systolic(190, "2024-02-01", entered="2024-07-02"))

    assert [value for _, value, _ in behind(reading, "sbp_mean_2y")] == [150.0]


def test_too_few_values_for_a_change_show_none() -> None:
    assert behind(read(egfr(90, "2021-01-01"), egfr(80, "2022-01-01")), "egfr_slope") == []


def test_a_flag_of_several_parts_shows_the_record_of_each_once() -> None:
    reading = read(egfr(50, "2024-01-01"))

    assert behind(reading, "egfr_single_low_unrepeated") == [("eGFR", 50.0, "2024-01-01")]


def test_a_diagnosis_or_a_prescription_has_a_name_and_no_value() -> None:
    supply = {"kind": "medication", "concept_id": 1177480, "date": "2024-05-01", "days_supply": 28}
    gout = {"kind": "condition", "concept_id": 440674, "date": "2020-05-01"}
    reading = read(egfr(80, "2024-01-01"), supply, gout)

    assert behind(reading, "nsaid_count") == [("NSAID prescription", None, "2024-05-01")]
    assert behind(reading, "gout") == [("gout", None, "2020-05-01")]


def test_confirmed_disease_shows_the_run_that_confirms_it_and_nothing_before_the_break() -> None:
    # 55 stands before a normal value, so only 50 and 48, which are 90 days and more apart, confirm it; 40 comes later
    # and is the lowest of the last two, which says that it is not over.
    lows = [(55, "2022-01-01"), (70, "2022-06-01"), (50, "2023-01-01"), (48, "2023-06-01"), (40, "2024-01-01")]

    reading = read(*(egfr(value, day) for value, day in lows))
    records = next(records for rule, records in reading.rules if rule.name == "uncoded")
    assert [record.value for record in records] == [50.0, 48.0, 40.0]


def test_each_thing_that_is_missing_is_named_once() -> None:
    missing = [one.input for one in read(egfr(80, "2024-01-01")).missing]

    assert [name for name in missing if "ACR" in name] == ["last urine ACR"]
    assert [name for name in missing if "systolic" in name] == ["last systolic pressure"]
    assert not any("eGFR" in one.input and not one.required for one in read().missing)


@pytest.mark.parametrize(
    ("kinds", "needs"),
    [
        ((), "all conditions, measurements and procedures since registration"),
        (("condition", "measurement"), "all conditions and procedures since registration"),
    ],
)
def test_who_cannot_be_told_is_said_with_what_to_send_and_what_it_would_tell(
    kinds: tuple[str, ...], needs: str
) -> None:
    (reason,) = read(egfr(80, "2024-01-01"), kinds=kinds).reasons

    assert reason.code == "cannot_tell_population"
    assert needs in reason.text
    assert "On dialysis, or has a kidney transplant" in reason.text
    assert "not (" not in reason.text, "nobody should have to read a definition"


def test_a_score_that_cannot_be_computed_names_what_it_lacks_as_a_clinician_does() -> None:
    low = egfr(45, "2023-09-01"), egfr(44, "2024-01-10")
    reading = read(*low, prediction="progression")

    why = {one.name: why for one, _, why in reading.comparators}
    assert why["KFRE, 4 variables, 5 years"] == "cannot be computed without the last ACR"
    assert "the latest albumin in the last year, " in str(why["KFRE, 8 variables, 5 years"])
