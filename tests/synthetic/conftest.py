"""One small population, written once, and the truth behind a larger one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from synthetic.clinic import Clinic, draw_clinic
from synthetic.population import Written, write_population

PEOPLE, SEED = 6_000, 1
HOUSEHOLDS = 7_000  # of each region: about 30,000 people in all


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("population")


@pytest.fixture(scope="session")
def written(folder: Path) -> Written:
    return write_population(PEOPLE, SEED, folder)


@pytest.fixture(scope="session")
def cdm(written: Written, folder: Path) -> duckdb.DuckDBPyConnection:
    """The small population's tables as views; those of `truth/` by their own names."""
    con = duckdb.connect()
    for name in written.rows:
        con.execute(f"""CREATE VIEW "{name.split("/")[-1]}" AS SELECT * FROM '{folder / name}.parquet'""")
    return con


@pytest.fixture(scope="session")
def truth() -> Clinic:
    """What is true of 30,000 people of both regions, without their records."""
    return together([draw_clinic(SEED, region, 1, 1 + HOUSEHOLDS) for region in (0, 1)])


def together(parts: Sequence[Any]) -> Any:
    """Values of one kind, for people of several blocks: arrays one after another, others as the first."""
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    if isinstance(first, dict):
        return {name: together([part[name] for part in parts]) for name in first}
    if isinstance(first, tuple):
        return tuple(together(each) for each in zip(*parts, strict=True))
    if is_dataclass(first) and not hasattr(first, "seed"):
        return type(first)(**{one.name: together([getattr(p, one.name) for p in parts]) for one in fields(first)})
    return first


@pytest.fixture(scope="session")
def shared() -> Path:
    """The third-party data and research files, where they are at hand."""
    place = Path(os.environ.get("RISK_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    if not place.is_dir():
        pytest.skip(f"third-party files are not at {place}; set RISK_SHARED")
    return place
