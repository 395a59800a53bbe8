"""The command line accounts for what was answered and writes what clients build on."""

import io
import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console
from typer.testing import CliRunner

from serving.__main__ import app
from serving.examples import EXAMPLES
from serving.messages import asked_in
from serving.openapi import description, files
from serving.printing import print_answer, print_problems

DOCS = Path(__file__).parents[2] / "docs" / "api"
CATALOGUE = {"kidney_disease": ("detection",)}


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def printed():
    def made(body, by=print_answer):
        console = Console(width=120, record=True, file=io.StringIO())
        by(body, console)
        return console.export_text()

    return made


@pytest.fixture
def said(client, desk, reading, found, request_body):
    """An answer over HTTP to somebody read as the keywords say."""

    def answered(**changes):
        desk.reading = reading(**changes)
        return client("POST", "/v1/risk", json=request_body()).json()

    return answered


def test_the_chain_of_stored_answers_is_verified(run, said, desk, tmp_path):
    said()
    path = tmp_path / "answers.db"
    whole = run("verify", "--answers", path, "--json")
    assert (whole.exit_code, json.loads(whole.stdout)["answers"]) == (0, 1)

    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("drop trigger answers_stay")
        connection.execute("update answers set answer = '{}'")
    altered = run("verify", "--answers", path)
    assert altered.exit_code == 1
    assert "answer 1 was altered" in altered.stdout


@pytest.mark.parametrize("command", [("verify",), ("replay", "some-id")])
def test_where_there_is_no_store_the_command_says_so_and_makes_none(run, tmp_path, command):
    done = run(*command, "--answers", tmp_path / "none.db")

    assert done.exit_code == 1
    assert "There is no store at" in done.stderr
    assert not (tmp_path / "none.db").exists()


def test_an_id_that_the_store_does_not_hold_cannot_be_replayed(run, said, tmp_path):
    said()
    done = run("replay", "0" * 32, "--answers", tmp_path / "answers.db")

    assert (done.exit_code, done.stderr.strip()) == (1, "There is no answer of this id in the store.")


def test_where_nothing_answers_the_command_says_what_to_do(run, tmp_path):
    (tmp_path / "request.json").write_text("{}")
    done = run("ask", "--url", "http://127.0.0.1:9", "--file", tmp_path / "request.json")

    assert done.exit_code == 1
    assert "python -m serving start" in done.stderr


def test_the_description_that_is_in_the_repository_is_the_one_that_is_served(run, tmp_path):
    assert run("openapi", "--out", tmp_path / "api").exit_code == 0

    for name, text in files().items():
        assert (tmp_path / "api" / name).read_text(encoding="utf-8") == text
        assert (DOCS / name).read_text(encoding="utf-8") == text, "run `python -m serving openapi`"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_a_request_that_we_take(name):
    asked_in(json.dumps(EXAMPLES[name]).encode(), date(2026, 1, 1), CATALOGUE)
    jsonschema.validate(EXAMPLES[name], json.loads(files()["risk-request.schema.json"]))


