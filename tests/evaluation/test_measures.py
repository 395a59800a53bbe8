"""All measures of one group are the single measures, each with its own state."""

from __future__ import annotations

import json
import time as clock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluation.accuracy import brier, scaled_brier
from evaluation.benefit import net_benefit
from evaluation.calibration import (
    in_the_large,
    incidence_over_expected,
    intercept,
    slope,
)
from evaluation.censoring import CENSORED, DEATH, OUTCOME, weights
from evaluation.curve import curve
from evaluation.disclosure import publish
from evaluation.discrimination import average_precision, c_statistic, flagged, ppv, sensitivity, specificity
from evaluation.ici import ici
from evaluation.incidence import FollowUp, aalen_johansen, incidence
from evaluation.inputs import InputError
from evaluation.measures import measure


def test_every_measure_is_the_one_that_its_own_function_gives(people):
    group = people.outcome, people.risk
    weight = np.where(people.family % 7 == 0, 0.0, people.weight)

    found = measure(*group, weight, people.family, thresholds=[0.1, 0.3])

    for name, alone in {
        "observed_over_expected": in_the_large,
        "intercept": intercept,
        "slope": slope,
        "ici": ici,
        "brier": brier,
        "scaled_brier": scaled_brier,
        "c_statistic": c_statistic,
        "average_precision": average_precision,
    }.items():
        assert getattr(found, name) == alone(*group, weight, people.family)
    assert found.curve == curve(*group, weight, people.family)
    for at, threshold in zip(found.thresholds, (0.1, 0.3), strict=True):
        assert at.flagged == flagged(people.risk, threshold, people.family)
        assert at.sensitivity == sensitivity(*group, threshold, weight, people.family)
        assert at.specificity == specificity(*group, threshold, weight, people.family)
        assert at.ppv == ppv(*group, threshold, weight, people.family)
        worth = net_benefit(*group, threshold, weight, people.family)
        assert (at.net_benefit, at.treat_all, at.gain) == (worth.model, worth.treat_all, worth.gain)


def test_censored_people_are_counted_flagged_and_expected_but_not_known():
    outcome = np.repeat([True, False, False], [20, 60, 20])
    weight = np.repeat([1.0, 1.25, 0.0], [20, 60, 20])
    risk = np.repeat([0.4, 0.1, 0.3], [20, 60, 20])

    found = measure(outcome, risk, weight, thresholds=[0.25])

    assert (found.people, found.known, found.events) == (100, 80, 20)
    assert found.mean_risk == pytest.approx(0.2)
    assert found.thresholds[0].flagged.events == 40
    assert found.incidence.value == pytest.approx(20 / 95)


def test_with_follow_up_the_observed_risk_is_aalen_johansens():
    draw = np.random.default_rng(2)
    time, event = draw.integers(0, 700, 600), draw.choice([CENSORED, OUTCOME, DEATH], 600)
    risk, family = draw.uniform(0.1, 0.4, 600), draw.integers(0, 300, 600)
    followed, seen = weights(time, event, 365), aalen_johansen(time, event, 365)
    told = FollowUp(time, event, 365, np.zeros(600, dtype=int))

    found = measure(followed.outcome, risk, followed.weight, family, followed=told)

    assert found.incidence == incidence(time, event, 365, family)
    assert found.observed_over_expected == incidence_over_expected(seen, risk, followed.outcome, family)
    assert found.incidence.kind == "aalen-johansen"


def test_families_that_the_censored_belong_to_are_still_one_family(people):
    # Numbering the families before the censored are left out must not change which rows belong together.
    weight = np.where(np.arange(len(people)) % 2 == 0, 0.0, people.weight)
    kept = weight > 0

    whole = measure(people.outcome, people.risk, weight, people.family)
    part = measure(people.outcome[kept], people.risk[kept], weight[kept], people.family[kept])

    assert whole.c_statistic == part.c_statistic
    assert whole.slope == part.slope


def test_a_group_without_outcomes_has_a_state_and_no_error():
    found = measure([False] * 30, np.linspace(0.01, 0.3, 30), thresholds=[0.1])

    assert found.state == "insufficient"
    assert found.slope.state == found.c_statistic.state == found.thresholds[0].sensitivity.state == "insufficient"
    assert found.incidence.value == 0.0
    assert found.thresholds[0].flagged.state == "ok"
    assert json.dumps(found.to_json(), allow_nan=False)


def test_a_group_of_nobody_has_a_state_and_no_error():
    found = measure(np.array([], dtype=bool), np.array([]), family=np.array([], dtype=int), thresholds=[0.1])

    assert (found.people, found.state) == (0, "insufficient")
    assert json.dumps(found.to_json(), allow_nan=False)


def test_json_holds_every_measure_exactly(people):
    found = measure(people.outcome, people.risk, thresholds=[0.2])

    held = json.loads(json.dumps(found.to_json(), allow_nan=False))

    assert held["state"] == "ok"
    assert held["c_statistic"]["value"] == found.c_statistic.value
    assert held["thresholds"][0]["gain"]["low"] == found.thresholds[0].gain.low
    assert held["curve"][0]["observed"]["n"] == 150


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_threshold_that_is_no_risk_is_refused(people, threshold):
    with pytest.raises(InputError, match="threshold"):
        measure(people.outcome, people.risk, thresholds=[threshold])


def test_all_measures_of_a_hundred_thousand_people_take_under_two_seconds(drawn):
    group = drawn(100_000)

    start = clock.process_time()
    measure(group.outcome, group.risk, group.weight, group.family, thresholds=[0.1, 0.2])

    assert clock.process_time() - start < 2.0


@settings(deadline=None, max_examples=80)
@given(
    st.integers(0, 50).flatmap(
        lambda n: st.tuples(
            arrays(bool, n),
            arrays(np.float64, n, elements=st.sampled_from([0.0, 1e-12, 0.01, 0.2, 0.200000001, 0.7, 1.0])),
            arrays(np.float64, n, elements=st.sampled_from([0.0, 0.3, 1.0, 10.0])),
            arrays(np.int64, n, elements=st.integers(-3, 3)),
        )
    )
)
def test_any_group_however_odd_is_measured_and_says_what_it_lacks(group):
    found = measure(*group, thresholds=[0.2])

    assert json.dumps([found.to_json(), publish(found)], allow_nan=False)
    if min(found.events, found.known - found.events) < 10:
        assert found.state == "insufficient"
        for name in ("slope", "ici", "brier", "c_statistic", "average_precision", "observed_over_expected"):
            assert not getattr(found, name).passes(at_least=-1e9)
