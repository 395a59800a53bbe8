"""What a sender did not send, or sent in a code that we cannot map, is unknown: never none, never "no red flag"."""

from datetime import date, timedelta
from time import process_time

import pytest

import pathways
from features.person import PersonReader
from features.vocabulary import Vocabulary, expand
from pathways.parts import concept_sets

EVERYTHING = ("condition", "measurement", "medication", "visit", "procedure", "observation", "family_history")
PATHWAY = pathways.load("kidney_disease")
SETS = concept_sets(PATHWAY)
AS_OF = date(2024, 6, 30)


@pytest.fixture(scope="module")
def read():
    """The reading of a man of 66 with these records; SNOMED's code for hypertension is known."""
    vocabulary = Vocabulary(expand(SETS, {}).concepts, {"SNOMED|38341003": 316866})
    reader = PersonReader(PATHWAY, PATHWAY.prediction("detection"), vocabulary)

    def read(*records, kinds=EVERYTHING, sex="male"):
        person = {"birth_date": "1958-02", "sex": sex, "observed_from": "2010-01-01"}
        covers = [{"kind": kind, "from": "2010-01-01"} for kind in kinds]
        return reader.from_history({"person": person, "covers": covers, "records": [*records]}, AS_OF)

    return read


def creatinine(day, value):
    return {"kind": "measurement", "concept_id": 3020564, "date": day, "value": value, "unit": "umol/L"}


def value(reading, name):
    names = [predictor.name for predictor in PATHWAY.prediction("detection").predictors]
    return reading.predictors[names.index(name)]


def coded(code, system="http://snomed.info/sct"):
    return {"kind": "condition", "system": system, "code": code, "date": "2020-05-01"}


def test_a_condition_sent_by_its_snomed_code_counts_like_its_concept(read):
    by_code = read(creatinine("2024-01-10", 90), coded("38341003"))
    by_concept = read(creatinine("2024-01-10", 90), {"kind": "condition", "concept_id": 316866, "date": "2020-05-01"})

    assert value(by_code, "hypertension") == 1.0
    assert by_code.predictors.tobytes() == by_concept.predictors.tobytes()


def test_a_snomed_code_that_no_pathway_asks_for_changes_nothing(read):
    assert read(creatinine("2024-01-10", 90), coded("74400008")).eligible is True


def test_a_code_of_a_system_that_we_cannot_map_might_be_anything_so_nobody_is_called_free_of_kidney_disease(read):
    reading = read(creatinine("2024-01-10", 90), coded("K05..", system="urn:local"))

    assert reading.eligible is None
    assert reading.warnings[0][0] == "code_not_mapped"


def test_without_conditions_it_cannot_be_told_whether_kidney_disease_is_known(read):
    reading = read(creatinine("2024-01-10", 90), kinds=("measurement", "procedure"))

    assert reading.eligible is None
    assert "condition" in reading.reasons[0].text


def test_a_red_flag_that_cannot_be_told_is_said_and_not_passed_over(read):
    """Two low values 90 days apart are a gap in coding, unless a code that was not sent is there."""
    low = (creatinine("2023-06-01", 180), creatinine("2024-01-10", 190))

    told, untold = read(*low), read(*low, kinds=("measurement",))

    assert told.rules[0][0].name == "uncoded"
    assert "uncoded" not in [rule.name for rule, _ in untold.rules]
    assert any(code == "rule_not_known" and "not coded" in text for code, text in untold.warnings)


@pytest.mark.parametrize("sex", ["other", "unknown"])
def test_of_whoever_is_neither_female_nor_male_an_egfr_is_not_known_and_no_red_flag_is_passed_over(read, sex):
    """Creatinine of 600 umol/L is kidney failure in a woman and in a man; the formula has nobody else."""
    failing = (creatinine("2023-06-01", 600), creatinine("2024-01-10", 600))

    told, untold = read(*failing), read(*failing, sex=sex)

    assert told.eligible is False
    assert "kidney failure" in " ".join(rule.action for rule, _ in told.rules)
    assert untold.eligible is None
    assert "the sex as female or male" in untold.reasons[0].text
    assert "measurements" not in untold.reasons[0].text  # they were all sent
    assert any(
        code == "rule_not_known" and "the sex" in text and "kidney failure" in text for code, text in untold.warnings
    )


def test_a_urine_test_that_was_never_taken_is_a_gap_and_not_an_unknown_red_flag(read):
    reading = read(creatinine("2024-01-10", 90))

    assert "rule_not_known" not in [code for code, _ in reading.warnings]


def test_a_result_that_was_entered_after_the_day_of_the_question_is_not_used_and_that_is_said(read):
    late = creatinine("2024-06-01", 300) | {"entered": "2024-07-02"}

    reading = read(creatinine("2024-01-10", 90), late)

    assert reading.predictors.tobytes() == read(creatinine("2024-01-10", 90)).predictors.tobytes()
    assert "after_as_of" in [code for code, _ in reading.warnings]


def test_an_enormous_history_in_no_order_is_read_as_the_same_history_in_order(read):
    """19,000 results on 5,000 days: sorting must not take the square of their number, or nobody else is served."""
    days = [date(2010, 1, 1) + timedelta(days=(at * 7919) % 5000) for at in range(19_000)]
    records = [creatinine(day.isoformat(), 60 + at % 40) for at, day in enumerate(days)]

    started = process_time()
    mixed = read(*records)
    spent = process_time() - started
    started = process_time()
    ordered = read(*sorted(records, key=lambda one: one["date"]))

    assert mixed.predictors.tobytes() == ordered.predictors.tobytes()
    # By insertion alone it was ninety times as long, so twenty leaves room for a busy machine.
    assert spent < 20 * (process_time() - started)
