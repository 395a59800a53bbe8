"""Pooling over places against statsmodels, and what practices add to a risk against people drawn one by one."""

import warnings

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from evaluation.estimate import Estimate
from evaluation.heterogeneity import around, on_log_odds, pool, pooled, rate_spread, spread_of
from evaluation.inputs import InputError


@pytest.mark.parametrize("seed", range(5))
def test_places_are_pooled_as_by_an_independent_implementation(seed):
    draw = np.random.default_rng(seed)
    within = draw.uniform(0.005, 0.05, 9)
    effect = draw.normal(0.3, np.sqrt(within + 0.2))  # it does not hold a spread at zero
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants the people behind each estimate for intervals that we do not read
        theirs = combine_effects(effect, within, method_re="dl", use_t=True)
    ours = pool(effect, within)

    assert ours.value == pytest.approx(theirs.mean_effect_re, rel=1e-10)
    assert ours.between**2 == pytest.approx(theirs.tau2, rel=1e-10)
    assert ours.i2 == pytest.approx(max(0.0, theirs.i2), rel=1e-10)
    error = max(theirs.sd_eff_w_re_hksj, theirs.sd_eff_w_re)  # ours is never narrower than the usual one
    assert (ours.high - ours.low) / 2 == pytest.approx(2.306004 * error, rel=1e-6)  # t of 8 degrees of freedom


def test_a_new_place_may_expect_a_wider_range_than_the_mean_has():
    found = pool([0.1, 0.3, 0.35, 0.5], [0.001, 0.001, 0.001, 0.001])

    assert found.new_low < found.low < found.value < found.high < found.new_high


def test_places_that_agree_have_no_spread_between_them():
    found = pool([0.2, 0.2, 0.2, 0.2], [0.01, 0.02, 0.03, 0.04])

    assert (found.between, found.i2) == (0.0, 0.0)
    assert found.value == pytest.approx(0.2)


def test_two_places_and_a_variance_of_nothing_are_refused():
    with pytest.raises(InputError, match="3 places or more"):
        pool([0.1, 0.2], [0.01, 0.01])
    with pytest.raises(InputError, match="variance above 0"):
        pool([0.1, 0.2, 0.3], [0.01, 0.0, 0.01])


def figure(value, low, high, state="ok"):
    return Estimate(value=value, low=low, high=high, level=0.95, n=100, events=50, kind="influence", state=state)


def test_places_with_too_little_evidence_are_left_out_of_the_pool():
    known = [figure(0.8, 0.7, 0.87), figure(0.75, 0.6, 0.85), figure(0.7, 0.6, 0.78)]
    found, more = (pooled(each, "logit") for each in (known, [*known, figure(0.1, 0.0, 0.9, "insufficient")]))

    assert found == more
    assert 0 < found.new_low < found.low < 0.76 < found.high < found.new_high < 1
    assert pooled([figure(0.8, 0.7, 0.87)] * 2, "logit") is None


def test_the_spread_of_practices_is_found_again_and_chance_alone_has_none():
    draw = np.random.default_rng(1)
    expected = draw.uniform(5, 40, 400)
    true = draw.gamma(1 / 0.3**2, 0.3**2, 400)

    assert rate_spread(draw.poisson(expected * true), expected) == pytest.approx(0.3, abs=0.04)
    assert rate_spread(draw.poisson(expected), expected) == pytest.approx(0.0, abs=0.08)


@pytest.mark.parametrize("spread", [0.0, 0.4])
def test_weights_families_and_likely_outcomes_are_no_spread(spread):
    # Each person four times, half of them standing for three: counting alone would call that a spread.
    draw = np.random.default_rng(6)
    place = np.repeat(np.arange(200), 150)
    log_odds = draw.normal(-0.5, 1, 30_000)
    had = draw.random(30_000) < 1 / (1 + np.exp(-(log_odds + spread * draw.standard_normal(200)[place])))
    weight, risk = draw.choice([1.0, 3.0], 30_000), 1 / (1 + np.exp(-log_odds))

    four = (np.repeat(each, 4) for each in (place, had, risk, weight, np.arange(30_000)))

    rows = list(four)
    assert spread_of(*rows) == pytest.approx(spread, abs=0.08)
    assert 0 < spread_of(*rows, prior=0.3) == pytest.approx(spread, abs=0.1)


def test_few_outcomes_in_practices_show_about_what_was_expected_before_and_never_that_they_are_the_same():
    place, risk, ones = np.repeat(np.arange(12), 20), np.full(240, 0.1), np.ones(240)
    had = np.tile(np.arange(20) < 2, 12)  # exactly as expected in every practice

    assert spread_of(place, had, risk, ones, np.arange(240)) == 0.0
    assert 0.15 < spread_of(place, had, risk, ones, np.arange(240), prior=0.3) < 0.3


def test_the_range_of_a_risk_holds_95_of_100_practices():
    draw = np.random.default_rng(2)
    log_odds = np.log(0.15 / 0.85) + 0.4 * draw.standard_normal(200_000)
    low, high = around(0.15, 0.4)
    risk = 1 / (1 + np.exp(-log_odds))

    assert ((low <= risk) & (risk <= high)).mean() == pytest.approx(0.95, abs=0.003)
    # 0.1 more on the logarithm of odds moves a risk of 0.15 by 0.085 of itself.
    assert on_log_odds(0.085, 0.15) == pytest.approx(0.1)
