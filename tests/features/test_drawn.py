"""People drawn for a pathway: every definition makes of them what its file says, and a wrong file is found out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import pathways
from features.drawn import DrawnWrongly, drawn_in, judged
from pathways.check_page import DRAWN as FOLDER

DRAWN = tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))
FEWEST = 15
"""People for each prediction, the awkward ones among them."""

SMALL = """
let pressure = measurement 3004249 unit 8876
let lower = measurement 3012888 unit 8876
let hypertension = condition 320128

== undetected
Ann, woman, born 1960-03-01, observed 2010-01-01 to 2024-12-31
  2018-05-01 pressure 128, lower 78
  2019-02-01 hypertension
"""


def text(name: str) -> str:
    return Path(FOLDER / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DRAWN)
def test_everybody_drawn_for_a_pathway_fares_as_the_coder_said(name: str) -> None:
    found = judged(pathways.load(name), text(name))

    assert [one for one in found if not one.agrees] == []


@pytest.mark.parametrize("name", DRAWN)
def test_each_prediction_has_fifteen_people_and_index_dates_that_are_said(name: str) -> None:
    drawn = drawn_in(text(name))
    of = Counter(prediction for one in drawn for prediction in one.predictions)
    dated = {prediction for one in drawn if one.dates for prediction in one.predictions}

    predictions = {one.name for one in pathways.load(name).predictions}
    assert set(of) == predictions == dated
    assert min(of.values()) >= FEWEST


@pytest.mark.parametrize("name", DRAWN)
def test_the_awkward_are_among_them(name: str) -> None:
    said = " ".join(verdict for one in drawn_in(text(name)) for _, _, verdict in one.expected)

    assert all(
        words in said for words in ("outcome", "died", "watched to", "left out under", "left out registered_under")
    )
    assert any(one.sex == 0 for one in drawn_in(text(name)))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("on 2018-12-01: outcome 2019-02-02", "outcome 2019-02-01"),
        ("on 2019-02-02: watched to 2024-12-31", "left out coded"),
        ("on 2009-01-01: watched to 2024-12-31", "left out registered_under_a_year"),
    ],
)
def test_what_is_said_wrongly_of_somebody_is_found_out(said: str, found: str) -> None:
    (one,) = judged(pathways.load("high_blood_pressure"), f"{SMALL}  {said}\n")

    assert (one.agrees, one.found) == (False, found)


def test_what_is_said_of_one_prediction_is_not_asked_of_another() -> None:
    shared = SMALL.replace("== undetected", "== undetected, raised_if_measured")
    found = judged(
        pathways.load("high_blood_pressure"),
        f"{shared}  on 2018-05-01 for undetected: lacks a blood pressure in the last 5 years\n"
        "  on 2018-05-01: measured 2018-05-01, no\n",
    )

    assert [(one.prediction, one.agrees) for one in found] == [("undetected", True), ("raised_if_measured", True)]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("  2018-05-01 pulse 70", "pulse"),
        ("  on yesterday: outcome 2019-02-01", "yesterday"),
        ("Bob, fish, born 1960-03-01, observed 2010-01-01 to 2024-12-31", "fish"),
    ],
)
def test_a_line_that_says_nothing_known_is_named(wrong: str, named: str) -> None:
    with pytest.raises(DrawnWrongly, match=rf"line 10 says nothing known: .*{named}"):
        drawn_in(f"{SMALL}{wrong}\n")


def test_a_prediction_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(DrawnWrongly, match="there is no prediction unseen; there are raised_if_measured, uncontrolled"):
        judged(
            pathways.load("high_blood_pressure"),
            SMALL.replace("undetected", "unseen") + "  on 2018-12-01: died 2019-01-01",
        )
