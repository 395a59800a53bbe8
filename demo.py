"""`make demo`: from nothing to explained answers and a monitoring report, by the same commands that people use.

Each step is a command of its own, shown before it runs, so that everything seen here can be done again by hand.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

WORK = Path("work")
PRACTICE = "P83609"
"""The largest of the made-up practices."""
URL = "http://127.0.0.1:3000"
KIDNEY, PRESSURE, ASTHMA, CANCER = "kidney_disease", "high_blood_pressure", "asthma_attack", "cancer_diagnosis"
ALCOHOL, BREAST, OBESITY, DOSES = "alcohol_attendance", "breast_cancer", "childhood_obesity", "preschool_immunisation"
BIN = Path(sys.executable).parent

ENVIRONMENT = os.environ | {
    "DO_NOT_TRACK": "1",
    "BENTOML_DO_NOT_TRACK": "True",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "OTEL_SDK_DISABLED": "true",
    "RISK_SOURCE": str(WORK / "population"),
    "RISK_TRACKING_URI": f"sqlite:///{WORK}/mlflow.db",
    "RISK_ANSWERS": str(WORK / "answers.db"),
    "RISK_USE": "demonstration",
}

EVERYTHING = ["condition", "measurement", "medication", "immunisation", "visit", "procedure", "observation"]
EVERYTHING.append("family_history")
MMHG = "mmHg"
CREATININE = {"kind": "measurement", "concept_id": 3020564, "unit": "umol/L"}


def history(birth: str, sex: str, records: list[dict[str, object]]) -> dict[str, object]:
    """A history of somebody who does not exist, complete since 2010 or birth."""
    covers = [{"kind": kind, "from": "2010-01-01"} for kind in EVERYTHING]
    person = {"birth_date": birth, "sex": sex, "region": "E12000007", "observed_from": max("2010-01-01", f"{birth}-01")}
    return {"person": person, "covers": covers, "records": records}


PEOPLE = {
    (KIDNEY, "A woman of 66 with type 2 diabetes whose kidney function falls"): history(
        "1959-04",
        "female",
        [
            {"kind": "condition", "concept_id": 201826, "date": "2016-02-11", "id": "problem-7"},
            {"kind": "condition", "concept_id": 320128, "date": "2014-06-02", "id": "problem-3"},
            {**CREATININE, "date": "2021-05-04", "value": 66, "id": "result-31"},
            {**CREATININE, "date": "2023-05-19", "value": 74, "id": "result-44"},
            {**CREATININE, "date": "2025-05-02", "value": 80, "id": "result-58"},
            {"kind": "measurement", "concept_id": 3004249, "date": "2025-05-02", "value": 148, "unit": "mmHg"},
            {"kind": "measurement", "concept_id": 3012888, "date": "2025-05-02", "value": 84, "unit": "mmHg"},
        ],
    ),
    (KIDNEY, "A man of 74 with two low results, albumin in the urine and no code"): history(
        "1951-09",
        "male",
        [
            {**CREATININE, "date": "2025-01-10", "value": 150, "id": "result-12"},
            {**CREATININE, "date": "2025-06-20", "value": 165, "id": "result-19"},
            {"kind": "measurement", "concept_id": 3020682, "date": "2025-06-20", "value": 48, "unit": "mg/mmol{creat}"},
        ],
    ),
    (KIDNEY, "A woman of 61 on dialysis"): history(
        "1964-11",
        "female",
        [
            {"kind": "condition", "concept_id": 193782, "date": "2024-02-05", "id": "problem-2"},
            {"kind": "procedure", "concept_id": 4120120, "date": "2024-03-01", "id": "procedure-5"},
            {**CREATININE, "date": "2025-09-02", "value": 540, "id": "result-77"},
        ],
    ),
    (KIDNEY, "A man of 58 with high blood pressure who was never tested"): history(
        "1967-02", "male", [{"kind": "condition", "concept_id": 320128, "date": "2019-03-01", "id": "problem-1"}]
    ),
    (PRESSURE, "A man of 52, a smoker, whose pressure is just below the limit"): history(
        "1973-05",
        "male",
        [
            {"kind": "measurement", "concept_id": 3004249, "date": "2024-03-12", "value": 136, "unit": MMHG},
            {"kind": "measurement", "concept_id": 3012888, "date": "2024-03-12", "value": 86, "unit": MMHG},
            {"kind": "measurement", "concept_id": 3038553, "date": "2024-03-12", "value": 31.4, "unit": "kg/m2"},
            {"kind": "observation", "concept_id": 4298794, "date": "2024-03-12"},
        ],
    ),
    (ASTHMA, "A woman of 30 with two attacks this year who lives on her reliever alone"): history(
        "1995-08",
        "female",
        [
            {"kind": "condition", "concept_id": 317009, "date": "2012-02-01", "id": "problem-1"},
            *(
                {"kind": "medication", "concept_id": 40142703, "date": f"2025-{month:02}-05", "days_supply": 30}
                for month in range(1, 13)
            ),
            {"kind": "condition", "concept_id": 257581, "date": "2025-02-11", "id": "problem-4"},
            {"kind": "condition", "concept_id": 257581, "date": "2025-09-20", "id": "problem-5"},
            {"kind": "medication", "concept_id": 1550557, "date": "2025-09-20", "days_supply": 5},
        ],
    ),
    (CANCER, "A man of 67, an ex-smoker, who lost weight and bleeds from the bowel"): history(
        "1958-01",
        "male",
        [
            {"kind": "observation", "concept_id": 4310250, "date": "2023-05-02"},
            {"kind": "observation", "concept_id": 435928, "date": "2025-11-20", "id": "visit-3"},
            {"kind": "condition", "concept_id": 4026112, "date": "2025-12-15", "id": "visit-4"},
            {"kind": "measurement", "concept_id": 3000963, "date": "2025-12-16", "value": 112, "unit": "g/L"},
        ],
    ),
    (ALCOHOL, "A man of 45 with dependence who came to the emergency department twice"): history(
        "1980-06",
        "male",
        [
            {"kind": "condition", "concept_id": 435243, "date": "2021-03-09", "id": "problem-2"},
            {"kind": "visit", "concept_id": 9203, "date": "2025-05-17", "id": "visit-8"},
            {"kind": "condition", "concept_id": 4104431, "date": "2025-05-17"},
            {"kind": "visit", "concept_id": 9203, "date": "2025-11-01", "id": "visit-9"},
            {"kind": "condition", "concept_id": 375519, "date": "2025-11-01"},
            {"kind": "observation", "concept_id": 35609491, "date": "2025-06-20", "value": 120},
        ],
    ),
    (BREAST, "A woman of 44 with breast cancer in the family"): history(
        "1981-04",
        "female",
        [
            {"kind": "family_history", "concept_id": 4210263, "date": "2023-02-14", "id": "note-4"},
            {"kind": "measurement", "concept_id": 3038553, "date": "2024-10-02", "value": 27.1, "unit": "kg/m2"},
        ],
    ),
    (OBESITY, "A girl of 5 after the measurement in Reception"): history(
        "2020-09",
        "female",
        [
            {"kind": "measurement", "concept_id": 3025315, "date": "2025-10-02", "value": 23.4, "unit": "kg"},
            {"kind": "measurement", "concept_id": 3036277, "date": "2025-10-02", "value": 110.5, "unit": "cm"},
        ],
    ),
    (DOSES, "A boy of nearly a year whose third dose is missing"): history(
        "2025-01",
        "male",
        [
            {"kind": "immunisation", "concept_id": 40213290, "date": "2025-03-14"},
            {"kind": "immunisation", "concept_id": 40213290, "date": "2025-05-02"},
        ],
    ),
}


def main() -> None:
    """Run every step and print where everything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after printing")
    parser.add_argument("--people", type=int, default=20_000, help="size of the synthetic population")
    options = parser.parse_args()
    wake_loopback()
    started = time.monotonic()
    tables = WORK / "features"
    step("Synthetic people of two regions, as OMOP tables")
    python("synthetic", "--people", str(options.people), "--seed", "1", "--out", str(WORK / "population"))
    step("Who may be scored, from when, what was known, what happened")
    python("features", "all", "--at-once", "2", "--source", str(WORK / "population"), "--out", str(tables))
    step("Train, compare with what there is, register in MLflow")
    records = ("--source", str(WORK / "population"), "--features", str(tables))
    # Some outcomes are too rare for so few people: it is said at the end of the table, and no model is registered.
    register = ("--tracking-uri", ENVIRONMENT["RISK_TRACKING_URI"])
    page = WORK / "models.md"
    page.unlink(missing_ok=True)
    python("training", "all", "--no-limits", "--at-once", "2", *records, *register, "--page", str(page), makes=page)
    step("Serve with BentoML, and ask as a clinician's system would")
    with served():
        for (pathway, title), sent in PEOPLE.items():
            ask(pathway, title, sent)
        step("A list for one practice: whom to see first, why, and what to do")
        listed = ("--practice", PRACTICE, "--capacity", "3", "--brief")
        python("serving", "list", KIDNEY, *listed)
        step("Review by region: calibration, fairness, drift")
        reports = WORK / "reports"
        reviewed = ("--features", str(tables), "--out", str(reports))
        overview = reports / "index.html"
        overview.unlink(missing_ok=True)
        python("monitoring", "all", "--at-once", "2", *reviewed, makes=overview)
        print_places(reports, time.monotonic() - started)
        if not options.once:
            stay_up()


