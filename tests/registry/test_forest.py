"""Our own reading of LightGBM's text says what LightGBM says: the same log-odds to the bit, the same contributions."""

from __future__ import annotations

import re
from itertools import combinations
from math import factorial

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.contributions import shap_contributions
from registry import forest, kernel

NOBODY = np.full(5, np.nan)
"""No stand-in for any of five predictors."""
EDGES = (0.0, -0.0, 1e-36, -1e-35, 1.5e-35, np.inf, -np.inf, np.nan, -0.5, 31.0, 32.0, 1e12)


def made_up(seed, rows=400):
    """Values on a coarse grid, so that many stand exactly at a threshold; the last predictor has 40 levels."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(rows, 5)).round(1)
    values[:, 4] = draw.integers(0, 40, rows)
    values[draw.random(values.shape) < 0.15] = 0
    values[:, 1:][draw.random((rows, 4)) < 0.15] = np.nan  # nobody lacks the first
    return values


def booster(seed=1, trees=8, levels=True, **settings_):
    values, draw = made_up(seed), np.random.default_rng(seed + 1)
    known = np.nan_to_num(values)
    outcome = draw.random(len(values)) < 1 / (1 + np.exp(1 - known[:, 0] - known[:, 1] * known[:, 2] - known[:, 4] % 3))
    fixed = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5, "min_data_per_group": 5}
    data = lightgbm.Dataset(values, outcome, categorical_feature=[4] if levels else [])
    trained = lightgbm.train(fixed | {"deterministic": True, "seed": 1} | settings_, data, trees)
    return lightgbm.Booster(model_str=trained.model_to_string())


def asked(found, seed=2):
    """People unlike those of training: at thresholds, at the edges of what LightGBM tells apart, with levels unseen."""
    draw = np.random.default_rng(seed)
    values = made_up(seed, 120)
    values[draw.random(values.shape) < 0.1] = draw.choice(EDGES)
    cuts = [
        float(cut) for line in re.findall(r"^threshold=(.*)$", found.model_to_string(), re.M) for cut in line.split()
    ]
    if cuts:
        values[:40] = draw.choice(cuts, (40, 5))
    for row, edge in enumerate(EDGES):
        values[40 + row] = edge
    return values


def agrees(found, values, to=1e-9):
    ours = forest.read(found.model_to_string())
    theirs = found.predict(values, pred_contrib=True, num_threads=1)
    log_odds, added = ours.contributions(values, NOBODY)
    assert (log_odds == found.predict(values, raw_score=True, num_threads=1)).all()
    assert (log_odds == ours.log_odds(values, NOBODY)).all()
    assert added == pytest.approx(theirs[:, :-1], abs=to)
    assert ours.base == pytest.approx(theirs[0, -1], rel=1e-12, abs=1e-15)
    assert ours.base + added.sum(axis=1) == pytest.approx(log_odds, rel=1e-12, abs=1e-12)
    return added


@pytest.mark.parametrize(
    "settings_",
    [
        {"max_depth": 2, "num_leaves": 4},
        {"max_depth": 4, "num_leaves": 16, "trees": 40},
        {"num_leaves": 63, "trees": 20, "levels": False},  # the same predictor again and again on a path
        {"use_missing": False},
        {"zero_as_missing": True},
        {"trees": 300, "num_leaves": 31},
    ],
    ids=str,
)
def test_log_odds_are_lightgbms_to_the_bit_and_contributions_to_1e_9(settings_):
    found = booster(**settings_)

    assert np.abs(agrees(found, asked(found))).max() > 0.1


@given(
    seed=st.integers(0, 10_000),
    trees=st.integers(1, 6),
    leaves=st.integers(2, 24),
    levels=st.booleans(),
    missing=st.sampled_from([{}, {"use_missing": False}, {"zero_as_missing": True}]),
)
@settings(max_examples=60, deadline=None)
def test_any_small_model_says_what_lightgbm_says(seed, trees, leaves, levels, missing):
    found = booster(seed, trees, levels, num_leaves=leaves, **missing)

    agrees(found, asked(found, seed))


def test_float32_is_read_as_lightgbm_reads_it():
    found = booster()

    agrees(found, asked(found).astype(np.float32))


def test_the_shap_package_finds_the_same():
    found = booster(levels=False, num_leaves=12)
    values = made_up(7, 120)

    theirs = shap_contributions(found, values)

    ours = forest.read(found.model_to_string())
    assert ours.contributions(values, NOBODY)[1] == pytest.approx(theirs.values, abs=1e-9)
    assert ours.base == pytest.approx(theirs.base, abs=1e-9)


def test_a_path_through_more_predictors_than_any_tree_of_ours_has():
    draw = np.random.default_rng(1)
    values = draw.normal(size=(3000, 40))
    outcome = draw.random(3000) < 1 / (1 + np.exp(-values[:, :20].sum(axis=1)))
    few_at_each_split = {"feature_fraction_bynode": 0.1, "num_leaves": 63, "min_data_in_leaf": 1}
    fixed = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1}
    found = lightgbm.train(fixed | few_at_each_split, lightgbm.Dataset(values, outcome), 5)

    ours = forest.read(found.model_to_string())

    assert ours.first[:-1, kernel.PAIRS].max() > 2
    theirs = found.predict(values[:50], pred_contrib=True)
    assert ours.contributions(values[:50], np.full(40, np.nan))[1] == pytest.approx(theirs[:, :-1], abs=1e-9)


def test_trees_of_one_leaf_add_to_the_base_and_nothing_to_anybody():
    found = booster(min_data_in_leaf=399)

    assert (agrees(found, asked(found)) == 0).all()


def test_each_subset_of_predictors_tried_out_gives_the_same_contributions():
    found = booster(trees=3, levels=False, num_leaves=6)
    tree_of = [each["tree_structure"] for each in found.dump_model()["tree_info"]]
    values = np.nan_to_num(made_up(7, 20))

    slow = np.array(
        [shapley(lambda known, row=row: sum(worth(tree, row, known) for tree in tree_of)) for row in values]
    )

    assert forest.read(found.model_to_string()).contributions(values, NOBODY)[1] == pytest.approx(slow, abs=1e-12)


def worth(node, row, known):
    """What a tree says of a person of whom some predictors are known: both ways where one is not, by their people."""
    if "leaf_value" in node:
        return node["leaf_value"]
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return worth(left if row[node["split_feature"]] <= node["threshold"] else right, row, known)
    people = [each.get("internal_count", each.get("leaf_count")) for each in (left, right)]
    return (people[0] * worth(left, row, known) + people[1] * worth(right, row, known)) / sum(people)


def shapley(value, n=5):
    """The mean over all orders of what a predictor changes when it becomes known."""
    added = np.zeros(n)
    for each in range(n):
        others = [other for other in range(n) if other != each]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for some in combinations(others, size):
                added[each] += weight * (value({*some, each}) - value({*some}))
    return added


def test_a_stand_in_is_read_where_a_value_is_missing():
    found = booster()
    ours, values = forest.read(found.model_to_string()), made_up(3)
    stand_ins = np.array([0.3, np.nan, -1.0, np.nan, 7.0])

    stood_in = np.where(np.isnan(values), stand_ins, values)

    assert (ours.log_odds(values, stand_ins) == ours.log_odds(stood_in, NOBODY)).all()
    assert (ours.contributions(values, stand_ins)[1] == ours.contributions(stood_in, NOBODY)[1]).all()


def test_nothing_compiles_for_another_layout_or_type_of_the_same_values():
    ours, values = forest.read(booster().model_to_string()), made_up(4)
    fixed = values.copy()
    fixed.flags.writeable = False

    for each in (
        values,
        values.astype(np.float32),
        np.asfortranarray(values),
        values[::2],
        fixed,
        values[:1],
        values[:0],
    ):
        ours.log_odds(each, NOBODY)
        ours.contributions(each, NOBODY)

    assert [len(each.signatures) for each in (kernel.add_leaves, kernel.add_contributions)] == [1, 1]


def test_no_people_have_no_contributions():
    log_odds, added = forest.read(booster().model_to_string()).contributions(np.empty((0, 5)), NOBODY)

    assert log_odds.shape == (0,)
    assert added.shape == (0, 5)


def text(**settings_):
    return booster(trees=2, num_leaves=4, **settings_).model_to_string()


@pytest.mark.parametrize(
    ("line", "instead", "because"),
    [
        ("num_class=1", "num_class=3", "several outputs"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=3", "several outputs"),
        ("num_class=1", "num_class=1\naverage_output", "averages its trees"),
        ("is_linear=0", "is_linear=1", "leaves of a tree are lines"),
        (r"split_feature=\d+", "split_feature=5", "a predictor that there is not"),
        (r"left_child=-?\d+", "left_child=0", "do not lead to each of its leaves once"),
        (r"left_child=-?\d+", "left_child=9999999", "do not lead to each of its leaves once"),
        (r"leaf_count=\d+", "leaf_count=0", "do not add up"),
        (r"leaf_count=\d+", "leaf_count=77", "do not add up"),
        (r"leaf_value=\S+", "leaf_value=inf", "not finite"),
        (r"leaf_value=\S+", "leaf_value=nan", "leaf_value of a tree is not 4 numbers"),
        (r"leaf_value=\S+", "leaf_value=", "leaf_value of a tree is not 4 numbers"),
        (r"leaf_value=\S+", "leaf_value=x", "damaged"),
        (r"cat_boundaries=0", "cat_boundaries=-3", "levels of a split are not in its tree|damaged"),
        ("internal_count", "nothing", "damaged"),
        ("\nTree=1", "\nTee=1", "has not the trees that it says"),
    ],
)
def test_what_is_not_read_is_refused_with_the_reason(line, instead, because):
    altered, count = re.subn(line, instead, text(cat_smooth=1, max_cat_to_onehot=1), count=1)
    assert count == 1

    with pytest.raises(forest.TreesRefused, match=because):
        forest.read(altered)


def test_a_text_cut_anywhere_is_refused():
    whole = text()
    end = whole.index("end of trees")

    for at in range(0, end, 97):
        with pytest.raises(forest.TreesRefused):
            forest.read(whole[:at])


def test_values_of_other_predictors_are_refused_by_their_number():
    with pytest.raises(forest.TreesRefused, match="read 5 predictors, not 4"):
        forest.read(text()).log_odds(np.zeros((1, 4)), NOBODY)
