"""Ranking measures agree with scikit-learn and with pairs counted by hand, intervals with DeLong and bootstrap."""

from __future__ import annotations

import math
import time as clock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, precision_score, recall_score, roc_auc_score

from evaluation.discrimination import (
    average_precision,
    c_difference,
    c_statistic,
    flagged,
    ppv,
    sensitivity,
    specificity,
)
from evaluation.inputs import InputError, rows
from evaluation.intervals import effective_size, on_logit_scale, variance
from evaluation.ranking import c_and_influence, precision_and_influence

groups = st.integers(4, 40).flatmap(
    lambda n: st.tuples(
        arrays(bool, n),
        arrays(np.int64, n, elements=st.integers(0, 9)),
        arrays(np.int64, n, elements=st.integers(1, 4)),
    )
)


def by_pairs(outcome, risk, weight):
    """Every pair of somebody with and somebody without the outcome, one by one."""
    won = total = 0.0
    for i in np.flatnonzero(outcome):
        for j in np.flatnonzero(~outcome):
            won += weight[i] * weight[j] * (1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0)
            total += weight[i] * weight[j]
    return won / total


def delong_by_placements(outcome, risk):
    """DeLong's variance as in the paper: placements of each person among the other class, class by class."""
    won = (risk[outcome][:, None] > risk[~outcome]) + 0.5 * (risk[outcome][:, None] == risk[~outcome])
    return won.mean(1).var(ddof=1) / len(won) + won.mean(0).var(ddof=1) / won.shape[1]


def both(outcome):
    return 0 < outcome.sum() < len(outcome)


@settings(deadline=None, max_examples=80)
@given(groups)
def test_the_c_statistic_counts_pairs_and_ties_as_half(group):
    outcome, risk, weight = group
    if both(outcome):
        assert c_statistic(outcome, risk, weight).value == pytest.approx(by_pairs(outcome, risk, weight))


@settings(deadline=None, max_examples=60)
@given(groups)
def test_a_weight_of_three_is_three_people(group):
    outcome, risk, weight = group
    many = np.repeat(outcome, weight), np.repeat(risk, weight)
    if not both(outcome):
        return
    for measure in (c_statistic, average_precision):
        assert measure(outcome, risk, weight).value == pytest.approx(measure(*many).value)
    for measure in (sensitivity, specificity, ppv):
        weighted, repeated = measure(outcome, risk, 5, weight).value, measure(*many, 5).value
        assert weighted == pytest.approx(repeated, nan_ok=True)


@settings(deadline=None, max_examples=60)
@given(groups)
def test_only_the_order_of_the_scores_matters(group):
    outcome, risk, weight = group
    if not both(outcome):
        return
    for measure in (c_statistic, average_precision):
        one, other = measure(outcome, risk, weight), measure(outcome, np.exp(risk / 3.0) - 40, weight)
        assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), nan_ok=True)


@settings(deadline=None, max_examples=60)
@given(groups)
def test_turning_the_score_round_turns_the_c_statistic_round(group):
    outcome, risk, weight = group
    if both(outcome):
        assert c_statistic(outcome, -risk, weight).value == pytest.approx(1 - c_statistic(outcome, risk, weight).value)


def test_the_c_statistic_is_scikit_learns(people, rounded):
    for group in (people, rounded):
        ours = c_statistic(group.outcome, group.risk, group.weight).value
        assert ours == pytest.approx(roc_auc_score(group.outcome, group.risk, sample_weight=group.weight), abs=1e-12)


def test_average_precision_is_scikit_learns(people, rounded):
    for group in (people, rounded):
        ours = average_precision(group.outcome, group.risk, group.weight).value
        theirs = average_precision_score(group.outcome, group.risk, sample_weight=group.weight)
        assert ours == pytest.approx(theirs, abs=1e-12)


def test_sensitivity_and_ppv_are_scikit_learns(rounded):
    call = rounded.outcome, rounded.risk >= 0.2
    given_weights = {"sample_weight": rounded.weight}

    found = sensitivity(rounded.outcome, rounded.risk, 0.2, rounded.weight)
    right = ppv(rounded.outcome, rounded.risk, 0.2, rounded.weight)
    cleared = specificity(rounded.outcome, rounded.risk, 0.2, rounded.weight)

    assert found.value == pytest.approx(recall_score(*call, **given_weights))
    assert right.value == pytest.approx(precision_score(*call, **given_weights))
    assert cleared.value == pytest.approx(recall_score(*call, pos_label=False, **given_weights))


