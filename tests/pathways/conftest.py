"""A tiny definition without faults, which each test changes in one place, and the research files."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import pytest

from pathways.language import Age, ConceptSet, Every, Happens, Has, Latest, Pathway, Prediction, Predictor, Records

GOUT = ConceptSet("gout", {440674: "Gout"})
GOUT_CODE = Records("gout", of=GOUT)
URATE = Records(
    "urate",
    of=ConceptSet("urate", exact={3026493: "Urate [Moles/volume] in Serum or Plasma"}, kinds="measurement"),
    plausible=(50, 2000),
)


def prediction(**changes: Any) -> Prediction:
    """Gout within a year, from the last urate: nothing in it is wrong."""
    settings: dict[str, Any] = {
        "name": "gout",
        "index": Every("year"),
        "population": Age().at_least(18),
        "outcome": Happens(GOUT_CODE),
        "predictors": (Predictor("urate_last", Latest(URATE, within=365)),),
        "horizons": 365,
    }
    return Prediction(**(settings | changes))


def pathway(**changes: Any) -> Pathway:
    return Pathway("Gout", (prediction(**changes),))


def records(name: str, concept_set: ConceptSet) -> Has:
    return Has(Records(name, of=concept_set))


@pytest.fixture(scope="session")
def research() -> Path:
    shared = Path(os.environ.get("RISK_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    if not (shared / "research").is_dir():
        pytest.skip(f"the clinical research is not at {shared}; set RISK_SHARED")
    return shared / "research"


@pytest.fixture(scope="session")
def researched(research: Path) -> dict[int, set[str]]:
    """Every concept id of the research with its names, in small letters."""
    names: dict[int, set[str]] = {}
    for file in ("concepts_a_detail.csv", "concepts_b_detail.csv"):
        with (research / file).open(encoding="utf-8") as opened:
            for row in csv.DictReader(opened):
                if row["concept_id"].isdigit():
                    names.setdefault(int(row["concept_id"]), set()).add(row["concept_name"].casefold())
    return names
