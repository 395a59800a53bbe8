"""Calibration agrees with statsmodels and scikit-learn, finds the faults that were put in, and with the bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, logit
from scipy.stats import poisson
from sklearn.metrics import brier_score_loss

from evaluation import calibration
from evaluation.accrual import poisson_ratio
from evaluation.accuracy import brier, scaled_brier
from evaluation.calibration import (
    in_the_large,
    incidence_over_expected,
    intercept,
    slope,
)
from evaluation.censoring import CENSORED, DEATH, OUTCOME, weights
from evaluation.curve import curve
from evaluation.incidence import aalen_johansen
from evaluation.inputs import InputError
from evaluation.logistic import fit

Z = 1.959963984540054
MEASURES = (in_the_large, intercept, slope, brier, scaled_brier)

groups = st.integers(6, 40).flatmap(
    lambda n: st.tuples(
        arrays(bool, n),
        arrays(np.float64, n, elements=st.integers(1, 19).map(lambda twentieths: twentieths / 20)),
        arrays(np.int64, n, elements=st.integers(1, 4)),
    )
)


def statsmodels_fit(group, times, *, fixed_slope):
    """A binomial GLM on the log-odds of the risk, each person repeated, with covariance robust for families."""
    odds = np.repeat(logit(group.risk), times)
    design = np.ones((len(odds), 1)) if fixed_slope else sm.add_constant(odds)
    outcome = np.repeat(group.outcome.astype(float), times)
    model = sm.GLM(outcome, design, family=sm.families.Binomial(), offset=odds if fixed_slope else None)
    family = np.repeat(np.unique(group.family, return_inverse=True)[1], times)
    return model.fit(tol=1e-12, cov_type="cluster", cov_kwds={"groups": family, "use_correction": False})


@pytest.mark.parametrize(("measure", "fixed_slope"), [(intercept, True), (slope, False)])
def test_intercept_and_slope_are_those_of_statsmodels_with_robust_intervals(drawn, measure, fixed_slope):
    group = drawn(1200, seed=4, spread=1.4, shift=0.3)
    times = np.random.default_rng(8).integers(1, 5, len(group))
    theirs = statsmodels_fit(group, times, fixed_slope=fixed_slope)

    ours = measure(group.outcome, group.risk, times, group.family)

    families = len(np.unique(group.family))
    assert ours.kind == "sandwich"
    assert ours.value == pytest.approx(theirs.params[-1], abs=1e-8)
    half = Z * theirs.bse[-1] * math.sqrt(families / (families - 1))
    assert (ours.low, ours.high) == pytest.approx((ours.value - half, ours.value + half), rel=1e-6)


def test_observed_over_expected_by_hand():
    # Weighted outcomes 2 + 1 = 3, weighted risks 2 * 0.5 + 0.5 + 4 * 0.25 = 2.5.
    ratio = in_the_large([True, True, False], [0.5, 0.5, 0.25], [2.0, 1.0, 4.0])

    assert ratio.value == pytest.approx(1.2)


def test_a_model_that_is_right_is_found_right(drawn):
    group = drawn(20_000, seed=9)

    assert in_the_large(group.outcome, group.risk).passes(at_least=0.9, at_most=1.1)
    assert slope(group.outcome, group.risk).passes(at_least=0.9, at_most=1.1)
    assert intercept(group.outcome, group.risk).passes(at_least=-0.15, at_most=0.15)


@pytest.mark.parametrize(
    ("measure", "fault", "truth"),
    [(intercept, {"shift": -0.5}, 0.5), (slope, {"spread": 2.0}, 0.5), (in_the_large, {}, 1.0)],
)
def test_a_fault_that_was_put_in_comes_out_nineteen_times_in_twenty(drawn, measure, fault, truth):
    clinics = [drawn(600, seed=seed, **fault) for seed in range(300)]

    found = [measure(group.outcome, group.risk, group.weight, group.family) for group in clinics]

    assert 0.92 <= np.mean([estimate.low < truth < estimate.high for estimate in found]) <= 0.98
    assert np.mean([estimate.value for estimate in found]) == pytest.approx(truth, rel=0.05)


def test_the_brier_score_is_scikit_learns(people):
    ours = brier(people.outcome, people.risk, people.weight).value

    theirs = brier_score_loss(people.outcome, people.risk, sample_weight=people.weight)
    assert ours == pytest.approx(theirs, abs=1e-14)


def test_the_scaled_brier_score_compares_with_giving_everyone_the_same_risk(people):
    share = np.average(people.outcome, weights=people.weight)
    same = np.full(len(people), share)

    ours = scaled_brier(people.outcome, people.risk, people.weight).value

    theirs = 1 - brier_score_loss(people.outcome, people.risk, sample_weight=people.weight) / brier_score_loss(
        people.outcome, same, sample_weight=people.weight
    )
    assert ours == pytest.approx(theirs, abs=1e-12)
    assert scaled_brier(people.outcome, same, people.weight).value == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_intervals_are_as_wide_as_the_bootstrap_by_family_says(drawn, bootstrap_spread, measure):
    group = drawn(700, seed=3, spread=1.3)

    ours = measure(group.outcome, group.risk, group.weight, group.family)
    spread = bootstrap_spread(
        lambda times: measure(group.outcome, group.risk, group.weight * times).value, len(group), group.family
    )

    assert ours.state == "ok"
    assert ours.high - ours.low == pytest.approx(2 * Z * spread, rel=0.1)


@settings(deadline=None, max_examples=40)
@given(groups)
def test_a_weight_of_three_is_three_people(group):
    outcome, risk, weight = group
    for measure in MEASURES:
        weighted = measure(outcome, risk, weight).value
        repeated = measure(np.repeat(outcome, weight), np.repeat(risk, weight)).value
        assert weighted == pytest.approx(repeated, rel=1e-6, abs=1e-7, nan_ok=True)


def test_outcomes_told_without_error_have_no_slope():
    outcome = np.repeat([False, True], 30)
    told = slope(outcome, np.repeat([0.2, 0.7], 30))

    assert told.state == "insufficient"
    assert not told.passes(at_least=0)


@pytest.mark.parametrize("half", [1, 2, 15])
def test_an_outcome_that_everybody_of_one_risk_had_has_no_slope_though_another_risk_had_both(half):
    # At 0.1 all had it, at 0.05 half: the higher the slope the better it fits, until rounding stops the steps.
    outcome = np.repeat([False, True, True], [half, half, 4 * half])

    told = slope(outcome, np.repeat([0.05, 0.1], [2 * half, 4 * half]))

    assert told.state == "insufficient"
    assert math.isnan(told.value)


def test_equal_risks_have_no_slope_but_an_intercept():
    outcome = np.repeat([False, True], [60, 20])

    assert slope(outcome, np.full(80, 0.25)).state == "insufficient"
    assert intercept(outcome, np.full(80, 0.25)).value == pytest.approx(0, abs=1e-9)


def test_nobody_gives_nothing():
    for measure in MEASURES:
        assert measure(np.array([], dtype=bool), np.array([])).state == "insufficient"
    assert curve(np.array([], dtype=bool), np.array([])) == ()


def test_no_outcome_is_no_ratio_that_passes():
    ratio = in_the_large([False] * 100, [0.02] * 100)

    assert ratio.value == 0.0
    assert not ratio.passes(at_most=1.25)


def test_nobody_expected_to_have_it_gives_no_ratio():
    assert math.isnan(in_the_large([True] * 20 + [False] * 20, [0.0] * 40).value)


def test_risks_of_0_and_1_are_measured():
    outcome = np.r_[np.repeat([False, True], 30), True, False]
    risk = np.r_[np.repeat([0.2, 0.7], 30), 0.0, 1.0]

    assert math.isfinite(slope(outcome, risk).value)
    assert math.isfinite(intercept(outcome, risk).value)


def test_a_risk_of_2_is_refused():
    for measure in (*MEASURES, curve):
        with pytest.raises(InputError, match="outside 0 to 1"):
            measure([True, False], [2.0, 0.1])


def test_points_of_the_curve_hold_the_tenths_of_the_people(people):
    points = curve(people.outcome, people.risk)

    assert [point.observed.n for point in points] == [150] * 10
    assert sum(point.observed.events for point in points) == people.outcome.sum()
    expected = [part.mean() for part in np.array_split(np.sort(people.risk), 10)]
    assert [point.expected for point in points] == pytest.approx(expected)


def test_people_of_the_same_risk_are_never_parted(rounded):
    points = curve(rounded.outcome, rounded.risk)

    values, counts = np.unique(rounded.risk, return_counts=True)
    ends = np.cumsum([point.observed.n for point in points])
    assert set(ends) <= set(np.cumsum(counts))
    assert ends[-1] == len(rounded)
    assert len(points) < len(values)


def test_a_point_of_few_people_is_insufficient_and_one_without_outcomes_is_not():
    points = curve([False] * 60 + [True] * 9, [0.1] * 60 + [0.9] * 9, groups=3)

    assert [point.observed.state for point in points] == ["ok", "insufficient"]
    assert points[0].observed.value == 0.0
    assert points[0].observed.high > 0.03


def test_a_point_of_the_curve_counts_people_and_not_their_index_dates():
    outcome, person = np.repeat([False, True], [20, 40]), np.r_[np.arange(20), np.arange(40) % 5 + 20]

    low, high = curve(outcome, np.repeat([0.1, 0.6], [20, 40]), family=person, groups=2)

    assert (low.observed.n, low.observed.events, low.observed.state) == (20, 0, "ok")
    assert (high.observed.n, high.observed.events, high.observed.state) == (5, 5, "insufficient")


def test_no_groups_are_refused():
    with pytest.raises(InputError, match="0 groups"):
        curve([True, False], [0.2, 0.1], groups=0)


@pytest.mark.parametrize(("observed", "expected"), [(0, 3.2), (1, 0.4), (20, 10.0), (480, 512.0)])
def test_the_poisson_interval_is_exact(observed, expected):
    ratio = poisson_ratio(observed, expected, n=1000)

    assert poisson.cdf(observed, ratio.high * expected) == pytest.approx(0.025)
    if observed:
        assert poisson.sf(observed - 1, ratio.low * expected) == pytest.approx(0.025)
    else:
        assert ratio.low == 0.0
    assert ratio.state == ("ok" if observed >= 10 else "insufficient")


def test_nothing_expected_gives_no_ratio_and_negative_numbers_are_refused():
    assert math.isnan(poisson_ratio(3, 0.0, n=10).value)
    with pytest.raises(InputError, match="negative"):
        poisson_ratio(-1, 2.0, n=10)


def lives(n, seed):
    draw = np.random.default_rng(seed)
    risk = draw.beta(2, 8, n)
    time = np.where(draw.random(n) < risk, draw.integers(0, 365, n), 5000)
    ends = np.stack([time, draw.integers(0, 1500, n), draw.integers(100, 1200, n)])
    return risk, ends.min(axis=0), np.array([OUTCOME, DEATH, CENSORED])[ends.argmin(axis=0)]


def test_the_incidence_and_the_weights_give_the_same_observed_over_expected():
    risk, time, event = lives(3000, seed=1)
    followed = weights(time, event, 365)

    by_incidence = incidence_over_expected(aalen_johansen(time, event, 365), risk, followed.outcome)
    by_weights = in_the_large(followed.outcome, np.full(3000, risk.mean()), followed.weight)

    assert by_incidence.kind == "aalen-johansen"
    assert by_incidence.value == pytest.approx(by_weights.value)


def test_the_interval_around_the_incidence_is_as_wide_as_the_bootstrap_by_family_says(bootstrap_spread):
    risk, time, event = lives(500, seed=2)
    family = np.repeat(np.arange(250), 2)

    def drawn_again(times):
        who = np.repeat(np.arange(500), times.astype(int))
        return aalen_johansen(time[who], event[who], 365).value / risk[who].mean()

    ours = incidence_over_expected(aalen_johansen(time, event, 365), risk, event == OUTCOME, family)

    assert ours.high - ours.low == pytest.approx(2 * Z * bootstrap_spread(drawn_again, 500, family), rel=0.1)


def test_with_everyone_followed_the_incidence_and_the_share_give_the_same_interval(people):
    time = np.where(people.outcome, 5, 400)
    event = np.where(people.outcome, OUTCOME, CENSORED)

    by_incidence = incidence_over_expected(aalen_johansen(time, event, 365), people.risk, people.outcome, people.family)
    by_share = in_the_large(people.outcome, people.risk, family=people.family)

    ends = by_share.value, by_share.low, by_share.high
    assert (by_incidence.value, by_incidence.low, by_incidence.high) == pytest.approx(ends)


def test_an_incidence_that_is_not_known_has_no_ratio():
    unknown = aalen_johansen([5] * 20 + [20] * 20, [OUTCOME] * 20 + [CENSORED] * 20, 365)

    assert incidence_over_expected(unknown, np.full(40, 0.1), np.arange(40) < 20).state == "insufficient"


def test_newton_reaches_the_fit_from_far_away():
    # An offset of 30 makes the first step overshoot; halving brings it back to log(1 / 3) - 30.
    outcome = np.array([1.0, 0.0, 0.0, 0.0])

    found = fit(np.ones((4, 1)), outcome, np.ones(4), offset=12.0)

    assert found.coefficients[0] == pytest.approx(math.log(1 / 3) - 12)


def test_log_odds_of_a_risk_come_back_as_the_risk():
    assert expit(calibration.log_odds(np.array([0.2, 0.8]))) == pytest.approx([0.2, 0.8])
