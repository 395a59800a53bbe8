"""From a feature table to a registered challenger: right on people it had not seen, silent about any one of them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

import pathways
from evaluation.incidence import aalen_johansen
from features.table import write
from registry import bundle, store
from training.__main__ import main
from training.candidates import Effort
from training.register import register
from training.task import CannotTrain
from training.train import Options, train

OPTIONS = Options(Effort(seed=1))


@pytest.fixture(scope="module")
def straight_model(task, straight):
    return train(task, straight, OPTIONS)


@pytest.fixture(scope="module")
def crossed_model(task, crossing):
    return train(task, crossing, OPTIONS)


def overall(model, measure):
    return next(row for row in model.evidence["groups"] if row["axis"] == "all")[measure]


def test_the_simpler_model_ships_for_a_simple_truth_and_trees_for_a_crossed_one(straight_model, crossed_model):
    assert (straight_model.kind, crossed_model.kind) == ("linear", "lightgbm")
    assert straight_model.evidence["candidates"]["why"].endswith("so the simpler model ships")


@pytest.mark.parametrize("which", ["straight_model", "crossed_model"])
def test_risks_come_true_among_people_it_had_not_seen(which, request, draw_people, truths):
    model = request.getfixturevalue(which)
    true = truths["straight" if model.kind == "linear" else "crossed"]
    others = draw_people(30_000, seed=99, true=true)

    risk = model.risks(others.values, others.axes["region"].tolist())

    for region in ("London", "North"):
        here = others.axes["region"] == region
        # About 350 outcomes by five years and 60 by one stand behind the calibration of London: 5% and 13% off at 1 SE.
        for at, horizon, allowed in ((0, 365, 0.3), (1, 1826, 0.12)):
            observed = aalen_johansen(others.time[here], others.event[here], horizon).value
            assert observed / risk[here, at].mean() == pytest.approx(1, abs=allowed)


def test_each_risk_is_near_the_true_risk_of_that_person(straight_model, draw_people, truths):
    others = draw_people(5000, seed=98)
    offset = np.where(others.axes["region"] == "London", -0.3, 0.2)
    true = 1 / (1 + np.exp(-truths["straight"](others.values) - offset))

    risk = straight_model.risks(others.values, others.axes["region"].tolist())[:, 1]

    # Death competes, so risks lie slightly below the truth without death.
    assert np.mean(np.abs(risk - true)) < 0.02
    assert np.corrcoef(risk, true)[0, 1] > 0.98


def test_the_evidence_says_how_well_it_ranks_and_how_far_it_is_right(straight_model):
    assert overall(straight_model, "c_statistic")["value"] == pytest.approx(0.78, abs=0.04)
    assert (
        overall(straight_model, "observed_over_expected")["low"]
        < 1
        < overall(straight_model, "observed_over_expected")["high"]
    )
    assert overall(straight_model, "slope")["low"] < 1 < overall(straight_model, "slope")["high"]
    axes = {row["axis"] for row in straight_model.evidence["groups"]}
    assert axes == {"all", "region", "sex", "age_band", "ethnic_group", "deprivation"}
    assert [row["horizon_days"] for row in straight_model.evidence["horizons"]] == [365, 1826]


def test_comparators_are_measured_on_the_same_people_with_the_share_that_has_them(straight_model):
    egfr, age = straight_model.evidence["comparators"]

    # One eGFR in about seven (15%) is missing, by construction; ages are all there.
    assert (egfr["name"], egfr["computable"]) == ("Last eGFR", pytest.approx(0.85, abs=0.02))
    assert (age["name"], age["computable"]) == ("Age alone", 1.0)
    assert egfr["gain"]["low"] > 0 < age["gain"]["low"]
    assert egfr["gain"]["value"] == pytest.approx(
        egfr["model_c_statistic"]["value"] - egfr["c_statistic"]["value"], abs=0.002
    )
    assert straight_model.evidence["best_single_variable"]["name"] in ("age", "last eGFR")


def test_each_region_is_examined_by_a_model_that_never_saw_it(straight_model):
    london, north = straight_model.evidence["left_out_regions"]

    assert (london["region"], north["region"]) == ("London", "North")
    # By construction the odds in the North are 1.6 times those in London, so a model that knew only the other is wrong.
    assert london["observed_over_expected"]["value"] < 0.9 < 1.1 < north["observed_over_expected"]["value"]
    assert london["c_statistic"]["value"] > 0.7 < north["c_statistic"]["value"]


def test_the_card_says_what_it_is_for_and_what_it_cannot_claim(straight_model):
    card = straight_model.card

    assert "Synthetic people prove machinery, never a clinical claim" in card
    assert "Not for people on dialysis." in card
    assert "Who will be found to have kidney disease?" in card
    assert "| region | London |" in card
    assert "| comparator | computable for |" in card
    assert straight_model.signed_until is None


def test_the_profile_counts_everyone_of_development_and_has_bins_for_missing_and_unseen(straight_model):
    egfr = straight_model.profile["predictors"]["egfr"]

    assert egfr["bins"][-2:] == ["missing", "unseen"]
    assert sum(egfr["overall"]) == pytest.approx(straight_model.profile["rows"], abs=30)
    assert egfr["overall"][-2] / straight_model.profile["rows"] == pytest.approx(0.15, abs=0.02)
    assert straight_model.profile["predictors"]["smoking"]["bins"] == ["never", "ex", "current", "missing", "unseen"]
    for predictor in straight_model.profile["predictors"].values():
        for counts in (predictor["overall"], *predictor["by_region"].values()):
            assert all(count is None or count % 5 == 0 for count in counts)


def test_the_same_records_give_the_same_model_to_the_last_byte(task, draw_people, tmp_path):
    table = draw_people(4000)

    one, two = (bundle.save(train(task, table, OPTIONS), tmp_path / name) for name in ("one", "two"))

    assert one == two


def test_fifty_outcomes_still_make_a_model_of_few_terms_without_trees(task, draw_people):
    table = draw_people(700, seed=5)

    model = train(task, table, OPTIONS)

    assert model.kind == "linear"
    assert "trees need 100 outcomes" in model.evidence["candidates"]["why"]
    assert model.evidence["candidates"]["settings"]["knots"] <= 3
    assert (np.diff(model.risks(table.values, [None] * 700), axis=1) >= 0).all()


def test_too_few_outcomes_are_refused_with_the_numbers(task, draw_people):
    with pytest.raises(CannotTrain, match=r"only \d+ outcomes by 1826 days among \d+ people; needs at least 100"):
        train(task, draw_people(300), replace(OPTIONS, least_outcomes=100))


def test_outcomes_are_counted_in_people_and_not_in_index_dates(task, draw_people, repeat):
    few = draw_people(300)
    with pytest.raises(CannotTrain) as once:
        train(task, few, replace(OPTIONS, least_outcomes=100))

    with pytest.raises(CannotTrain) as fivefold:
        train(task, repeat(few, 5), replace(OPTIONS, least_outcomes=100))

    assert fivefold.value.reasons == once.value.reasons


def test_what_five_people_have_on_many_index_dates_is_hidden(task, draw_people, repeat):
    table = draw_people(3000)
    table.values[:, 2] = np.arange(3000) < 5
    table.comparators["Last eGFR"][5:] = np.nan
    table.axes["region"][:] = np.where(np.arange(3000) < 5, "Wales", table.axes["region"])

    model = train(task, repeat(table, 4), OPTIONS)

    # Twenty index dates, but five people: neither the flag nor the comparator nor the region may be counted.
    diabetes = model.profile["predictors"]["diabetes"]
    assert diabetes["overall"][1] is None
    assert model.profile["regions"]["Wales"] is None
    assert all(count in (0, None) for count in diabetes["by_region"]["Wales"])
    egfr = model.evidence["comparators"][0]
    assert (egfr["people"], egfr["computable"]) in ((None, None), (0, 0.0))
    assert egfr["c_statistic"]["value"] is None


def test_records_that_end_too_early_are_refused(task, draw_people):
    table = replace(draw_people(500), data_to=15000)

    with pytest.raises(CannotTrain, match="nobody could be followed that long"):
        train(task, table.rows(table.index_day > 14000), OPTIONS)


def test_a_feature_table_of_another_definition_is_refused(task, draw_people):
    table = replace(draw_people(500), columns=("one", "two", "three", "four", "five"))

    with pytest.raises(CannotTrain, match="build the features again"):
        train(task, table, OPTIONS)


def marked(table):
    """The same table with one person whose age nobody else has and whose visits stand out."""
    table.values[7, 0], table.values[7, 4] = 119.8125, 76543
    return table


def test_no_value_and_no_identifier_of_a_person_reaches_mlflow(task, draw_people, truths, tmp_path):
    models = [train(task, marked(draw_people(6000, true=true)), OPTIONS) for true in truths.values()]

    for model in models:
        register(model, tmp_path / model.kind, f"sqlite:///{tmp_path}/mlflow.db", OPTIONS)

    files = [tmp_path / "mlflow.db", *(path for path in (tmp_path / "artifacts").rglob("*") if path.is_file())]
    everything = b"".join(path.read_bytes() for path in files)
    assert [model.kind for model in models] == ["linear", "lightgbm"]
    for aggregate in (b"observed_over_expected/London", b"penalty", b"depth", b"feature_infos="):
        assert aggregate in everything
    for mark in (b"987654321", b"119.81", b"76543"):
        assert mark not in everything


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('register')}/mlflow.db"


@pytest.fixture
def run(pathway, monkeypatch):
    """The command on a definition that is in no catalogue."""
    monkeypatch.setattr(pathways, "load", lambda name: pathway)
    monkeypatch.setattr(pathways, "fingerprint", lambda name: "f" * 64)
    app = typer.Typer()
    app.command()(main)
    return lambda *more: CliRunner().invoke(app, ["made_up", *(str(each) for each in more)])


def test_the_command_registers_a_challenger_whose_risks_come_back_bit_for_bit(run, uri, draw_people, tmp_path):
    table, file = draw_people(3000), tmp_path / "table.parquet"
    write(table, file)

    done = run("--features", file, "--tracking-uri", uri, "--out", tmp_path, "--json", "--made-on", "2026-11-22")

    assert done.exit_code == 0, done.output
    (result,) = json.loads(done.stdout)
    folder, version = store.fetch("made_up.detection", "challenger", uri, tmp_path / "fetched")
    fetched, kept = bundle.load(folder), bundle.load(tmp_path / "detection")
    places = table.axes["region"].tolist()
    assert (result["name"], result["version"]) == ("made_up.detection", version)
    assert result["digest"] == bundle.digest(folder)
    assert (fetched.risks(table.values, places) == kept.risks(table.values, places)).all()


def test_the_command_prints_tables_that_a_person_can_read(run, uri, draw_people, tmp_path):
    write(draw_people(3000), tmp_path / "table.parquet")

    done = run("--features", tmp_path / "table.parquet", "--tracking-uri", uri)

    assert done.exit_code == 0
    for text in ("made_up.detection", "London", "Last eGFR", "Against what there is already", "challenger"):
        assert text in done.stdout


def test_the_command_finds_the_table_of_a_prediction_in_the_folder_of_tables(run, uri, draw_people, tmp_path):
    write(draw_people(3000), tmp_path / "made_up.detection.parquet")
    (tmp_path / "empty").mkdir()

    found = run("--features", tmp_path, "--tracking-uri", uri)
    none = run("--features", tmp_path / "empty", "--tracking-uri", uri)

    assert (found.exit_code, none.exit_code) == (0, 1)
    assert "--features holds no table of it" in none.stderr


def test_the_command_fails_with_the_reason_and_registers_nothing(run, draw_people, tmp_path):
    write(draw_people(60), tmp_path / "table.parquet")

    few = run("--features", tmp_path / "table.parquet", "--tracking-uri", f"sqlite:///{tmp_path}/mlflow.db")

    assert few.exit_code == 1
    assert "made_up.detection cannot be trained on these records" in few.stderr
    assert not (tmp_path / "mlflow.db").exists()


def test_the_command_refuses_a_wrong_use(run, draw_people, tmp_path):
    file = tmp_path / "table.parquet"
    write(draw_people(60), file)

    wrong = [
        run(),
        run("--source", "/no/where"),
        run("--features", file, "--prediction", "progression"),
        run("--features", file, "--made-on", "yesterday"),
    ]

    assert [each.exit_code for each in wrong] == [2, 2, 2, 2]


def test_training_speaks_to_no_other_stage():
    package = Path(__file__).parents[2] / "training"
    text = "".join(path.read_text() for path in package.glob("*.py"))

    assert not any(f"{word} {stage}" in text for word in ("import", "from") for stage in ("serving", "monitoring"))
