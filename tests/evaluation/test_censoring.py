"""People who leave are stood for by those who stay; days are whole, and the horizon's own day is outside."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from lifelines import AalenJohansenFitter, KaplanMeierFitter

import features.table as table
from evaluation import censoring
from evaluation.censoring import CENSORED, DEATH, OUTCOME, uncensored, weights
from evaluation.incidence import aalen_johansen, incidence
from evaluation.inputs import InputError
from evaluation.strata import stratify


def followed(n=400, seed=5, last=1200):
    draw = np.random.default_rng(seed)
    time = draw.permutation(last)[:n]  # no two people on one day: lifelines moves ties at random
    return time, draw.choice([CENSORED, OUTCOME, DEATH], n, p=[0.5, 0.3, 0.2])


lives = st.integers(1, 60).flatmap(
    lambda n: st.tuples(
        arrays(np.int64, n, elements=st.integers(0, 12)), arrays(np.int8, n, elements=st.integers(0, 2))
    )
)


def test_the_codes_are_those_of_the_feature_table():
    assert (censoring.CENSORED, censoring.OUTCOME, censoring.DEATH) == (table.CENSORED, table.OUTCOME, table.DEATH)


def test_a_clinic_of_six_by_hand():
    # Day 2: outcome (6 at risk). Day 3: one leaves of 5. Day 4: death and, after it, one leaves of the 3 still able.
    # Day 6: the horizon; two are followed to it. G(3-) = 1, G(4-) = 4/5, G(6-) = 4/5 * 2/3 = 8/15.
    time = [2, 3, 4, 4, 6, 9]
    event = [OUTCOME, CENSORED, DEATH, CENSORED, OUTCOME, CENSORED]

    found = weights(time, event, horizon=6)

    assert found.outcome.tolist() == [True, False, False, False, False, False]
    assert found.weight == pytest.approx([1, 0, 5 / 4, 0, 15 / 8, 15 / 8])
    assert (found.capped_share, found.unreached_share) == (0.0, 0.0)


@pytest.mark.parametrize(("day", "had_it", "weight"), [(364, True, 1.0), (365, False, 1.0), (0, True, 1.0)])
def test_an_outcome_on_the_horizon_is_too_late_and_one_on_the_index_date_counts(day, had_it, weight):
    found = weights([day, 400], [OUTCOME, CENSORED], horizon=365)

    assert bool(found.outcome[0]) is had_it
    assert found.weight[0] == weight


def test_somebody_followed_to_the_day_of_the_horizon_is_known_and_one_day_less_is_not():
    assert weights([365, 400], [CENSORED, CENSORED], horizon=365).weight.tolist() == [1.0, 1.0]
    assert weights([364, 400], [CENSORED, CENSORED], horizon=365).weight.tolist() == [0.0, 2.0]


def test_without_censoring_everyone_counts_once():
    found = weights([3, 9, 400, 500], [OUTCOME, DEATH, CENSORED, OUTCOME], horizon=365)

    assert found.weight.tolist() == [1.0, 1.0, 1.0, 1.0]


def test_weights_over_the_cap_are_cut_and_their_share_is_told():
    # Nine of ten leave on day 1, so the one followed would stand for ten; so would the death on day 2 of another ten.
    time = [1] * 18 + [2, 30]
    event = [CENSORED] * 18 + [DEATH, CENSORED]

    found = weights(time, event, horizon=30, cap=5.0)

    assert found.weight[-2:].tolist() == [5.0, 5.0]
    assert found.capped_share == 1.0
    assert weights(time, event, horizon=30, cap=20.0).weight[-2:] == pytest.approx([10.0, 10.0])


def test_censoring_is_estimated_within_strata():
    # In region 0 half leave at once, in region 1 nobody does.
    time, event = [1, 1, 90, 90, 90, 90], [CENSORED, CENSORED, CENSORED, CENSORED, CENSORED, CENSORED]

    found = weights(time, event, horizon=90, strata=[0, 0, 0, 0, 1, 1])

    assert found.weight.tolist() == [0.0, 0.0, 2.0, 2.0, 1.0, 1.0]


def test_a_stratum_followed_by_nobody_is_left_out_and_told():
    time, event = [5, 20, 20, 90], [OUTCOME, CENSORED, CENSORED, CENSORED]

    found = weights(time, event, horizon=90, strata=[1, 1, 1, 2])

    assert found.weight.tolist() == [0.0, 0.0, 0.0, 1.0]
    assert found.unreached_share == 0.75


def test_a_stratum_in_which_everybody_died_needs_no_follow_up():
    found = weights([5, 20], [OUTCOME, DEATH], horizon=90)

    assert found.weight.tolist() == [1.0, 1.0]


@settings(deadline=None, max_examples=60)
@given(lives)
def test_the_weights_of_a_stratum_add_up_to_its_people_and_give_the_aalen_johansen_incidence(life):
    time, event = life
    found = weights(time, event, horizon=8, cap=1e9)
    seen = aalen_johansen(time, event, horizon=8)

    if found.unreached_share:
        assert math.isnan(seen.value)
    else:
        assert found.weight.sum() == pytest.approx(len(time))
        assert np.average(found.outcome, weights=found.weight) == pytest.approx(seen.value)


@settings(deadline=None, max_examples=40)
@given(lives, st.randoms(use_true_random=False))
def test_the_order_of_the_people_changes_nothing(life, random):
    time, event = life
    order = np.array(random.sample(range(len(time)), len(time)))

    assert weights(time[order], event[order], 8).weight == pytest.approx(weights(time, event, 8).weight[order])


def test_staying_agrees_with_lifelines_kaplan_meier():
    time, event = followed()
    ours = uncensored(time, event, horizon=1000)

    theirs = KaplanMeierFitter().fit(time, event == CENSORED)

    # G(t-) is what lifelines has at the end of the day before.
    assert ours[1:] == pytest.approx(theirs.predict(np.arange(1000)).to_numpy(), abs=1e-12)
    assert ours[0] == 1.0


def test_incidence_and_its_variance_agree_with_lifelines_aalen_johansen():
    time, event = followed()

    ours = incidence(time, event, horizon=1000)
    theirs = AalenJohansenFitter(calculate_variance=True).fit(time, event, event_of_interest=OUTCOME)
    spread = np.sqrt((aalen_johansen(time, event, 1000).influence ** 2).sum())

    assert ours.value == pytest.approx(theirs.cumulative_density_.loc[:999].iloc[-1, 0], abs=1e-12)
    assert spread == pytest.approx(math.sqrt(theirs.variance_.loc[:999].iloc[-1]), rel=0.01)


@settings(deadline=None, max_examples=60)
@given(lives)
def test_the_influence_of_a_person_is_the_derivative_by_counting_that_person_more(life):
    time, event = life
    seen = aalen_johansen(time, event, horizon=8)
    if math.isnan(seen.value):
        return
    # A thousand copies of everyone, and one copy more of the first person.
    grown = aalen_johansen(np.r_[np.repeat(time, 1000), time[:1]], np.r_[np.repeat(event, 1000), event[:1]], 8)

    assert (grown.value - seen.value) * 1000 == pytest.approx(seen.influence[0], abs=3e-3)
    assert seen.influence.sum() == pytest.approx(0, abs=1e-9)


def test_with_everyone_followed_the_incidence_is_a_share_with_its_binomial_variance():
    time = np.r_[np.full(30, 5), np.full(70, 100)]
    event = np.r_[np.full(30, OUTCOME), np.full(70, CENSORED)]

    seen = aalen_johansen(time, event, horizon=90)

    assert seen.value == pytest.approx(0.3)
    assert (seen.influence**2).sum() == pytest.approx(0.3 * 0.7 / 100)


def test_death_competes_and_does_not_censor():
    # Half die on day 1; had they been censored, the incidence would be 1.
    time, event = [1, 1, 2, 2], [DEATH, DEATH, OUTCOME, OUTCOME]

    assert aalen_johansen(time, event, horizon=10).value == pytest.approx(0.5)


def test_the_incidence_beyond_the_last_person_followed_is_not_known():
    seen = incidence([5] * 20 + [20] * 20, [OUTCOME] * 20 + [CENSORED] * 20, horizon=90)

    assert seen.state == "insufficient"
    assert math.isnan(seen.value)


def test_incidence_counts_only_outcomes_before_the_horizon():
    seen = incidence([5] * 10 + [90] * 40, [OUTCOME] * 50, horizon=90)

    assert (seen.n, seen.events, seen.value) == (50, 10, pytest.approx(0.2))


def test_twins_widen_the_interval():
    time, event = followed(200)
    twice = incidence(np.repeat(time, 2), np.repeat(event, 2), 1000, family=np.repeat(np.arange(200), 2))
    once = incidence(time, event, 1000)

    assert (twice.low, twice.high) == pytest.approx((once.low, once.high), abs=1e-9)


def test_small_strata_are_pooled_and_the_pool_is_not_small():
    region = ["north"] * 6 + ["london"] * 5 + ["west"] * 2 + ["east"]
    found = stratify(region, at_least=4)

    assert len(set(found[:6])) == 1
    assert found[11] == found[12] == found[13]
    assert np.bincount(found).min() >= 4


def test_small_strata_are_put_with_those_who_leave_as_fast_and_not_with_their_region():
    # 60 cells of 30 people: in each region and year the deprived leave, the others stay.
    region, year, fifth = (each.ravel() for each in np.meshgrid(range(2), range(6), range(5), indexing="ij"))
    region, year, fifth = (np.repeat(each, 30) for each in (region, year, fifth))
    left = np.tile(np.arange(30), 60) < np.where(fifth == 0, 20, 2)

    found = stratify(year, region, fifth, at_least=180, events=left)

    assert len(set(found)) > 4
    assert not set(found[fifth == 0]) & set(found[fifth > 0])


def test_strata_are_combinations_of_what_is_given():
    found = stratify(["N", "N", "L", "L"], [1, 2, 1, 2], at_least=1)

    assert sorted(found) == [0, 1, 2, 3]


def test_nobody_is_in_no_stratum():
    assert stratify([], [], events=[]).tolist() == []


def test_within_strata_the_incidence_is_the_mean_of_theirs_over_people():
    time, event = followed()
    strata = (np.arange(400) % 4 == 0).astype(int)

    found = aalen_johansen(time, event, 1000, strata)

    parts = [aalen_johansen(time[strata == at], event[strata == at], 1000).value for at in (0, 1)]
    assert found.value == pytest.approx(0.75 * parts[0] + 0.25 * parts[1], rel=1e-12)


def test_within_strata_the_influence_is_the_derivative_by_one_persons_weight():
    time, event = followed(60, last=90)
    strata = np.arange(60) % 2
    whole = aalen_johansen(time, event, 60, strata)

    for row in (0, 7, 31):
        days, codes = (np.r_[np.tile(each, 1000), each[row]] for each in (time, event))
        moved = aalen_johansen(days, codes, 60, np.r_[np.tile(strata, 1000), strata[row]]).value - whole.value
        assert 1000 * moved == pytest.approx(whole.influence[row], rel=2e-3, abs=1e-6)


def test_people_fewer_than_asked_are_one_stratum():
    assert stratify(["N", "L", "W"], at_least=500).tolist() == [0, 0, 0]


def test_faults_are_named_together_without_values():
    with pytest.raises(InputError) as refused:
        weights([-4321, 5], [OUTCOME, 9], horizon=0)

    text = str(refused.value)
    assert "1 times lie before the index date" in text
    assert "1 events are not" in text
    assert "the horizon is 0 days" in text
    assert "4321" not in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"time": [1.5, 2.0], "event": [0, 1], "horizon": 5}, "whole days"),
        ({"time": [1, 2, 3], "event": [0, 1], "horizon": 5}, "same length"),
        ({"time": [1, 2], "event": [0, 1], "horizon": 5, "cap": 0.5}, "cap"),
        ({"time": [1, 2], "event": [0, 1], "horizon": 5, "strata": [1, 2, 3]}, "strata"),
    ],
)
def test_follow_up_that_cannot_be_read_is_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        weights(**arguments)
