"""The compiled decoder and the shapes that it is made from let the same requests pass, and read the same in them."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from serving import decoding
from serving.messages import _plain, asked_again, asked_in, understood
from serving.problems import Refused

TODAY = date(2024, 7, 1)
CATALOGUE = {"kidney_check": ("detection",)}
REQUEST = {
    "pathway": "kidney_check",
    "request_id": "visit-17",
    "prediction": "detection",
    "as_of": "2024-06-30",
    "history": {
        "person": {
            "birth_date": "1954-01",
            "sex": "female",
            "ethnicity": "Z",
            "deprivation": {"fifth": 2, "release": "IMD2019"},
            "region": "E12000007",
            "observed_from": "2010-01-01",
            "observed_to": "2024-01-01",
        },
        "covers": [{"kind": "measurement", "from": "2010-01-01"}, {"kind": "condition", "from": "2011-01-01"}],
        "records": [
            {
                "kind": "measurement",
                "concept_id": 40764999,
                "date": "2024-03-03",
                "value": 60,
                "unit": "mL/min",
                "id": 7,
            },
            {
                "kind": "measurement",
                "system": "SNOMED",
                "code": "1",
                "date": "2024-03-03",
                "operator": "<",
                "value": 1.5,
            },
            {"kind": "medication", "concept_id": 1, "date": "2024-03-03", "end": "2024-03-04", "entered": "2024-03-04"},
            {
                "kind": "visit",
                "concept_id": 9202,
                "date": "2024-03-03",
                "time": "09:30",
                "visit": "v",
                "entered": "2024-03-04",
            },
        ],
        "relatives": [{"relation": "mother", "person": {"birth_date": "1930-01-01", "sex": "female"}, "records": []}],
    },
}


def places(part, place=()):
    """Every place in a request, the request itself among them."""
    yield place
    for name, held in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        yield from places(held, (*place, name))


PLACES = list(places(REQUEST))
NAMES = sorted({place[-1] for place in PLACES if place and isinstance(place[-1], str)} | {"person_id", "unheard_of"})
ODD = [
    *(None, True, False, 0, 1, -1, 5, 6, 3660, 3661, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**400),
    *(60.0, 1.5, -0.0, 1e12, 1.1e12, -1.1e12, float("nan"), float("inf")),
    *(
        "",
        "x",
        "x" * 60,
        "x" * 61,
        "x" * 100,
        "x" * 101,
        "é" * 100,
        "two\nlines",
        "a\x7fb",
        "\\",
        '"',
        "kidney_check",
        "<",
    ),
    *("2024-03-03", "2024-02-30", "2024-3-3", "20240303", "0000-01-01", "9999-12-31", "2024-03", "2025-01-01"),
    *("2024-03-03T00:00:00", " 2024-03-03", "2024-03-03\n", "09:30", "24:00", "09:30:59"),
    *([], {}, [{}], ["x"], {"x": 1}),
]
VALUES = st.one_of(st.sampled_from(ODD), st.text(max_size=5), st.integers(), st.floats())


@st.composite
def requests(draw):
    """The request above with up to three of its parts changed, taken away, renamed or given a neighbour."""
    request = json.loads(json.dumps(REQUEST))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from(PLACES[1:]))
        held = request
        try:
            for part in place[:-1]:
                held = held[part]
            change = draw(st.sampled_from(["other value", "away", "neighbour"]))
            if change == "away":
                del held[place[-1]]
            elif change == "other value" or isinstance(held, list):
                held[place[-1]] = draw(VALUES)
            else:
                held[draw(st.sampled_from(NAMES))] = draw(VALUES)
        except (KeyError, IndexError, TypeError):
            continue  # that part is gone already
    return request


def by_either_way(body):
    """What the decoder's way and the slow one say of a body: what is asked, or all problems."""
    said = []
    for way in (asked_in, lambda body, *about: understood(_plain(body), *about)):
        try:
            said.append(way(body, TODAY, CATALOGUE))
        except Refused as refused:
            said.append(refused.problems)
    return said


# Hypothesis draws its table of characters first, which takes longer than it allows a busy machine.
PATIENTLY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def with_changed(place, value):
    request = held = json.loads(json.dumps(REQUEST))
    for part in place[:-1]:
        held = held[part]
    held[place[-1]] = value
    return json.dumps(request, ensure_ascii=False).encode()


@pytest.mark.parametrize("place", [place for place in PLACES if place], ids=str)
def test_every_odd_value_in_every_place_is_judged_alike(place):
    for value in ODD:
        decoded, slow = by_either_way(with_changed(place, value))

        assert decoded == slow


@PATIENTLY
@given(requests(), st.sampled_from([None, 1]), st.booleans())
def test_both_ways_let_the_same_requests_pass_and_read_the_same_in_them(request_, indent, escaped):
    body = json.dumps(request_, indent=indent, ensure_ascii=escaped).encode(errors="surrogatepass")

    decoded, slow = by_either_way(body)

    assert decoded == slow
    assert getattr(decoded, "text", "") == getattr(slow, "text", "")


@PATIENTLY
@given(requests())
@example(REQUEST)
def test_whatever_passes_without_an_escape_passes_at_once(request_):
    body = json.dumps(request_, ensure_ascii=False).encode(errors="surrogatepass")
    _, slow = by_either_way(body)

    if not isinstance(slow, tuple) and b"\\" not in body and b"\x7f" not in body:
        assert decoding.read(body)[0]["pathway"] == slow.pathway


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(REQUEST).replace('"pathway"', '"pathway": "kidney_check", "pathway"', 1),
        json.dumps(REQUEST).replace('"value": 60', '"value": 60, "value": 61', 1),
        json.dumps(REQUEST).replace('"value": 60', '"value": 60, "valeu": 61', 1),
        json.dumps(REQUEST).replace("60", "NaN", 1),
        json.dumps(REQUEST) + "x",
    ],
)
def test_a_field_that_is_unknown_or_stands_twice_is_seen_by_both(body):
    decoded, slow = by_either_way(body.encode())

    assert decoded == slow
    assert decoded[0].found in ("an unknown field", "a field that stands twice", "text that is not JSON",
                                "a number that is not finite")  # fmt: skip


@pytest.mark.parametrize(("field", "many"), [("relatives", 51), ("records", 20_001)])
def test_a_list_that_is_too_long_is_refused_by_both(field, many):
    history = REQUEST["history"]
    body = json.dumps(REQUEST | {"history": history | {field: history[field][:1] * many}}).encode()

    decoded, slow = by_either_way(body)

    assert decoded == slow
    assert decoded[0].found == "a list that is too long"
    with pytest.raises(decoding.Unread):
        decoding.read(body)


def test_what_was_asked_is_understood_again_from_the_text_that_is_stored():
    asked = asked_in(json.dumps(REQUEST).encode(), TODAY, CATALOGUE)

    assert asked_again(asked.text, asked.as_of) == asked
