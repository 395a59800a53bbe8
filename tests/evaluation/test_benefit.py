"""Net benefit agrees with dcurves, with a table by hand, and with the bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from dcurves import dca

from evaluation.benefit import net_benefit
from evaluation.inputs import InputError


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
