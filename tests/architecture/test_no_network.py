"""No library calls home: each is imported through our module and used where there is no network, and tries nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

WATCH = """
import importlib, json, os, sys
tried = []
def watch(event, args):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        tried.append(str(args[0]))
    elif event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        tried.append(str(args[1][0]))
sys.addaudithook(watch)
"""
TELL = """
print(json.dumps({"off": bool(off), "tried": sorted(set(tried) - {"127.0.0.1", "::1", "localhost"})}))
"""
IS_OFF = {
    "mlflow": "from mlflow.telemetry.utils import is_telemetry_disabled; off = is_telemetry_disabled()",
    "bentoml": "from bentoml._internal.utils.analytics.usage_stats import do_not_track; off = do_not_track()",
    "evidently": "from evidently.telemetry import event_logger; off = not event_logger.is_enabled()",
}
"""What each library itself answers when it asks whether it may send."""

USE = {
    "mlflow": "from registry import store; assert store.names('sqlite:///' + os.environ['HOME'] + '/mlflow.db') == ()",
    "bentoml": """
from serving.service import RiskService, app
from starlette.testclient import TestClient
with TestClient(app) as client:
    assert client.get("/livez").status_code == 200
    assert client.get("/openapi.json").status_code == 200
""",
    "evidently": """
from datetime import datetime
from pathlib import Path
from monitoring.bins import Spread
from monitoring.drift import shifts
spread = Spread(names=("missing", "low", "high"), reference=(20, 50, 30), current=(40, 30, 30))
found = shifts("North", {"egfr": spread}, datetime(2026, 11, 22), Path(os.environ["HOME"]) / "pages")
assert found["egfr"] > 0
""",
}


def test_every_library_that_calls_home_has_a_module_of_ours_that_is_tried(modules: tuple[Any, ...]) -> None:
    for library in IS_OFF:
        assert _importers(modules, library), f"no module of ours imports {library}, so nothing is shown about it"


@pytest.mark.parametrize("library", list(IS_OFF))
def test_a_library_does_its_work_without_a_network_and_does_not_look_for_one(
    modules: tuple[Any, ...], library: str, nowhere: Path
) -> None:
    found = _without_network([*_imports(_importers(modules, library)[:1]), USE[library], IS_OFF[library]], nowhere)

    assert found == {"off": True, "tried": []}


@pytest.mark.parametrize("library", list(IS_OFF))
def test_a_library_is_silent_whichever_module_of_ours_is_the_first_to_reach_it(
    modules: tuple[Any, ...], library: str, nowhere: Path
) -> None:
    for module in _importers(modules, library)[1:]:
        found = _without_network([*_imports([module]), IS_OFF[library]], nowhere)
        assert found == {"off": True, "tried": []}, module


def test_a_library_that_called_home_would_be_seen(nowhere: Path) -> None:
    calls = [
        "import threading, urllib.request",
        "def call():",
        "    try: urllib.request.urlopen('http://192.0.2.1/', timeout=5)",
        "    except OSError: pass",
        "thread = threading.Thread(target=call); thread.start(); thread.join(); off = False",
    ]

    assert _without_network(calls, nowhere) == {"off": False, "tried": ["192.0.2.1"]}


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A home without settings, records or models."""
    return tmp_path


def _importers(modules: tuple[Any, ...], library: str) -> list[str]:
    return [
        module.dotted
        for module in modules
        if any(name.split(".", 1)[0] == library for name in module.imports) and not module.path.endswith("__main__.py")
    ]


def _imports(names: Sequence[str]) -> list[str]:
    return [f"importlib.import_module({name!r})" for name in names]


def _without_network(lines: Sequence[str], home: Path) -> dict[str, Any]:
    """Run lines in a process of their own, in a network namespace that holds nothing, and say what they tried."""
    # Libraries fall silent by themselves where they see CI or pytest, so nothing of this environment is passed on.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "RISK_SOURCE": str(home / "population"),
        "RISK_ANSWERS": str(home / "answers.db"),
        "RISK_TRACKING_URI": f"sqlite:///{home}/mlflow.db",
    }
    command = [*_unshared(), sys.executable, "-W", "ignore", "-c", "\n".join([WATCH, *lines, TELL])]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


@cache
def _unshared() -> tuple[str, ...]:
    unshare = shutil.which("unshare")
    for flags in ("-n", "-rn"):
        if unshare and subprocess.run([unshare, flags, "true"], capture_output=True, check=False).returncode == 0:
            return (unshare, flags)
    pytest.skip("`unshare -n` is missing or not permitted here, so no process can be cut off from the network")
