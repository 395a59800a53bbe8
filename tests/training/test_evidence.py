"""What a run leaves for a reviewer: one page, one document, TRIPOD+AI and a model card, all from the same facts."""

import copy
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xmlschema
from jsonschema import Draft202012Validator

from training import document as documents
from training.candidates import Effort
from training.certificate import Certificate, Check
from training.chai import ASK, card
from training.checklist import TRIPOD, judged
from training.evidence_page import page
from training.figures import calibration, decision, forest
from training.missingness import missingness
from training.rivals import Rival
from training.train import Options, train

HERE = Path(__file__).parent
SAME = Certificate((Check("parity", "the same?", "pass", "yes"),), ())
NO_FUTURE = Check("future", "does the future move it?", "pass", "no")
DEFINITION = {
    "name": "detection",
    "question": "Who will be found to have kidney disease?",
    "population": [{"holds": "age at least 18", "otherwise": "Under 18."}],
    "index": "a random day of each year",
    "outcome": "kidney disease found",
    "outcome_of": ["kidney disease"],
    "horizons_days": [365, 1826],
    "look_back": "5 years",
    "requires": [{"input": "eGFR", "supply": "Test it."}],
    "predictors": [{"name": "age"}],
    "bands": [{"name": "High", "at_least": 0.2, "action": "Repeat the eGFR", "owner": "general practice"}],
    "comparators": [{"source": "BMJ 2020"}],
    "cautions": ["Not for people on dialysis."],
}


@pytest.fixture(scope="module")
def model(task, straight):
    made = train(task, straight, Options(Effort(1)), future=NO_FUTURE, same=SAME)
    source = {"name": "Our own records", "synthetic": False}
    return replace(made, evidence=made.evidence | {"made_with": made.evidence["made_with"] | {"source": source}})


@pytest.fixture
def found(model, monkeypatch):
    monkeypatch.setattr(documents, "_definition", lambda *_: DEFINITION)
    return json.loads(json.dumps(documents.document(Rival("3", "d" * 64, model))))


def state(document, number):
    return next(each for each in judged(document) if each.number == number).state


def test_every_item_that_a_run_can_answer_is_met_and_the_rest_are_for_a_person(found):
    states = {each.number: each.state for each in judged(found)}

    assert {number for number, each in states.items() if each == "not met"} == set()
    asked = {each.number for each in TRIPOD if not each.facts}
    assert {number for number, each in states.items() if each == "a person must say"} == asked
    assert {"2", "17", "18a", "18b", "19", "25"} <= asked
    assert len({number.rstrip("abcdefg") for number in states}) == 27


FACTS = [(item.number, fact) for item in TRIPOD for fact in item.facts]


def without(document, path):
    """The document with the fact taken away, wherever it stands."""
    changed = copy.deepcopy(document)
    _remove(changed, path.split("."))
    return changed


def _remove(found, path):
    step, rest = path[0], path[1:]
    if step == "pass":
        found["state"] = "breach"
        for each in found["checks"]:
            each["state"] = "breach"
    elif isinstance(found, list):
        axis = [each for each in found if each.get("axis") == step]
        if axis and not rest:
            found[:] = [each for each in found if each not in axis]
        for each in axis or found:
            if axis and rest:
                _remove(each, rest)
            elif not axis:
                each.pop(step, None)
    elif rest:
        _remove(found[step], rest)
    else:
        found[step] = None


@pytest.mark.parametrize(("number", "fact"), FACTS)
def test_an_item_is_no_longer_met_when_a_fact_behind_it_is_gone(found, number, fact):
    assert state(found, number) == "met"

    changed = without(found, fact)
    assert state(changed, number) == "not met"
    (item,) = [each for each in judged(changed) if each.number == number]
    assert fact in item.says


def test_a_figure_that_is_hidden_answers_nothing(found):
    found["evidence"]["groups"][0]["slope"]["state"] = "suppressed"

    assert state(found, "23a") == "not met"


