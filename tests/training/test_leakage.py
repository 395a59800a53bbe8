"""The certificate catches a model that knows too much, says when it could not tell, and keeps a breach unregistered."""

import json
import subprocess
import sys
from copy import copy
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import pathways
from features.future import Unmoved
from features.table import write
from registry import store
from training import leakage
from training.__main__ import app
from training.alone import TOO_GOOD, alone
from training.candidates import Effort, fit
from training.certificate import Certificate, Check
from training.leakage import certify, judged_future, no_records
from training.register import register
from training.sample import Sample, sample
from training.split import had_outcome
from training.train import Options, train

MOVED_NOTHING = Unmoved(people=466, things=77, values=107_646, later=8000, added=180_000, moved=(), outcome_moved=460)


@pytest.fixture(scope="module")
def people(draw_people):
    return draw_people(6000, seed=31)


@pytest.fixture(scope="module")
def certificate(task, people):
    learnt = sample(people, 1826, 1)
    candidate = fit("logistic", learnt, task.columns, Effort())
    return certify(task, people, learnt, candidate, judged_future(MOVED_NOTHING), Effort())


def check(certificate, name):
    return next(each for each in certificate.checks if each.name == name)


def leaky(task, people, reason=""):
    """The task and its people with a predictor that holds the outcome, three in a hundred wrong."""
    outcome = had_outcome(people, 1826) ^ (np.random.default_rng(0).random(len(people)) < 0.03)
    values = people.values.copy()
    values[:, 2] = outcome
    prediction = copy(task.prediction)
    changed = [
        replace(each, strong_because=reason) if each.name == "diabetes" else each for each in prediction.predictors
    ]
    object.__setattr__(prediction, "predictors", tuple(changed))
    return replace(task, prediction=prediction), replace(people, values=values)


def test_a_model_that_knows_nothing_it_should_not_passes_all_four(certificate):
    assert [(each.name, each.state) for each in certificate.checks] == [
        ("future", "pass"),
        ("shuffled", "pass"),
        ("noise", "pass"),
        ("alone", "pass"),
    ]
    assert certificate.state == "pass"


def test_shuffled_outcomes_come_out_at_chance_and_the_true_ones_do_not(certificate):
    figures = check(certificate, "shuffled").figures

    assert figures["shuffled"]["low"] < 0.5 < figures["shuffled"]["high"] < 0.6
    assert figures["true"]["low"] > 0.7


def test_noise_adds_nothing_and_little_is_explained_by_it(certificate):
    figures = check(certificate, "noise").figures

    assert figures["gain"]["low"] < 0 < figures["gain"]["high"] < 0.02
    assert figures["share"] < 0.2  # five of ten columns are noise, so half would be an equal share


def test_a_predictor_that_holds_the_outcome_is_a_breach_unless_the_definition_says_why(task, people):
    found, declared = alone(*leaky(task, people), seed=1)

    assert (found.state, declared) == ("breach", ())
    assert found.says.startswith(f"Yes, above {TOO_GOOD} and without a declared reason: diabetes 0.9")

    reason = "the outcome is the confirmation of this very diagnosis"
    excused, declared = alone(*leaky(task, people, reason), seed=1)

    assert excused.state == "pass"
    assert "apart from those declared for a reason (diabetes 0.9" in excused.says
    assert [(each.predictor, each.because) for each in declared] == [("diabetes", reason)]
    assert declared[0].c_statistic["value"] > TOO_GOOD


def test_a_predictor_that_chance_alone_may_have_made_so_strong_passes_nothing_and_is_no_breach(task, draw_people):
    few = draw_people(300, seed=2)
    outcome = had_outcome(few, 1826) ^ (np.random.default_rng(0).random(300) < 0.1)
    few.values[:, 2] = outcome

    found, _ = alone(task, few, seed=1)

    assert found.state == "insufficient"
    assert found.says.startswith(f"It cannot be told: perhaps above {TOO_GOOD} and without a declared reason: diabetes")


def test_a_learner_that_is_judged_on_families_from_which_it_learns_is_caught_by_shuffled_outcomes(
    task, people, repeat, monkeypatch
):
    often = repeat(people.rows(np.arange(1500)), 4)
    learnt = sample(often, 1826, 1)
    by_row = replace(learnt, fold=np.arange(len(often)) % 3)  # the fault: a family is in every fold
    monkeypatch.setattr("training.trees._fewest_rows", lambda _: 2)
    trees = {"depth": 4, "rounds": 60}
    found = {}
    for name, part in (("by family", learnt), ("by row", by_row)):
        candidate = fit("logistic", part, task.columns, Effort())
        like = replace(candidate, kind="lightgbm", settings=trees)
        found[name] = leakage._shuffled(task, part, often.family, like, Effort()).state

    assert found["by row"] == "breach"
    assert found["by family"] != "breach"


def test_noise_that_tells_families_apart_is_caught_where_a_family_is_in_every_fold(task, people, repeat, monkeypatch):
    often = repeat(people.rows(np.arange(1500)), 4)
    learnt = sample(often, 1826, 1)
    blank = replace(learnt, values=np.zeros_like(learnt.values))  # only the noise tells anybody apart
    monkeypatch.setattr("training.trees._fewest_rows", lambda _: 2)
    like = replace(fit("logistic", blank, task.columns, Effort()), kind="lightgbm", settings={"depth": 4, "rounds": 60})

    by_row = leakage._noise(task, replace(blank, fold=np.arange(len(often)) % 3), often.family, like, Effort())
    by_family = leakage._noise(task, blank, often.family, like, Effort())

    assert by_row.state == "breach"
    assert by_family.state != "breach"


