"""Net benefit agrees with dcurves, with a table by hand, and with the bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from dcurves import dca
from lifelines import AalenJohansenFitter

from evaluation.benefit import followed_benefit, net_benefit
from evaluation.incidence import FollowUp
from evaluation.inputs import InputError, rows


def test_a_table_of_a_hundred_by_hand():
    # At 0.2 a false alarm costs a quarter: 15 found - 20 false / 4 = 10 of 100; all: 20 found - 80 / 4 = 0.
    outcome = np.repeat([True, False], [20, 80])
    risk = np.repeat([0.5, 0.1, 0.5, 0.1], [15, 5, 20, 60])

    found = net_benefit(outcome, risk, 0.2)

    assert found.model.value == pytest.approx(0.10)
    assert found.treat_all.value == pytest.approx(0.0, abs=1e-12)
    assert found.gain.value == pytest.approx(0.10)


@pytest.mark.parametrize("threshold", [0.05, 0.2, 0.4])
def test_net_benefit_is_that_of_dcurves(people, threshold):
    frame = pd.DataFrame({"outcome": people.outcome.astype(int), "risk": people.risk})
    theirs = dca(data=frame, outcome="outcome", modelnames=["risk"], thresholds=[threshold]).set_index("model")

    found = net_benefit(people.outcome, people.risk, threshold)

    assert found.model.value == pytest.approx(theirs.net_benefit["risk"])
    assert found.treat_all.value == pytest.approx(theirs.net_benefit["all"])
    best = max(theirs.net_benefit["all"], theirs.net_benefit["none"])
    assert found.gain.value == pytest.approx(theirs.net_benefit["risk"] - best)


@pytest.mark.parametrize("threshold", [0.05, 0.4])
@pytest.mark.parametrize("part", ["model", "treat_all", "gain"])
def test_intervals_are_as_wide_as_the_bootstrap_by_family_says(drawn, bootstrap_spread, threshold, part):
    group = drawn(800, seed=6)

    def value(times):
        return getattr(net_benefit(group.outcome, group.risk, threshold, group.weight * times), part).value

    ours = getattr(net_benefit(group.outcome, group.risk, threshold, group.weight, group.family), part)

    assert ours.high - ours.low == pytest.approx(2 * 1.96 * bootstrap_spread(value, 800, group.family), rel=0.1)


def test_somebody_at_the_threshold_is_acted_on():
    found = net_benefit([True, False, False, False], [0.2, 0.1, 0.1, 0.1], 0.2)

    assert found.model.value == 0.25


def test_weights_are_repetitions(rounded):
    times = (rounded.family % 3).astype(int) + 1

    weighted = net_benefit(rounded.outcome, rounded.risk, 0.2, times)
    repeated = net_benefit(np.repeat(rounded.outcome, times), np.repeat(rounded.risk, times), 0.2)

    assert weighted.model.value == pytest.approx(repeated.model.value)
    assert weighted.gain.value == pytest.approx(repeated.gain.value)


def test_a_model_that_flags_everyone_gains_nothing_over_everyone():
    outcome = np.repeat([True, False], [50, 50])

    found = net_benefit(outcome, np.full(100, 0.9), 0.1)

    assert found.gain.value == 0.0
    assert not found.gain.passes(at_least=1e-9)


def test_a_group_with_nine_outcomes_never_shows_a_benefit():
    outcome = np.repeat([True, False], [9, 90])

    found = net_benefit(outcome, np.repeat([0.9, 0.1], [9, 90]), 0.2)

    assert found.gain.value > 0
    assert not found.gain.passes(at_least=0.0)


def test_nobody_gives_nothing():
    found = net_benefit(np.array([], dtype=bool), np.array([]), 0.2)

    assert math.isnan(found.model.value)
    assert found.gain.state == "insufficient"


@pytest.mark.parametrize("threshold", [0.0, 1.0, math.nan, 20.0])
def test_a_threshold_that_is_no_risk_is_refused(threshold):
    with pytest.raises(InputError, match="threshold"):
        net_benefit([True, False], [0.2, 0.1], threshold)


def followed(n, seed=3):
    """People of whom some leave, with a risk, and what Aalen-Johansen is told of them."""
    draw = np.random.default_rng(seed)
    risk = draw.uniform(0.02, 0.5, n)
    happens = np.where(draw.random(n) < risk, draw.integers(0, 365, n), 9999)
    dies, leaves = draw.exponential(4000, n).astype(int), draw.exponential(900, n).astype(int)
    ends = np.stack([leaves, happens, dies])
    return risk, FollowUp(ends.min(axis=0), ends.argmin(axis=0), 365, np.arange(n) % 2)


def parts(risk, told, family=None):
    people = rows((told.event == 1) & (told.time < told.horizon), risk, None, family, probability=True)
    return followed_benefit(people, told, risk, family, 0.2)


def test_with_follow_up_those_acted_on_are_given_their_aalen_johansen_risk():
    risk, told = followed(3000)
    above = risk >= 0.2

    found = parts(risk, told)

    share = 0.0
    for stratum in (0, 1):
        here = np.flatnonzero(above & (told.stratum == stratum))
        apart = told.time[here] + np.arange(len(here)) / 30_000  # lifelines moves ties at random
        apart[told.event[here] == 0] += 0.9
        seen = AalenJohansenFitter(calculate_variance=False).fit(apart, told.event[here], event_of_interest=1)
        share += len(here) / 3000 * float(seen.cumulative_density_.loc[:364.99].iloc[-1, 0])
    assert found.model.value == pytest.approx(share - (above.mean() - share) / 4, abs=1e-5)


def test_with_follow_up_intervals_are_as_wide_as_the_bootstrap_says():
    risk, told = followed(800)
    draw, found = np.random.default_rng(1), []
    for _ in range(400):
        who = draw.integers(0, 800, 800)
        again = parts(risk[who], FollowUp(told.time[who], told.event[who], 365, told.stratum[who]))
        found.append((again.model.value, again.treat_all.value, again.gain.value))

    ours = parts(risk, told)

    for part, spread in zip((ours.model, ours.treat_all, ours.gain), np.std(found, axis=0), strict=True):
        assert part.high - part.low == pytest.approx(2 * 1.96 * spread, rel=0.12)
