"""A request that cannot be answered says everything that is wrong with it at once, by kind and never by value."""

import json
from datetime import date

import pytest

from serving.messages import asked_in, batch_in
from serving.problems import Refused, body_of

TODAY = date(2024, 7, 1)
CATALOGUE = {"kidney_check": ("detection", "progression"), "asthma_attack": ("attack",)}
NUMBER = "9434765919"


def asked(body):
    return asked_in(body if isinstance(body, bytes) else json.dumps(body).encode(), TODAY, CATALOGUE)


def problems(body):
    with pytest.raises(Refused) as refused:
        asked(body)
    return [(problem.field, problem.found) for problem in refused.value.problems]


@pytest.fixture
def with_record(request_body, history):
    """A request whose one record is changed; None takes a field away."""

    def made(**changes):
        record = history["records"][0] | changes
        history["records"] = [{name: value for name, value in record.items() if value is not None}]
        return request_body()

    return made


@pytest.fixture
def with_person(request_body, history):
    def made(**changes):
        history["person"] |= changes
        return request_body()

    return made


def test_a_request_in_order_is_understood(request_body):
    understood = asked(request_body(request_id="visit-17", prediction="detection"))

    assert (understood.pathway, understood.prediction) == ("kidney_check", "detection")
    assert understood.as_of == date(2024, 6, 30)
    assert understood.history["records"][0]["value"] == 60.0
    assert understood.records == 1


def test_without_a_day_records_up_to_today_count(request_body):
    assert asked(request_body(as_of=None)).as_of == TODAY