def test_something_that_moved_with_the_future_is_a_breach_by_name():
    found = judged_future(replace(MOVED_NOTHING, moved=(("predictor 'egfr_last'", 3),)))

    assert found.state == "breach"
    assert found.says.startswith("Yes: predictor 'egfr_last'.")


def test_a_future_that_did_not_even_move_the_outcome_shows_nothing():
    assert judged_future(replace(MOVED_NOTHING, outcome_moved=5)).state == "insufficient"


def test_few_outcomes_never_pass(task, draw_people):
    few = draw_people(150, seed=8)
    learnt = sample(few, 1826, 1)
    candidate = fit("logistic", learnt, task.columns, Effort())

    found = certify(task, few, learnt, candidate, judged_future(MOVED_NOTHING), Effort())

    assert check(found, "shuffled").state == "insufficient"
    assert found.state == "insufficient"


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        (("pass", "pass"), "pass"),
        (("pass", "insufficient"), "insufficient"),
        (("insufficient", "not run"), "not run"),
        (("not run", "breach", "pass"), "breach"),
        ((), "not run"),
    ],
)
def test_a_certificate_is_as_good_as_its_worst_check(states, whole):
    assert Certificate(tuple(Check("", "", state, "") for state in states), ()).state == whole


@pytest.fixture(scope="module")
def models(task, people):
    sound = train(task, people, Options(), future=judged_future(MOVED_NOTHING))
    return sound, train(*leaky(task, people), Options())


def test_the_certificate_is_in_the_evidence_and_in_words_in_the_card(models):
    sound, _ = models

    assert sound.evidence["leakage"]["state"] == "pass"
    assert "## Could it know what nobody could know" in sound.card
    assert "Leakage certificate: **passed**" in sound.card
    assert "| Is one predictor alone too good to be true? | passed |" in sound.card


def test_a_model_without_records_says_that_the_first_check_was_not_run(models):
    _, leak = models

    assert leak.evidence["leakage"]["checks"][0]["state"] == no_records().state == "not run"


def test_a_model_whose_certificate_is_a_breach_is_not_registered(models, tmp_path):
    sound, leak = models
    uri = f"sqlite:///{tmp_path}/mlflow.db"

    with pytest.raises(store.LeakageFound, match=r"diabetes 0\.9") as refused:
        register(leak, tmp_path / "leak", uri, Options())

    assert "strong_because" in str(refused.value)
    assert store.names(uri) == ()
    assert register(sound, tmp_path / "sound", uri, Options())[0] == "1"


@pytest.fixture
def run(task, people, pathway, monkeypatch, tmp_path):
    """The commands on people with a leak."""
    leak, table = leaky(task, people)
    whole = copy(pathway)
    object.__setattr__(whole, "predictions", (leak.prediction,))
    monkeypatch.setattr(pathways, "load", lambda name: whole)
    monkeypatch.setattr(pathways, "fingerprint", lambda name: "f" * 64)
    write(table, tmp_path / "leaky.parquet")
    write(people, tmp_path / "sound.parquet")
    return lambda command, file, *more: CliRunner().invoke(
        app, [*command, "made_up", "--features", str(tmp_path / file), *more]
    )


def test_the_command_ends_with_1_on_a_breach_and_with_0_on_what_was_not_run(run):
    leak, sound = run(["leakage"], "leaky.parquet", "--json"), run(["leakage"], "sound.parquet")

    (found,) = json.loads(leak.stdout)
    assert (leak.exit_code, found["state"]) == (1, "breach")
    assert "the leakage certificate is a breach" in leak.stderr
    assert sound.exit_code == 0
    assert "not run" in sound.stdout


def test_training_ends_with_1_and_registers_nothing_on_a_breach(run, tmp_path):
    uri = f"sqlite:///{tmp_path}/mlflow.db"

    done = run([], "leaky.parquet", "--tracking-uri", uri)

    assert done.exit_code == 1
    assert "is not registered, because its leakage certificate is a breach" in done.stderr
    assert store.names(uri) == ()


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    """Three thousand made-up people as OMOP tables."""
    folder = tmp_path_factory.mktemp("population")
    command = [sys.executable, "-m", "synthetic", "--people", "3000", "--out", str(folder), "--json"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_real_records_are_changed_by_the_command_and_nothing_moves(population):
    words = ["leakage", "kidney_disease", "--source", str(population), "--prediction", "detection", "--json"]

    done = CliRunner().invoke(app, words)

    (found,) = json.loads(done.stdout)
    future = found["checks"][0]
    assert (done.exit_code, future["name"], future["state"]) == (0, "future", "pass")
    assert future["figures"]["people"] > 300
    assert {each["predictor"] for each in found["declared"]} == {"last eGFR", "lowest eGFR in 2 years"}


def test_where_there_is_nothing_to_find_the_interval_is_as_wide_as_chance_is():
    """Rankings of three folds that learnt from one another, of outcomes dealt at random, 400 times."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(600, 8)).astype(np.float32)
    fold = np.arange(600) % 3
    found = []
    for _ in range(400):
        outcome = rng.random(600) < 0.2
        ranked = np.empty(600)
        for part in range(3):
            there = fold == part
            centre = values[~there & outcome].mean(axis=0) - values[~there & ~outcome].mean(axis=0)
            ranked[there] = values[there] @ centre
        blank = Sample(values, outcome, np.ones(600), fold, np.arange(600))
        found.append(leakage._in_folds(ranked, blank, np.arange(600)))
    spread = np.std([one.value for one in found])

    def narrow(wide):
        return spread / np.mean([(one.high - one.low) / 2 / 3.29 for one in wide])

    assert 0.9 < narrow([leakage.by_chance(one) for one in found]) < 1.1
    assert narrow(found) > 1.25  # and without the widening chance alone would be called a breach
