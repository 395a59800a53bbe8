"""A real MLflow on SQLite keeps a model's versions as plain files and gives them back unchanged."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from registry import bundle, store
from registry.__main__ import app
from registry.bundle import BundleRefused

NAME = "kidney_disease.detection"
TEXT = {".json", ".txt", ".md", ".yaml", ".lgb", ""}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def uri(home):
    return f"sqlite:///{home}/register/mlflow.db"


@pytest.fixture(scope="module")
def versions(models, home, uri):
    """The curves registered first, the trees second."""
    found = {}
    for kind in ("linear", "lightgbm"):
        bundle.save(models[kind], home / kind)
        found[kind] = store.register(
            home / kind,
            NAME,
            uri,
            metrics={"c_statistic": 0.71, "observed_over_expected/London": 1.02},
            params={"horizon_days": "1826"},
            tags={"pathway": "kidney_disease"},
        )
    return found


@pytest.mark.parametrize("kind", ["linear", "lightgbm"])
def test_a_model_fetched_from_mlflow_gives_the_same_risks_bit_for_bit(kind, versions, models, uri, people, tmp_path):
    folder, version = store.fetch(NAME, versions[kind], uri, tmp_path)
    fetched = bundle.load(folder)

    places = ["London", "North", None, "Wales"] * 25
    assert version == versions[kind]
    assert (fetched.risks(people(100), places) == models[kind].risks(people(100), places)).all()
    assert fetched == models[kind]


def test_the_newest_version_is_the_challenger_and_no_version_is_champion_by_itself(versions, uri, tmp_path):
    assert store.resolve(NAME, "challenger", uri) == versions["lightgbm"] == "2"
    with pytest.raises(store.NotRegistered, match="no version or alias 'champion'"):
        store.fetch(NAME, "champion", uri, tmp_path)


def test_the_history_tells_what_each_version_was_worth(versions, home, uri):
    newest, oldest = store.history(NAME, uri)

    assert (newest.version, newest.aliases, newest.tags["kind"]) == ("2", ("challenger",), "lightgbm")
    assert (oldest.version, oldest.aliases, oldest.tags["kind"]) == ("1", (), "linear")
    assert newest.metrics == {"c_statistic": 0.71, "observed_over_expected/London": 1.02}
    assert newest.digest == bundle.digest(home / "lightgbm")


def test_the_artifacts_beside_the_database_are_text_with_no_pickle_and_no_code_of_ours(versions, home):
    artifacts = [path for path in (home / "register" / "artifacts").rglob("*") if path.is_file()]

    assert {path.suffix for path in artifacts} <= TEXT
    assert len({path for path in artifacts if path.name == "MLmodel"}) == 2
    for path in artifacts:
        assert "\0" not in path.read_text(encoding="utf-8")
    for described in (yaml.safe_load(path.read_text()) for path in artifacts if path.name == "MLmodel"):
        loaders = {flavour.get("loader_module", "mlflow.lightgbm") for flavour in described["flavors"].values()}
        assert loaders == {"mlflow.lightgbm"}
        assert not any("code" in flavour for flavour in described["flavors"].values())


@pytest.mark.filterwarnings("ignore:.*Any type hint is inferred")  # MLflow's own type hints, when pyfunc is imported
def test_mlflow_itself_loads_the_trees_while_pickle_is_forbidden(versions, home, uri, models, people, monkeypatch):
    import mlflow

    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    source = store._client(uri).get_model_version_download_uri(NAME, versions["lightgbm"])

    native = mlflow.lightgbm.load_model(source).predict(people(20), raw_score=True)
    served = mlflow.pyfunc.load_model(source).predict(people(20))

    assert (native == models["lightgbm"].log_odds(people(20))).all()
    assert served == pytest.approx(1 / (1 + np.exp(-native)))


def test_an_altered_folder_is_not_registered(models, home, uri, tmp_path):
    bundle.save(models["linear"], tmp_path / "model")
    (tmp_path / "model" / "card.md").write_text("better")

    with pytest.raises(BundleRefused, match=r"card\.md was altered"):
        store.register(tmp_path / "model", "never.registered", uri, metrics={}, params={}, tags={})
    assert "never.registered" not in store.names(uri)


def test_files_altered_inside_the_register_are_refused_when_fetched(models, tmp_path):
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    bundle.save(models["linear"], tmp_path / "model")
    store.register(tmp_path / "model", NAME, uri, metrics={}, params={}, tags={})
    stored = next((tmp_path / "artifacts").rglob("recalibration.json"))
    stored.write_text(stored.read_text().replace("1826", "1825"))

    with pytest.raises(BundleRefused, match=r"recalibration\.json was altered"):
        store.fetch(NAME, "challenger", uri, tmp_path / "into")


def test_registering_writes_nothing_into_the_folder_from_which_it_is_started(models, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    bundle.save(models["linear"], tmp_path / "model")

    version = store.register(tmp_path / "model", NAME, "sqlite:///../register.db", metrics={}, params={}, tags={})
    monkeypatch.chdir(tmp_path)
    folder, _ = store.fetch(NAME, version, "sqlite:///register.db", tmp_path / "into")

    assert list((tmp_path / "here").iterdir()) == []
    assert bundle.load(folder) == models["linear"]


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_lists_shows_and_verifies_models(versions, uri):
    listed = run("history", "--tracking-uri", uri, "--json")
    shown = run("show", NAME, "--version", "1", "--tracking-uri", uri)
    verified = run("verify", NAME, "--tracking-uri", uri, "--json")

    assert [version["version"] for version in json.loads(listed.stdout)["versions"]] == ["2", "1"]
    assert "Kidney disease: detection" in shown.stdout
    assert json.loads(verified.stdout)["places"] == ["London", "North"]
    assert {listed.exit_code, shown.exit_code, verified.exit_code} == {0}


def test_the_command_fails_with_the_reason_for_what_is_altered_or_absent(models, uri, versions, tmp_path):
    bundle.save(models["linear"], tmp_path / "model")
    (tmp_path / "model" / "model.pkl").write_bytes(b"")

    altered, absent = run("verify", "--folder", tmp_path / "model"), run("show", "no.model", "--tracking-uri", uri)

    assert (altered.exit_code, absent.exit_code) == (1, 1)
    assert "model.pkl is not in the manifest" in altered.stderr
    assert "no.model has no version or alias 'challenger'" in absent.stderr
    assert run("verify").exit_code == 2


def test_only_the_store_speaks_mlflow():
    package = Path(store.__file__).parent
    speaking = [
        path.name
        for path in package.glob("*.py")
        if "import mlflow" in path.read_text() or "from mlflow" in path.read_text()
    ]

    assert speaking == ["store.py"]


def test_a_version_registered_by_another_training_leaves_the_former_in_place(models, versions, uri, tmp_path):
    bundle.save(replace(models["linear"], card="third"), tmp_path / "model")

    version = store.register(tmp_path / "model", "other.prediction", uri, metrics={}, params={}, tags={})

    assert (version, store.names(uri)) == ("1", (NAME, "other.prediction"))
