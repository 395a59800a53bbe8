"""Risks against what happened, group by group, on those whose time at risk is over."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from evaluation.groups import known
from features.table import CENSORED, OUTCOME, FeatureTable
from monitoring.performance import matured, review_performance
from monitoring.promised import promised_concordance, promised_sensitivity

LONDON, NORTH = "E12000007", "E12000002"
HORIZON, THRESHOLD = 365, 0.2


def cell(groups, axis, level, measure):
    return next(group for group in groups if (group.axis, group.level) == (axis, level)).cell(measure)


def alarms(groups):
    return [one for group in groups for one in group.cells if one.state in ("watch", "breach")]


def followed(region, happened, sex="female", ethnicity="A") -> FeatureTable:
    """One row for each person, everybody watched to the end of the horizon; `happened` says to whom."""
    count = len(region)
    happened = np.asarray(happened)
    blank = np.full(count, "")
    return FeatureTable(
        columns=(),
        values=np.empty((count, 0), dtype=np.float32),
        person_id=np.arange(count),
        index_day=np.full(count, 19000, dtype=np.int32),
        time=np.where(happened, 100, HORIZON).astype(np.int32),
        event=np.where(happened, OUTCOME, CENSORED).astype(np.int8),
        measured=np.ones(count, dtype=bool),
        family=np.arange(count),
        comparators={},
        axes={
            "region": np.asarray(region),
            "sex": np.broadcast_to(sex, count).copy(),
            "age_band": blank,
            "ethnicity": np.broadcast_to(ethnicity, count).copy(),
            "deprivation": blank,
            "area": blank,
            "practice": blank,
        },
        data_to=19000 + HORIZON,
    )


@pytest.fixture(scope="module")
def now(people):
    return people(6_000, seed=21, dates_each=2)


@pytest.fixture(scope="module")
def groups(now, model, risks):
    return review_performance(now, risks(model, now), HORIZON, THRESHOLD)


def test_twice_as_many_outcomes_as_predicted_is_a_breach_by_hand():
    # 400 people at a risk of one in four: 100 expected, 200 seen.
    table = followed([NORTH] * 400, [True, False] * 200)

    groups = review_performance(table, np.full(400, 0.25), HORIZON, None)

    found = cell(groups, "all", "all", "observed_over_expected")
    assert found.figure.value == pytest.approx(2.0)
    assert found.state == "breach"


def test_a_region_with_twice_the_odds_is_found_in_that_region_and_not_in_the_other(people, model, risks):
    right, wrong = people(6_000, seed=22), people(6_000, seed=23, odds=2.2)
    parts = right.rows(right.axes["region"] == LONDON), wrong.rows(wrong.axes["region"] == NORTH)
    names = ("values", "person_id", "index_day", "time", "event", "measured", "family")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    joined["person_id"] = np.arange(len(joined["person_id"]))
    axes = {name: np.concatenate([part.axes[name] for part in parts]) for name in right.axes}
    both = replace(right, axes=axes, **joined)

    groups = review_performance(both, risks(model, both), HORIZON, THRESHOLD)

    assert cell(groups, "region", NORTH, "observed_over_expected").state == "breach"
    assert cell(groups, "region", LONDON, "observed_over_expected").state == "pass"
    assert cell(groups, "region", NORTH, "observed_over_expected").figure.value > 1.3


def test_a_model_that_is_right_raises_no_alarm_in_random_halves_twenty_times(people, model, risks):
    now = people(4_000, seed=24, dates_each=2)
    risk = risks(model, now)
    raised = []
    for seed in range(200, 220):
        half = np.random.default_rng(seed).random(len(now) // 2).repeat(2) < 0.5
        raised += alarms(review_performance(now.rows(half), risk[half], HORIZON, THRESHOLD, ("region", "age_band")))

    # One threshold for all does find fewer of the young; every other figure keeps what the risks promise.
    assert [one for one in raised if one.measure != "sensitivity_gap"] == []
    assert {(one.axis, one.measure) for one in raised} == {("age_band", "sensitivity_gap")}


def test_every_exported_figure_of_a_region_is_that_of_rows_filtered_by_region(now, model, risks, groups):
    risk, ripe = risks(model, now), matured(now, HORIZON)
    weighed = known(now.rows(ripe), HORIZON)
    for region in (LONDON, NORTH):
        here = now.axes["region"][ripe] == region
        outcome, weight, scores = weighed.outcome[here], weighed.weight[here], risk[ripe][here]
        figure = cell(groups, "region", region, "c_statistic").figure.value
        assert figure == pytest.approx(roc_auc_score(outcome, scores, sample_weight=weight), abs=0.0006)
        flagged = scores >= THRESHOLD
        share = float((weight * outcome * flagged).sum() / (weight * outcome).sum())
        assert cell(groups, "region", region, "sensitivity").figure.value == pytest.approx(share, abs=0.01)
        ratio = _kaplan_meier(now.rows(ripe).rows(here)) / scores.mean()
        figure = cell(groups, "region", region, "observed_over_expected").figure.value
        assert figure == pytest.approx(ratio, abs=0.01)


def _kaplan_meier(table):
    """Nobody dies among the made-up people, so the incidence is one minus the Kaplan-Meier estimate, day by day."""
    staying = 1.0
    for day in range(HORIZON):
        at_risk = int((table.time >= day).sum())
        staying *= 1 - int(((table.time == day) & (table.event == OUTCOME)).sum()) / at_risk
    return 1 - staying


def test_nobody_is_judged_before_their_time_at_risk_is_over(now, model, risks):
    young = now.rows(now.index_day + HORIZON > now.data_to + 1)

    assert len(young) > 0
    assert review_performance(young, risks(model, young), HORIZON, THRESHOLD) == ()


def test_five_people_are_taken_together_with_others_and_named_nowhere():
    sex = ["female"] * 200 + ["male"] * 195 + ["other"] * 5
    table = followed([NORTH] * 400, [True, False] * 200, sex=sex)

    groups = [group for group in review_performance(table, np.full(400, 0.5), HORIZON, None) if group.axis == "sex"]

    assert [(group.level, group.people) for group in groups] == [("female", 200), ("male and small groups", 200)]


def test_forty_index_dates_of_five_people_are_still_five_people():
    table = followed([NORTH] * 440, [True, False] * 220, sex=["female"] * 400 + ["other"] * 40)
    person = np.r_[np.arange(400), 1000 + np.arange(40) % 5]

    groups = review_performance(replace(table, person_id=person, family=person), np.full(440, 0.5), HORIZON, None)

    assert [group.level for group in groups if group.axis == "sex"] == ["female and small groups"]


def test_a_group_whose_outcomes_are_few_is_insufficient_and_shows_no_figure():
    happened = np.r_[np.tile([True, False], 150), np.zeros(100, dtype=bool)]
    happened[300:309] = True  # nine outcomes: enough to be counted, too few to judge by
    table = followed([NORTH] * 300 + [LONDON] * 100, happened)

    groups = review_performance(table, np.full(400, 0.4), HORIZON, None)

    found = cell(groups, "region", LONDON, "c_statistic")
    assert found.state == "insufficient"
    assert found.figure.known() is None


def test_an_axis_that_nobody_recorded_and_a_missing_threshold_are_not_run(groups):
    table = followed([NORTH] * 400, [True, False] * 200)

    found = review_performance(table, np.full(400, 0.5), HORIZON, None)

    assert cell(found, "deprivation", "unknown", "observed_over_expected").state == "not run"
    assert cell(found, "all", "all", "sensitivity").state == "not run"
    assert cell(groups, "all", "all", "sensitivity").state == "pass"


def test_a_risk_that_ranks_nobody_is_not_passed_for_want_of_an_interval():
    table = followed([NORTH] * 400, [True, False] * 200)

    slope = cell(review_performance(table, np.full(400, 0.5), HORIZON, None), "all", "all", "slope")

    assert slope.state == "insufficient"


def test_risks_promise_the_c_statistic_and_sensitivity_that_follow_if_they_are_right():
    draw = np.random.default_rng(8)
    risk = draw.beta(1.5, 8, 200_000)
    outcome = draw.random(len(risk)) < risk

    assert promised_concordance(risk) == pytest.approx(roc_auc_score(outcome, risk), abs=0.005)
    assert promised_sensitivity(risk, 0.2) == pytest.approx((risk[outcome] >= 0.2).mean(), abs=0.01)
