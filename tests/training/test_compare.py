"""A comparator is measured on the people who have it, and hidden where those are few, whatever their index dates."""

import numpy as np
import pytest

from evaluation.groups import known
from training.compare import best_single, ranked_alone, same_people
from training.profile import profile
from training.sample import sample


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
