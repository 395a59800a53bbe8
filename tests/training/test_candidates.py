"""Both ways of learning find a truth that we know, never against a direction, and the simpler one ships if as good."""

import re
from dataclasses import replace

import lightgbm
import numpy as np
import pytest

from evaluation.discrimination import c_statistic
from registry.model import Column
from training.basis import part
from training.candidates import Effort, choose, fit
from training.logistic import knots_for, logistic
from training.sample import sample
from training.trees import _fit, _fit_without_small_leaves, _settings, fewest_in_leaf, stood_in

EFFORT = Effort(seed=1, threads=1)


@pytest.fixture(scope="module")
def fitted(straight, crossing, task):
    found = {}
    for name, table in (("straight", straight), ("crossed", crossing)):
        people = sample(table, 1826, seed=1)
        both = {kind: fit(kind, people, task.columns, EFFORT) for kind in ("logistic", "lightgbm")}
        found[name] = people, both
    return found


def test_the_curves_of_the_logistic_regression_are_the_true_lines(fitted):
    _, both = fitted["straight"]
    age, egfr, diabetes, smoking, visits = both["logistic"].learner.curves

    # The truth: 0.05 for each year, -0.04 for each unit of eGFR, 0.7 for diabetes, 0, 0.2 and 0.5 for smoking.
    assert (age.values[-1] - age.values[0]) / (age.knots[-1] - age.knots[0]) == pytest.approx(0.05, rel=0.15)
    assert (egfr.values[-1] - egfr.values[0]) / (egfr.knots[-1] - egfr.knots[0]) == pytest.approx(-0.04, rel=0.15)
    assert diabetes.values[1] - diabetes.values[0] == pytest.approx(0.7, abs=0.15)
    assert np.array(smoking.values) - smoking.values[0] == pytest.approx([0, 0.2, 0.5], abs=0.15)
    assert np.ptp(visits.values) < 0.4


def test_contributions_of_the_curves_are_centred_on_the_people_of_training(fitted):
    people, both = fitted["straight"]

    means = both["logistic"].learner.contributions(people.values).mean(axis=0)

    assert means == pytest.approx(np.zeros(5), abs=1e-6)


@pytest.mark.parametrize("name", ["straight", "crossed"])
@pytest.mark.parametrize("kind", ["logistic", "lightgbm"])
def test_a_higher_age_never_lowers_and_a_higher_egfr_never_raises_the_risk(fitted, task, name, kind):
    candidate = fitted[name][1][kind]
    model = task.model(candidate, _unit_recalibration())
    people = fitted[name][0].values[:200]

    def odds(column, value):
        changed = people.copy()
        changed[:, column] = value
        return model.log_odds(changed)

    by_age = np.array([odds(0, age) for age in range(20, 100, 2)])
    by_egfr = np.array([odds(1, egfr) for egfr in range(10, 130, 3)])
    assert (np.diff(by_age, axis=0) >= -1e-9).all()
    assert (np.diff(by_egfr, axis=0) <= 1e-9).all()
    assert np.median(np.ptp(by_age, axis=0)) > 0.5


def test_a_predictor_that_runs_against_its_direction_is_left_out_and_the_others_are_fitted_again(draw_people, task):
    table = draw_people(6000)
    # Age the wrong way round: the young now look old, and the definition still says that risk rises with age.
    table.values[:, 0] = 120 - table.values[:, 0]
    people = sample(table, 1826, seed=1)

    learner = logistic(people, task.columns).learner

    assert np.ptp(learner.curves[0].values) == 0
    # Where all that is left has been fitted, the risks add up to the outcomes; merely dropping age would not do.
    risk = 1 / (1 + np.exp(-learner.bias - learner.contributions(people.values).sum(axis=1)))
    assert people.weight @ risk == pytest.approx(people.weight @ people.outcome, rel=1e-4)


def _unit_recalibration():
    from registry.recalibration import Affine, Recalibration

    return Recalibration((1826,), 1826, Affine(1.0, (0.0,)), {})


def test_predictions_out_of_fold_rank_nearly_as_well_as_the_truth_itself(fitted, straight, truths):
    people, both = fitted["straight"]

    attainable = c_statistic(people.outcome, truths["straight"](people.values), people.weight).value
    for candidate in both.values():
        ranked = c_statistic(people.outcome, candidate.out_of_fold, people.weight).value
        assert attainable - 0.015 < ranked < attainable + 0.005


def test_the_simpler_model_ships_when_the_truth_is_a_sum_of_straight_lines(fitted, straight):
    people, both = fitted["straight"]

    choice = choose(people, straight.family, both["logistic"], both["lightgbm"])

    assert choice.chosen.kind == "logistic"
    assert choice.gain.value < 0.01
    assert "simpler model ships" in choice.why


def test_trees_ship_when_visits_raise_the_risk_in_the_old_and_lower_it_in_the_young(fitted, crossing):
    people, both = fitted["crossed"]

    choice = choose(people, crossing.family, both["logistic"], both["lightgbm"])

    assert choice.chosen.kind == "lightgbm"
    assert choice.gain.low > 0.05


def test_without_trees_the_logistic_regression_ships_and_the_reason_is_given(fitted, straight):
    people, both = fitted["straight"]

    choice = choose(people, straight.family, both["logistic"], None)

    assert (choice.chosen.kind, choice.gain) == ("logistic", None)
    assert "trees need 100 outcomes" in choice.why


