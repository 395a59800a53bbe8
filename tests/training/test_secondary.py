"""A published score on the outcome that it predicts, beside a model of another outcome: worked out from known truth."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from features.table import CENSORED, OUTCOME, Ended, FeatureTable
from pathways.language import PROBABILITY, Comparator, Exceeds, Happens, Latest, Rule, Secondary
from training.secondary import limits, secondary
from training.task import Task
from training.train import Options, train

HORIZON = 1826


@pytest.fixture(scope="module")
def judged(task):
    """The task of the tests, with a second outcome and two published risks of it: a true one, and its double."""
    egfr = next(one.of for one in task.prediction.predictors if one.name == "egfr")
    right, double = (
        Comparator(name, egfr, unit=PROBABILITY, outcome="failure", horizon=HORIZON) for name in ("Right", "Double")
    )
    rule = Rule(Exceeds(right, 0.05), "Refer", "NICE NG203", name="refer")
    failure = Secondary("failure", Happens(Latest(egfr.of).of), "kidney failure")
    prediction = task.prediction
    changed = {"comparators": (right, double), "secondary": (failure,), "rules": (rule,)}
    for name, value in changed.items():
        prediction = _with(prediction, name, value)
    return replace(task, prediction=prediction)


def _with(prediction, name, value):
    copy = object.__new__(type(prediction))
    for field in prediction.__dataclass_fields__:
        object.__setattr__(copy, field, value if field == name else getattr(prediction, field))
    return copy


@pytest.fixture(scope="module")
def table(draw_people, truths) -> FeatureTable:
    """Everybody followed to the horizon; failure has a quarter of the odds of the outcome, and happens on day 100."""
    people = draw_people(24_000, seed=5)
    people = people.rows(people.index_day + HORIZON <= people.data_to)
    draw = np.random.default_rng(11)
    odds = np.exp(truths["straight"](people.values)) / 4
    risk = odds / (1 + odds)
    fails = draw.random(len(people)) < risk
    ended = Ended(np.where(fails, 100, 2000).astype(np.int32), np.where(fails, OUTCOME, CENSORED).astype(np.int8))
    lacking = np.isnan(people.values[:, 1])
    scores = {"Right": np.where(lacking, np.nan, risk), "Double": np.where(lacking, np.nan, np.minimum(2 * risk, 0.99))}
    return replace(people, secondary={"failure": ended}, comparators=scores)


@pytest.fixture(scope="module")
def found(judged: Task, table: FeatureTable):
    model = train(judged, table, Options())
    (outcome,) = model.evidence["secondary"]
    return model, {score["score"]: score for score in outcome["scores"]}


def everyone(score, whose):
    return next(row for row in score[whose] if row["axis"] == "all")


def test_a_true_score_is_calibrated_and_its_double_predicts_twice_what_happens(found):
    _, scores = found

    assert everyone(scores["Right"], "published")["observed_over_expected"]["value"] == pytest.approx(1, abs=0.12)
    assert everyone(scores["Double"], "published")["observed_over_expected"]["value"] == pytest.approx(0.5, abs=0.06)


def test_the_models_ranking_becomes_a_calibrated_risk_of_the_other_outcome(found):
    _, scores = found

    ours = everyone(scores["Right"], "ours")
    assert ours["observed_over_expected"]["value"] == pytest.approx(1, abs=0.15)
    assert ours["slope"]["value"] == pytest.approx(1, abs=0.2)


def test_both_are_judged_on_the_people_for_whom_the_score_can_be_computed(found, judged, table):
    _, scores = found

    # 15% of these people have no eGFR, so no score.
    assert scores["Right"]["computable"] == pytest.approx(0.85, abs=0.02)
    assert everyone(scores["Right"], "ours")["people"] == everyone(scores["Right"], "published")["people"]


def test_discrimination_on_the_other_outcome_is_that_of_scikit_learn(judged, table):
    model = train(judged, table, Options())
    whole = secondary(judged, model, np.zeros(len(table)), table, table)
    here = ~np.isnan(table.comparators["Right"])
    failed = table.secondary["failure"].event[here] == OUTCOME

    shown = everyone(whole[0]["scores"][0], "published")["c_statistic"]["value"]
    assert shown == pytest.approx(roc_auc_score(failed, table.comparators["Right"][here]), abs=0.0006)


def test_net_benefit_is_read_where_a_guideline_acts_on_the_score(found, judged):
    _, scores = found
    right, double = judged.prediction.comparators

    assert limits(judged.prediction, right) == (0.05,)
    assert limits(judged.prediction, double) == ()
    assert [at["threshold"] for at in everyone(scores["Right"], "published")["thresholds"]] == [0.05]


def test_too_few_with_the_other_outcome_give_the_score_alone(judged, table):
    few = np.full(len(table), 2000, dtype=np.int32)
    rare = replace(table, secondary={"failure": Ended(few, np.full(len(table), CENSORED, dtype=np.int8))})
    model = train(judged, table, Options())

    (outcome,) = secondary(judged, model, np.zeros(len(rare)), rare, rare)

    assert all(score["ours"] is None and score["gain"] is None for score in outcome["scores"])


def test_the_card_says_what_was_judged_on_what(found):
    model, _ = found

    assert "Published scores on their own outcome" in model.card
    assert "kidney failure" in model.card