def test_the_published_schema_refuses_what_we_refuse():
    schema = json.loads(files()["risk-request.schema.json"])
    example = EXAMPLES["by-history"]

    for wrong in ({"person_id": 1}, {"zzz": 1}, {"as_of": "30/06/2024"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(example | wrong, schema)


def test_the_description_names_every_address_that_answers(client):
    described = json.loads(description())["paths"]

    assert set(described) == {route.path for route in client.app.routes}


def test_every_reference_of_the_description_leads_somewhere():
    described = json.loads(description())

    def references(part):
        if isinstance(part, dict):
            yield from ([part["$ref"]] if "$ref" in part else [])
            part = list(part.values())
        if isinstance(part, list):
            for inner in part:
                yield from references(inner)

    for reference in references(described):
        *_, name = reference.split("/")
        assert name in described["components"]["schemas"]


def test_an_answer_is_printed_with_what_to_do_before_the_risk(said, found, printed):
    text = printed(said(rules=((found["repeat"], (found["low_egfr"],)), (found["send_acr"], ()))))

    order = [
        "Repeat eGFR within 2 weeks",
        "Add eGFR to the next blood test",
        "Send urine ACR",
        "about 57 in 100",
        "age: 70",
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert "NICE NG203" in text and "our own band" in text
    assert "kidney_check.detection version 3, challenger, demonstration" in text


def test_an_answer_without_a_risk_is_printed_with_its_reason_and_what_is_missing(said, found, printed):
    missing = (found["missing"]("eGFR", True, date(2019, 3, 3)),)
    text = printed(said(missing=missing, rules=((found["repeat"], ()),)))

    assert "Cannot tell" in text and "Needed and not recorded" in text
    assert "eGFR (required, newest 3 March 2019)" in text
    assert "Repeat eGFR within 2 weeks" in text
    assert "in 100" not in text


def test_an_action_is_printed_with_the_results_that_called_for_it(said, found, printed):
    many = [found["record"](at, date(2024, 1, at), 50.0 + at, "eGFR") for at in range(1, 7)]
    text = printed(said(rules=((found["repeat"], tuple(many)),)))

    assert "Because of eGFR 56 on 6 January 2024; eGFR 55 on 5 January 2024" in text
    assert "and 2 more." in text


def test_what_was_not_checked_is_listed_under_one_heading(said, printed):
    warning = "Not checked, as the records that would tell were not sent: Repeat eGFR."
    text = printed(said(warnings=(("rule_not_known", warning),)))

    heading = "Not checked, as the records that would tell were not sent"
    assert text.index(heading) < text.index("- Repeat eGFR.") < text.index("To know")


def test_a_band_is_printed_from_where_it_begins_to_where_it_ends(said, printed):
    assert "medium: 30% to 60% in 5 years (our own band)" in printed(said())
    assert "low: below 30% in 5 years" in printed(said(values=[50, 80, 0, 0]))
    assert "high: 60% or more in 5 years" in printed(said(values=[80, 30, 1, 0]))


def test_scores_that_lack_the_same_are_printed_together(printed, said):
    kfre = {"unit": "", "outcome": "", "horizon_days": None, "why_not": "cannot be computed without the last ACR"}
    text = printed(said() | {"comparators": [kfre | {"name": "KFRE 2"}, kfre | {"name": "KFRE 5"}]})

    assert "- KFRE 2; KFRE 5: cannot be computed without the last ACR" in text


def test_somebody_for_whom_the_prediction_is_not_is_spared_what_is_missing_and_the_cautions(said, found, printed):
    reasons = (found["reason"]("under_18", "Under 18."),)
    text = printed(said(eligible=False, reasons=reasons, missing=(found["missing"]("urine ACR", False, None),)))

    assert "Under 18." in text
    assert not any(part in text for part in ("urine ACR", "Values taken in hospital count", "Other scores"))


@pytest.mark.parametrize(("reader", "part"), [("clinician", "To do"), ("person", "What happens next")])
def test_the_same_answer_is_printed_for_whoever_reads_it(run, said, tmp_path, monkeypatch, reader, part):
    monkeypatch.setattr("serving.__main__._post", lambda *_: (200, said()))
    (tmp_path / "request.json").write_text("{}")

    done = run("ask", "--file", tmp_path / "request.json", "--for", reader)
    assert done.exit_code == 0, done.output
    assert part in done.stdout


def test_a_safeguarding_predictor_is_not_printed(said, printed):
    assert "concern" not in printed(said())


def test_problems_are_printed_with_what_is_allowed(printed):
    body = {"problems": [{"field": "as_of", "found": "a date after today", "allowed": "a day"}]}

    text = printed(body, by=print_problems)
    assert all(part in text for part in ("as_of", "a date after today", "a day"))
