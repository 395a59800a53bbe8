"""The command says what it wrote and fails with a number that a script can read."""

from __future__ import annotations

import json
import subprocess
import sys


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "synthetic", *arguments], capture_output=True, text=True, check=False)


def test_the_counts_come_as_json(tmp_path):
    done = run("--people", "50", "--seed", "3", "--out", str(tmp_path / "new"), "--json")

    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert answer["rows"]["person"] == 50
    assert answer["rows"]["truth/kidney_disease.detection"] > 50
    assert (tmp_path / "new" / "measurement.parquet").exists()


def test_a_folder_that_cannot_be_written_is_failure_1(tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")

    done = run("--people", "5", "--out", str(tmp_path / "file"))

    assert done.returncode == 1
    assert "Choose a folder that can be written" in " ".join(done.stderr.split())


def test_no_people_is_a_wrong_command(tmp_path):
    assert run("--people", "0", "--out", str(tmp_path)).returncode == 2
