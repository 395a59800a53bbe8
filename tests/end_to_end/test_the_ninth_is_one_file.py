"""The ninth pathway is one file: without it nobody has heard of it, with it there is an answer and a list."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
NINTH = "polio_booster_recall"
PACKAGES = ("synthetic", "features", "evaluation", "registry", "training", "serving", "monitoring")
FILE = Path("pathways", "catalogue", f"{NINTH}.py")
DRAWN = Path("pathways", "drawn", f"{NINTH}.txt")  # who is drawn for it is how it is checked, not how it runs


def mentions(folder):
    """The files of code and data in the packages of a tree that name the ninth pathway, by content or by name."""
    files = (file for package in (*PACKAGES, "pathways") for file in (folder / package).resolve().rglob("*"))
    kept = (one for one in files if one.is_file() and "__pycache__" not in one.parts)
    return {one for one in kept if NINTH in one.name or NINTH.encode() in one.read_bytes()}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A checkout from before the ninth pathway: everything but its file and the people drawn for it."""
    folder = tmp_path_factory.mktemp("ninth")
    for package in PACKAGES:
        (folder / package).symlink_to(ROOT / package)
    shutil.copytree(ROOT / "pathways", folder / "pathways", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (FILE, DRAWN):
        (folder / file).unlink()
    return folder


@pytest.fixture(scope="module")
def run(tree):
    environment = os.environ | {"PYTHONPATH": str(tree), "DO_NOT_TRACK": "1", "COLUMNS": "200"}

    def run(module, *arguments):
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=300)

    return run


@pytest.fixture(scope="module")
def before(tree, run):
    """What is known of the ninth pathway without its file."""
    return mentions(tree), run("pathways", "show", NINTH)


@pytest.fixture(scope="module")
def trained(before, tree, run):
    """From records to a registered model, once the file is dropped in; nothing else is touched."""
    shutil.copy(ROOT / FILE, tree / FILE)
    steps = (
        ("synthetic", "--people", "2000", "--seed", "7", "--out", "work/population"),
        ("features", NINTH, "--source", "work/population"),
        ("training", NINTH, "--features", f"work/features/{NINTH}.still_without.parquet"),
    )
    for step in steps:
        done = run(*step)
        assert done.returncode == 0, done.stdout + done.stderr
    return run


@pytest.fixture(scope="module")
def listed(trained, tree):
    """A list of the practice that has most children of 1 to 9."""
    practice = duckdb.sql(
        f"""select care_site_source_value from '{tree}/work/population/person.parquet'
        join '{tree}/work/population/care_site.parquet' using (care_site_id)
        where year_of_birth between 2015 and 2022 group by 1 order by count(*) desc, 1 limit 1"""
    ).fetchall()[0][0]
    wanted = ("--practice", practice, "--capacity", "3", "--source", "work/population", "--as-of", "2024-06-30")
    done = trained("serving", "list", NINTH, *wanted, "--outreach", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_without_its_file_nothing_in_the_packages_knows_the_ninth_pathway(before):
    named, shown = before

    assert named == set()
    assert shown.returncode != 0 and "no pathway of that name" in shown.stdout + shown.stderr


def test_with_it_the_tree_differs_by_that_file_alone(trained, tree):
    assert mentions(tree) == {(tree / FILE).resolve()}


def test_its_list_calls_children_for_a_vaccine_and_says_why(listed):
    assert 1 <= len(listed["people"]) <= 3
    for one in listed["people"]:
        assert one["action"] and one["reasons"]


def test_each_child_on_its_list_has_an_answer_that_can_be_computed_again(listed, trained):
    (first, *_) = listed["people"]

    done = trained("serving", "replay", first["answer_id"], "--json")

    assert done.returncode == 0, done.stdout + done.stderr
    again = json.loads(done.stdout)
    assert (again["answer_id"], again["same_model"], again["differences"]) == (first["answer_id"], True, [])
