"""The whole service as it is deployed: BentoML in its own process, a model from a real MLflow registry, real records.

A tree of our packages stands in a folder of its own, with one more file in its catalogue of pathways: that is all that
a new pathway takes.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import httpx
import pytest

from registry import bundle, store

ROOT = Path(__file__).parents[2]
MARK = "9434765919"
SHARED_CODE = ("features", "registry", "serving", "evaluation")

PEOPLE = """
create table person as select * from (values
  (1, 8532, 1954, 1, 15, null::bigint), (2, 8507, 2010, 1, 15, null), (3, 8507, 1960, 5, 1, null))
  t(person_id, gender_concept_id, year_of_birth, month_of_birth, day_of_birth, location_id);
create table observation_period as select person_id, date '2010-01-01' as observation_period_start_date,
  date '2024-12-31' as observation_period_end_date from person;
create table measurement as select * from (values
  (11, 1, 40764999, date '2024-03-03', 60.0, 720870), (12, 1, 40764999, date '2024-07-03', 20.0, 720870),
  (13, 2, 40764999, date '2024-03-03', 60.0, 720870))
  t(measurement_id, person_id, measurement_concept_id, measurement_date, value_as_number, unit_concept_id);
create table observation as select 1::bigint as observation_id, 3::bigint as person_id,
  4276526::bigint as observation_concept_id, date '2020-01-01' as observation_date;