def test_the_interval_of_complete_independent_people_is_delongs(rounded):
    ours = c_statistic(rounded.outcome, rounded.risk)

    expected = on_logit_scale(ours.value, delong_by_placements(rounded.outcome, rounded.risk), 0.95)
    assert ours.kind == "delong"
    assert (ours.low, ours.high) == pytest.approx(expected, abs=1e-12)


def test_the_influence_function_agrees_with_delong_where_both_hold(people):
    delong = c_statistic(people.outcome, people.risk)
    influence = c_statistic(people.outcome, people.risk, np.full(len(people), 2.0))

    assert influence.kind == "influence"
    assert influence.value == pytest.approx(delong.value)
    assert influence.high - influence.low == pytest.approx(delong.high - delong.low, rel=0.005)


def test_rows_of_one_family_are_not_taken_as_independent(people):
    number = np.arange(len(people))
    alone = c_statistic(people.outcome, people.risk, family=number)
    twice = c_statistic(np.tile(people.outcome, 2), np.tile(people.risk, 2), family=np.tile(number, 2))
    ignored = c_statistic(np.tile(people.outcome, 2), np.tile(people.risk, 2))

    assert (alone.kind, twice.kind, ignored.kind) == ("delong", "influence", "delong")
    assert twice.high - twice.low == pytest.approx(alone.high - alone.low, rel=0.005)
    assert ignored.high - ignored.low == pytest.approx((alone.high - alone.low) / math.sqrt(2), rel=0.005)


@pytest.mark.parametrize("measure", [c_statistic, average_precision])
def test_the_influence_of_a_person_is_the_derivative_by_their_weight(rounded, measure):
    internal = {c_statistic: c_and_influence, average_precision: precision_and_influence}[measure]
    few = slice(0, 200)
    outcome, risk, weight = rounded.outcome[few], rounded.risk[few], rounded.weight[few]
    influence = internal(rows(outcome, risk, weight))[1]

    for person in (0, 3, int(np.flatnonzero(outcome)[0]), int(np.flatnonzero(outcome)[-1])):
        more, less = weight.copy(), weight.copy()
        more[person] *= 1 + 1e-5
        less[person] *= 1 - 1e-5
        change = measure(outcome, risk, more).value - measure(outcome, risk, less).value
        assert change / 2e-5 == pytest.approx(influence[person], abs=1e-8)


@pytest.mark.parametrize("measure", [c_statistic, average_precision])
def test_intervals_are_as_wide_as_the_bootstrap_by_family_says(drawn, bootstrap_spread, measure):
    group = drawn(900, seed=2)

    ours = measure(group.outcome, group.risk, group.weight, group.family)
    spread = bootstrap_spread(
        lambda times: measure(group.outcome, group.risk, group.weight * times).value, len(group), group.family
    )

    assert ours.high - ours.low == pytest.approx(2 * 1.96 * spread, rel=0.1)


def test_the_interval_holds_the_truth_nineteen_times_in_twenty(drawn):
    truth = c_statistic(drawn(60_000, seed=1).outcome, drawn(60_000, seed=1).risk).value
    estimates = [
        c_statistic(group.outcome, group.risk, family=group.family)
        for group in (drawn(300, seed=seed) for seed in range(100, 500))
    ]
    held = np.mean([estimate.low <= truth <= estimate.high for estimate in estimates])

    assert 0.92 <= held <= 0.98


def test_a_score_that_tells_everyone_apart_is_not_taken_as_certain():
    outcome = np.repeat([True, False], [12, 300])
    best = c_statistic(outcome, outcome.astype(float))
    precise = average_precision(outcome, outcome.astype(float))

    # Twelve disjoint pairs all right: Wilson's lower limit of 12 / 12.
    z = 1.959963984540054
    assert (best.value, best.high) == (1.0, 1.0)
    assert best.low == pytest.approx(12 / (12 + z * z))
    assert precise.low == pytest.approx(12 / (12 + z * z))


def test_nobody_with_the_outcome_gives_no_c_statistic():
    none = c_statistic([False] * 50, np.linspace(0, 1, 50))

    assert none.state == "insufficient"
    assert math.isnan(none.value)
    assert average_precision([False] * 50, np.linspace(0, 1, 50)).state == "insufficient"
    assert sensitivity([False] * 50, np.linspace(0, 1, 50), 0.5).state == "insufficient"


def test_nine_outcomes_give_a_value_that_passes_nothing():
    few = c_statistic([True] * 9 + [False] * 50, np.r_[np.linspace(0.3, 0.9, 9), np.linspace(0, 0.8, 50)])

    assert few.state == "insufficient"
    assert not few.passes(at_least=0.0)