def test_trees_are_at_most_four_deep_so_that_an_explanation_stays_cheap(fitted):
    _, both = fitted["crossed"]

    assert both["lightgbm"].settings["depth"] <= 4
    leaves = re.findall(r"^num_leaves=(\d+)$", both["lightgbm"].learner.text, re.MULTILINE)
    assert max(int(count) for count in leaves) <= 16


@pytest.mark.parametrize("kind", ["logistic", "lightgbm"])
def test_the_same_people_give_the_same_model_bit_for_bit(draw_people, task, kind):
    people = sample(draw_people(4000), 1826, seed=1)

    one, two = (fit(kind, people, task.columns, EFFORT) for _ in range(2))

    assert one.learner == two.learner
    assert (one.out_of_fold == two.out_of_fold).all()


def test_the_text_of_the_trees_does_not_tell_the_oldest_age(draw_people, task):
    table = draw_people(4000)
    table.values[0, 0] = 119.625
    text = fit("lightgbm", sample(table, 1826, seed=1), task.columns, EFFORT).learner.text

    infos = next(line for line in text.splitlines() if line.startswith("feature_infos="))
    assert "119.6" not in text
    oldest = float(infos.split("=")[1].split(" ")[0].strip("[]").split(":")[1])
    assert oldest == pytest.approx(89.4, abs=0.5)  # the age that 1% exceed: ages were drawn evenly from 30 to 90


def test_a_predictor_that_nobody_lacked_gets_its_median_as_a_stand_in():
    column = Column("age", "age")

    assert stood_in(column, np.array([20, 40, 90], dtype=np.float32)).stand_in == 40.0
    assert stood_in(column, np.array([20, np.nan, 90], dtype=np.float32)).stand_in is None
    assert stood_in(replace(column, levels=("a", "b")), np.array([0, 1, 1], dtype=np.float32)).stand_in is None


def test_a_level_or_gap_of_a_few_people_is_not_fitted_to_them(draw_people, task):
    table = draw_people(4000)
    table.values[:, 3] = np.where(np.arange(4000) < 5, 2, table.values[:, 3] % 2)
    table.values[:5, 0] = np.nan

    learner = logistic(sample(table, 1826, seed=1), task.columns).learner

    smoking, age = learner.curves[3], learner.curves[0]
    # What five people have is worth what everyone has on average: nothing is added and nothing taken away.
    assert age.missing == pytest.approx(0, abs=1e-6)
    assert smoking.values[2] == pytest.approx(np.mean(smoking.values[:2]), abs=0.1)


def test_a_predictor_that_is_the_same_for_everyone_or_never_recorded_adds_nothing(draw_people, task):
    table = draw_people(4000)
    table.values[:, 0], table.values[:, 4] = 50, np.nan

    people = sample(table, 1826, seed=1)
    for kind in ("logistic", "lightgbm"):
        model = task.model(fit(kind, people, task.columns, EFFORT), _unit_recalibration())
        added = model.explain(people.values, [None] * 4000).contributions
        assert (added[:, [0, 4]] == 0).all()
        assert np.ptp(added[:, 1]) > 1


def test_a_rare_flag_and_a_rare_count_still_get_a_ramp():
    rare = np.where(np.arange(1000) < 30, 1, 0).astype(np.float32)

    assert part(Column("flag", ""), rare, np.arange(1000), 5).knots == (0.0, 1.0)
    assert part(Column("count", ""), 2 * rare, np.arange(1000), 5).knots == (0.0, 2.0)


def test_a_flag_on_many_index_dates_of_a_few_people_gets_no_ramp():
    flag, person = np.repeat([1, 0], [40, 960]).astype(np.float32), np.arange(1000) // 4

    assert part(Column("flag", ""), flag, np.arange(1000), 5).spread[0] > 0
    assert part(Column("flag", ""), flag, person, 5).spread[0] == 0  # 40 index dates of 10 people


def test_every_leaf_holds_eight_people_or_more_however_many_index_dates_some_have(draw_people, task):
    # Thirty people with sixty index dates each, everyone else with one, so that rows say little about people.
    often = np.repeat(np.arange(2000), np.where(np.arange(2000) < 30, 60, 1))
    people = sample(draw_people(2000).rows(often), 1826, seed=1)
    known = people.rows(people.weight > 0)

    booster = lightgbm.Booster(model_str=fit("lightgbm", people, task.columns, EFFORT).learner.text)

    for tree in booster.predict(known.values, pred_leaf=True).T:
        assert min(len(set(known.person[tree == leaf].tolist())) for leaf in set(tree.tolist())) >= 8


def test_where_leaves_come_out_too_small_the_trees_are_fitted_again_with_larger_ones(draw_people, task):
    people = sample(draw_people(2000), 1826, seed=1)
    known = people.rows(people.weight > 0)
    settings = _settings(task.columns, people, 1, 1) | {"min_data_in_leaf": 1, "max_depth": 4, "num_leaves": 16}

    small = _fit(known, task.columns, settings, 60)
    large = _fit_without_small_leaves(people, task.columns, settings, 60)

    assert fewest_in_leaf(small, task.columns, known) < 8 <= fewest_in_leaf(large, task.columns, known)


def test_few_outcomes_for_each_predictor_mean_few_knots():
    assert [knots_for(outcomes, 10) for outcomes in (30, 60, 500)] == [2, 3, 5]
