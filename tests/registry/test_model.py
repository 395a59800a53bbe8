"""A risk, and the reasons given for it, are one thing: they add up, in every place, alone or in a list."""

import math
from dataclasses import replace

import lightgbm
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.curves import Additive, Curve, CurveRefused
from registry.model import WrongShape
from registry.recalibration import Affine, Recalibration, RecalibrationRefused

WITH_FIXTURES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

a_person = st.tuples(
    st.one_of(st.floats(-10, 150, width=32), st.just(math.nan)),
    st.one_of(st.floats(-10, 300, width=32), st.just(math.nan)),
    st.one_of(st.sampled_from([0.0, 1.0, 2.0, 7.0, 1.5, -1.0]), st.just(math.nan)),
)
a_place = st.sampled_from(["London", "North", "Wales", "", None])


def test_a_person_of_seventy_who_smokes_gets_the_risk_worked_out_by_hand(models):
    # Age 70 is halfway from 0.0 to 2.0: +1.0. eGFR 60 is halfway from 1.5 to -0.5: +0.5. Smoker: +0.4. Bias -2.0.
    person = np.array([[70, 60, 2]], dtype=np.float32)

    log_odds = models["linear"].log_odds(person)
    risks = models["linear"].risks(person, ["London"])

    assert log_odds == pytest.approx([-0.1])
    # London: slope 0.9, intercepts -2.5 and -0.7, so logits -2.59 and -0.79.
    assert risks[0] == pytest.approx([1 / (1 + math.exp(2.59)), 1 / (1 + math.exp(0.79))])


def test_outside_the_knots_a_curve_is_flat_and_missing_has_its_own_value(models):
    people = np.array([[10, 60, 0], [40, 60, 0], [99, 60, 0], [80, 60, 0], [np.nan, 60, 0]], dtype=np.float32)

    age = models["linear"].explain(people, [None] * 5).contributions[:, 0] / 1.1

    assert age == pytest.approx([-1.0, -1.0, 2.0, 2.0, 0.25])


@pytest.mark.parametrize("strange", [3.0, -1.0, 0.5, 1e9])
def test_a_level_that_training_never_had_counts_as_missing(models, strange):
    people = np.array([[60, 60, strange], [60, 60, np.nan]], dtype=np.float32)

    log_odds = models["linear"].log_odds(people)

    assert log_odds[0] == log_odds[1]


def test_curves_agree_with_numpys_own_interpolation(models, people):
    values = people(500)[:, :1]
    curve = models["linear"].learner.curves[0]

    ours = Additive(0.0, (curve,)).contributions(values)[:, 0]

    expected = np.where(np.isnan(values[:, 0]), curve.missing, np.interp(values[:, 0], curve.knots, curve.values))
    assert ours == pytest.approx(expected, abs=1e-12)


@given(person=a_person, place=a_place)
@WITH_FIXTURES
def test_base_place_and_contributions_add_up_to_the_log_odds_of_the_primary_risk(model, person, place):
    explained = model.explain(np.array([person], dtype=np.float32), [place])

    added = explained.base + explained.place[0] + explained.contributions[0].sum()
    shown = model.risks(np.array([person], dtype=np.float32), [place])[0, 1]
    assert added == pytest.approx(math.log(shown) - math.log1p(-shown), abs=1e-9)
    assert explained.risks[0, 1] == pytest.approx(shown, abs=1e-12)


@given(people=st.lists(st.tuples(a_person, a_place), min_size=2, max_size=9))
@WITH_FIXTURES
def test_a_person_gets_the_same_bits_alone_and_in_a_list(model, people):
    values = np.array([person for person, _ in people], dtype=np.float32)
    places = [place for _, place in people]

    together, explained = model.risks(values, places), model.explain(values, places)

    for row, place in enumerate(places):
        alone = model.explain(values[row : row + 1], [place])
        assert (together[row] == model.risks(values[row : row + 1], [place])[0]).all()
        assert (explained.contributions[row] == alone.contributions[0]).all()
        assert explained.place[row] == alone.place[0]


@given(person=a_person, place=a_place)
@WITH_FIXTURES
def test_the_risk_by_one_year_never_exceeds_the_risk_by_five(model, person, place):
    one_year, five_years = model.risks(np.array([person], dtype=np.float32), [place])[0]

    assert 0 < one_year <= five_years < 1


@pytest.mark.parametrize("unknown", ["Wales", "", None])
def test_an_unknown_place_gets_the_pooled_values_and_adds_nothing_for_place(model, people, unknown):
    explained = model.explain(people(3), [unknown] * 3)

    assert (explained.place == 0).all()
    pooled = model.recalibration.pooled
    expected = 1 / (1 + np.exp(-(pooled.intercepts[1] + pooled.slope * model.log_odds(people(3)))))
    assert explained.risks[:, 1] == pytest.approx(expected, abs=1e-12)


def test_trees_would_read_a_zero_for_a_value_that_nobody_lacked_so_a_stand_in_is_used(models):
    # LightGBM marks a column without missing values in training as one that cannot miss, and reads NaN as 0 there.
    trees = models["lightgbm"]
    columns = (trees.columns[0], replace(trees.columns[1], stand_in=90.0), trees.columns[2])
    stood_in = replace(trees, columns=columns)
    lacking, having = (np.array([[60, egfr, 1]], dtype=np.float32) for egfr in (np.nan, 90.0))

    assert stood_in.log_odds(lacking) == trees.log_odds(having)
    assert trees.log_odds(lacking) != trees.log_odds(having)


def test_contributions_of_trees_are_those_of_lightgbm(models, people):
    trees = models["lightgbm"]
    values = people(20)

    contributions = trees.explain(values, [None] * 20).contributions

    theirs = lightgbm.Booster(model_str=trees.learner.text).predict(values, pred_contrib=True)[:, :-1]
    assert contributions == pytest.approx(1.1 * theirs, abs=1e-12)


def test_a_table_of_other_columns_is_refused_by_their_number_and_never_by_their_values(model):
    with pytest.raises(WrongShape, match=r"takes 3 predictors in 2 dimensions, not \(1, 2\)"):
        model.log_odds(np.array([[987654321, 2]], dtype=np.float32))
    with pytest.raises(WrongShape, match="one place for each of 1 rows, not 2"):
        model.risks(np.zeros((1, 3), dtype=np.float32), [None, None])


def test_a_recalibration_under_which_risks_fall_or_cross_is_refused():
    with pytest.raises(RecalibrationRefused, match="slope"):
        Affine(-1.0, (0.0,))
    with pytest.raises(RecalibrationRefused, match="not fall from one horizon"):
        Affine(1.0, (0.0, -1.0))
    with pytest.raises(RecalibrationRefused, match="primary"):
        Recalibration((365,), 30, Affine(1.0, (0.0,)), {})
    with pytest.raises(RecalibrationRefused, match="one intercept for each horizon"):
        Recalibration((365,), 365, Affine(1.0, (0.0, 1.0)), {})


def test_a_curve_that_cannot_be_read_is_refused():
    with pytest.raises(CurveRefused, match="rise"):
        Curve((1.0, 1.0), (0.0, 0.0), 0.0)
    with pytest.raises(CurveRefused, match="not finite"):
        Curve((1.0,), (math.nan,), 0.0)
    with pytest.raises(CurveRefused, match="one value for each knot"):
        Curve((1.0, 2.0), (0.0,), 0.0)
