"""A model on disk is plain text under a seal: what was altered, added, lost or damaged is refused, all at once."""

import builtins
import hashlib
import importlib
import json
import marshal
import pickle
import re
import shutil
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from registry import bundle
from registry.bundle import BundleRefused


@pytest.fixture(scope="module")
def saved(models, tmp_path_factory):
    folders = {kind: tmp_path_factory.mktemp("saved") / kind for kind in models}
    for kind, folder in folders.items():
        bundle.save(models[kind], folder)
    return folders


@pytest.fixture
def folder(model, saved, tmp_path):
    return shutil.copytree(saved[model.kind], tmp_path / "model")


@pytest.fixture
def trees_folder(saved, tmp_path):
    return shutil.copytree(saved["lightgbm"], tmp_path / "trees")


def reseal(folder):
    """Seal a folder again as whoever can alter a file can: the hash no longer protects it."""
    files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.name != "manifest.json"}
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "files": files}))


def test_a_model_read_back_is_the_same_model_bit_for_bit(model, folder, people):
    again = bundle.load(folder)

    assert again == model
    places = ["London"] * 50
    assert (again.risks(people(50), places) == model.risks(people(50), places)).all()


def test_a_bundle_holds_text_and_json_and_nothing_else(model, folder):
    learner = "model.txt" if model.kind == "lightgbm" else "model.json"
    names = {path.name for path in folder.iterdir()}

    assert names == {*bundle.SHARED, learner, "manifest.json"}
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert path.suffix != ".json" or json.loads(text) is not None


def test_the_digest_is_the_same_each_time_and_changes_with_any_file(model, folder, tmp_path):
    again = bundle.save(model, tmp_path / "again")
    other = bundle.save(replace(model, card="another card"), tmp_path / "other")

    assert bundle.digest(folder) == again != other


def test_altered_extra_and_missing_files_are_reported_together(folder):
    (folder / "card.md").write_text("A far better model.")
    (folder / "evidence.json").unlink()
    (folder / "evil.py").write_text("print('hello')")

    with pytest.raises(BundleRefused) as refused:
        bundle.load(folder)

    assert [problem.split(";")[0] for problem in refused.value.problems] == [
        "evidence.json is missing",
        "evil.py is not in the manifest",
        "card.md was altered after it was sealed",
    ]


def test_one_changed_digit_in_a_model_is_refused(folder):
    learner = next(folder.glob("model.*"))
    learner.write_text(learner.read_text().replace("1", "2", 1))

    with pytest.raises(BundleRefused, match="was altered after it was sealed"):
        bundle.load(folder)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"format": 99, "files": {}}', '{"format": 1, "files": {}}'])
def test_a_folder_without_a_manifest_that_we_can_read_is_refused(folder, manifest):
    (folder / "manifest.json").write_text(manifest)

    with pytest.raises(BundleRefused, match="manifest"):
        bundle.load(folder)


def test_a_damaged_lightgbm_text_is_refused_and_does_not_abort_the_process(trees_folder):
    # LightGBM answers a text cut in the middle of a tree with std::terminate: without the child, no more tests.
    text = trees_folder / "model.txt"
    text.write_text(text.read_text()[: len(text.read_text()) // 3])
    reseal(trees_folder)

    with pytest.raises(BundleRefused, match="not a LightGBM model that we can run"):
        bundle.load(trees_folder)


def altered(text, line_start, change):
    """The same text, as long as before (trees are found by their length), with the first such line changed."""
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(line_start))
    changed = line_start + change(lines[at].removeprefix(line_start))
    assert len(changed) == len(lines[at])
    return "\n".join([*lines[:at], changed, *lines[at + 1 :]])


def test_a_tree_that_points_at_a_node_far_away_is_refused_and_does_not_crash_the_process(trees_folder):
    text = trees_folder / "model.txt"
    text.write_text(altered(text.read_text(), "left_child=", lambda nodes: "9999999".ljust(len(nodes))))
    reseal(trees_folder)

    with pytest.raises(BundleRefused, match="not a LightGBM model that we can run"):
        bundle.load(trees_folder)


def test_a_tree_with_other_leaves_still_runs_and_is_found_by_the_examples(trees_folder):
    text = trees_folder / "model.txt"
    other_tenths = partial(re.sub, r"\.(\d)", lambda tenth: f".{9 - int(tenth[1])}")
    text.write_text(altered(text.read_text(), "leaf_value=", other_tenths))
    reseal(trees_folder)

    with pytest.raises(BundleRefused, match="example 0 no longer gives the risks"):
        bundle.load(trees_folder)


def test_files_that_do_not_describe_a_model_are_refused(folder):
    (folder / "recalibration.json").write_text('{"horizons": [1826], "primary": 1826, "pooled": {"slope": -1}}')
    reseal(folder)

    with pytest.raises(BundleRefused, match="do not describe a model"):
        bundle.load(folder)


def test_a_model_without_examples_cannot_be_saved(model, tmp_path):
    with pytest.raises(BundleRefused, match="holds no example"):
        bundle.save(replace(model, examples=()), tmp_path / "model")


def test_a_model_is_never_saved_over_another(model, folder):
    with pytest.raises(BundleRefused, match="not empty"):
        bundle.save(model, folder)


def test_a_number_that_json_does_not_have_cannot_be_saved(model, tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        bundle.save(replace(model, evidence={"c_statistic": np.nan}), tmp_path / "model")


@pytest.mark.parametrize("kind", ["linear", "lightgbm"])
def test_a_model_is_loaded_with_unpickling_and_the_running_of_code_forbidden(kind, models, tmp_path, monkeypatch):
    bundle.save(models[kind], tmp_path / "model")
    bundle.load(tmp_path / "model")  # what is compiled once is compiled now

    def forbidden(*_, **__):
        raise AssertionError("a model is data: nothing of it may be unpickled or run")

    for module, names in ((pickle, ("load", "loads", "Unpickler")), (marshal, ("load", "loads"))):
        for name in names:
            monkeypatch.setattr(module, name, forbidden)
    monkeypatch.setattr(builtins, "eval", forbidden)
    monkeypatch.setattr(builtins, "exec", forbidden)
    monkeypatch.setattr(importlib, "import_module", forbidden)

    assert bundle.load(tmp_path / "model") == models[kind]
