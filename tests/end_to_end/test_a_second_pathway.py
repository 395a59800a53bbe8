"""One more file in the catalogue, and nothing else: from records to an answer by the commands that people use."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from math import log
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("synthetic", "features", "evaluation", "registry", "training", "serving", "monitoring")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A checkout whose only difference is one more file in the catalogue."""
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        (folder / package).symlink_to(ROOT / package)
    shutil.copytree(ROOT / "pathways", folder / "pathways", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).parent / "raised_pressure.py", folder / "pathways" / "catalogue")
    return folder


@pytest.fixture(scope="module")
def run(tree):
    environment = os.environ | {"PYTHONPATH": str(tree), "DO_NOT_TRACK": "1", "COLUMNS": "200"}

    def run(module, *arguments):
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=300)

    return run


@pytest.fixture(scope="module")
def trained(run):
    """The second pathway's model, from synthetic people; what the training printed."""
    for step in (
        ("synthetic", "--people", "3000", "--seed", "7", "--out", "work/population"),
        ("features", "raised_pressure", "--source", "work/population"),
    ):
        done = run(*step)
        assert done.returncode == 0, done.stdout + done.stderr
    done = run("training", "raised_pressure", "--features", "work/features/raised_pressure.found.parquet", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def url(tree, trained):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bentoml", "serve", "serving.service:RiskService", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(tree), "RISK_USE": "demonstration"}
    with (tree / "serve.log").open("w") as output:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1"], cwd=tree, env=environment, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield ready(f"http://127.0.0.1:{port}", server)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def ready(address, server):
    for _ in range(240):
        assert server.poll() is None, "the service ended before it was ready"
        try:
            if httpx.get(f"{address}/readyz", timeout=2).status_code == 200:
                return address
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError("the service was not ready in two minutes")


def asked(url, *pressures, born="1958-04"):
    """The answer about somebody with these pressures, one a year, the newest first."""
    records = [
        {"kind": "measurement", "concept_id": 3004249, "date": f"{2024 - at}-05-02", "value": value, "unit": "mmHg"}
        for at, value in enumerate(pressures)
    ]
    history = {
        "person": {"birth_date": born, "sex": "female", "region": "E12000007", "observed_from": "2012-01-01"},
        "covers": [{"kind": kind, "from": "2012-01-01"} for kind in ("condition", "measurement")],
        "records": records,
    }
    body = {"pathway": "raised_pressure", "as_of": "2024-06-30", "history": history}
    response = httpx.post(f"{url}/v1/risk", json=body, timeout=30)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_new_pathway_is_trained_and_registered_by_its_file_alone(trained):
    assert "raised_pressure.found" in json.dumps(trained)


def test_a_person_of_the_new_pathway_gets_a_risk_whose_parts_add_up(url):
    answer = asked(url, 148, 136, 134)

    parts = answer["explanation"]
    total = parts["base"] + parts["place"] + parts["rest"] + sum(one["contribution"] for one in parts["contributions"])
    (risk,) = (one["risk"] for one in answer["risks"] if one["primary"])
    assert answer["status"] == "answered"
    assert total == pytest.approx(log(risk / (1 - risk)), abs=1e-9)


def test_higher_pressure_is_never_a_lower_risk(url):
    low, high = (asked(url, value, 130, 130)["risks"][-1]["risk"] for value in (118, 158))

    assert low < high


def test_a_severe_reading_comes_first_whatever_the_risk(url):
    answer = asked(url, 184, 120, 120)

    assert answer["actions"][0] | {"records": []} == {
        "text": "Severe reading: contact today.",
        "guideline": "NICE NG136",
        "source": "rule",
        "urgency": "urgent",
        "records": [],
        "plain": "",
    }
    assert answer["actions"][0]["records"][0]["date"] == "2024-05-02"


def test_somebody_of_39_is_not_eligible_and_somebody_never_measured_cannot_be_told(url):
    young, unmeasured = asked(url, 140, born="1985-04"), asked(url)

    assert (young["status"], young["risks"]) == ("not_eligible", [])
    assert (unmeasured["status"], unmeasured["risks"]) == ("cannot_tell", [])
    assert "systolic pressure in 5 years" in [one["input"] for one in unmeasured["missing"] if one["required"]]


def test_the_new_pathway_is_reviewed_by_the_same_command(run, trained):
    done = run("monitoring", "raised_pressure", "--features", "work/features/raised_pressure.found.parquet", "--json")

    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert json.loads(done.stdout)
