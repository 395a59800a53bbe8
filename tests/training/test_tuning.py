"""Tuning: a stated number of trials on data that was binned once, the same every time, and the cheapest of the best."""

import lightgbm
import numpy as np
import pytest

from training.sample import loss, sample
from training.trees import boosted
from training.tuning import cost

HORIZON = 1826


@pytest.fixture(scope="module")
def known(crossing):
    """A sample of the people whose truth no sum of curves can follow."""
    return sample(crossing.rows(np.arange(6000)), HORIZON, 1)


def lost(found, people):
    here = people.weight > 0
    return loss(found.out_of_fold[here], people.outcome[here], people.weight[here])


def test_the_same_seed_and_people_give_the_same_trees(known, task):
    one, two = (boosted(known, task.columns, 1, 1, trials=4) for _ in range(2))

    assert one.learner.text == two.learner.text
    assert one.settings == two.settings


def test_tuned_trees_predict_people_apart_no_worse_and_are_the_cheapest_to_explain(straight, task):
    # A truth of straight lines: two splits a tree are as good as four, and an explanation costs less.
    people = sample(straight.rows(np.arange(6000)), HORIZON, 1)
    plain, tuned = boosted(people, task.columns, 1, 1), boosted(people, task.columns, 1, 1, trials=6)

    assert lost(tuned, people) <= lost(plain, people) * 1.002
    assert set(tuned.settings) == {"depth", "learning_rate", "l2", "least_rows", "share_of_predictors", "rounds"}
    assert tuned.settings["depth"] == 2


def test_all_trials_share_one_dataset_and_progress_is_told(known, task, monkeypatch):
    made, said = [], []
    real = lightgbm.Dataset.__init__

    def counted(self, data, *rest, **named):
        if data is not None:  # a fold is a part of another dataset, and brings no data
            made.append(len(data))
        real(self, data, *rest, **named)

    monkeypatch.setattr(lightgbm.Dataset, "__init__", counted)
    boosted(known, task.columns, 1, 1, trials=1)
    for_one = len(made)
    made.clear()
    boosted(known, task.columns, 1, 1, trials=6, told=said.append)

    assert len(made) == for_one  # five more trials bin nothing more
    assert said == [f"Trial {number} of 6 of tuning" for number in range(1, 7)]


def test_settings_that_were_found_are_used_again_where_a_region_is_left_out(known, task):
    found = boosted(known, task.columns, 1, 1, trials=3)
    again = boosted(known, task.columns, 1, 1, settings=found.settings)

    for name in ("depth", "learning_rate", "l2", "share_of_predictors", "rounds"):
        assert again.settings[name] == found.settings[name]


def test_an_explanation_costs_the_paths_of_every_tree():
    # 100 trees of depth 3 have 8 leaves each, 3 splits above every leaf.
    assert cost(3, 100) == 2400
    assert cost(2, 100) < cost(3, 100) < cost(4, 100)