"""


@dataclass(frozen=True)
class Running:
    url: str
    output: Path
    environment: dict[str, str]
    tree: Path

    def ask(self, **changes):
        body = {"pathway": "kidney_check", "prediction": "detection", "as_of": "2024-06-30"} | changes
        return httpx.post(f"{self.url}/v1/risk", json=body, timeout=30)

    def get(self, path):
        return httpx.get(self.url + path, timeout=30)

    def command(self, *arguments):
        command = [sys.executable, "-m", "serving", *arguments]
        return subprocess.run(command, cwd=self.tree, env=self.environment, capture_output=True, text=True, timeout=120)


def tree_with(definition: Path, folder: Path) -> Path:
    for package in SHARED_CODE:
        (folder / package).symlink_to(ROOT / package)
    shutil.copytree(ROOT / "pathways", folder / "pathways", ignore=shutil.ignore_patterns("__pycache__"))
    for other in (folder / "pathways" / "catalogue").glob("[a-z]*.py"):
        other.unlink()
    shutil.copy(definition, folder / "pathways" / "catalogue")
    return folder


def registered(model, example, environment, folder, uri):
    code = "import pathways; print(pathways.fingerprint('kidney_check'))"
    said = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    bundle.save(replace(model, fingerprint=said.stdout.strip(), examples=(example,)), folder / "bundle")
    return store.register(folder / "bundle", model.name, uri, metrics={}, params={}, tags={})


def records(folder: Path) -> Path:
    (folder / "population").mkdir()
    with duckdb.connect() as connection:
        connection.execute(PEOPLE)
        for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            connection.execute(f"copy {table} to '{folder / 'population' / table}.parquet'")
    return folder / "population"


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@pytest.fixture(scope="module")
def service(tmp_path_factory, model, example, definition):
    folder = tmp_path_factory.mktemp("service")
    tree = tree_with(definition, folder)
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    environment = os.environ | {
        "PYTHONPATH": str(tree),
        "BENTOML_HOME": str(folder / "bentoml"),
        "RISK_TRACKING_URI": uri,
        "RISK_SOURCE": str(records(folder)),
        "RISK_ANSWERS": str(folder / "answers.db"),
    }
    registered(model, example, environment, folder, uri)
    port = free_port()
    command = [sys.executable, "-m", "bentoml", "serve", "serving.service:RiskService", "--port", str(port)]
    output = folder / "output.txt"
    with output.open("w") as written:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1"], cwd=tree, env=environment, stdout=written, stderr=subprocess.STDOUT
        )
        running = Running(f"http://127.0.0.1:{port}", output, environment, tree)
        try:
            _wait(running, process)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(running, process):
    for _ in range(600):
        assert process.poll() is None, running.output.read_text()
        try:
            if running.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(running.output.read_text())


@pytest.fixture
def sent(history):
    """The history of somebody of 70 in London with eGFR 60, who does not smoke."""
    history["person"]["region"] = "E12000007"
    history["covers"].append({"kind": "observation", "from": "2010-01-01"})
    return history


def primary(said):
    return next(risk["risk"] for risk in said["risks"] if risk["primary"])


def test_a_history_gets_the_risk_that_was_worked_out_by_hand(service, sent):
    response = service.ask(history=sent)

    # -2 + 1 (age 70) + 0.5 (eGFR 60) = -0.5; in London 0.2 + 1.5 * -0.5 = -0.55.
    said = response.json()
    assert said["status"] == "answered", said
    assert primary(said) == pytest.approx(0.3658644090, abs=1e-9)
    assert said["band"]["name"] == "medium"
    egfr = said["explanation"]["contributions"][1]
    assert egfr["records"][0]["date"] == "2024-03-03"


def test_a_person_of_the_records_gets_the_same_answer_as_the_same_history(service, sent):
    del sent["person"]["region"]
    by_id, by_history = service.ask(person_id=1).json(), service.ask(history=sent).json()

    # No region: -0.5 -> 0.3775; the measurement of July is after the day of the question.
    assert primary(by_id) == primary(by_history) == pytest.approx(0.3775406688, abs=1e-9)
    assert by_id["data_to"] == by_history["data_to"] == "2024-03-03"


def test_a_child_is_not_eligible_and_a_person_without_egfr_cannot_be_told(service):
    child, unmeasured = service.ask(person_id=2), service.ask(person_id=3)

    assert (child.status_code, child.json()["status"]) == (200, "not_eligible")
    assert (unmeasured.status_code, unmeasured.json()["status"]) == (200, "cannot_tell")
    assert [each["input"] for each in unmeasured.json()["missing"] if each["required"]] == ["eGFR"]


def test_what_is_not_covered_is_missing_and_not_none(service, sent):
    sent["covers"] = [{"kind": "measurement", "from": "2010-01-01"}]

    said = service.ask(history=sent).json()
    smoking = next(each for each in said["explanation"]["contributions"] if each["predictor"] == "smoking")
    assert smoking["value"] is None
    assert {"input": "smoking", "required": False, "last_seen": None, "plain": "smoking"} in said["missing"]


def test_somebody_whom_the_records_do_not_hold_is_refused(service):
    assert service.ask(person_id=4).status_code == 422
    assert service.ask(person_id="nobody").status_code == 422
    assert service.ask(person_id="9" * 60).status_code == 422


def test_the_probes_counts_and_description_are_ours_and_bentomls_are_gone(service):
    assert service.get("/livez").json() == {"status": "alive"}
    models = service.get("/readyz").json()["models"]
    assert models["kidney_check.detection"]["version"] == "1"
    assert models["kidney_check.progression"]["why_not"] == "model_missing"
    assert 'risk_requests_total{route="/livez"' in service.get("/metrics").text
    assert "bentoml" not in service.get("/metrics").text
    assert service.get("/openapi.json").json()["info"]["title"] == "Care pathway risk"
    for path in ("/", "/docs.json", "/schema.json", "/healthz"):
        assert service.get(path).json()["problems"][0]["found"] == "nothing at this address"


def test_the_same_request_gets_the_same_bytes_and_a_different_one_a_conflict(service, sent):
    first, second = (service.ask(history=sent, request_id="visit-1") for _ in range(2))

    assert first.content == second.content
    assert service.get(f"/v1/answers/{first.json()['answer_id']}").content == first.content
    assert service.ask(person_id=1, request_id="visit-1").status_code == 409


def test_an_answer_can_be_replayed_from_the_command_line(service):
    answer_id = service.ask(person_id=1).json()["answer_id"]

    replayed = service.command("replay", answer_id, "--json")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert json.loads(replayed.stdout) == {"answer_id": answer_id, "same_model": True, "differences": []}


def test_an_answer_is_printed_as_a_clinician_reads_it(service, sent, tmp_path):
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"pathway": "kidney_check", "as_of": "2024-06-30", "history": sent}))

    printed = service.command("ask", "--url", service.url, "--file", str(file))
    assert printed.returncode == 0, printed.stderr
    assert "about 37 in 100 in the next 5 years" in printed.stdout
    assert "latest eGFR: 60 mL/min/1.73 m2 on 3 March 2024" in printed.stdout
    assert "Demonstration" in printed.stdout
    file.write_text("{}")
    assert service.command("ask", "--url", service.url, "--file", str(file)).returncode == 1


def test_nothing_that_was_sent_is_in_what_the_process_prints(service, sent):
    sent["person"]["sex"] = MARK
    service.ask(history=sent)
    service.ask(person_id=MARK)
    service.ask(history={MARK: MARK})
    service.get(f"/v1/patients/{MARK}?nhs={MARK}")
    httpx.post(f"{service.url}/v1/{MARK}", content=MARK.encode(), timeout=30)

    assert MARK not in service.get("/metrics").text
    printed = service.output.read_text()
    assert MARK not in printed
    assert '"route": "unmatched"' in printed
