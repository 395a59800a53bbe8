"""Every rule of kidney disease, on a person with the lowest risk that a model can give: it still comes first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest

import pathways
from features.person import PersonReader
from features.vocabulary import Vocabulary
from pathways.definition import Prediction, Rule
from pathways.words import KINDS
from registry.curves import Additive, Curve
from registry.model import Column, Model
from registry.recalibration import Affine, Recalibration
from serving.answer import Question, answer
from serving.loader import Served
from serving.messages import Asked
from serving.wording import worded

AS_OF = date(2024, 6, 30)
Sent = dict[str, Any]


def result(concept: int, unit: int) -> Any:
    return lambda value, day: {
        "kind": "measurement",
        "concept_id": concept,
        "date": day,
        "value": value,
        "unit_concept_id": unit,
        "id": f"{value:g} on {day}",
    }


egfr, acr, systolic = result(40764999, 720870), result(3020682, 9075), result(3004249, 8876)


def coded(kind: str, concept: int, day: str) -> Sent:
    return {"kind": kind, "concept_id": concept, "date": day, "id": f"{concept} on {day}"}


def condition(concept: int, day: str) -> Sent:
    return coded("condition", concept, day)


def medicine(concept: int, day: str = "2024-05-15") -> Sent:
    return coded("medication", concept, day)


CKD, AKI, OBSTRUCTION, VISIBLE_BLOOD, POLYCYSTIC, TYPE_2 = 443597, 197320, 433811, 75004, 4053387, 201826
RAAS, AMLODIPINE, INDAPAMIDE, DOXAZOSIN, NSAID = 21601782, 1332418, 978555, 1363053, 1177480
DISEASE = [egfr(45, "2023-05-01"), egfr(44, "2023-12-01")]
FALL = [egfr(x, day) for x, day in ((52, "2023-05-01"), (50, "2023-08-01"), (31, "2024-01-01"), (30, "2024-05-01"))]

# For each rule: a person's records, and the ids of those that the answer must show behind it.
PEOPLE: Mapping[str, tuple[list[Sent], set[str]]] = {
    "blocked": ([*DISEASE, condition(OBSTRUCTION, "2024-05-01")], {"433811 on 2024-05-01"}),
    "aki_on_ckd": ([*DISEASE, condition(AKI, "2024-05-01")], {"197320 on 2024-05-01", "44 on 2023-12-01"}),
    "visible_haematuria": ([*DISEASE, condition(VISIBLE_BLOOD, "2024-05-01")], {"75004 on 2024-05-01"}),
    "kidney_failure": ([*DISEASE, egfr(14, "2024-05-01")], {"14 on 2024-05-01"}),
    "accelerated": (FALL, {"50 on 2023-08-01", "31 on 2024-01-01"}),
    "fast_fall": (FALL, {"50 on 2023-08-01", "31 on 2024-01-01"}),
    "uncoded": (DISEASE, {"44 on 2023-12-01"}),
    "unrepeated": ([egfr(55, "2024-03-01")], {"55 on 2024-03-01"}),
    "newly_low": ([egfr(55, "2024-05-01")], {"55 on 2024-05-01"}),
    "heavy_albuminuria": ([*DISEASE, acr(70, "2024-05-01")], {"70 on 2024-05-01"}),
    "albuminuria_with_haematuria": (
        [*DISEASE, acr(31, "2024-05-01"), condition(437038, "2024-01-01")],
        {"31 on 2024-05-01", "437038 on 2024-01-01"},
    ),
    "albuminuria_unconfirmed": ([*DISEASE, acr(3, "2024-05-01")], {"3 on 2024-05-01"}),
    "pressure_on_four": (
        [
            *DISEASE,
            systolic(150, "2024-05-01"),
            *(medicine(one) for one in (RAAS, AMLODIPINE, INDAPAMIDE, DOXAZOSIN)),
        ],
        {"150 on 2024-05-01", *(f"{one} on 2024-05-15" for one in (RAAS, AMLODIPINE, INDAPAMIDE, DOXAZOSIN))},
    ),
    "hereditary": ([*DISEASE, condition(POLYCYSTIC, "2001-01-01")], {"4053387 on 2001-01-01"}),
    "test_due": ([egfr(80, "2024-05-01"), condition(TYPE_2, "2010-01-01")], {"201826 on 2010-01-01"}),
    "nsaid": ([*DISEASE, medicine(NSAID)], {"44 on 2023-12-01", "1177480 on 2024-05-15"}),
    "raas_gap": ([*DISEASE, acr(70, "2024-05-01")], {"70 on 2024-05-01"}),
    "sglt2_gap": (
        [*DISEASE, acr(30, "2024-05-01"), condition(TYPE_2, "2010-01-01")],
        {"30 on 2024-05-01", "201826 on 2010-01-01"},
    ),
    "statin_gap": ([*DISEASE, condition(CKD, "2020-01-01")], {"443597 on 2020-01-01"}),
    "pressure_gap": ([*DISEASE, systolic(140, "2024-05-01")], {"140 on 2024-05-01"}),
    "not_tested": (DISEASE, {"44 on 2023-12-01"}),
    "kfre_access": (
        [*DISEASE, egfr(16, "2024-05-01"), acr(300, "2024-05-01")],
        {"16 on 2024-05-01", "300 on 2024-05-01"},
    ),
    "kfre_renal_team": (
        [*DISEASE, egfr(25, "2024-05-01"), acr(150, "2024-05-01")],
        {"25 on 2024-05-01", "150 on 2024-05-01"},
    ),
    "kfre_referral": (
        [*DISEASE, egfr(35, "2024-05-01"), acr(15, "2024-05-01")],
        {"35 on 2024-05-01", "15 on 2024-05-01"},
    ),
}
RULES = [
    pytest.param(prediction, rule, id=f"{prediction.name}: {rule.name}")
    for prediction in pathways.load("kidney_disease").predictions
    for rule in prediction.rules
]


def test_every_rule_has_a_person_here() -> None:
    assert {rule.name for one in pathways.load("kidney_disease").predictions for rule in one.rules} == set(PEOPLE)


@pytest.mark.parametrize(("prediction", "rule"), RULES)
def test_a_rule_comes_before_the_lowest_risk_and_shows_the_record_behind_it(prediction: Prediction, rule: Rule) -> None:
    records, behind = PEOPLE[rule.name]

    said = answered(prediction, records)

    texts = [action["text"] for action in said["actions"]]
    assert rule.action in texts
    action = said["actions"][texts.index(rule.action)]
    assert behind <= {record["id"] for record in action["records"]}
    assert action["urgency"] == rule.urgency and action["guideline"] == rule.guideline
    if said["status"] == "answered":
        assert max(each["risk"] for each in said["risks"]) < 1e-5
        band = next(at for at, each in enumerate(said["actions"]) if each["source"] == "band")
        assert (texts.index(rule.action) < band) == (rule.source == "rule")


@pytest.mark.parametrize(("prediction", "rule"), RULES)
def test_without_the_records_behind_it_a_rule_is_silent(prediction: Prediction, rule: Rule) -> None:
    assert rule.action not in [action["text"] for action in answered(prediction, [egfr(80, "2024-05-01")])["actions"]]


def answered(prediction: Prediction, records: list[Sent]) -> Any:
    """The answer to a man of 64 by a model that thinks that nothing can happen to anybody."""
    covers = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS]
    person = {"birth_date": "1960-03-01", "sex": "male", "observed_from": "2000-01-01"}
    history = {"person": person, "covers": covers, "records": records}
    reading = reader(prediction.name).from_history(history, AS_OF)
    asked = Asked("kidney_disease", prediction.name, AS_OF, None, None, "request-1", "{}")
    served = Served("kidney_disease", prediction.name, hopeful(prediction), "1", "d" * 64, "challenger")
    return answer(Question("a" * 32, asked, prediction, worded(prediction), reading, served, "demonstration", AS_OF))


@cache
def reader(prediction: str) -> PersonReader:
    pathway = pathways.load("kidney_disease")
    return PersonReader(pathway, pathway.prediction(prediction), Vocabulary({}))


def hopeful(prediction: Prediction) -> Model:
    flat = Curve(knots=(0.0,), values=(0.0,), missing=0.0)
    return Model(
        pathway="kidney_disease",
        prediction=prediction.name,
        columns=tuple(Column(each.name, each.wording) for each in prediction.predictors),
        learner=Additive(bias=-13.0, curves=tuple(flat for _ in prediction.predictors)),
        recalibration=Recalibration(prediction.horizons, prediction.primary, Affine(1.0, (-0.5, 0.0)), {}),
        profile={},
        evidence={},
        card="",
        examples=(),
        fingerprint="f" * 64,
        made_on=date(2024, 1, 1),
        trained_on="nobody",
    )
