"""Numbers, days and values read as a clinician writes them."""

from datetime import date

import pytest

from serving.wording import risk_text, span_text, worded


@pytest.fixture
def predictors(prediction):
    return {each.name: each for each in worded(prediction)}


def test_a_measurement_is_worded_with_its_unit_and_day(predictors):
    text = predictors["egfr"].phrase(58.0, date(2024, 3, 3))

    assert text == "latest eGFR 58 mL/min/1.73 m2 on 3 March 2024"


def test_what_is_missing_is_said_to_be_not_recorded_and_never_no(predictors):
    assert predictors["egfr"].phrase(None, None) == "latest eGFR: not recorded"
    assert predictors["concern"].phrase(None, None) == "safeguarding concern: not recorded"


def test_a_flag_is_yes_or_no(predictors):
    assert predictors["concern"].phrase(0.0, None) == "safeguarding concern: no"
    assert predictors["concern"].phrase(1.0, date(2023, 1, 1)) == "safeguarding concern: yes on 1 January 2023"


def test_a_level_is_said_by_its_name(predictors):
    assert predictors["smoking"].value(1.0) == "never"
    assert predictors["smoking"].value(7.0) is None
    assert predictors["smoking"].phrase("never", None) == "smoking: never"


@pytest.mark.parametrize(
    ("risk", "text"),
    [
        (1e-6, "fewer than 1 in 1,000"),
        (0.001, "about 1 in 1,000"),
        (0.00499, "about 5 in 1,000"),
        (0.005, "about 5 in 1,000"),
        (0.0051, "about 1 in 100"),
        (0.125, "about 12 in 100"),
        (0.99, "about 99 in 100"),
        (0.999999, "more than 99 in 100"),
    ],
)
def test_a_risk_is_so_many_people_of_a_hundred_or_a_thousand(risk, text):
    assert risk_text(risk) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [(1, "day"), (28, "28 days"), (365, "year"), (730, "2 years"), (1095, "3 years"), (400, "400 days")],
)
def test_a_horizon_is_in_years_where_it_is_some(days, text):
    assert span_text(days) == text
