"""Intervals agree with statsmodels, with families counted by hand, and with the bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from evaluation.intervals import (
    bootstrap,
    by_family,
    critical,
    effective_size,
    on_log_log_scale,
    on_log_scale,
    on_logit_scale,
    plain,
    proportion,
    variance,
    wilson,
)


@pytest.mark.parametrize(("count", "n"), [(0, 12), (1, 9), (8, 40), (33, 33), (250, 1000)])
def test_wilsons_interval_is_that_of_statsmodels(count, n):
    assert wilson(count / n, n, 0.95) == pytest.approx(proportion_confint(count, n, method="wilson"), abs=1e-12)


@pytest.mark.parametrize(("count", "n"), [(0, 12), (1, 9), (8, 40), (33, 33)])
def test_a_share_of_equally_weighted_independent_people_has_exactly_wilsons_interval(count, n):
    counted = np.repeat([1.0, 0.0], [count, n - count])

    value, ends = proportion(counted, np.ones(n), np.full(n, 2.5), None, 0.95)

    assert value == pytest.approx(count / n)
    assert ends == pytest.approx(proportion_confint(count, n, method="wilson"), abs=1e-9)


def test_ten_copies_of_each_person_in_one_family_tell_no_more_than_the_person():
    counted = np.repeat([1.0, 0.0], [8, 32])
    family = np.arange(40)

    alone = proportion(counted, np.ones(40), np.ones(40), family, 0.95)
    copied = proportion(np.repeat(counted, 10), np.ones(400), np.ones(400), np.repeat(family, 10), 0.95)

    assert copied[0] == pytest.approx(alone[0])
    assert copied[1] == pytest.approx(alone[1], abs=1e-9)


def test_a_share_of_one_is_not_taken_as_certain_and_counts_families_not_rows():
    n = 30
    low, high = proportion(np.ones(n), np.ones(n), np.ones(n), np.repeat(np.arange(10), 3), 0.95)[1]

    assert high == 1.0
    assert low == pytest.approx(proportion_confint(10, 10, method="wilson")[0])


def test_one_light_person_does_not_pass_for_many():
    # One person of weight 0.1 has it; the variance alone would speak of 183 people, though there are twenty.
    weight = np.r_[0.1, np.ones(19)]
    value, ends = proportion(np.r_[1.0, np.zeros(19)], np.ones(20), weight, None, 0.95)

    assert ends == pytest.approx(wilson(value, 19.1**2 / 19.01, 0.95))


def test_a_share_of_nobody_is_not_a_number():
    value, ends = proportion(np.zeros(3), np.zeros(3), np.ones(3), None, 0.95)

    assert math.isnan(value)
    assert all(math.isnan(end) for end in ends)


def test_families_are_summed_whatever_their_numbers_look_like():
    values = [1.0, 2.0, 4.0, 8.0]

    assert sorted(by_family(values, [-5, 10**15, -5, 3])) == [2.0, 5.0, 8.0]
    assert sorted(by_family(values, [0, 1, 0, 3])) == [2.0, 5.0, 8.0]


def test_variance_by_hand_for_two_families():
    # Families sum to +0.3 and -0.3, so 2 / 1 * (0.09 + 0.09).
    assert variance([0.1, 0.2, -0.3], [1, 1, 2]) == pytest.approx(0.36)


def test_one_family_gives_no_variance():
    assert math.isnan(variance([0.1, -0.1], [4, 4]))
    assert math.isnan(variance([0.1]))


def test_the_effective_number_of_equal_weights_is_their_number():
    assert effective_size(np.full(17, 3.0)) == pytest.approx(17)
    assert effective_size(np.ones(6), np.array([1, 1, 2, 2, 3, 3])) == pytest.approx(3)


def test_scales_by_hand():
    z = 1.959963984540054

    assert critical(0.95) == pytest.approx(z)
    assert plain(2.0, 0.25, 0.95) == pytest.approx((2 - z / 2, 2 + z / 2))
    assert on_log_scale(2.0, 0.04, 0.95) == pytest.approx((2 * math.exp(-z / 10), 2 * math.exp(z / 10)))
    assert on_logit_scale(0.5, 0.0025, 0.95) == pytest.approx((1 / (1 + math.exp(z / 5)), 1 / (1 + math.exp(-z / 5))))
    half = z * 0.05 / (0.8 * -math.log(0.8))
    expected = (1 - 0.8 ** math.exp(-half), 1 - 0.8 ** math.exp(half))
    assert on_log_log_scale(0.2, 0.0025, 0.95) == pytest.approx(expected)


@pytest.mark.parametrize("scale", [on_log_scale, on_logit_scale, on_log_log_scale])
@pytest.mark.parametrize("value", [0.0, -0.1, math.nan])
def test_where_a_scale_ends_there_is_no_interval(scale, value):
    assert all(math.isnan(end) for end in scale(value, 0.01, 0.95))


def test_a_variance_that_is_not_a_number_gives_no_interval():
    for scale in (plain, on_log_scale, on_logit_scale, on_log_log_scale):
        assert all(math.isnan(end) for end in scale(0.5, math.nan, 0.95))


def test_a_level_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match="level"):
        critical(95)


def test_the_bootstrap_by_family_finds_the_width_that_the_influence_function_has():
    draw = np.random.default_rng(3)
    family = np.repeat(np.arange(200), 3)
    value = np.repeat(draw.normal(size=200), 3) + draw.normal(0, 0.3, 600)

    low, high = bootstrap(lambda drawn: float(np.average(value, weights=drawn)), 600, family, repeats=1000, seed=1)

    expected = plain(value.mean(), variance((value - value.mean()) / 600, family), 0.95)
    ignored = plain(value.mean(), variance((value - value.mean()) / 600), 0.95)
    assert high - low == pytest.approx(expected[1] - expected[0], rel=0.07)
    assert high - low > 1.5 * (ignored[1] - ignored[0])


def test_the_bootstrap_draws_whole_families_and_the_same_ones_each_time():
    seen = []
    family = np.array([7, 7, 9, 9, 9])

    def record(drawn):
        seen.append(drawn.copy())
        return float(drawn.sum())

    first = bootstrap(record, 5, family, repeats=20, seed=4)

    assert all(drawn[0] == drawn[1] and len(set(drawn[2:])) == 1 and drawn[0] + drawn[2] == 2 for drawn in seen)
    assert bootstrap(record, 5, family, repeats=20, seed=4) == first


def test_a_figure_that_fails_in_many_draws_has_no_interval():
    ends = bootstrap(lambda drawn: math.nan if drawn[0] == 0 else 1.0, 5, repeats=100)

    assert all(math.isnan(end) for end in ends)