def wake_loopback() -> None:
    """Raise the loopback device if it is down, as in a fresh network namespace (`unshare -n make demo`)."""
    get_flags, set_flags, up = 0x8913, 0x8914, 0x1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        asked = struct.pack("16sh14s", b"lo", 0, b"")
        (flags,) = struct.unpack_from("h", fcntl.ioctl(control, get_flags, asked), 16)
        if not flags & up:
            fcntl.ioctl(control, set_flags, struct.pack("16sh14s", b"lo", flags | up, b""))


def step(title: str) -> None:
    print(f"\n\033[1m== {title}\033[0m", flush=True)


def python(*command: str, makes: Path | None = None) -> None:
    """Run a command of ours; one that refuses some predictions ends with 1, and is done if it made what it `makes`."""
    print(f"$ python -m {' '.join(command)}", flush=True)
    code = subprocess.run([sys.executable, "-m", *command], env=ENVIRONMENT, check=False).returncode
    if code and not (makes and code == 1 and makes.exists()):
        sys.exit(f"python -m {command[0]} ended with {code}")


@contextmanager
def served() -> Iterator[None]:
    """The service, from ready to stopped."""
    if answers(f"{URL}/livez"):
        sys.exit(f"something answers at {URL} already; stop it first")
    command = [str(BIN / "bentoml"), "serve", "serving.service:RiskService", "--host", "127.0.0.1", "--port", "3000"]
    print(f"$ {' '.join(['bentoml', *command[1:]])}", flush=True)
    log = (WORK / "serve.log").open("w")
    server = subprocess.Popen(command, env=ENVIRONMENT, stdout=log, stderr=log, start_new_session=True)
    try:
        waited = 0
        while not answers(f"{URL}/readyz"):
            if server.poll() is not None or waited > 120:
                sys.exit(f"the service did not start; see {WORK / 'serve.log'}")
            time.sleep(1)
            waited += 1
        yield
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def ask(pathway: str, title: str, sent: dict[str, object]) -> None:
    """Send one history, without saying which prediction, and print the answer as a clinician would read it."""
    request = {"pathway": pathway, "as_of": "2025-12-31", "history": sent}
    path = WORK / "request.json"
    path.write_text(json.dumps(request, indent=1))
    print(f"\n\033[1m{title}\033[0m", flush=True)
    command = [sys.executable, "-m", "serving", "ask", "--url", URL, "--file", str(path)]
    subprocess.run(command, env=ENVIRONMENT, check=True)


