"""What a client meets over HTTP: answers, refusals that all have one shape, and the same answer to the same request."""

import json
import sqlite3
import time
from contextlib import closing

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from features.person import UnknownPerson
from serving import app as serving_app
from serving.desk import WAITING_AT_MOST
from serving.openapi import description
from serving.replay import replay
from serving.store import walk


@pytest.fixture
def post(client, request_body):
    def sent(path="/v1/risk", body=None, **sending):
        return client("POST", path, json=request_body() if body is None else body, **sending)

    return sent


def problems(response):
    return [(each["field"], each["found"]) for each in response.json()["problems"]]


def test_a_question_is_answered_with_a_risk_and_its_reasons(post):
    response = post()

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    said = response.json()
    assert said["status"] == "answered"
    assert said["risks"][1]["risk"] == pytest.approx(0.5744425168, abs=1e-10)
    assert said["model"]["version"] == "3"


def test_the_answer_is_on_the_disk_byte_for_byte_as_it_was_sent(post, client, desk):
    response = post()

    answer_id = response.json()["answer_id"]
    assert desk.answers.of_id(answer_id).answer.encode() == response.content
    assert client("GET", f"/v1/answers/{answer_id}").content == response.content


def test_an_answer_that_cannot_be_kept_is_not_sent(post, desk, tmp_path):
    with closing(sqlite3.connect(tmp_path / "answers.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        response = post()
        other.execute("rollback")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert problems(response) == [("", "answers that cannot be kept")]
    assert walk(tmp_path / "answers.db").answers == 0


@pytest.mark.parametrize("eligible", [False, None])
def test_not_eligible_and_cannot_tell_are_answers_with_their_rules(post, desk, reading, found, eligible):
    desk.reading = reading(eligible=eligible, rules=((found["repeat"], (found["low_egfr"],)),))

    response = post()
    assert response.status_code == 200
    assert response.json()["status"] in ("not_eligible", "cannot_tell")
    assert response.json()["actions"][0]["text"] == "Repeat eGFR within 2 weeks"


def test_the_same_id_and_request_get_the_same_answer_again(post, request_body, tmp_path):
    first, second = (post(body=request_body(request_id="visit-17")) for _ in range(2))

    assert first.content == second.content
    assert walk(tmp_path / "answers.db").answers == 1


def test_the_same_id_and_another_request_is_a_conflict(post, request_body):
    post(body=request_body(request_id="visit-17"))
    response = post(body=request_body(request_id="visit-17", as_of="2024-06-29"))

    assert response.status_code == 409
    assert problems(response) == [("request_id", "an id that was used for another request")]


def test_a_key_in_the_header_does_what_an_id_does(post, request_body):
    key = {"idempotency-key": "visit-17"}
    first, second = post(headers=key), post(headers=key)

    assert first.content == second.content
    assert post(body=request_body(as_of="2024-06-29"), headers=key).status_code == 409
    assert post(body=request_body(request_id="visit-18"), headers=key).status_code == 422
    assert post(headers={"idempotency-key": "k" * 101}).status_code == 422


def test_the_same_request_sent_many_times_at_once_gets_one_answer(client, request_body, tmp_path):
    call = ("POST", "/v1/risk", {"json": request_body(request_id="visit-17")})
    responses = client.together([call] * 16)

    assert len({response.content for response in responses}) == 1
    assert walk(tmp_path / "answers.db").answers == 1


def test_without_an_id_each_request_gets_an_answer_of_its_own(post):
    assert post().json()["answer_id"] != post().json()["answer_id"]


def test_a_person_gets_the_first_prediction_that_they_are_eligible_for(post, desk, reading, pathway):
    detection, progression = pathway.predictions
    desk.read = lambda _, prediction: reading(
        [70.0, 60, 0, 0] if prediction is detection else [70.0], eligible=prediction is progression
    )

    said = post().json()
    assert (said["prediction"], said["reason"]["code"]) == ("progression", "model_missing")


def test_where_one_prediction_is_not_theirs_and_another_cannot_tell_the_answer_is_cannot_tell(
    post, desk, reading, pathway
):
    detection = pathway.predictions[0]
    desk.read = lambda _, prediction: reading(eligible=False if prediction is detection else None)

    assert post().json()["status"] == "cannot_tell"


def test_a_prediction_that_is_asked_for_by_name_is_the_one_answered(post, desk, reading, request_body):
    desk.reading = reading(eligible=False)

    assert post(body=request_body(prediction="progression")).json()["prediction"] == "progression"


def test_a_batch_is_answered_in_order_and_faults_stay_where_they_are(post, request_body):
    bad = request_body(as_of="2030-01-01")
    response = post("/v1/risks", {"requests": [request_body(request_id="a"), bad, request_body(request_id="b"), 7]})

    assert response.status_code == 200
    first, second, third, fourth = response.json()["answers"]
    assert (first["request_id"], third["request_id"]) == ("a", "b")
    assert second["problems"][0]["found"] == "a date after today"
    assert fourth["problems"][0]["found"] == "a number"


def test_an_id_that_a_batch_uses_for_two_requests_is_a_conflict_of_the_second_alone(post, request_body):
    other = request_body(request_id="a", as_of="2024-06-29")
    response = post("/v1/risks", {"requests": [request_body(request_id="a"), other, request_body(request_id="a")]})

    first, second, third = response.json()["answers"]
    assert "problems" in second
    assert first == third


def test_a_whole_batch_sent_again_under_its_key_is_the_same_batch(post, request_body, tmp_path):
    batch, key = {"requests": [request_body(), request_body()]}, {"idempotency-key": "night"}
    first, second = post("/v1/risks", batch, headers=key), post("/v1/risks", batch, headers=key)

    assert first.content == second.content
    assert walk(tmp_path / "answers.db").answers == 2


def test_a_person_whom_the_records_do_not_hold_is_a_problem_of_the_request(post, desk, request_body):
    def nobody(*_):
        raise UnknownPerson

    desk.read = nobody
    body = request_body(history=None, person_id=99)

    response = post(body=body)
    assert (response.status_code, problems(response)) == (422, [("person_id", "an id of nobody in the records")])
    batch = post("/v1/risks", {"requests": [body]}).json()["answers"]
    assert batch[0]["problems"][0]["field"] == "person_id"


def test_a_long_history_is_answered_as_a_short_one_is(post, history, request_body):
    history["records"] *= serving_app.INLINE_RECORDS + 1

    assert post(body=request_body()).json()["status"] == "answered"


def test_more_work_than_can_wait_is_turned_away_at_once(post, desk, request_body):
    for _ in range(WAITING_AT_MOST):
        desk._room.acquire()

    response = post(body=request_body(history=None, person_id=1))
    assert (response.status_code, problems(response)) == (503, [("", "more work than can be done now")])


def test_a_batch_that_takes_too_long_says_which_requests_are_left(post, request_body, monkeypatch):
    monkeypatch.setattr(serving_app, "BATCH_SECONDS", 0.0)
    response = post("/v1/risks", {"requests": [request_body(), request_body()]})

    assert response.status_code == 200
    for left in response.json()["answers"]:
        assert left["problems"][0]["found"] == "more requests than could be answered in time"


def test_an_answer_that_takes_too_long_is_refused_in_our_own_shape(post, desk, request_body, monkeypatch):
    monkeypatch.setattr(serving_app, "ANSWER_SECONDS", 0.01)
    desk.read = lambda *_: time.sleep(0.2)

    response = post(body=request_body(history=None, person_id=1))
    assert (response.status_code, problems(response)) == (503, [("", "more work than can be done now")])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/risk", 405),
        ("DELETE", "/v1/answers/abc", 405),
        ("GET", "/v1/answers/abc", 404),
        ("GET", "/v1/pathways/none", 404),
        ("GET", "/v1/patients/9434765919/risk", 404),
        ("GET", "/v1/risk/", 404),
        ("GET", "/docs.json", 404),
    ],
)
def test_what_is_not_there_is_refused_in_the_same_shape(client, method, path, status):
    response = client(method, path)

    assert response.status_code == status
    assert set(response.json()["problems"][0]) == {"field", "found", "allowed"}
    if status == 405:
        assert response.headers["allow"]