def test_the_same_request_written_differently_is_the_same_request(request_body):
    body = request_body(request_id="visit-17")
    turned = dict(reversed(body.items()))

    assert asked(body).digest == asked(json.dumps(turned, indent=4).encode()).digest
    assert asked(body).digest != asked(body | {"as_of": "2024-06-29"}).digest


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"pathway": None}, ("pathway", "nothing")),
        ({"pathway": 7}, ("pathway", "a number")),
        ({"pathway": "kidney_chek"}, ("pathway", "an unknown name")),
        ({"prediction": "attack"}, ("prediction", "an unknown name")),
        ({"as_of": "2024-07-02"}, ("as_of", "a date after today")),
        ({"as_of": "2023-02-29"}, ("as_of", "a day that is in no calendar")),
        ({"as_of": "30/06/2024"}, ("as_of", "text in another form")),
        ({"as_of": "2024-06-30T12:00:00"}, ("as_of", "text in another form")),
        ({"as_of": 20240630}, ("as_of", "a number")),
        ({"request_id": ""}, ("request_id", "empty text")),
        ({"request_id": "x" * 101}, ("request_id", "text that is too long")),
        ({"request_id": "two\nlines"}, ("request_id", "text in another form")),
        ({"person_id": 1}, ("", "person_id and history")),
        ({"history": None}, ("", "none of person_id, history, fhir_bundle")),
        ({"history": "text"}, ("history", "text")),
        ({"history": None, "person_id": True}, ("person_id", "true or false")),
        ({"history": None, "person_id": 1.5}, ("person_id", "a number that is not whole")),
        ({"history": None, "fhir_bundle": {"resourceType": "Bundle"}}, ("fhir_bundle", "a FHIR bundle")),
        ({"historie": {}}, ("", "an unknown field")),
    ],
)
def test_what_is_wrong_with_a_request(request_body, changes, problem):
    assert problem in problems(request_body(**changes))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": "blood"}, ("history.records[0].kind", "text that is not one of these")),
        ({"kind": None}, ("history.records[0].kind", "nothing")),
        ({"concept_id": None}, ("history.records[0]", "nothing")),
        ({"concept_id": None, "system": "http://snomed.info/sct"}, ("history.records[0]", "system alone")),
        ({"system": "http://snomed.info/sct", "code": "1"}, ("history.records[0]", "concept_id and system and code")),
        ({"concept_id": "40764999"}, ("history.records[0].concept_id", "text")),
        ({"date": "2024-02-30"}, ("history.records[0].date", "a day that is in no calendar")),
        ({"date": "2024-2-3"}, ("history.records[0].date", "text in another form")),
        ({"end": "2024-03-02"}, ("history.records[0].end", "a date before date")),
        ({"end": "2024-13-01"}, ("history.records[0].end", "a day that is in no calendar")),
        ({"entered": "2024-00-01"}, ("history.records[0].entered", "a day that is in no calendar")),
        ({"time": "25:00"}, ("history.records[0].time", "text in another form")),
        ({"value": "60"}, ("history.records[0].value", "text")),
        ({"value": float("nan")}, ("history.records[0].value", "a number that is not finite")),
        ({"value": float("inf")}, ("history.records[0].value", "a number that is not finite")),
        ({"value": 1e13}, ("history.records[0].value", "a number that is too large")),
        ({"value": True}, ("history.records[0].value", "true or false")),
        ({"value": None, "operator": "<"}, ("history.records[0].value", "nothing")),
        ({"operator": "=<"}, ("history.records[0].operator", "text that is not one of these")),
        ({"unit_concept_id": 8749}, ("history.records[0]", "unit_concept_id and unit")),
        ({"days_supply": -1}, ("history.records[0].days_supply", "a number that is too small")),
        ({"days_supply": 28.5}, ("history.records[0].days_supply", "a number that is not whole")),
        ({"id": {}}, ("history.records[0].id", "an object")),
        ({"valeu": 60}, ("history.records[0]", "an unknown field")),
    ],
)
def test_what_is_wrong_with_a_record(with_record, changes, problem):
    assert problem in problems(with_record(**changes))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"birth_date": "1954"}, ("history.person.birth_date", "text in another form")),
        ({"birth_date": "1954-13"}, ("history.person.birth_date", "a day that is in no calendar")),
        ({"birth_date": "2024-07-01"}, ("history.person.birth_date", "a date after as_of")),
        ({"birth_date": "2025-01"}, ("history.person.birth_date", "a date after today")),
        ({"birth_date": "1854-01-01"}, ("history.person.birth_date", "a date more than 130 years before as_of")),
        ({"sex": "F"}, ("history.person.sex", "text that is not one of these")),
        ({"ethnicity": "White British"}, ("history.person.ethnicity", "text that is not one of these")),
        ({"deprivation": 3}, ("history.person.deprivation", "a number")),
        (
            {"deprivation": {"fifth": 6, "release": "IMD2019"}},
            ("history.person.deprivation.fifth", "a number that is too large"),
        ),
        ({"deprivation": {"fifth": 3}}, ("history.person.deprivation.release", "nothing")),
        ({"region": "North; drop"}, ("history.person.region", "text in another form")),
        ({"nhs_number": NUMBER}, ("history.person", "an unknown field")),
        (
            {"observed_from": "2020-01-02", "observed_to": "2020-01-01"},
            ("history.person.observed_to", "a date before observed_from"),
        ),
    ],
)
def test_what_is_wrong_with_a_person(with_person, changes, problem):
    assert problem in problems(with_person(**changes))


def test_what_is_wrong_with_what_is_covered(request_body, history):
    history["covers"] = [{"kind": "visit", "from": "2020-01-01"}, {"kind": "visit"}, 3]

    assert problems(request_body()) == [
        ("history.covers[1].from", "nothing"),
        ("history.covers[2]", "a number"),
        ("history.covers[1].kind", "a kind that stands twice"),
    ]


def test_relatives_are_looked_at_like_the_person(request_body, history):
    relative = {"relation": "aunt", "person": {"birth_date": "2030-01", "sex": "female"}, "records": [{"date": 1}]}
    history["relatives"] = [relative]

    found = problems(request_body())
    assert ("history.relatives[0].relation", "text that is not one of these") in found
    assert ("history.relatives[0].person.birth_date", "a date after today") in found
    assert ("history.relatives[0].records[0].date", "a number") in found


def test_all_problems_come_at_once_whether_of_shape_or_of_sense(request_body, history):
    history["person"] |= {"sex": "F", "birth_date": "2030-01"}
    history["records"][0] |= {"value": "sixty", "date": "2024-02-30"}

    assert set(problems(request_body(as_of="2024-07-02", zzz=1))) == {
        ("", "an unknown field"),
        ("as_of", "a date after today"),
        ("history.person.sex", "text that is not one of these"),
        ("history.person.birth_date", "a date after today"),
        ("history.records[0].value", "text"),
        ("history.records[0].date", "a day that is in no calendar"),
    }


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b"[" * 100_000, b'{"pathway": "kidney_check",}', b'{"a": ' + b"1" * 5000 + b"}", b"{} {}"],
)
def test_what_is_no_json_is_said_to_be_none(body):
    assert problems(body)[0] in [("", "text that is not JSON"), ("pathway", "nothing")]


