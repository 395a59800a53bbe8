"""Marked values go in everywhere; what comes out in refusals, logs and counts holds none of them."""

import io
import json
import logging

import pytest

from serving.watch import Lines, log

MARK = "9434765919"


@pytest.fixture
def logged():
    """Everything that any logger of this process says, ours as it is written to standard output."""
    ours, others = io.StringIO(), io.StringIO()
    handlers = [(log, logging.StreamHandler(ours)), (logging.getLogger(), logging.StreamHandler(others))]
    handlers[0][1].setFormatter(Lines())
    # The client of the test names the addresses that it asks; a service has no such client.
    handlers[1][1].addFilter(lambda record: not record.name.startswith("httpx"))
    levels = [(logger, logger.level) for logger, _ in handlers]
    for logger, handler in handlers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    yield lambda: ours.getvalue() + others.getvalue()
    for logger, handler in handlers:
        logger.removeHandler(handler)
    for logger, level in levels:
        logger.setLevel(level)


def marked_requests(request_body, history):
    """Requests that are wrong or right in many ways, each with the mark somewhere in them."""
    json_ = {"content-type": "application/json"}
    person, record = history["person"], history["records"][0]
    yield "POST", "/v1/risk", {"json": request_body(person_id=MARK, history=None, pathway=MARK)}
    yield "POST", "/v1/risk", {"json": request_body(**{MARK: MARK})}
    yield "POST", "/v1/risk", {"json": request_body(history=history | {"person": person | {MARK: MARK, "sex": MARK}})}
    yield "POST", "/v1/risk", {"json": request_body(history=history | {"records": [record | {"value": MARK}]})}
    yield "POST", "/v1/risk", {"json": request_body(history=history | {"covers": {MARK: [MARK]}})}
    yield "POST", "/v1/risk", {"json": request_body(fhir_bundle={MARK: MARK})}
    yield "POST", "/v1/risk", {"content": f'{{"{MARK}": '.encode(), "headers": json_}
    yield "POST", "/v1/risk", {"json": request_body(), "headers": {"idempotency-key": MARK * 11}}
    yield "POST", "/v1/risk", {"content": MARK.encode(), "headers": {"content-type": MARK}}
    yield "POST", "/v1/risks", {"json": {"requests": [{MARK: MARK}, request_body(as_of=MARK)], MARK: MARK}}
    yield "POST", "/v1/risks", {"json": {"requests": [{MARK: MARK}, request_body(as_of=MARK)]}}
    yield "GET", f"/v1/patients/{MARK}/risk?nhs={MARK}", {}
    yield "GET", f"/v1/answers/{MARK}", {}
    yield "GET", f"/v1/pathways/{MARK}", {}
    yield "PUT", f"/v1/answers/{MARK}", {}


def test_no_refusal_log_line_or_count_repeats_what_was_sent(client, request_body, history, logged):
    calls = list(marked_requests(request_body, history))
    responses = client.together(calls)

    for response in responses:
        assert MARK not in response.text + str(response.headers)
    assert {response.status_code for response in responses} == {200, 404, 405, 415, 422}
    assert MARK not in client("GET", "/metrics").text
    assert MARK not in logged()
    assert logged().count('"event": "request"') == len(calls) + 1


def test_an_answer_repeats_what_was_sent_to_its_sender_alone(client, desk, reading, found, request_body, logged):
    record = found["record"](MARK, reading().data_to, 60.0)
    desk.reading = reading(records=((), (record,), (), ()))
    response = client("POST", "/v1/risk", json=request_body(request_id=MARK))

    assert response.json()["request_id"] == MARK
    assert MARK in str(response.json()["explanation"])
    assert MARK not in logged() + client("GET", "/metrics").text


def test_a_fault_of_ours_is_logged_by_kind_and_place_and_not_by_what_it_says(client, desk, request_body, logged):
    def broken(*_):
        raise ValueError(MARK)

    desk.read = broken
    response = client("POST", "/v1/risk", json=request_body())

    line = next(json.loads(line) for line in logged().splitlines() if '"event": "failed"' in line)
    assert line["kind"] == "ValueError"
    assert line["at"].startswith("test_privacy.py:")
    assert line["reference"] in response.text
    assert MARK not in logged() + response.text


def test_a_line_of_the_log_has_none_but_the_allowed_fields(logged):
    log.info("request", extra={"said": {"route": "/v1/risk", "person": MARK}, "nhs_number": MARK})

    assert set(json.loads(logged().splitlines()[0])) == {"time", "level", "event", "route"}
