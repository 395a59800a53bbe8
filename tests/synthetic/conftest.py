"""One small population, written once, and the truth behind a larger one."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from synthetic.clinic import Clinic, draw_clinic
from synthetic.population import Written, write_population

PEOPLE, SEED = 6_000, 1


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("population")


@pytest.fixture(scope="session")
def written(folder: Path) -> Written:
    return write_population(PEOPLE, SEED, folder)


@pytest.fixture(scope="session")
def cdm(written: Written, folder: Path) -> duckdb.DuckDBPyConnection:
    """The small population's tables as views."""
    con = duckdb.connect()
    for name in written.rows:
        con.execute(f"CREATE VIEW {name.split('/')[-1]} AS SELECT * FROM '{folder / name}.parquet'")
    return con


@pytest.fixture(scope="session")
def truth() -> Clinic:
    """What is true of 30,000 people, without their records."""
    return draw_clinic(SEED, 1, 30_001)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The third-party data and research files, where they are at hand."""
    place = Path(os.environ.get("RISK_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    if not place.is_dir():
        pytest.skip(f"third-party files are not at {place}; set RISK_SHARED")
    return place
