"""Nothing that leaves shows, or lets anybody work out, a count of 1 to 7 people."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.disclosure import publish, publish_figure, publish_rows, publish_share, suppress, suppress_table
from evaluation.estimate import Estimate
from evaluation.groups import Row
from evaluation.intervals import wilson
from evaluation.measures import Measures, measure

tables = st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(0, 60), min_size=1)


def share_of(events: int, n: int) -> Estimate:
    return Estimate.of(events / n, *wilson(events / n, n, 0.95), n=n, events=events, kind="wilson", enough=True)


def group(people: int, events: int, seed: int = 0) -> Measures:
    """A group with exactly so many outcomes, risks that know something, and a threshold that flags about a third."""
    outcome = np.arange(people) < events
    risk = np.clip(np.random.default_rng(seed).beta(2, 8, people) + 0.15 * outcome, 0.01, 0.99)
    return measure(outcome, risk, thresholds=[0.25])


@given(st.integers(0, 500))
def test_a_count_is_nought_hidden_or_a_multiple_of_five_within_two(count):
    shown = suppress(count)

    if 1 <= count <= 7:
        assert shown is None
    else:
        assert shown is not None
        assert shown % 5 == 0
        assert abs(shown - count) <= 2


def test_counts_around_the_edges():
    assert [suppress(count) for count in (0, 1, 5, 7, 8, 9, 12, 13, 100)] == [0, None, None, None, 10, 10, 10, 15, 100]


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="negative"):
        suppress(-1)


def test_one_hidden_level_hides_the_next_smallest():
    shown = suppress_table({"White": 900, "Mixed": 40, "Asian": 60, "Black": 3, "Other": 0})

    assert shown == {"White": 900, "Mixed": None, "Asian": 60, "Black": None, "Other": 0}


def test_two_hidden_levels_of_one_person_each_hide_a_third():
    assert suppress_table({"A": 300, "B": 20, "C": 1, "D": 1}) == {"A": 300, "B": None, "C": None, "D": None}


def test_two_hidden_levels_of_seven_are_enough():
    assert suppress_table({"A": 300, "B": 20, "C": 7, "D": 7}) == {"A": 300, "B": 20, "C": None, "D": None}


def test_where_only_an_empty_level_is_left_it_is_hidden_too():
    assert suppress_table({"A": 4, "B": 0}) == {"A": None, "B": None}


@settings(max_examples=300)
@given(tables)
def test_no_hidden_level_follows_from_the_total_and_the_others(counts):
    shown = suppress_table(counts)
    gone = [level for level, value in shown.items() if value is None]

    # Somebody who knows the exact total and every shown level exactly is left with the sum of the hidden ones.
    rest = sum(counts.values()) - sum(counts[level] for level in shown if level not in gone)
    assert all(value is None or value == 0 or value >= 10 for value in shown.values())
    if gone and len(gone) < len(counts):
        assert len(gone) >= 2
        assert rest == 0 or rest >= 8


@given(st.integers(8, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_never_tells_its_numerator_closer_than_five(counts):
    events, n = counts
    shown = publish_share(share_of(events, n))

    if 1 <= events <= 7 or 1 <= n - events <= 7:
        assert shown["state"] == "suppressed"
        assert shown["value"] is shown["low"] is shown["high"] is None
        return
    below = suppress(n)
    people = shown["value"] * below
    assert people == pytest.approx(5 * round(people / 5), abs=1e-3 * below)
    exact = share_of(events, n)
    assert 0 <= shown["low"] <= exact.low + 1e-6
    assert 1 >= shown["high"] >= exact.high - 1e-6


def test_a_share_of_seven_people_is_not_shown():
    assert publish_share(share_of(0, 7))["state"] == "suppressed"


@pytest.mark.parametrize(
    ("people", "events", "shown"), [(100, 8, True), (100, 7, False), (20, 12, True), (19, 12, False)]
)
def test_a_c_statistic_needs_eight_with_and_eight_without_the_outcome(people, events, shown):
    figure = publish_figure(Estimate.of(0.7, 0.6, 0.8, n=people, events=events, kind="delong"), people, events)

    assert (figure["value"] == 0.7) is shown
    assert (figure["state"] == "suppressed") is not shown


def test_a_ratio_is_shown_in_steps_of_five_outcomes():
    ratio = Estimate.of(1.13, 0.87, 1.41, n=1000, events=113, kind="influence")

    shown = publish_figure(ratio, 1000, 113, per=100.2)

    assert (shown["value"], shown["low"], shown["high"]) == (1.15, 0.85, 1.45)


def test_insufficient_stays_insufficient_when_it_may_be_shown():
    nine = publish_figure(Estimate.of(0.7, 0.6, 0.8, n=100, events=9, kind="delong"), 100, 9)

    assert nine["state"] == "insufficient"


def test_a_figure_that_does_not_exist_leaves_as_null():
    nothing = Estimate.of(math.nan, math.nan, math.nan, n=100, events=20, kind="sandwich")

    assert publish_figure(nothing, 100, 20)["value"] is None
    assert publish_figure(nothing, 100, 20, per=100)["value"] is None
    assert json.dumps(publish_figure(nothing, 100, 20), allow_nan=False)


def test_a_large_group_is_shown_whole():
    found = group(2000, 300)

    shown = publish(found)

    assert (shown["people"], shown["events"], shown["state"]) == (2000, 300, "ok")
    assert shown["c_statistic"]["value"] == round(found.c_statistic.value, 3)
    assert shown["incidence"]["value"] == 0.15
    at = shown["thresholds"][0]
    assert at["flagged_people"] == suppress(found.thresholds[0].flagged.events)
    assert at["sensitivity"]["value"] == pytest.approx(found.thresholds[0].sensitivity.value, abs=5 / 300 / 2 + 1e-9)
    assert at["net_benefit"]["state"] == "ok"


def test_a_group_of_seven_shows_nothing():
    shown = publish(group(7, 3))

    assert shown["people"] is shown["events"] is shown["mean_risk"] is None
    assert shown["state"] == "suppressed"
    assert numbers(shown, but={"level", "threshold"}) == []


def test_seven_people_with_many_index_dates_are_still_seven():
    person = np.arange(70) % 7
    outcome = np.arange(70) < 30

    shown = publish(measure(outcome, np.linspace(0.01, 0.9, 70), family=person, thresholds=[0.25]))

    assert shown["people"] is shown["index_dates"] is shown["events"] is None
    assert numbers(shown, but={"level", "threshold"}) == []


def test_seven_people_with_the_outcome_after_several_index_dates_are_still_seven():
    person = np.arange(400) % 200
    outcome = person < 7

    shown = publish(measure(outcome, np.linspace(0.01, 0.9, 400), family=person, thresholds=[0.25]))

    assert (shown["people"], shown["index_dates"], shown["events"]) == (200, 400, None)
    assert shown["incidence"]["state"] == shown["c_statistic"]["state"] == "suppressed"


def test_seven_outcomes_hide_everything_that_rests_on_them():
    shown = publish(group(2000, 7))

    assert shown["people"] == 2000
    assert (
        numbers(shown, but={"level", "threshold", "people", "index_dates", "mean_risk", "flagged", "flagged_people"})
        == []
    )
    assert shown["thresholds"][0]["flagged"]["value"] is not None


def test_seven_people_without_the_outcome_hide_the_rates():
    shown = publish(group(500, 493))

    assert shown["incidence"]["state"] == "suppressed"
    assert shown["c_statistic"]["state"] == "suppressed"


def test_three_found_people_hide_what_would_tell_them():
    # 20 outcomes, 3 of them flagged; 100 falsely flagged, 880 rightly cleared.
    outcome = np.repeat([True, True, False, False], [3, 17, 100, 880])
    risk = np.repeat([0.4, 0.1, 0.4, 0.1], [3, 17, 100, 880])

    at = publish(measure(outcome, risk, thresholds=[0.25]))["thresholds"][0]

    suppressed = {name for name, value in at.items() if isinstance(value, dict) and value["state"] == "suppressed"}
    assert suppressed == {"sensitivity", "ppv", "number_needed", "net_benefit", "gain"}
    assert at["flagged_people"] == 105
    assert at["specificity"]["value"] == pytest.approx(0.9, abs=0.003)


def test_the_levels_of_an_axis_hide_one_another():
    sizes = {"female": (900, 90), "male": (800, 40), "other": (60, 3)}
    rows = [Row("sex", *each) for each in named(sizes)]

    shown = {row["level"]: row for row in publish_rows([Row("all", "all", group(1760, 133)), *rows])}

    # Three outcomes are hidden, so the 40 are hidden with them, and every figure that rests on the 40.
    assert shown["other"]["events"] is shown["male"]["events"] is None
    assert (shown["female"]["events"], shown["all"]["events"]) == (90, 135)
    assert shown["male"]["state"] == "suppressed"
    assert (
        numbers(
            shown["male"], but={"level", "threshold", "people", "index_dates", "mean_risk", "flagged", "flagged_people"}
        )
        == []
    )
    assert shown["male"]["people"] == 800
    assert shown["female"]["c_statistic"]["value"] is not None


def test_people_hidden_for_the_sake_of_others_show_nothing_of_themselves():
    # Four people of another group are hidden, so the forty are, and with them their twenty outcomes.
    sizes = {"A": (900, 90), "B": (40, 20), "C": (4, 0), "D": (600, 90)}

    shown = {row["level"]: row for row in publish_rows([Row("ethnic_group", *each) for each in named(sizes)])}

    assert shown["B"]["people"] is shown["B"]["events"] is shown["B"]["thresholds"][0]["flagged_people"] is None
    assert shown["B"]["state"] == "suppressed"
    assert numbers(shown["B"], but={"level", "threshold"}) == []
    assert shown["B"]["curve"] == []
    assert shown["A"]["events"] == 90


def test_flagged_people_hidden_for_the_sake_of_others_hide_what_the_threshold_finds():
    def level(flagged_with, flagged_without):
        outcome = np.repeat([True, True, False, False], [flagged_with, 40, flagged_without, 300])
        risk = np.repeat([0.4, 0.1, 0.4, 0.1], [flagged_with, 40, flagged_without, 300])
        return measure(outcome, risk, thresholds=[0.25])

    sizes = {"female": level(50, 90), "male": level(20, 30), "other": level(0, 5)}

    shown = {row["level"]: row for row in publish_rows([Row("sex", name, found) for name, found in sizes.items()])}

    at = shown["male"]["thresholds"][0]
    assert at["flagged_people"] is None
    assert numbers(at, but={"level", "threshold", "treat_all"}) == []
    assert shown["male"]["events"] == 60
    assert shown["female"]["thresholds"][0]["sensitivity"]["value"] is not None


def test_what_leaves_is_plain_json_without_nan():
    rows = [Row("all", "all", group(300, 30)), Row("sex", "female", group(300, 0)), Row("sex", "male", group(0, 0))]

    text = json.dumps(publish_rows(rows), allow_nan=False)

    assert '"level": "male"' in text


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 3))
def test_no_whole_number_that_leaves_is_one_to_seven(events, others, seed):
    shown = publish(group(events + others, events, seed))

    counts = [shown["people"], shown["events"], shown["thresholds"][0]["flagged_people"]]
    assert all(count is None or count == 0 or count >= 10 for count in counts)
    assert not {"n", "known"} & names(shown)


def named(sizes: dict[str, tuple[int, int]]) -> list[tuple[str, Measures]]:
    return [(name, group(*size)) for name, size in sizes.items()]


def numbers(shown: object, but: set[str]) -> list[float]:
    """Every number in a published group, except under the names given."""
    match shown:
        case dict():
            return [number for name, part in shown.items() if name not in but for number in numbers(part, but)]
        case list():
            return [number for part in shown for number in numbers(part, but)]
        case bool() | None | str():
            return []
        case _:
            return [float(shown)]  # type: ignore[arg-type]


def names(shown: object) -> set[str]:
    """Every name in a published group."""
    match shown:
        case dict():
            return set(shown).union(*(names(part) for part in shown.values()))
        case list():
            return set().union(*(names(part) for part in shown))
        case _:
            return set()


def test_of_two_axes_crossed_no_cell_follows_from_the_totals_of_either():
    # Three deprived Black people are hidden. From the total of the deprived or of the Black they must not follow.
    sizes = {
        "Black x 1": (103, 3),
        "Black x 5": (210, 40),
        "White x 1": (800, 90),
        "White x 5": (900, 60),
        "Asian x 1": (300, 50),
        "Asian x 5": (310, 45),
        "unknown": (50, 20),
    }

    shown = {
        row["level"]: row["events"]
        for row in publish_rows([Row("ethnic_group x deprivation", *each) for each in named(sizes)])
    }

    for name in ("Black x 1", "Black x 5"):
        assert shown[name] is None
    for side, level in ((0, "Black"), (1, "1"), (1, "5")):
        line = [name for name in sizes if name != "unknown" and name.split(" x ")[side] == level]
        assert sum(shown[name] is None for name in line) != 1, level