def test_an_empty_body_is_nothing():
    assert problems(b"") == [("", "nothing")]
    assert problems(b" \n") == [("", "nothing")]


def test_a_list_is_no_request():
    assert problems(b"[]") == [("", "a list")]


def test_a_field_that_stands_twice_does_not_vanish(request_body):
    body = json.dumps(request_body()).encode()
    twice = body[:-1] + b', "as_of": "2024-01-01"}'

    assert problems(twice) == [("", "a field that stands twice")]


def test_a_quotation_mark_in_a_value_is_no_second_field(request_body):
    body = json.dumps(request_body(request_id='say "A"')).replace(r"\"A\"", r"\u0022A\u0022").encode()

    assert asked(body).request_id == 'say "A"'


def test_half_a_character_is_refused(request_body):
    body = json.dumps(request_body()).encode()[:-1] + rb', "request_id": "\ud800"}'

    assert problems(body) == [("request_id", "text")]


def test_a_list_of_records_beyond_the_limit_is_refused(request_body, history):
    visit = {"kind": "visit", "concept_id": 9202, "date": "2020-01-01"}
    history["records"] = [visit] * 20_001
    assert problems(request_body()) == [("history.records", "a list that is too long")]

    relative = {"relation": "mother", "person": history["person"], "records": [visit] * 10_001}
    history |= {"records": [visit] * 10_000, "relatives": [relative]}
    assert problems(request_body()) == [("history", "too many records with those of relatives")]


def test_every_problem_says_what_is_allowed(request_body, history):
    history["person"] |= {"sex": "F", "zz": 1}
    history["records"] = [{"kind": 1, "date": 2, "value": "3", "id": [], "x": 1}, 5]
    with pytest.raises(Refused) as refused:
        asked(request_body(as_of=3, pathway="none", prediction=4, request_id=5))

    assert all(problem.allowed for problem in refused.value.problems)
    of = {problem.field: problem.allowed for problem in refused.value.problems}
    assert of["pathway"] == "kidney_check, asthma_attack"
    assert of["history.person.sex"] == "female, male, other or unknown"


def test_no_problem_repeats_a_value_or_a_name_that_a_client_made_up(request_body, history):
    history["person"] |= {NUMBER: NUMBER, "sex": NUMBER, "birth_date": NUMBER, "region": f"{NUMBER}!"}
    history["records"][0] |= {NUMBER: 1, "value": NUMBER, "date": NUMBER, "id": {NUMBER: 1}, "kind": NUMBER}
    history["covers"] = [{NUMBER: NUMBER}]
    history["relatives"] = {NUMBER: NUMBER}
    with pytest.raises(Refused) as refused:
        asked(request_body(pathway=NUMBER, as_of=NUMBER, prediction=NUMBER, **{NUMBER: NUMBER}))

    assert len(refused.value.problems) > 10
    assert NUMBER not in json.dumps(body_of(refused.value.problems)) + repr(refused.value) + str(refused.value)


def test_a_thousand_problems_are_counted_and_not_all_listed(request_body, history):
    history["records"] = [{"kind": "visit", "concept_id": 1, "date": "2024-02-30"}] * 1000
    with pytest.raises(Refused) as refused:
        asked(request_body())

    shown = body_of(refused.value.problems)["problems"]
    assert len(shown) == 201
    assert shown[-1]["found"] == "800 more problems"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"requests": []}, ("requests", "an empty list")),
        ({"requests": [{}] * 501}, ("requests", "a list that is too long")),
        ({"requests": {}}, ("requests", "an object")),
        ({}, ("requests", "nothing")),
        ([], ("", "a list")),
        ({"requests": [{}], NUMBER: 1}, ("", "an unknown field")),
    ],
)
def test_what_is_wrong_with_a_batch(body, problem):
    with pytest.raises(Refused) as refused:
        batch_in(json.dumps(body).encode())

    assert [(each.field, each.found) for each in refused.value.problems] == [problem]