def print_places(reports: Path, seconds: float) -> None:
    print(
        f"""
\033[1mWhere everything is\033[0m ({seconds:.0f} seconds from the start)
  ask           POST {URL}/v1/risk   (the last request: {WORK / "request.json"})
  description   {URL}/openapi.json, pathways at {URL}/v1/pathways
  models        mlflow ui --backend-store-uri {ENVIRONMENT["RISK_TRACKING_URI"]}   then http://127.0.0.1:5000
  review        {reports / "index.html"} leads to each model's, with its monitor.json
  answers kept  {ENVIRONMENT["RISK_ANSWERS"]}   (python -m serving verify)
  log           {WORK / "serve.log"}
Everybody in it is synthetic: it shows that the machinery works, and nothing about medicine.""",
        flush=True,
    )


def stay_up() -> None:
    """Keep the service and MLflow's pages until Ctrl-C."""
    command = [str(BIN / "mlflow"), "ui", "--backend-store-uri", ENVIRONMENT["RISK_TRACKING_URI"]]
    with (WORK / "mlflow.log").open("w") as log:
        ui = subprocess.Popen(command, env=ENVIRONMENT, stdout=log, stderr=log, start_new_session=True)
        print("\nServing, with MLflow's pages on http://127.0.0.1:5000. Ctrl-C ends both.", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("\nStopped.")
        finally:
            os.killpg(ui.pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
