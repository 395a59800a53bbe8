"""A model answers only if it is the one that was registered, whole, and made for the definition that stands here."""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from registry import approval, bundle, store
from serving import loader
from serving.loader import load
from serving.options import Options, WrongOption, options_in

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def registry(tmp_path_factory, model, example):
    """A real registry with the small model in it, made once; each test gets a copy of its own."""
    folder = tmp_path_factory.mktemp("registry")
    bundle.save(replace(model, examples=(example,)), folder / "bundle")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    store.register(folder / "bundle", model.name, uri, metrics={}, params={}, tags={})
    return folder


@pytest.fixture
def options(registry, tmp_path):
    return Options(tracking_uri=f"sqlite:///{registry / 'mlflow.db'}", answers=tmp_path / "answers.db")


@pytest.fixture
def one_pathway(monkeypatch, pathway, model):
    """A catalogue of one pathway, whose fingerprint is the one that the model was trained on."""
    monkeypatch.setattr(loader.pathways, "names", lambda: ("kidney_check",))
    monkeypatch.setattr(loader.pathways, "load", lambda _: pathway)
    monkeypatch.setattr(loader.pathways, "fingerprint", lambda _: model.fingerprint)


@pytest.fixture
def sealed(registry):
    """The files of the registered model, put back afterwards."""
    (folder,) = (path for path in registry.rglob("bundle/manifest.json") if path.parent.parent != registry)
    kept = shutil.copytree(folder.parent, registry.parent / f"kept-{registry.name}")
    yield folder.parent
    shutil.rmtree(folder.parent)
    shutil.move(kept, folder.parent)


def of_detection(loaded):
    return loaded.served["kidney_check", "detection"]


def test_a_registered_model_is_served_with_its_version_and_digest(one_pathway, options, registry):
    served = of_detection(load(options))

    assert served.why_not is None
    assert (served.version, served.state) == ("1", "challenger")
    assert served.digest == bundle.digest(registry / "bundle")


def test_a_prediction_that_was_never_registered_has_no_model_and_stops_nothing(one_pathway, options):
    loaded = load(options)

    assert loaded.served["kidney_check", "progression"].why_not == loader.MISSING
    assert of_detection(loaded).model is not None


def test_a_model_of_another_definition_is_not_used(one_pathway, options, monkeypatch):
    monkeypatch.setattr(loader.pathways, "fingerprint", lambda _: "another")

    assert of_detection(load(options)).why_not == loader.STALE


def test_a_model_with_an_altered_file_is_refused(one_pathway, options, sealed):
    learned = json.loads((sealed / "model.json").read_text())
    learned["bias"] += 1
    (sealed / "model.json").write_text(json.dumps(learned))

    served = of_detection(load(options))
    assert (served.model, served.why_not) == (None, loader.ALTERED)


def test_a_model_altered_and_sealed_again_is_refused_since_the_registry_knows_its_seal(
    one_pathway, options, sealed, model, example
):
    shutil.rmtree(sealed)
    bundle.save(replace(model, card="# Another card", examples=(example,)), sealed)

    served = of_detection(load(options))
    assert (served.model, served.why_not) == (None, loader.ALTERED)


def test_the_options_of_the_environment_stand_over_ours():
    assert options_in({}) == Options()
    told = options_in({"RISK_TRACKING_URI": "sqlite:///x.db", "RISK_SOURCE": "/omop", "RISK_USE": "clinical"})
    assert told == replace(
        Options(), tracking_uri="sqlite:///x.db", source=Path("/omop"), use="clinical", alias="champion"
    )


def test_a_use_that_we_do_not_know_stops_the_start_rather_than_being_guessed():
    with pytest.raises(WrongOption, match="demonstration, clinical"):
        options_in({"RISK_USE": "clinic"})


def test_a_model_that_was_stopped_does_not_answer_whatever_it_is_used_for(options, one_pathway, tmp_path, model):
    options = replace(options, signoffs=tmp_path / "signoffs.jsonl")
    chain = approval.Chain(options.signoffs, {})
    approval.suspend(model.name, "1", options.tracking_uri, chain, "Dr Jones", "Codes were mapped wrongly.", TODAY)

    served = of_detection(load(options))
    assert served.model is None
    assert served.refusal("demonstration", TODAY).code == "model_suspended"
    assert "Codes were mapped wrongly." in served.refusal("demonstration", TODAY).text


def test_a_signature_of_the_chain_counts_to_its_last_day(served):
    signed = replace(served, until=TODAY)

    assert signed.refusal("clinical", TODAY) is None
    assert signed.refusal("clinical", TODAY + timedelta(days=1)).code == "model_expired"
    assert served.refusal("clinical", TODAY).code == "model_unsigned"
    assert [code for code, _ in signed.notices("clinical", TODAY - timedelta(days=30), 30)] == ["model_expires"]
    assert list(signed.notices("clinical", TODAY - timedelta(days=31), 30)) == []
    assert signed.shown("clinical")["signed_until"] == TODAY.isoformat()


def test_a_chain_that_cannot_be_read_stops_every_model(options, one_pathway, tmp_path):
    options = replace(options, signoffs=tmp_path / "signoffs.jsonl")
    options.signoffs.write_text("not a statement\n")

    assert of_detection(load(options)).refusal("demonstration", TODAY).code == "model_suspended"
