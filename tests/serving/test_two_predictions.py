"""Two models of kidney disease behind one interface: everybody gets the prediction that is for them."""

import json
from datetime import UTC, date, datetime

import pytest

import pathways
from pathways.words import KINDS
from registry.curves import Additive, Curve
from registry.model import Column, Model
from registry.recalibration import Affine, Recalibration
from serving.desk import Desk
from serving.loader import Loaded, Served
from serving.messages import asked_in
from serving.readings import People
from serving.store import Answers

NOW = datetime(2024, 7, 1, 12, 0, tzinfo=UTC)
NAME = "kidney_disease"


def model(prediction):
    return Model(
        pathway=NAME,
        prediction=prediction.name,
        columns=tuple(Column(each.name, each.wording) for each in prediction.predictors),
        learner=Additive(bias=-2.0, curves=tuple(Curve((0.0,), (0.0,), 0.0) for _ in prediction.predictors)),
        recalibration=Recalibration(prediction.horizons, prediction.primary, Affine(1.0, (-0.5, 0.0)), {}),
        profile={},
        evidence={},
        card="",
        examples=(),
        fingerprint="f" * 64,
        made_on=date(2024, 1, 1),
        trained_on="nobody",
    )


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Ask about a history as at a day, and get the answer."""
    pathway = pathways.load(NAME)
    served = {
        (NAME, each.name): Served(NAME, each.name, model(each), "1", "d" * 64, "challenger")
        for each in pathway.predictions
    }
    loaded = Loaded({NAME: pathway}, served, {NAME: "f" * 64})
    answers = Answers(tmp_path_factory.mktemp("two") / "answers.db")
    desk = Desk(loaded, answers, People(loaded, None), "demonstration", lambda: NOW)

    def asked(*records, as_of="2024-06-30", **changes):
        person = {"birth_date": "1960-03-01", "sex": "male", "observed_from": "2000-01-01"}
        covers = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS]
        history = {"person": person, "covers": covers, "records": list(records)}
        body = {"pathway": NAME, "as_of": as_of, "history": history} | changes
        entry = desk.entry(asked_in(json.dumps(body).encode(), desk.today(), desk.catalogue), None)
        return json.loads(entry.answer)

    yield asked
    desk.close()


def egfr(value, day):
    return {"kind": "measurement", "concept_id": 40764999, "date": day, "value": value, "unit_concept_id": 720870}


def code(concept, day):
    return {"kind": "condition", "concept_id": concept, "date": day}


# 1 September and 30 November 2023 are 90 days apart: on the second day the disease is confirmed.
LOW = egfr(45, "2023-09-01"), egfr(44, "2023-11-30")


def test_until_the_day_before_confirmation_it_is_detection_and_from_that_day_on_progression(ask):
    before, on = ask(*LOW, as_of="2023-11-29"), ask(*LOW, as_of="2023-11-30")

    assert (before["status"], before["prediction"]) == ("answered", "detection")
    assert (on["status"], on["prediction"]) == ("answered", "progression")
    assert (before["index_date"], on["index_date"]) == ("2023-11-30", "2023-12-01")
    assert before["outcome"]["code"] == "kidney_disease.detection"
    assert on["outcome"]["code"] == "kidney_disease.progression"


def test_whoever_asks_for_one_prediction_gets_that_one_and_why_it_is_not_for_the_person(ask):
    said = ask(*LOW, as_of="2023-11-30", prediction="detection")

    assert (said["status"], said["prediction"], said["reason"]["code"]) == (
        "not_eligible",
        "detection",
        "ckd_confirmed",
    )


def test_whoever_is_for_neither_hears_why_from_the_prediction_that_comes_nearest(ask):
    # Two reasons against detection (a code and a confirmed run), one against progression: the recent acute injury.
    said = ask(*LOW, code(443597, "2024-01-01"), code(197320, "2024-06-01"))

    assert (said["status"], said["prediction"], said["reason"]["code"]) == ("not_eligible", "progression", "recent_aki")
    assert "Acute kidney injury on chronic kidney disease" in said["actions"][0]["text"]


def test_the_published_score_of_progression_stands_beside_the_risk(ask):
    acr = {"kind": "measurement", "concept_id": 3020682, "date": "2023-11-30", "value": 30, "unit_concept_id": 9075}
    said = ask(*LOW, acr, as_of="2023-12-31")

    four = next(one for one in said["comparators"] if one["name"] == "KFRE, 4 variables, 5 years")
    assert (four["outcome"], four["horizon_days"], four["unit"]) == ("kidney_failure", 1826, "probability")
    # A man of 63 with eGFR 44 and an ACR of 30 mg/mmol: 4.26% by the package kfre.
    assert four["value"] == pytest.approx(0.04265, abs=0.00001)
