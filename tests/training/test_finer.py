"""Groups finer than the gate's: every ethnic category and two axes crossed are examined, and each cell has a state."""

from dataclasses import replace

import numpy as np
import pytest
from dcurves import dca
from pandas import DataFrame

from evaluation.axes import labels
from evaluation.censoring import CENSORED
from evaluation.groups import AXES as EXAMINED
from features.table import OUTCOME
from pathways import definition
from training.candidates import Effort
from training.evidence import Examined, decision_curve, risks
from training.figures import decision_curve as drawn
from training.finer import finer_groups
from training.train import Options, train

HORIZON = 1826
CROSSED = (("ethnic_group", "deprivation"), ("sex", "age_band"))


@pytest.fixture(scope="module")
def model(task, straight):
    return train(task, straight, Options(Effort(1)))


@pytest.fixture(scope="module")
def others(draw_people):
    """Other people, of whom the deprived Asian have twice the outcomes that they should."""
    people = draw_people(60_000, seed=21)
    draw = np.random.default_rng(3)
    here = labels(people, "ethnic_group x deprivation") == "Asian x 1"
    more = here & (people.event != OUTCOME) & (draw.random(len(people)) < 0.3)
    day = np.where(more, np.minimum(people.time, draw.integers(0, HORIZON, len(people))), people.time)
    event = np.where(more, OUTCOME, people.event)
    return replace(people, event=event.astype(np.int8), time=day.astype(np.int32))


@pytest.fixture(scope="module")
def found(model, others):
    return finer_groups(Examined(model, others), (0.2,), CROSSED)


def states(found, rule):
    return {(cell["axis"], cell["level"]): cell["state"] for cell in found["cells"] if cell["rule"] == rule}


def test_one_combination_that_is_wrong_is_a_breach_there_and_nowhere_else(found):
    said = states(found, "observed over expected")

    wrong = {level for (axis, level), state in said.items() if state == "breach" and axis != "ethnicity"}
    assert wrong == {"Asian x 1"}
    assert said["ethnic_group x deprivation", "White x 1"] == "pass"


def test_each_category_as_recorded_is_a_row_and_the_missing_are_shown(found):
    levels = [row["level"] for row in found["rows"] if row["axis"] == "ethnicity"]

    assert levels == ["A", "J", "N", "unknown"]
    white = next(row for row in found["rows"] if row["level"] == "A")
    assert white["thresholds"][0]["number_needed"]["value"] == pytest.approx(
        1 / white["thresholds"][0]["ppv"]["value"], abs=0.06
    )


def test_what_nobodys_record_says_was_not_run_with_the_reason(found):
    not_run = [cell for cell in found["cells"] if cell["state"] == "not run"]

    assert [(cell["axis"], cell["says"]) for cell in not_run] == [("area", "area is not recorded for anybody")]


def test_a_group_of_few_is_insufficient_and_never_a_pass(model, others):
    few = finer_groups(Examined(model, others.rows(np.arange(1500))), (), CROSSED)

    black = {level: state for (axis, level), state in states(few, "slope").items() if level.startswith("Black x")}
    assert set(black.values()) == {"insufficient"}


def test_training_keeps_what_the_definition_crosses(model, task):
    axes = [cell["axis"] for cell in model.evidence["finer_groups"]["cells"]]

    assert task.prediction.crossed == CROSSED
    assert {"ethnicity", "ethnic_group x deprivation", "sex x age_band"} <= set(axes)


def test_a_definition_may_cross_what_a_table_can_be_examined_by(straight):
    assert set(EXAMINED) <= set(definition.AXES)
    for axis in definition.AXES:
        assert len(labels(straight, axis)) == len(straight)


def test_the_decision_curve_is_that_of_dcurves_where_everybody_was_followed(model, others):
    complete = replace(
        others,
        time=np.where(others.event == OUTCOME, others.time, HORIZON + 1).astype(np.int32),
        event=np.where(others.event == OUTCOME, OUTCOME, CENSORED).astype(np.int8),
    )
    curve = decision_curve(Examined(model, complete), (0.2,))
    frame = DataFrame({"outcome": complete.event * (complete.time < HORIZON), "risk": risks(model, complete)[:, 1]})
    theirs = dca(data=frame, outcome="outcome", modelnames=["risk"], thresholds=[each["threshold"] for each in curve])

    assert [each["threshold"] for each in curve] == pytest.approx(np.linspace(0.02, 0.4, 20))
    for name, model_there in (("net_benefit", "risk"), ("treat_all", "all")):
        expected = theirs[theirs.model == model_there].set_index("threshold").net_benefit
        ours = [each[name]["value"] for each in curve]
        assert ours == pytest.approx([expected[each["threshold"]] for each in curve], abs=2e-4)


def test_the_decision_curve_is_drawn_and_said_in_words(model):
    svg = drawn(model.evidence["decision_curve"])

    known = [each for each in model.evidence["decision_curve"] if each["net_benefit"]["value"] is not None]
    assert svg.count("<circle") == len(known) > 15
    assert "at 20.0%: " in svg
    assert drawn([]) == ""
