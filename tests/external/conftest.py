"""The third-party sets, examined once for all tests, with one model: that of omop_synthea_gb_dev itself."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

import pathways
from external.examine import examine, score
from external.models import Scorer, Taught, teach
from external.page import Section
from external.sets import TEACHES, Absent, ExternalSet, find
from features.table import FeatureTable

REPOSITORY = Path(__file__).resolve().parents[2]
NAME = "kidney_disease"


@dataclass(frozen=True)
class Run:
    """What the command would find, and the feature tables behind it by set; other predictions without a model."""

    sections: dict[str, Section] = field(repr=False)
    others: tuple[Section, ...] = field(repr=False)
    tables: dict[str, FeatureTable] = field(repr=False)
    taught: Taught = field(repr=False)
    scorer: Scorer = field(repr=False)
    register: str


@pytest.fixture(scope="session")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ExternalSet]:
    shared = Path(os.environ.get("RISK_SHARED", REPOSITORY.parent / "shared"))
    try:
        return {one.name: one for one in find(shared, tmp_path_factory.mktemp("adapted"))}
    except Absent as absent:
        pytest.skip(str(absent))


@pytest.fixture(scope="session")
def run(sets: dict[str, ExternalSet], tmp_path_factory: pytest.TempPathFactory) -> Run:
    pathway = pathways.load(NAME)
    prediction, *rest = pathway.predictions
    sections, tables = {}, {}
    gb = sets[TEACHES]
    found, tables[gb.name] = examine(gb, pathway, prediction, None)
    register = tmp_path_factory.mktemp("register")
    taught = teach(NAME, pathway, prediction, tables[gb.name], gb.tables, date(2026, 11, 22), register)
    found = replace(found, scoring=score(taught.model, prediction, tables[gb.name], gb.real))
    sections[gb.name] = Section(gb, found, taught)
    for one in sets.values():
        if one is not gb:
            found, rows = examine(one, pathway, prediction, taught.model)
            sections[one.name] = Section(one, found)
            if rows is not None:
                tables[one.name] = rows
    in_order = {name: sections[name] for name in sets}
    others = tuple(Section(one, examine(one, pathway, other, None)[0]) for other in rest for one in sets.values())
    uri = f"sqlite:///{register}/mlflow.db"
    return Run(in_order, others, tables, taught, Scorer(taught.model, "trained by the tests"), uri)
