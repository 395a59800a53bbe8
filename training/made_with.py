"""With what a model was made: whose records, which code, lock file and vocabulary. What is not known is said."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from features.source import Source
from features.table import FeatureTable

ROOT = Path(__file__).parents[1]
PACKAGES = ("pathways", "features", "evaluation", "registry", "training")
LIBRARIES = ("numpy", "numba", "scikit-learn", "lightgbm", "duckdb", "mlflow")
UNKNOWN = "not known"


def made_with(table: FeatureTable, source: Source | None) -> dict[str, Any]:
    """Source, hashes and versions, for the evidence. No path and no host: they may name a person."""
    return {
        "source": _source(source),
        "code": dict(_code()),
        "lock_file": _lock_file(),
        "vocabulary": hashlib.sha256(json.dumps(table.concepts, sort_keys=True).encode()).hexdigest(),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def _source(source: Source | None) -> dict[str, Any]:
    """What CDM_SOURCE says of the records; whether they are of made-up people is not known if it says nothing."""
    if source is None or "cdm_source" not in source.tables:
        return {"name": UNKNOWN, "synthetic": None}
    rows = source.tables["cdm_source"].limit(1).to_pyarrow().to_pylist()
    told = {name: str(value or "") for name, value in (rows[0] if rows else {}).items()}
    name = told.get("cdm_source_name", "") or UNKNOWN
    words = " ".join([name, told.get("cdm_source_abbreviation", ""), told.get("source_description", "")]).lower()
    if name == UNKNOWN:
        return {"name": UNKNOWN, "synthetic": None}
    return {"name": name, "synthetic": any(word in words for word in ("synthetic", "synthea", "made up", "made-up"))}


@cache
def _code() -> Mapping[str, str]:
    """The SHA-256 of our packages' files, and the commit if they lie in a repository without changes."""
    digest = hashlib.sha256()
    for path in sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return {"sha256": digest.hexdigest(), "commit": _commit()}


def _commit() -> str:
    git = ["git", "-C", str(ROOT)]
    try:
        changed = subprocess.run(
            [*git, "status", "--porcelain"], capture_output=True, text=True, check=True, timeout=20
        )
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return head.stdout.strip() + (" with changes" if changed.stdout.strip() else "")


@cache
def _lock_file() -> str:
    path = ROOT / "uv.lock"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else UNKNOWN


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return UNKNOWN
