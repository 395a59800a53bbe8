"""One learner serves every horizon unless its slope is off at one; then that one has its own, and risks never cross."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.groups import by_axis
from features.table import CENSORED, OUTCOME
from registry import bundle
from training.candidates import Effort
from training.recalibrate import Seen, recalibrate
from training.train import Options, train

YEAR, PRIMARY = 365, 1826


def early_and_late(draw_people, count, seed):
    """People in whom low eGFR brings the outcome within the first year, to the young sooner, and age after it."""
    people = draw_people(count, seed=seed)
    draw = np.random.default_rng(seed + 100)
    egfr = np.nan_to_num((80 - people.values[:, 1]) / 18)
    age = (people.values[:, 0] - 60) / 17
    soon = draw.random(count) < 1 / (1 + np.exp(3.5 - 1.2 * egfr + 0.8 * age))
    late = draw.random(count) < 1 / (1 + np.exp(2.0 - 1.2 * age))
    day = np.where(soon, draw.integers(0, YEAR, count), draw.integers(YEAR, PRIMARY, count))
    happens = soon | late
    return replace(
        people,
        time=np.where(happens, day, PRIMARY + 100).astype(np.int32),
        event=np.where(happens, OUTCOME, CENSORED).astype(np.int8),
    )


@pytest.fixture(scope="module")
def model(task, draw_people):
    return train(task, early_and_late(draw_people, 12_000, 1), Options(Effort(1)))


@pytest.fixture(scope="module")
def others(draw_people):
    return early_and_late(draw_people, 20_000, 2)


def at_one_year(people, risk):
    return by_axis(people, risk, YEAR, axes=())[0].measures


def test_a_horizon_whose_slope_is_off_gets_a_learner_of_its_own_and_is_right(model, others):
    (tested,) = model.evidence["horizons_tested"]

    assert (tested["horizon_days"], tested["own_learner"]) == (YEAR, True)
    assert not 0.8 <= tested["slope"]["value"] <= 1.2
    own = at_one_year(others, model.risks(others.values, others.axes["region"].tolist())[:, 0])
    shared = at_one_year(others, replace(model, apart=()).risks(others.values, others.axes["region"].tolist())[:, 0])
    assert own.slope.passes(at_least=0.8, at_most=1.2)
    assert not shared.slope.passes(at_least=0.8, at_most=1.2)
    assert own.c_statistic.low > shared.c_statistic.high


def test_the_primary_risk_and_its_explanation_are_those_of_the_shared_learner(model, others):
    places = others.axes["region"].tolist()[:500]
    found = model.explain(others.values[:500], places)

    added = found.base + found.place + found.contributions.sum(axis=1)
    assert np.abs(np.log(found.risks[:, 1] / (1 - found.risks[:, 1])) - added).max() < 1e-9
    assert (found.risks[:, 1] == replace(model, apart=()).explain(others.values[:500], places).risks[:, 1]).all()
    assert (found.risks == model.risks(others.values[:500], places)).all()


def test_no_risk_falls_with_the_horizon(model, others):
    risks = model.risks(others.values, others.axes["region"].tolist())

    assert (np.diff(risks, axis=1) >= 0).all()
    own = model.apart[0]
    alone = own.recalibration.risks(own.learner.contributions(others.values).sum(axis=1) + own.learner.bias, [None])
    assert (alone[:, 0] > risks[:, 1]).any()  # or nothing had to be held back


def test_it_comes_back_from_its_bundle_bit_for_bit(model, others, tmp_path):
    bundle.save(model, tmp_path / "model")

    back = bundle.load(tmp_path / "model")

    assert (tmp_path / "model/apart_365.json").is_file()
    places = others.axes["region"].tolist()
    assert (back.risks(others.values, places) == model.risks(others.values, places)).all()


def test_one_learner_does_where_the_same_things_decide_early_and_late(task, straight):
    found = train(task, straight.rows(np.arange(8000)), Options(Effort(1)))

    assert found.apart == ()
    assert [each["own_learner"] for each in found.evidence["horizons_tested"]] == [False]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.floats(-6, 1), st.floats(-2, 3))
def test_whatever_was_seen_horizons_never_cross(seed, count, level, slope):
    draw = np.random.default_rng(seed)
    n = int(draw.integers(30, 400))
    log_odds, places = draw.normal(level, draw.uniform(0.1, 3), n), draw.choice(["London", "North", "Wales", ""], n)
    when = np.where(draw.random(n) < 1 / (1 + np.exp(-slope * log_odds)), draw.integers(0, count, n), count)
    # Weights for the lost differ between horizons, so that a later one may seem to hold fewer outcomes.
    seen = [Seen(30 * (at + 1), when <= at, draw.uniform(0, 3, n) * (draw.random(n) < 0.8)) for at in range(count)]

    found = recalibrate(log_odds, places, np.arange(n), seen, 30 * int(draw.integers(1, count + 1)))

    asked = draw.normal(0, 20, 60)
    risks = found.risks(asked, [*draw.choice(["London", "North", "Wales", "Elsewhere"], 58), "", None])
    assert (np.diff(risks, axis=1) >= 0).all()
    order = np.argsort(asked)
    for place in ("London", "Elsewhere", None):
        assert (np.diff(found.risks(asked[order], [place] * 60), axis=0) >= 0).all()
