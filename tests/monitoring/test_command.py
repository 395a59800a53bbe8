"""`python -m monitoring`, whole, with a registry of its own and no network."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

import pathways
from features.table import write
from monitoring.__main__ import app
from monitoring.document import SCHEMA
from registry import bundle, store

REPO = Path(__file__).parents[2]
NO_SOCKETS = """
import socket, sys
real = socket.socket.connect
def connect(self, address):
    if self.family != socket.AF_UNIX:
        with open({log!r}, "a") as log:
            log.write(repr(address) + "\\n")
        raise OSError("no network in this test")
    return real(self, address)
socket.socket.connect = connect
socket.socket.connect_ex = lambda self, address: (connect(self, address), 0)[1]
looked_up = socket.getaddrinfo
def getaddrinfo(host, *rest, **named):
    with open({log!r}, "a") as log:
        log.write(repr(host) + "\\n")
    return looked_up(host, *rest, **named)
socket.getaddrinfo = getaddrinfo
"""


@pytest.fixture(scope="module")
def registered(model, people, tmp_path_factory):
    """A folder with a registry that holds the made-up model, and a feature table of now."""
    folder = tmp_path_factory.mktemp("work")
    bundle.save(model, folder / "model")
    uri = f"sqlite:///{folder}/mlflow.db"
    store.register(folder / "model", model.name, uri, metrics={}, params={}, tags={})
    write(people(3_000, seed=41), folder / "now.parquet")
    return folder, uri


def run(*arguments, prefix=(), **environment):
    command = [*prefix, sys.executable, "-m", "monitoring", *arguments]
    variables = {name: value for name, value in os.environ.items() if name != "DO_NOT_TRACK"} | environment
    return subprocess.run(command, cwd=REPO, env=variables, capture_output=True, text=True, timeout=300, check=False)


def test_the_command_works_without_a_network_and_tries_to_reach_none(registered, tmp_path):
    folder, uri = registered
    log = tmp_path / "tried.txt"
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(NO_SOCKETS.format(log=str(log)), encoding="utf-8")
    arguments = ["kidney_disease", "--features", str(folder / "now.parquet"), "--tracking-uri", uri, "--json"]

    done = run(*arguments, "--out", str(tmp_path / "out"), prefix=_no_network(), PYTHONPATH=str(tmp_path / "site"))

    assert done.returncode == 0, done.stderr
    assert not log.exists(), log.read_text()
    said = json.loads(done.stdout)
    assert said["model"] == "kidney_disease.detection"
    assert Path(said["page"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert len(said["evidently"]) == 2
    document = json.loads(Path(said["monitor"]).read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert document["threshold"]["band"] == "High"
    assert document["model"]["same_definition"] is False


def _no_network():
    """A network of its own with nothing in it, where this machine lets us make one."""
    if shutil.which("unshare") is None:
        return ()
    tried = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    return ("unshare", "-n") if tried.returncode == 0 else ()


def asked(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_a_version_that_was_never_registered_is_a_reason_not_a_traceback(registered):
    folder, uri = registered

    done = asked("kidney_disease", "--features", str(folder / "now.parquet"), "--tracking-uri", uri, "--version", "9")

    assert done.exit_code == 1
    assert "python -m training" in done.output


def test_a_feature_table_of_another_pathway_is_refused_with_the_reason(registered, people, tmp_path):
    _, uri = registered
    other = people(100, seed=42)
    write(replace(other, columns=other.columns[:2], values=other.values[:, :2]), tmp_path / "other.parquet")

    done = asked("kidney_disease", "--features", str(tmp_path / "other.parquet"), "--tracking-uri", uri)

    assert done.exit_code == 1
    assert "lacks smoking" in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("no_such_pathway",),
        ("kidney_disease", "--prediction", "no_such_prediction"),
        ("kidney_disease", "--features", "no_such_file.parquet"),
        ("kidney_disease", "--source", str(REPO), "--features", str(REPO / "pyproject.toml")),
        ("all", "--features", str(REPO / "pyproject.toml")),
        ("all", "--prediction", "detection"),
    ],
)
def test_a_wrong_command_is_told_apart_from_a_failed_review(arguments):
    assert asked(*arguments).exit_code == 2


def test_every_model_is_in_one_page_and_whoever_has_none_is_said_not_to_be_reviewed(registered, tmp_path):
    folder, uri = registered
    (tmp_path / "tables").mkdir()
    shutil.copy(folder / "now.parquet", tmp_path / "tables" / "kidney_disease.detection.parquet")
    arguments = ["--features", str(tmp_path / "tables"), "--tracking-uri", uri, "--out", str(tmp_path / "out")]

    done = run("all", *arguments, "--at-once", "2", "--json")

    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert [each["model"] for each in said["reviews"]] == ["kidney_disease.detection"]
    firsts = {f"{name}.{pathways.load(name).predictions[0].name}" for name in pathways.names()}
    assert set(said["not_reviewed"]) == firsts - {"kidney_disease.detection"}
    page = Path(said["page"]).read_text(encoding="utf-8")
    assert "1 model reviewed, 8 not" in page
    assert all(reason in unescape(page) for reason in said["not_reviewed"].values())
    assert 'href="kidney_disease.detection/index.html"' in page
    alone = run("kidney_disease", *arguments[:-1], str(tmp_path / "alone"), "--json")
    same = ("model", "version", "state", "inputs", "performance", "attention")
    assert [said["reviews"][0][name] for name in same] == [json.loads(alone.stdout)[name] for name in same]


def test_each_reason_names_the_model_that_it_is_of(registered, tmp_path):
    _, uri = registered

    done = asked("kidney_disease", "--source", str(tmp_path), "--tracking-uri", uri, "--out", str(tmp_path / "out"))

    assert done.exit_code == 1
    assert "kidney_disease.detection: This source cannot be read as OMOP" in done.output


def test_a_model_whose_feature_table_was_never_made_is_not_reviewed(registered, tmp_path):
    _, uri = registered

    done = asked("kidney_disease", "--features", str(tmp_path), "--tracking-uri", uri, "--out", str(tmp_path / "out"))

    assert done.exit_code == 1
    assert "kidney_disease.detection.parquet; `python -m features` makes one" in done.output