def test_a_source_that_is_not_known_answers_nothing(found):
    found["evidence"]["made_with"]["source"]["name"] = "not known"

    assert state(found, "5a") == "not met"


def test_the_document_is_as_its_schema_says(found):
    schema = json.loads((HERE.parents[1] / "training/evidence.schema.json").read_text())
    Draft202012Validator.check_schema(schema)

    assert list(Draft202012Validator(schema).iter_errors(found)) == []
    found["evidence"]["groups"][0]["people"] = 5
    assert list(Draft202012Validator(schema).iter_errors(found)) != []


def test_the_page_needs_no_script_is_small_and_each_link_leads_somewhere(found):
    html = page(found)

    assert "<script" not in html
    assert "http" not in re.sub(r"xmlns=\S+", "", html)
    assert len(html.encode()) < 1_000_000
    assert set(re.findall(r'href="#(\w+)"', html)) <= set(re.findall(r'id="(\w+)"', html))
    assert html.count("<svg") >= 3
    assert "Verdict:" in html


def test_the_page_says_what_synthetic_people_prove(found, model, monkeypatch):
    monkeypatch.setattr(documents, "_definition", lambda *_: DEFINITION)
    made_up = {"source": {"name": "Synthetic London", "synthetic": True}}
    told = documents.document(Rival("3", "d" * 64, replace(model, evidence=model.evidence | {"made_with": made_up})))

    assert documents.SYNTHETIC in page(told)
    assert documents.SYNTHETIC not in page(found)


def test_what_was_not_run_is_said_and_never_passed_over(found):
    for name in ("gate", "leakage", "parity", "missingness", "sample_size", "made_with"):
        del found["evidence"][name]
    html = page(found | {"tripod": [vars(each) for each in judged(found)]})

    assert html.count("Not run.") >= 2
    assert "One person read alone as in the table: not run" in html


def test_what_a_clinical_text_says_cannot_become_markup(found):
    found["definition"]["cautions"] = ["<script>alert(1)</script>"]

    assert "<script>" not in page(found)


def test_the_model_card_is_valid_by_its_published_schema(found):
    local = {"http://www.w3.org/2000/09/xmldsig#": str(HERE / "chai/xmldsig.xsd")}
    schema = xmlschema.XMLSchema(HERE / "chai/schema.xsd", locations=local, allow="local")
    xml = card(found)

    schema.validate(xml)
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        schema.validate(xml.replace("<ModelName>", "<Name>").replace("</ModelName>", "</Name>"))
    assert ASK in xml
    assert "Not for people on dialysis." in xml


def test_missing_values_are_shares_by_region_and_hidden_where_they_would_point_at_few(straight):
    lines = {line["predictor"]: line for line in missingness(straight)}

    # 15% have no eGFR, by construction; ages are all there, which points at nobody.
    assert lines["egfr"]["London"] == pytest.approx(0.15, abs=0.02)
    assert lines["age"]["all"] == 0.0
    few = straight.values.copy()
    few[:3, 0] = np.nan
    assert {line["predictor"]: line for line in missingness(replace(straight, values=few))}["age"]["all"] is None


def figure(value, low, high):
    return {"value": value, "low": low, "high": high, "state": "ok"}


def test_figures_say_in_words_what_they_show_and_leave_out_what_is_hidden():
    hidden = {"value": None, "low": None, "high": None, "state": "suppressed"}
    points = [{"expected": 0.1, "observed": figure(0.12, 0.08, 0.16)}, {"expected": None, "observed": hidden}]

    assert "risk 10.0%: observed 12.0%" in calibration(points)
    assert calibration(points).count("<circle") == 1
    assert calibration([{"expected": None, "observed": hidden}]) == ""
    assert "at 20.0%: +0.0100" in decision([{"threshold": 0.2, "gain": figure(0.01, 0.0, 0.02)}])
    drawn = forest([("London", figure(1.1, 0.9, 1.3)), ("North", hidden)], "Observed over expected")
    assert "London: 1.10 (0.90 to 1.30)" in drawn
    assert "not shown" in drawn
