"""When a figure passes, is watched, is a breach, or cannot be judged."""

import math

import pytest

from monitoring.cells import LIMITS
from monitoring.states import STATES, Figure, chance, judge, rejected, tally, worst

RATIO = LIMITS["observed_over_expected"]
NAN = math.nan


@pytest.mark.parametrize("measure", list(LIMITS))
@pytest.mark.parametrize(
    "figure",
    [Figure(), Figure(NAN, NAN, NAN), Figure(NAN, 0.95, 1.05), Figure(1.0, NAN, 1.05), Figure(1.0, 0.95, None)],
)
@pytest.mark.parametrize("alarm", [True, False])
def test_a_figure_with_a_number_missing_never_passes(measure, figure, alarm):
    assert judge(figure, LIMITS[measure], alarm) == "insufficient"
    assert chance(figure, LIMITS[measure]) == 1.0


@pytest.mark.parametrize(
    ("low", "high", "alarm", "state"),
    [
        (0.81, 1.24, False, "pass"),
        (0.79, 1.10, False, "insufficient"),
        (0.95, 1.26, False, "insufficient"),
        (1.13, 1.24, True, "watch"),
        (1.20, 1.40, True, "watch"),
        (1.26, 1.40, True, "breach"),
        (0.50, 0.79, True, "breach"),
        (1.26, 1.40, False, "insufficient"),
    ],
)
def test_observed_over_expected_is_judged_by_its_whole_interval(low, high, alarm, state):
    assert judge(Figure((low * high) ** 0.5, low, high), RATIO, alarm) == state


def test_a_c_statistic_above_what_was_promised_is_never_an_alarm():
    assert chance(Figure(0.1, 0.09, 0.11), LIMITS["c_statistic"]) > 0.99


def test_a_gap_between_groups_is_for_people_to_judge_and_never_a_breach():
    assert judge(Figure(-0.5, -0.55, -0.45), LIMITS["sensitivity_gap"], alarm=True) == "watch"


def test_the_chance_of_a_departure_is_that_of_a_normal_figure_at_the_limit_of_watch():
    # 1.96 standard errors are log 1.2, and 1.35 lies log(1.35 * 0.9) beyond 1/0.9: z = 2.094, so 0.0181 in one tail.
    assert chance(Figure(1.35, 1.35 / 1.2, 1.35 * 1.2), RATIO) == pytest.approx(0.0181, abs=0.0001)


def test_false_alarms_are_controlled_as_benjamini_and_hochberg_did_in_their_example():
    # Their section 3.2 (1995), 15 hypotheses at 5%: four are rejected.
    theirs = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
    assert sum(rejected([*theirs, 0.7590, 1.0], 0.05)) == 4


def test_all_five_states_are_counted_and_what_cannot_be_told_is_worse_than_a_pass():
    assert list(tally(["pass", "pass", "watch"]).values()) == [0, 1, 0, 0, 2]
    assert worst(["pass", "insufficient", "not run"]) == "insufficient"
    assert worst(["pass", "not run"]) == "not run"
    assert STATES[-1] == "pass"
