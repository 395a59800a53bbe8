"""An estimate says how far it can be trusted and never passes a limit that it cannot keep."""

from __future__ import annotations

import math

import pytest

from evaluation.estimate import Estimate, difference, insufficient


def made(value: float, low: float, high: float, n: int = 200, events: int = 50) -> Estimate:
    return Estimate.of(value, low, high, n=n, events=events, kind="influence")


def test_a_figure_passes_only_if_its_whole_interval_keeps_the_limits():
    ratio = made(1.0, 0.85, 1.15)

    assert ratio.passes(at_least=0.8, at_most=1.25)
    assert not ratio.passes(at_least=0.9)
    assert not ratio.passes(at_most=1.1)


def test_by_value_the_interval_is_not_asked():
    assert made(1.0, 0.85, 1.15).passes(at_least=0.9, by="value")
    assert not made(0.89, 0.85, 1.15).passes(at_least=0.9, by="value")


@pytest.mark.parametrize("events", [9, 191])
def test_nine_people_with_or_without_the_outcome_are_too_few(events):
    few = made(0.9, 0.8, 0.95, n=200, events=events)

    assert few.state == "insufficient"
    assert few.value == 0.9
    assert not few.passes(at_least=0.0)
    assert not few.passes(at_least=0.0, by="value")


@pytest.mark.parametrize("events", [10, 190])
def test_ten_are_enough(events):
    assert made(0.9, 0.8, 0.95, n=200, events=events).state == "ok"


@pytest.mark.parametrize("ends", [(math.nan, 0.9), (0.1, math.nan), (-math.inf, 0.9), (0.1, math.inf), (0.9, 0.1)])
def test_an_interval_that_is_not_finite_or_not_ordered_is_insufficient_and_shown_as_none(ends):
    broken = made(0.5, *ends)

    assert broken.state == "insufficient"
    assert broken.to_json()["low"] is None
    assert broken.to_json()["high"] is None


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_not_a_number_never_passes(value):
    broken = made(value, 0.1, 0.9)

    assert broken.state == "insufficient"
    assert not broken.passes(at_least=-1e9)
    assert not broken.passes(at_most=1e9)
    assert broken.to_json()["value"] is None


def test_a_limit_that_is_not_a_number_is_never_kept():
    assert not made(0.5, 0.4, 0.6).passes(at_least=math.nan)
    assert not made(0.5, 0.4, 0.6).passes(at_most=math.nan)


def test_passing_without_a_limit_is_refused():
    with pytest.raises(ValueError, match="nothing to pass"):
        made(0.5, 0.4, 0.6).passes()


def test_nobody_can_call_a_figure_without_an_interval_ok():
    with pytest.raises(ValueError, match="cannot be 'ok'"):
        Estimate(0.5, math.nan, 0.6, 0.95, 100, 50, "influence", "ok")


def test_json_holds_plain_values_only():
    assert made(0.5, 0.4, 0.6).to_json() == {
        "value": 0.5,
        "low": 0.4,
        "high": 0.6,
        "level": 0.95,
        "n": 200,
        "events": 50,
        "kind": "influence",
        "state": "ok",
    }


def test_the_gap_between_two_groups_is_newcombes_hybrid_score_interval():
    # Newcombe (1998), Stat Med 17:873-890, example (a): 56/70 against 48/80 gives 0.0524 to 0.3339.
    from evaluation.intervals import wilson

    one = made(56 / 70, *wilson(56 / 70, 70, 0.95), n=70, events=56)
    two = made(48 / 80, *wilson(48 / 80, 80, 0.95), n=80, events=48)

    gap = difference(one, two)

    assert gap.state == "ok"
    assert (gap.value, gap.low, gap.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_a_gap_to_a_group_with_too_few_outcomes_is_insufficient():
    gap = difference(made(0.8, 0.7, 0.9), insufficient(n=12, events=0, kind="influence"))

    assert gap.state == "insufficient"
    assert not gap.passes(at_least=-1.0)


def test_intervals_of_different_levels_are_not_compared():
    wide = Estimate.of(0.5, 0.4, 0.6, n=99, events=50, kind="wilson", level=0.99)

    with pytest.raises(ValueError, match="level"):
        difference(made(0.5, 0.4, 0.6), wide)
