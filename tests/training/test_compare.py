"""A comparator is measured on the people who have it, and hidden where those are few, whatever their index dates."""

from datetime import date

import numpy as np
import pytest

import pathways
from evaluation.groups import known
from training.compare import as_risks, best_single, ranked_alone, same_people, same_risk
from training.profile import profile
from training.sample import sample
from training.task import Task


def compared(table, have):
    score = np.where(have, table.values[:, 0].astype(float), np.nan)
    return same_people(score, table.values[:, 0].astype(float), known(table, 1826), table)


def test_a_score_that_five_people_have_on_forty_index_dates_is_hidden(draw_people, repeat):
    table = repeat(draw_people(1000), 8)

    found = compared(table, np.arange(8000) < 5 * 8)

    assert (found["people"], found["computable"]) == (None, None)
    assert {found[name]["state"] for name in ("c_statistic", "model_c_statistic", "gain")} == {"suppressed"}


def test_a_score_that_all_but_five_people_have_does_not_give_those_five_away(draw_people):
    assert compared(draw_people(1000), np.arange(1000) >= 5)["computable"] is None


def test_people_are_counted_once_and_the_share_is_of_index_dates(draw_people, repeat):
    found = compared(repeat(draw_people(1000), 2), np.arange(2000) < 1000)

    assert (found["people"], found["computable"]) == (500, 0.5)
    assert found["gain"]["value"] == 0  # compared with itself


def test_the_best_single_variable_is_the_only_one_that_tells_anything(draw_people, task):
    table = draw_people(3000, true=lambda values: 0.15 * (values[:, 0].astype(float) - 70))
    people = sample(table, 1826, seed=1)

    found = best_single(people, profile(table, task.prediction.predictors))
    shares = found.shares

    assert found.name == "age"
    # Risk rises with age, tenth by tenth; nobody lacks an age, so the last two bins hold the share of everyone.
    assert (np.diff(shares[:-2]) > -0.03).all()
    assert shares[-2:] == pytest.approx([people.weight @ people.outcome / people.weight.sum()] * 2)


def test_the_best_single_variable_is_the_one_with_the_highest_c_statistic(draw_people, task):
    table = draw_people(5000)
    people, shapes = sample(table, 1826, seed=1), profile(table, task.prediction.predictors)
    each = {name: figure.value for name, (figure, _) in ranked_alone(people, shapes).items()}

    found = best_single(people, shapes)

    assert found.name == max(each, key=each.get)
    assert table.columns[found.at] == found.name


def test_the_best_single_variable_ranks_people_within_a_bin_as_well(draw_people, task):
    table = draw_people(20_000, true=lambda values: 0.05 * (values[:, 0].astype(float) - 70))
    found = best_single(sample(table, 1826, seed=1), profile(table, task.prediction.predictors))
    ages = np.array([31, 33, 46, 48, 87, 89], dtype=np.float32)  # two and two of one tenth

    assert (np.diff(found.score(ages)) > 0).all()
    compared = same_people(found.score(table.values[:, 0]), table.values[:, 0].astype(float), known(table, 1826), table)
    assert abs(compared["gain"]["value"]) <= 0.001  # age itself ranks no better


def test_a_published_risk_is_compared_as_a_risk_only_on_its_own_outcome_by_its_own_day():
    def judged(pathway, prediction):
        definition = pathways.load(pathway)
        one = definition.prediction(prediction)
        task = Task(pathway, definition.title, one, "f" * 64, "nobody", date(2026, 1, 1))
        return {each.name for each in one.comparators if same_risk(task, each)}

    assert judged("cancer_diagnosis", "any_cancer") == {"CPRD table of 14 symptoms"}
    assert judged("cancer_diagnosis", "lung") == set()  # the table is of any cancer
    assert judged("high_blood_pressure", "undetected") == {"Framingham hypertension, 2 years"}
    assert judged("kidney_disease", "progression") == set()  # KFRE is of kidney failure: see training.secondary


def test_the_gain_over_a_published_risk_is_that_of_the_weighted_brier_score(draw_people, truths):
    table = draw_people(20_000, seed=4)
    ours = 1 / (1 + np.exp(-truths["straight"](table.values)))
    theirs = np.where(np.isnan(table.values[:, 1]), np.nan, ours / 2)
    seen, has = known(table.rows(~np.isnan(theirs)), 1826), ~np.isnan(theirs)
    outcome, weight = seen.outcome.astype(float), seen.weight
    mean = np.average(outcome, weights=weight)
    brier = [np.average((outcome - risk[has]) ** 2, weights=weight) for risk in (theirs, ours)]

    found = as_risks(table, ours, theirs, 1826, (0.2,))

    assert found["brier_gain"]["value"] == pytest.approx((brier[0] - brier[1]) / (mean * (1 - mean)), abs=0.0006)
    assert found["brier_gain"]["low"] > 0
    (at,) = found["net_benefit_gains"]
    assert (at["threshold"], at["gain"]["low"] > 0) == (0.2, True)
    itself = as_risks(table, ours, ours, 1826, ())
    assert (itself["brier_gain"]["low"], itself["brier_gain"]["high"]) == (0, 0)
