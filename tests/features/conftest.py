"""Where the third-party records are, a small synthetic population, and the pathway that all of these tests read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pathways
from pathways.definition import Pathway, Prediction

REPOSITORY = Path(__file__).resolve().parents[2]
PEOPLE = 2_000


@pytest.fixture(scope="session")
def shared() -> Path:
    place = Path(os.environ.get("RISK_SHARED", REPOSITORY.parent / "shared"))
    if not (place / "data").is_dir():
        pytest.skip(f"third-party files are not at {place}; set RISK_SHARED")
    return place


@pytest.fixture(scope="session")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand made-up people with faults in their records."""
    folder = tmp_path_factory.mktemp("population")
    command = [sys.executable, "-m", "synthetic", "--people", str(PEOPLE), "--out", str(folder), "--json"]
    subprocess.run(command, check=True, capture_output=True, cwd=REPOSITORY)
    return folder


@pytest.fixture(scope="session")
def pathway() -> Pathway:
    return pathways.load("kidney_disease")


@pytest.fixture(scope="session")
def detection(pathway: Pathway) -> Prediction:
    return pathway.prediction("detection")
