"""In boards that a model never saw, and between practices: what may be expected, and what one person's risk may be."""

import re
from dataclasses import replace

import numpy as np
import pytest

from evaluation.inputs import distinct
from training.candidates import Effort
from training.evidence import Examined
from training.places import parted, practice_spread
from training.split import had_outcome
from training.train import Options, train
from training.validation import drawn_forests, validated, validation_tables

HORIZON = 1826
BOARDS = np.array([f"Board {letter}" for letter in "ABCDE"])


@pytest.fixture(scope="module")
def boarded(straight):
    """The made-up people in five boards and 40 practices that differ by chance alone."""
    draw = np.random.default_rng(5)
    axes = {
        **straight.axes,
        "area": draw.choice(BOARDS, len(straight)),
        "practice": np.array([f"P{number}" for number in draw.integers(0, 40, len(straight))]),
    }
    return replace(straight, axes=axes)


@pytest.fixture(scope="module")
def model(task, boarded):
    return train(task, boarded, Options(Effort(1), boards=True))


@pytest.fixture(scope="module")
def found(task, boarded):
    return {"name": "made_up.detection"} | validated(task, boarded, Effort(1), lambda _: None)


def test_each_board_is_examined_by_a_model_that_never_saw_it_and_pooled(found):
    told = found["left_out"]["boards"]

    assert [each["place"] for each in told["places"]] == BOARDS.tolist()
    measures = {each["measure"]: each for each in told["heterogeneity"]}
    assert measures["c_statistic"]["state"] == "ok"
    assert measures["c_statistic"]["places"] == 5
    # The boards differ by chance alone.
    assert measures["observed_over_expected"]["low"] < 1 < measures["observed_over_expected"]["high"]
    assert measures["observed_over_expected"]["new_low"] <= measures["observed_over_expected"]["low"]


def test_boards_of_few_outcomes_are_examined_together_with_others_of_their_region_and_none_is_passed_over(straight):
    # A and E hold many outcomes; B, C, D and F a few each, and F lies in another region.
    sizes = {"A": 2000, "B": 60, "C": 60, "D": 60, "E": 2000, "F": 60}
    boards = np.repeat(list(sizes), list(sizes.values()))
    region = np.where(boards == "F", "London", "North")
    few = straight.rows(np.arange(len(boards)))
    few = replace(few, axes={**few.axes, "area": boards, "region": region})

    found = parted("area", few, HORIZON)

    assert [apart.places for apart in found if len(apart.places) == 1] == [("A",), ("E",), ("F",)]
    assert sorted(place for apart in found for place in apart.places) == list(sizes)
    together = [apart for apart in found if len(apart.places) > 1]
    assert together
    for apart in together:
        assert apart.name.startswith("boards of North together")
        here = np.isin(boards, apart.places)
        assert distinct(few.person_id, here & had_outcome(few, HORIZON)) >= 20
    assert [apart.places for apart in parted("region", few, HORIZON)] == [("London",), ("North",)]


def test_two_regions_are_too_few_to_say_what_a_new_one_may_expect(found):
    told = found["left_out"]["regions"]

    assert [each["place"] for each in told["places"]] == ["London", "North"]
    assert {each["state"] for each in told["heterogeneity"]} == {"insufficient"}


def test_it_is_told_readably_and_drawn_without_a_script(found, tmp_path):
    told = [each for each in validation_tables(found) if isinstance(each, str)]
    files = list(drawn_forests(found, tmp_path))

    assert any(re.search(r"c statistic: 0\.\d\d \(.*over 5 places; a new place may expect", each) for each in told)
    assert len(files) == 6
    assert all(file.read_text().startswith("<svg xmlns=") and "<script" not in file.read_text() for file in files)


def test_training_keeps_it_in_the_evidence_if_asked(model):
    assert model.evidence["validation"]["axis"] == "area"
    assert len(model.evidence["validation"]["places"]) == 5


def test_practices_that_differ_by_chance_alone_have_next_to_no_spread(model):
    assert model.evidence["practice_spread"]["state"] == "ok"
    assert model.evidence["practice_spread"]["practices"] == 40
    assert model.evidence["practice_spread"]["log_odds"] < 0.25


def test_practices_that_do_differ_have_the_spread_that_they_were_given(model, draw_people, truths):
    draw = np.random.default_rng(9)
    effect = 0.5 * draw.standard_normal(60)
    practice = draw.integers(0, 60, 60_000)
    table = draw_people(60_000, seed=4, true=lambda values: truths["straight"](values) + effect[practice])
    table = replace(table, axes=table.axes | {"practice": np.array([f"P{number}" for number in practice])})
    table = table.rows(table.index_day + 1826 <= table.data_to)

    assert practice_spread(Examined(model, table))["log_odds"] == pytest.approx(0.5, abs=0.12)


def test_with_few_practices_it_is_said_that_it_cannot_be_told(model, boarded):
    few = replace(boarded, axes=boarded.axes | {"practice": np.full(len(boarded), "P1")})

    assert practice_spread(Examined(model, few)) == {
        "state": "insufficient",
        "why": "it takes 10 practices and 100 expected outcomes to tell",
    }