def test_twelve_outcomes_of_four_people_are_four():
    outcome = np.arange(300) % 100 < 4
    risk = np.linspace(0, 1, 300)

    by_row, by_person = c_statistic(outcome, risk), c_statistic(outcome, risk, family=np.arange(300) % 100)

    assert (by_row.n, by_row.events, by_row.state) == (300, 12, "ok")
    assert (by_person.n, by_person.events, by_person.state) == (100, 4, "insufficient")


def test_censored_people_of_weight_zero_change_nothing(people):
    weight = np.where(people.family % 5 == 0, 0.0, people.weight)
    kept = weight > 0

    one = c_statistic(people.outcome, people.risk, weight, people.family)
    other = c_statistic(people.outcome[kept], people.risk[kept], weight[kept], people.family[kept])

    assert one == other


def test_somebody_at_the_threshold_is_flagged():
    assert flagged([0.1, 0.2, 0.3, 0.4], 0.2).events == 3
    assert sensitivity([True, True, False, False], [0.2, 0.1, 0.2, 0.1], 0.2).value == 0.5
    assert specificity([True, True, False, False], [0.2, 0.1, 0.2, 0.1], 0.2).value == 0.5


def test_counts_behind_a_share_are_those_of_its_own_denominator():
    outcome = np.repeat([True, False], [20, 80])
    risk = np.repeat([0.5, 0.1, 0.5, 0.1], [15, 5, 10, 70])

    found, right = sensitivity(outcome, risk, 0.3), ppv(outcome, risk, 0.3)

    assert (found.n, found.events, found.value) == (20, 15, 0.75)
    assert (right.n, right.events, right.value) == (25, 15, 0.6)


def test_a_threshold_that_nine_people_reach_has_too_few_for_a_ppv():
    outcome = np.repeat([True, False], [20, 80])
    risk = np.repeat([0.5, 0.1], [9, 91])

    assert ppv(outcome, risk, 0.3).state == "insufficient"
    assert sensitivity(outcome, risk, 0.3).state == "ok"


def test_nobody_above_the_threshold_has_no_ppv():
    nobody = ppv([True] * 15 + [False] * 15, [0.1] * 30, 0.5)

    assert math.isnan(nobody.value)
    assert not nobody.passes(at_least=0)


def test_two_scores_are_compared_on_the_same_people_with_their_likeness(people, bootstrap_spread):
    other = people.risk + np.random.default_rng(1).normal(0, 0.02, len(people))

    def difference(times):
        weight = people.weight * times
        return c_statistic(people.outcome, people.risk, weight).value - c_statistic(people.outcome, other, weight).value

    gain = c_difference(people.outcome, people.risk, other, people.weight, people.family)

    spread = bootstrap_spread(difference, len(people), people.family)
    one = c_statistic(people.outcome, people.risk, people.weight, people.family)
    assert gain.value == pytest.approx(difference(np.ones(len(people))))
    assert gain.high - gain.low == pytest.approx(2 * 1.96 * spread, rel=0.1)
    assert gain.high - gain.low < 0.5 * (one.high - one.low)


def test_people_for_whom_one_score_cannot_be_computed_are_left_out_of_the_comparison(people):
    other = np.where(people.risk > 0.3, np.nan, people.risk)
    kept = people.risk <= 0.3

    gain = c_difference(people.outcome, people.risk, other, people.weight, people.family)

    assert gain.value == 0.0
    assert gain.n == len(np.unique(people.family[kept]))
    assert gain.events == len(np.unique(people.family[kept & people.outcome]))


def test_scores_of_different_people_are_not_compared():
    with pytest.raises(InputError, match="same people"):
        c_difference([True, False], [0.2, 0.1], [0.2, 0.1, 0.3])


def test_a_missing_risk_is_refused_and_not_ranked_last():
    with pytest.raises(InputError, match="1 risks are missing"):
        c_statistic([True, False], [np.nan, 0.1])


def test_a_hundred_thousand_people_take_less_than_a_fifth_of_a_second(drawn):
    group = drawn(100_000)

    def seconds():
        start = clock.process_time()
        c_statistic(group.outcome, group.risk, group.weight, group.family)
        return clock.process_time() - start

    assert min(seconds() for _ in range(3)) < 0.2


def test_the_width_of_a_share_follows_its_families(people):
    found = sensitivity(people.outcome, people.risk, 0.2, people.weight, people.family)
    y = people.weight * people.outcome
    influence = (y * (people.risk >= 0.2) - found.value * y) / y.sum()

    size = found.value * (1 - found.value) / variance(influence, people.family) + 1
    z = 1.959963984540054
    width = 2 * z / (1 + z * z / size) * math.sqrt(found.value * (1 - found.value) / size + z * z / (4 * size**2))
    assert size < effective_size(y[y > 0])
    assert found.high - found.low == pytest.approx(width)
