"""One answer over HTTP: ours, the least that could answer, and `mlflow models serve`, each a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.clock import cpu_seconds_below
from bench.model import Registered
from bench.person import Chosen

SERVER_CORE, CLIENT_CORE = 0, 1
WARM, BLOCK, BLOCKS = 50, 60, 9
STARTS_WITHIN = 120
QUIET = {
    "BENTOML_DO_NOT_TRACK": "True",
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "OTEL_SDK_DISABLED": "true",
    "OMP_NUM_THREADS": "1",
}


@dataclass
class Server:
    """A server under test, the one request that it is asked, and how long each answer took."""

    name: str
    command: list[str]
    port: int
    ready: str
    path: str
    body: bytes
    environment: dict[str, str] = field(default_factory=dict)
    process: int = 0
    cpu: float = 0.0
    seconds: list[float] = field(default_factory=list)


def measure(
    pathway: str, prediction: str, registered: Registered, source: Path, chosen: Chosen, work: Path
) -> dict[str, Any]:
    """Medians of blocks of requests that alternate between the servers, one request at a time."""
    servers = [
        _bare("bare", registered, chosen),
        _bare("keeping", registered, chosen, str((work / "kept-by-bare.db").resolve())),
        _ours("history", pathway, prediction, registered, source, chosen, work),
        _mlflow(registered, chosen),
    ]
    with ExitStack() as running, _on_core(CLIENT_CORE):
        for server in servers:
            running.enter_context(_started(server, work))
        for server in servers:
            _ask(server, WARM)
            server.seconds.clear()
            server.cpu = 0.0
        for _ in range(BLOCKS):
            for server in servers:
                _ask(server, BLOCK)
    bare, keeping, ours, theirs = servers
    return {
        "trees": registered.trees,
        "records": len(chosen.history["records"]),
        "requests": WARM + BLOCK * BLOCKS,
        "bare": _figures(bare),
        "keeping": _figures(keeping),
        "ours": _figures(ours),
        "mlflow": _figures(theirs),
        "ratio": _median(ours) / _median(bare),
        "cpu_ratio": ours.cpu / bare.cpu,
        "keeping_ratio": _median(keeping) / _median(bare),
        "ratio_to_keeping": _median(ours) / _median(keeping),
        "ratio_to_mlflow": _median(ours) / _median(theirs),
        "goal": 1.2,
    }


def _median(server: Server) -> float:
    return statistics.median(server.seconds)


def _figures(server: Server) -> dict[str, float]:
    ordered = sorted(server.seconds)
    return {
        "median_ms": _median(server) * 1e3,
        "p95_ms": ordered[int(len(ordered) * 0.95)] * 1e3,
        "cpu_ms": server.cpu / len(ordered) * 1e3,
    }


def _bare(name: str, registered: Registered, chosen: Chosen, *answers: str) -> Server:
    port = _free_port()
    command = [sys.executable, "-m", "bench.bare", str(registered.text), str(port), *answers]
    body = {"predictors": [None if value != value else value for value in chosen.predictors]}
    return Server(name, command, port, "/", "/risk", json.dumps(body).encode())


def _ours(
    name: str, pathway: str, prediction: str, registered: Registered, source: Path, chosen: Chosen, work: Path
) -> Server:
    port = _free_port()
    command = [sys.executable, "-m", "bentoml", "serve", "serving.service:RiskService", "--host", "127.0.0.1"]
    asked = {"pathway": pathway, "prediction": prediction, "as_of": chosen.as_of.isoformat(), "history": _sent(chosen)}
    environment = {
        "RISK_TRACKING_URI": registered.uri,
        "RISK_SOURCE": str(source.resolve()),
        "RISK_ANSWERS": str((work / "answers.db").resolve()),
        "BENTOML_HOME": str((work / "bentoml").resolve()),
    }
    return Server(
        name, [*command, "--port", str(port)], port, "/readyz", "/v1/risk", json.dumps(asked).encode(), environment
    )


def _sent(chosen: Chosen) -> dict[str, Any]:
    records = [record | {"id": str(record["id"])} for record in chosen.history["records"]]
    return chosen.history | {"records": records}


def _mlflow(registered: Registered, chosen: Chosen) -> Server:
    port = _free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local", "--port", str(port)]
    body = {"inputs": [[None if value != value else value for value in chosen.predictors]]}
    model = f"models:/{registered.name}@challenger"
    environment = {
        "MLFLOW_TRACKING_URI": registered.uri,
        "MLFLOW_REGISTRY_URI": registered.uri,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # it starts uvicorn by name
    }
    return Server(
        "mlflow", [*command, "-m", model], port, "/ping", "/invocations", json.dumps(body).encode(), environment
    )


@contextmanager
def _started(server: Server, work: Path) -> Iterator[None]:
    """A server in a session of its own, on its core, until the end of the block."""
    log = work / f"{server.name}.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            server.command,
            env=os.environ | QUIET | server.environment,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server.process = process.pid
    os.sched_setaffinity(process.pid, {SERVER_CORE % (os.cpu_count() or 1)})
    try:
        _wait(server, process, log)
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            connection.request("GET", server.ready)
            if connection.getresponse().status < 500:
                return
        except OSError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(f"the server '{server.name}' did not start; see {log}")


def _ask(server: Server, times: int) -> None:
    """Ask the same again and again over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    begun = cpu_seconds_below(server.process)
    for _ in range(times):
        asked = time.perf_counter()
        connection.request("POST", server.path, server.body, {"content-type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        server.seconds.append(time.perf_counter() - asked)
        if answer.status != 200:
            raise RuntimeError(f"the server '{server.name}' answered {answer.status}")
    server.cpu += cpu_seconds_below(server.process) - begun
    connection.close()


@contextmanager
def _on_core(core: int) -> Iterator[None]:
    """This process on one core, while servers are on another."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
