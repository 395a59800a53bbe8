"""The shap package, left to its own implementation, finds the same contributions as LightGBM does in the service."""

from __future__ import annotations

import subprocess
import sys

import lightgbm
import numpy as np
import pytest

from evaluation.contributions import Contributions, shap_contributions, weightiest
from evaluation.inputs import InputError


@pytest.fixture(scope="module")
def predictors():
    draw = np.random.default_rng(4)
    X = draw.normal(size=(3000, 6)).astype(np.float32)
    X[:, 3] = draw.integers(0, 2, 3000)
    X[draw.random(X.shape) < 0.2] = np.nan
    return X


@pytest.fixture(scope="module")
def booster(predictors):
    draw = np.random.default_rng(5)
    known = np.nan_to_num(predictors)
    outcome = draw.random(3000) < 1 / (1 + np.exp(2 - known[:, 0] - known[:, 1] * known[:, 2]))
    parameters = {"objective": "binary", "max_depth": 4, "verbose": -1, "num_threads": 1, "seed": 1}
    constrained = parameters | {"monotone_constraints": [1, 0, 0, 0, 0, 0]}
    trained = lightgbm.train(constrained, lightgbm.Dataset(predictors, outcome), num_boost_round=60)
    return lightgbm.Booster(model_str=trained.model_to_string())


def test_shap_and_lightgbm_agree(booster, predictors):
    theirs = booster.predict(predictors[:400], pred_contrib=True)

    ours = shap_contributions(booster, predictors[:400])

    assert np.abs(ours.values - theirs[:, :-1]).max() < 1e-9
    assert ours.base == pytest.approx(theirs[0, -1], abs=1e-9)
    assert np.abs(ours.values).max() > 0.1


def test_contributions_add_up_to_the_log_odds(booster, predictors):
    found = shap_contributions(booster, predictors[:400])

    log_odds = booster.predict(predictors[:400], raw_score=True)
    assert found.base + found.values.sum(axis=1) == pytest.approx(log_odds, abs=1e-9)


def test_a_booster_that_learnt_nothing_contributes_nothing(predictors):
    data = lightgbm.Dataset(predictors, np.arange(3000) % 2)
    parameters = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 2999}

    found = shap_contributions(lightgbm.train(parameters, data, num_boost_round=3), predictors[:5])

    assert np.abs(found.values).max() == 0.0


def test_columns_that_the_booster_does_not_know_are_refused(booster, predictors):
    with pytest.raises(InputError, match=r"shape \(3000, 5\)"):
        shap_contributions(booster, predictors[:, :5])


def test_the_weightiest_predictor_comes_first_and_weights_count():
    found = Contributions(0.0, np.array([[1.0, -2.0, 0.0], [3.0, 0.0, 0.0]]))

    plain = weightiest(found, ("age", "egfr", "sex"))
    weighted = weightiest(found, ("age", "egfr", "sex"), weight=[3.0, 1.0])

    assert [(each.predictor, each.mean_absolute) for each in plain] == [("age", 2.0), ("egfr", 1.0), ("sex", 0.0)]
    assert [(each.predictor, each.share) for each in weighted] == [("age", 0.5), ("egfr", 0.5), ("sex", 0.0)]


def test_names_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="2 names"):
        weightiest(Contributions(0.0, np.zeros((4, 3))), ("age", "egfr"))


def test_measuring_does_not_wait_for_shap():
    code = (
        "import sys, evaluation.groups, evaluation.disclosure, evaluation.contributions; print('shap' in sys.modules)"
    )

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "False"
