"""The smooth calibration curve agrees with scipy's natural splines in statsmodels, and finds what was put in."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.interpolate import CubicSpline
from scipy.special import expit, logit

from evaluation.ici import KNOTS, distances, ici, mean_and_influence, smooth_curve, spline
from evaluation.inputs import rows


def natural_columns(values, knots):
    """Another basis of the same curves: one natural cubic spline for each knot, straight beyond the outer ones."""
    columns = []
    for place in range(len(knots)):
        piece = CubicSpline(knots, np.eye(len(knots))[place], bc_type="natural")
        inside = np.clip(values, knots[0], knots[-1])
        columns.append(piece(inside) + piece(inside, 1) * (values - inside))
    return np.column_stack(columns)


def test_the_curve_is_that_of_natural_splines_in_statsmodels(drawn):
    group = drawn(2000, seed=5, spread=1.8)
    times = np.random.default_rng(2).integers(1, 4, len(group))
    odds = logit(group.risk)
    columns = natural_columns(odds, np.quantile(odds, KNOTS, method="lower"))
    model = sm.GLM(np.repeat(group.outcome, times), np.repeat(columns, times, axis=0), family=sm.families.Binomial())
    smooth = model.fit(tol=1e-12).predict(columns)

    ours = ici(group.outcome, group.risk, times)

    assert ours.value == pytest.approx(np.average(np.abs(smooth - group.risk), weights=times), abs=1e-8)


def test_a_known_distortion_is_found(drawn):
    group = drawn(40_000, seed=5, spread=1.8)
    right = expit(logit(group.risk) / 1.8)

    found = ici(group.outcome, group.risk)

    assert found.low < np.abs(right - group.risk).mean() < found.high


def test_right_risks_are_nearly_no_distance_away(drawn):
    group = drawn(40_000, seed=6)

    assert ici(group.outcome, group.risk).value < 0.008


def test_the_influence_of_a_person_is_the_derivative_by_their_weight(drawn):
    group = drawn(300, seed=8, spread=2.0)
    people = rows(group.outcome, group.risk, group.weight)
    influence = mean_and_influence(people, smooth_curve(people))[1]

    for person in (0, 7, int(np.argmax(group.risk)), int(np.argmin(group.risk))):
        more, less = group.weight.copy(), group.weight.copy()
        more[person] *= 1 + 1e-4
        less[person] *= 1 - 1e-4
        change = ici(group.outcome, group.risk, more).value - ici(group.outcome, group.risk, less).value
        assert change / 2e-4 == pytest.approx(influence[person], rel=1e-3, abs=1e-9)


def test_intervals_are_as_wide_as_the_bootstrap_by_family_says(drawn, bootstrap_spread):
    group = drawn(1500, seed=8, spread=2.0)

    ours = ici(group.outcome, group.risk, group.weight, group.family)
    spread = bootstrap_spread(
        lambda times: ici(group.outcome, group.risk, group.weight * times).value, len(group), group.family, repeats=250
    )

    assert ours.state == "ok"
    assert ours.high - ours.low == pytest.approx(2 * 1.96 * spread, rel=0.15)


def test_beyond_the_outer_knots_the_curve_is_straight():
    values = np.linspace(-3, 3, 601)
    columns = spline(values)

    high = values > np.quantile(values, KNOTS[-1]) + 0.02
    low = values < np.quantile(values, KNOTS[0]) - 0.02
    for end in (high, low):
        assert np.abs(np.diff(columns[end], n=2, axis=0)).max() < 1e-9
    assert np.abs(np.diff(columns, n=2, axis=0)).max() > 1e-6


@pytest.mark.parametrize("risk", [np.full(60, 0.2), np.repeat([0.2, 0.7], 30)])
def test_equal_risks_and_outcomes_told_without_error_have_no_curve(risk):
    assert ici(np.repeat([False, True], 30), risk).state == "insufficient"


def test_half_and_nine_in_ten_lie_no_further_than_e50_and_e90(drawn):
    group = drawn(2000, seed=5, spread=1.8)
    times = np.random.default_rng(2).integers(1, 4, len(group))
    odds = logit(group.risk)
    columns = natural_columns(odds, np.quantile(odds, KNOTS, method="lower"))
    model = sm.GLM(np.repeat(group.outcome, times), np.repeat(columns, times, axis=0), family=sm.families.Binomial())
    off = np.repeat(np.abs(model.fit(tol=1e-12).predict(columns) - group.risk), times)

    found = distances(rows(group.outcome, group.risk, times))

    assert found.e50.value == pytest.approx(np.quantile(off, 0.5, method="inverted_cdf"), abs=1e-8)
    assert found.e90.value == pytest.approx(np.quantile(off, 0.9, method="inverted_cdf"), abs=1e-8)


def test_intervals_of_the_quantiles_are_about_as_wide_as_the_bootstrap_by_family_says(drawn, bootstrap_spread):
    group = drawn(1500, seed=8, spread=2.0)

    found = distances(rows(group.outcome, group.risk, group.weight, group.family))

    for name in ("e50", "e90"):
        ours = getattr(found, name)
        spread = bootstrap_spread(
            lambda times, name=name: (
                getattr(distances(rows(group.outcome, group.risk, group.weight * times)), name).value
            ),
            len(group),
            group.family,
            repeats=200,
        )
        assert ours.state == "ok"
        assert ours.high - ours.low == pytest.approx(2 * 1.96 * spread, rel=0.25)
