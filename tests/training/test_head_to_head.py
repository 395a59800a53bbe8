"""Two registered models on the same people: those on whom neither learnt, for one outcome by one day."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from typer.testing import CliRunner

import pathways
from evaluation.groups import followable, known
from features.table import write
from training.__main__ import app
from training.candidates import Effort
from training.head_to_head import compared
from training.register import register
from training.rivals import CannotCompare, Rival, parsed, refuse_unlike
from training.split import TEACHING_SHARE, share_of_family
from training.task import meaning
from training.train import Options, train


@pytest.fixture(scope="module")
def people(draw_people):
    return draw_people(12_000, seed=21)


@pytest.fixture(scope="module")
def models(task, people):
    """One model on all, and one on families parted by another seed."""
    return [train(task, people, Options(Effort(seed))) for seed in (1, 2)]


@pytest.fixture(scope="module")
def rivals(models):
    return [Rival(str(number), "d" * 64, model) for number, model in enumerate(models, 1)]


@pytest.fixture(scope="module")
def found(rivals, people, task):
    return compared(rivals, people, task.prediction, by_neither=False)


def figure(found, measure, group=0):
    return next(each for each in found["groups"][group]["figures"] if each["measure"] == measure)


def test_only_people_of_families_that_taught_neither_are_compared(found, rivals, people):
    followed = people.rows(followable(people, 1826))
    apart = np.logical_and.reduce([share_of_family(followed.family, seed) >= TEACHING_SHARE for seed in (1, 2)])
    cuts = [rival.model.evidence["data"]["parted_by"]["cut"] for rival in rivals]
    apart &= np.logical_and.reduce([followed.index_day > cut for cut in cuts if cut is not None])

    assert 30 < apart.sum() < 0.2 * len(followed)
    families = len(np.unique(followed.family[apart]))
    assert found["groups"][0]["people"] == pytest.approx(families, abs=2.5)
    assert found["compared_on"].startswith("families from which neither learnt")

    unseen = followed.rows(apart)
    seen = known(unseen, 1826)
    ranks = [
        roc_auc_score(
            seen.outcome[seen.weight > 0],
            rival.model.risks(unseen.values, unseen.axes["region"].tolist())[seen.weight > 0, 1],
            sample_weight=seen.weight[seen.weight > 0],
        )
        for rival in rivals
    ]
    shown = figure(found, "c_statistic")
    assert shown["first"]["value"] == pytest.approx(ranks[0], abs=0.001)
    assert shown["change"]["value"] == pytest.approx(ranks[1] - ranks[0], abs=0.001)


def test_each_region_is_compared_and_every_measure_says_what_it_shows(found):
    assert [(group["axis"], group["level"]) for group in found["groups"]][:1] == [("all", "all")]
    assert {group["level"] for group in found["groups"][1:]} == {"London", "North"}
    measures = [each["measure"] for each in found["groups"][0]["figures"]]
    assert measures == [
        "c_statistic",
        "average_precision",
        "observed_over_expected",
        "slope",
        "brier",
        "scaled_brier",
        "net_benefit",
    ]
    says = {each["says"] for group in found["groups"] for each in group["figures"]}
    allowed = {"no difference shown", "hidden", "too few to say", "the same"}
    assert says <= allowed | {f"the second is {how}" for how in ("better", "worse", "nearer to 1", "farther from 1")}


def test_a_model_against_itself_is_the_same_and_moves_nobody(rivals, people, task):
    found = compared([rivals[0], rivals[0]], people, task.prediction, by_neither=False)

    for group in found["groups"]:
        for each in group["figures"]:
            if each["change"]["state"] == "ok":
                assert (each["says"], each["change"]["low"], each["change"]["high"]) == ("the same", 0, 0)
    assert figure(found, "c_statistic")["change"]["state"] == "ok"
    assert found["worst_region"] == []
    (offer,) = found["moves"]["offered"]
    assert offer["says"] == "Nobody goes in or out, so as many would get: Repeat the eGFR"


def test_changing_places_changes_the_sign(rivals, people, task, found):
    turned = compared(rivals[::-1], people, task.prediction, by_neither=False)

    for name in ("c_statistic", "average_precision", "slope", "scaled_brier"):
        assert figure(turned, name)["change"]["value"] == -figure(found, name)["change"]["value"]


def test_a_worse_model_is_called_worse_and_its_worst_region_named(rivals, people, task):
    first = rivals[0].model
    flat = [replace(each, values=(0.0,) * len(each.values), missing=0.0) for each in first.learner.curves]
    lost = replace(first.learner, curves=(*flat[:2], *first.learner.curves[2:]))  # age and eGFR no longer count
    blunt = Rival("9", "e" * 64, replace(first, learner=lost))

    found = compared([rivals[0], blunt], people, task.prediction, by_neither=False)

    shown = figure(found, "c_statistic")
    assert shown["says"] == "the second is worse"
    assert shown["change"]["high"] < 0
    assert any(each["measure"] == "c_statistic" for each in found["worst_region"])


def test_bands_are_counted_once_for_each_person_whatever_their_index_dates(rivals, people, task, repeat):
    once, often = (
        compared(rivals, table, task.prediction, by_neither=True)["moves"] for table in (people, repeat(people, 3))
    )

    assert often["tables"]["all"] == once["tables"]["all"]
    assert often["people"] == once["people"]


def test_a_model_of_other_people_is_refused_unless_it_is_said_that_it_never_saw_these(rivals, draw_people, task):
    others = draw_people(3000, seed=5)
    others = replace(others, family=others.family + 1)

    with pytest.raises(CannotCompare, match="learnt from other people") as refused:
        compared(rivals, others, task.prediction, by_neither=False)
    said = compared(rivals, others, task.prediction, by_neither=True)

    assert len(refused.value.reasons) == 2
    assert said["compared_on"].startswith("everyone in these records, of whom it is stated")


def test_two_models_of_different_things_or_days_are_refused_with_every_reason(rivals, task):
    first, second = rivals
    recalibration = replace(second.model.recalibration, primary=365)
    other = Rival("3", "", replace(second.model, prediction="progression", recalibration=recalibration))

    with pytest.raises(CannotCompare) as refused:
        refuse_unlike([first, other], task.prediction)

    assert [
        part in reason for part, reason in zip(("predict different", "365 days"), refused.value.reasons, strict=True)
    ]
    assert len(refused.value.reasons) == 2


def test_a_model_of_an_older_definition_is_fed_if_its_predictors_still_mean_the_same(rivals, task):
    fewer = replace(rivals[0].model, columns=rivals[0].model.columns[:2], fingerprint="a" * 64)
    refuse_unlike([rivals[0], Rival("4", "", fewer)], task.prediction)

    gone = replace(fewer, columns=(replace(fewer.columns[0], name="weight"),))
    with pytest.raises(CannotCompare, match="reads weight, which today's definition does not have"):
        refuse_unlike([rivals[0], Rival("4", "", gone)], task.prediction)


@pytest.mark.parametrize(("part", "says"), [("outcome", "another outcome"), ("egfr", "egfr meant something else")])
def test_a_model_whose_outcome_or_predictor_meant_something_else_is_refused(part, says, rivals, task):
    then = meaning(task.prediction)
    if part == "outcome":
        then["outcome"] = "0" * 16
    else:
        then["predictors"] = then["predictors"] | {part: "0" * 16}
    old = replace(rivals[0].model, evidence=rivals[0].model.evidence | {"definition": then})

    with pytest.raises(CannotCompare, match=says):
        refuse_unlike([rivals[0], Rival("2", "", old)], task.prediction)


def test_what_has_to_be_believed_of_an_old_model_is_said(rivals, people, task):
    evidence = {name: part for name, part in rivals[1].model.evidence.items() if name != "definition"}
    old = Rival("2", "", replace(rivals[1].model, evidence=evidence))

    found = compared([rivals[0], old], people, task.prediction, by_neither=False)

    (assumed,) = found["assumed"]
    assert assumed.startswith("made_up.detection/2 does not say what its definition meant")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("kidney_disease.detection", ("kidney_disease.detection", "challenger")),
        ("kidney_disease.detection@champion", ("kidney_disease.detection", "champion")),
        ("kidney_disease.detection/7", ("kidney_disease.detection", "7")),
    ],
)
def test_a_model_is_named_by_alias_or_version(text, means):
    assert parsed(text) == means


@pytest.fixture
def run(pathway, monkeypatch, models, tmp_path, people):
    """The command, with both models registered and their records written down."""
    monkeypatch.setattr(pathways, "load", lambda name: pathway)
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    for number, model in enumerate(models):
        register(model, tmp_path / str(number), uri, Options())
    write(people, tmp_path / "table.parquet")
    where = ("--features", str(tmp_path / "table.parquet"), "--tracking-uri", uri)
    return lambda *words: CliRunner().invoke(app, ["compare", *words, *where])


def test_the_command_compares_two_registered_models(run, people):
    done = run("made_up.detection/1", "made_up.detection@challenger", "--json")
    told = run("made_up.detection/1", "made_up.detection/2")

    (found,) = json.loads(done.stdout)
    assert done.exit_code == told.exit_code == 0
    assert [each["version"] for each in found["models"]] == ["1", "2"]
    for text in ("c-statistic", "region London", "Who changes band", "Repeat the eGFR", "with the outcome"):
        assert text in " ".join(told.stdout.split())
    assert str(people.person_id[0]) not in done.stdout + told.stdout


def test_the_command_says_what_is_wrong_and_how_badly(run):
    malformed, unknown = run("kidney disease", "made_up.detection"), run("made_up.detection", "made_up.detection/99")

    assert (malformed.exit_code, unknown.exit_code) == (2, 1)
    assert "99" in unknown.stderr


def test_training_still_goes_by_the_name_of_a_pathway_alone():
    shown, trains = CliRunner().invoke(app, ["--help"]), CliRunner().invoke(app, ["kidney_disease", "--help"])

    assert "compare" in shown.stdout and "--least-outcomes" in trains.stdout
