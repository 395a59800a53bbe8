"""Body mass index by the UK-WHO reference equals the vectors of the research, which two packages agree on."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files

import numpy as np
import pytest

from features import kernel as k
from features.growth import AGES, LMS

SEX = {"female": 0.0, "male": 1.0, "F": 0.0, "M": 1.0}

# clinical_b.md 1.4: sex, age in years, body mass index, score.
VECTORS = [
    ("M", 4.0, 18.0, 1.595),
    ("M", 5.0, 17.6, 1.442),
    ("M", 5.0, 18.5, 1.952),
    ("F", 5.0, 17.6, 1.272),
    ("F", 5.0, 19.0, 1.942),
    ("M", 10.5, 21.0, 1.703),
    ("M", 10.5, 27.5, 2.950),
    ("F", 10.5, 23.5, 2.019),
    ("F", 10.5, 29.0, 2.971),
]


def sds(bmi: float, years: float, sex: float) -> float:
    return float(k.formula(k.BMI_SDS, bmi, np.nan, years * 365.25, sex, np.full(5, np.inf)))


@pytest.mark.parametrize(("sex", "years", "bmi", "score"), VECTORS)
def test_the_score_is_that_of_the_published_table(sex: str, years: float, bmi: float, score: float) -> None:
    assert sds(bmi, years, SEX[sex]) == pytest.approx(score, abs=0.0006)


def test_who_is_on_the_middle_line_has_a_score_of_nothing() -> None:
    for sex in (0, 1):
        for at in (0, 36, 100, 191, 192):
            assert sds(LMS[sex, 1, at], AGES[at], float(sex)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("years", "sex"), [(1.99, 1.0), (18.01, 1.0), (5.0, 2.0), (5.0, np.nan)])
def test_outside_the_reference_there_is_no_score(years: float, sex: float) -> None:
    assert np.isnan(sds(17.0, years, sex))


def days_between(told: dict[str, str]) -> int:
    return (date.fromisoformat(told["observed"]) - date.fromisoformat(told["birth"])).days


@pytest.mark.external
def test_the_table_is_the_one_of_the_research_and_gives_its_vectors(shared) -> None:
    vectors = json.loads((shared / "research" / "test_vectors_b.json").read_text())
    bodies = [one for one in vectors if one["score"] == "UKWHO_BMI"]

    assert (files("features") / "uk_who_bmi.csv").read_text() == (
        shared / "research" / "uk_who_bmi_lms_b.csv"
    ).read_text()
    assert len(bodies) >= 9
    for one in bodies:
        told = one["inputs"]
        years = told["age_years"] if "age_years" in told else days_between(told) / 365.25
        assert sds(told["bmi"], years, SEX[told["sex"]]) == pytest.approx(one["outputs"]["sds"], abs=0.0006)
