"""Published scores of blood pressure, asthma and cancer against their worked examples and tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from pathways.definition import CannotCompute
from pathways.published import framingham_hypertension, noble_asthma, turner_asthma
from pathways.symptom_risk import AGES, RISK, symptom_risk

CURRENT, EX, NEVER = 0.0, 1.0, 2.0
PERSON = {"age": 45.0, "sex": 1.0, "bmi": 28.0, "systolic": 128.0, "diastolic": 82.0, "smoking": CURRENT}

# Spec 2.6: age, sex, systolic, diastolic, BMI, smoker, parents, then the risk in per cent by 1, 2 and 4 years.
FRAMINGHAM = [
    (45, 1, 128, 82, 28, CURRENT, 1, (5.809, 12.359, 25.233)),
    (45, 0, 118, 74, 23, NEVER, 0, (1.261, 2.760, 5.982)),
    (62, 1, 136, 84, 31, EX, 2, (17.113, 33.883, 59.829)),
    (30, 0, 110, 70, 22, NEVER, 0, (0.265, 0.584, 1.283)),
    (28, 0, 123, 82, 29.76222, NEVER, 2, (3.504, 7.562, 15.913)),
]


@pytest.mark.parametrize(("age", "sex", "systolic", "diastolic", "bmi", "smoking", "parents", "risks"), FRAMINGHAM)
def test_framingham_gives_its_worked_examples(age, sex, systolic, diastolic, bmi, smoking, parents, risks) -> None:
    found = [
        100
        * framingham_hypertension(
            years,
            age=age,
            sex=sex,
            bmi=bmi,
            systolic=systolic,
            diastolic=diastolic,
            smoking=smoking,
            parents=parents,
        )
        for years in (1, 2, 4)
    ]

    assert found == pytest.approx(risks, abs=0.0006)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"systolic": 140.0}, "below 140/90"),
        ({"diastolic": 90.0}, "below 140/90"),
        ({"age": 81.0}, "20 to 80"),
        ({"sex": 2.0}, "female or male"),
    ],
)
def test_framingham_is_silent_where_it_was_not_made_for(changed: dict[str, float], why: str) -> None:
    with pytest.raises(CannotCompute, match=why):
        framingham_hypertension(4, **(PERSON | changed))


BLANK: dict[str, float] = {
    "age": 40,
    "bmi": 22,
    "smoking": NEVER,
    "eosinophils_raised": 0,
    "rhinitis": 0,
    "diabetes": 0,
    "heart_disease": 0,
    "anxiety_depression": 0,
    "anaphylaxis": 0,
    "step": 1,
    "chest_infections": 0,
    "steroid_courses": 0,
    "paracetamol": 0,
    "admissions": 0,
}
NOBLE = [
    ({}, 0.6607),
    ({"bmi": 27, "rhinitis": 1, "anxiety_depression": 1, "step": 2, "steroid_courses": 1}, 1.0041),
    ({"bmi": 18, "step": 0, "steroid_courses": 2, "anaphylaxis": 1}, 11.076),
    (
        {
            "age": 61,
            "smoking": CURRENT,
            "eosinophils_raised": 1,
            "step": 3,
            "steroid_courses": 4,
            "admissions": 2,
            "chest_infections": 1,
        },
        36.7955,
    ),
]


@pytest.mark.parametrize(("told", "risk"), NOBLE)
def test_noble_gives_its_worked_examples(told: dict[str, float], risk: float) -> None:
    assert 100 * noble_asthma(**(BLANK | told)) == pytest.approx(risk, abs=0.0006)


@pytest.mark.external
def test_the_examples_are_those_of_the_research(research: Path) -> None:
    with (research / "comparator_examples_a.json").open() as opened:
        examples: list[dict[str, Any]] = json.load(opened)
    framingham = [one["outputs"] for one in examples if one["score"] == "Framingham_HTN_Parikh2008"]
    noble = [one["outputs"]["risk_12m_pct"] for one in examples if one["score"] == "Noble2021_asthma_crisis"]

    assert [tuple(one.values()) for one in framingham] == [risks for *_, risks in FRAMINGHAM]
    assert sorted(noble) == sorted(risk for _, risk in NOBLE)


def test_noble_is_for_adults_up_to_80() -> None:
    for age in (17, 81):
        with pytest.raises(CannotCompute, match="adults up to 80"):
            noble_asthma(**(BLANK | {"age": age}))


def test_turners_table_is_for_children_of_5_to_12() -> None:
    assert [turner_asthma(age=8, attacks=attacks) for attacks in (0, 1, 2, 5)] == [1.0, 3.7, 7.7, 7.7]
    for age in (4, 13):
        with pytest.raises(CannotCompute, match="5 to 12"):
            turner_asthma(age=age, attacks=1)


@pytest.mark.external
def test_the_table_of_symptoms_is_the_published_one(research: Path) -> None:
    with (research / "cancer_symptom_risk_12m_cprd.csv").open() as opened:
        rows = [row for row in csv.DictReader(opened) if row["index_symptom"] != "Night sweats"]

    assert len(rows) == sum(len(groups) for groups in RISK.values()) * len(AGES)
    for row in rows:
        name = row["index_symptom"].lower().replace(" ", "_").replace("-", "_")
        group = (1 if row["sex"] == "Men" else 0, row["smoker"] == "Ever smoker")
        assert RISK[name][group][AGES.index(int(row["age"]))] == float(row["any_cancer_pct"])


def risk(age: float, sex: float, smoking: float, *there: str) -> float:
    return 100 * symptom_risk(age=age, sex=sex, smoking=smoking, **{name: float(name in there) for name in RISK})


def test_the_table_of_symptoms_is_read_between_its_ages_and_for_the_worst_of_several() -> None:
    # Spec 4.6, never smokers: haematuria in men 8.0 at 60 and 15.4 at 70; abdominal pain 3.1 and 6.4.
    assert risk(60, 1, NEVER, "haematuria") == pytest.approx(8.0, abs=0.05)
    assert risk(70, 1, NEVER, "haematuria", "abdominal_pain") == pytest.approx(15.4, abs=0.05)
    between = (risk(60, 1, NEVER, "haematuria") + risk(70, 1, NEVER, "haematuria")) / 2
    assert risk(65, 1, NEVER, "haematuria") == pytest.approx(between)
    assert risk(60, 1, EX, "haemoptysis") > risk(60, 1, NEVER, "haemoptysis")


@pytest.mark.parametrize(
    ("age", "sex", "there", "why"),
    [
        (40, 0, "abdominal_pain", "women up to 40"),
        (91, 1, "abdominal_pain", "30 to 90"),
        (60, 2, "abdominal_pain", "female or male"),
        (60, 1, "", "none of the table's symptoms"),
        (45, 0, "post_menopausal_bleeding", "none of the table's symptoms"),
        (60, 1, "post_menopausal_bleeding", "none of the table's symptoms"),
    ],
)
def test_the_table_of_symptoms_says_why_it_is_silent(age: float, sex: float, there: str, why: str) -> None:
    with pytest.raises(CannotCompute, match=why):
        risk(age, sex, NEVER, there)