def test_only_json_is_taken(client):
    assert client("POST", "/v1/risk", content=b"{}").status_code == 415
    assert client("POST", "/v1/risk", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    named = {"content-type": "Application/JSON; charset=utf-8"}
    assert client("POST", "/v1/risk", content=b"{}", headers=named).status_code == 422


def test_a_body_over_one_mebibyte_is_refused_whether_or_not_its_length_is_said(client):
    json_ = {"content-type": "application/json"}
    big = b" " * (2**20 + 1)

    async def parts():
        for _ in range(9):
            yield b" " * 2**17

    assert client("POST", "/v1/risk", content=big, headers=json_).status_code == 413
    assert client("POST", "/v1/risk", content=parts(), headers=json_).status_code == 413
    assert client("POST", "/v1/risk", content=big[1:], headers=json_).status_code == 422


def test_a_fault_of_ours_gives_a_reference_and_nothing_else(post, desk):
    def broken(*_):
        raise RuntimeError("eGFR of 9434765919 is 58")

    desk.read = broken
    response = post()

    assert response.status_code == 500
    assert "9434765919" not in response.text and "RuntimeError" not in response.text
    assert "noted as" in response.json()["problems"][0]["found"]


def test_no_reply_may_be_kept_by_anything_between_us_and_the_client(post, client):
    assert post().headers["cache-control"] == "no-store"
    assert client("GET", "/v1/nothing").headers["cache-control"] == "no-store"


def test_the_pathways_say_what_they_predict_from_what_and_with_which_model(client):
    listed = client("GET", "/v1/pathways").json()["pathways"]
    assert [(each["name"], each["title"]) for each in listed] == [("kidney_check", "Kidney check")]

    detection, progression = client("GET", "/v1/pathways/kidney_check").json()["predictions"]
    assert detection["horizons_days"] == [730, 1826]
    assert [each["name"] for each in detection["inputs"]] == ["age", "egfr", "concern", "smoking"]
    assert detection["evidence"] == {"c_statistic": 0.8}
    assert progression["model"] is None


def test_a_restricted_input_is_named_but_not_worded(client):
    detection = client("GET", "/v1/pathways/kidney_check").json()["predictions"][0]

    assert detection["inputs"][2] == {"name": "concern", "restricted": True}


def test_ready_says_which_model_answers_and_why_another_does_not(client):
    response = client("GET", "/readyz")

    assert response.status_code == 200
    models = response.json()["models"]
    assert models["kidney_check.detection"]["why_not"] is None
    assert models["kidney_check.progression"]["why_not"] == "model_missing"


def test_without_a_store_the_service_lives_but_is_not_ready(client, desk):
    desk.answers.close()

    assert client("GET", "/livez").status_code == 200
    assert client("GET", "/readyz").status_code == 503


def test_requests_are_counted_by_template_and_answers_by_what_they_could_say(post, client):
    post()
    client("GET", "/v1/answers/9434765919")
    client("GET", "/v1/patients/9434765919")
    client("BREW", "/v1/risk")

    text = client("GET", "/metrics").text
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["risk_requests_total", "/v1/risk", "200", "POST"] == 1
    assert samples["risk_requests_total", "/v1/answers/{answer_id}", "404", "GET"] == 1
    assert samples["risk_requests_total", "404", "GET", "unmatched"] == 1
    assert samples["risk_requests_total", "/v1/risk", "405", "other"] == 1
    assert samples["risk_answers_total", "answered", "detection", "kidney_check"] == 1
    assert samples["risk_request_seconds_count", "/v1/risk"] == 2
    assert "9434765919" not in text and "BREW" not in text


def test_a_stored_answer_computed_again_is_the_same_in_every_field(post, desk):
    entry = desk.answers.of_id(post().json()["answer_id"])

    assert replay(desk, entry).agrees


def test_a_replay_names_the_fields_that_differ_and_not_their_values(post, desk, reading):
    entry = desk.answers.of_id(post().json()["answer_id"])
    desk.reading = reading([71.0, 60, 1, 0])

    found = replay(desk, entry)
    assert not found.agrees
    assert "risks[1].risk" in found.differences
    assert "explanation.contributions[0].value" in found.differences
    assert "answer_id" not in found.differences


def schema_of(name):
    described = json.loads(description())
    return {"$ref": f"#/components/schemas/{name}", "components": described["components"]}


@pytest.mark.parametrize("eligible", [True, False, None])
def test_every_answer_has_the_shape_that_the_description_promises(post, desk, reading, found, prediction, eligible):
    desk.reading = reading(
        eligible=eligible,
        rules=((found["repeat"], (found["low_egfr"],)),),
        missing=(found["missing"]("urine ACR", False, None),),
        comparators=((prediction.comparators[0], 4.2, None),),
    )

    jsonschema.validate(post().json(), schema_of("Answer"))


def test_every_refusal_has_the_shape_that_the_description_promises(post, client):
    for response in (post(body={}), client("GET", "/none"), client("PUT", "/v1/risk")):
        jsonschema.validate(response.json(), schema_of("Problems"))
