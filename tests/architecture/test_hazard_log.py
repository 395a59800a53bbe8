"""The hazard log can be relied on: every hazard has a control, its sums are right and its tests exist."""

from __future__ import annotations

import ast
import json
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SAFETY = REPOSITORY / "docs" / "safety"
LOG: dict[str, Any] = json.loads((SAFETY / "hazard_log.json").read_text(encoding="utf-8"))

PROMISED = {
    "Wrong person",
    "Partial record",
    "Stale extract",
    "Wrong unit",
    "Hidden red flag",
    "Place missing",
    "Model expired",
    "Wrong code mapping",
    "Altered model",
    "Small cell disclosed",
    "Score trusted above clinical judgement",
    "Never measured read as low risk",
}
SAID = {"id", "title", "hazard", "cause", "effect", "harm", "owner", "remains"}
KINDS = {"design", "test", "training", "process"}
LARGEST_ACCEPTABLE = 9
"""`clinical-risk-management-plan.md`: from 10 on a residual risk bars clinical use."""

each_hazard = pytest.mark.parametrize("hazard", LOG["hazards"], ids=[hazard["id"] for hazard in LOG["hazards"]])


def test_every_hazard_that_was_asked_for_stands_in_the_log_once() -> None:
    titles = [hazard["title"] for hazard in LOG["hazards"]]
    ids = [hazard["id"] for hazard in LOG["hazards"]]

    assert set(titles) >= PROMISED
    assert len(titles) == len(set(titles))
    assert ids == [f"HAZ-{number:02d}" for number in range(1, len(ids) + 1)]


@each_hazard
def test_a_hazard_says_how_it_comes_about_what_it_does_and_who_owns_it(hazard: dict[str, Any]) -> None:
    assert all(hazard[field] for field in SAID)
    assert hazard.keys() == SAID | {"controls", "initial", "residual", "status", "evidence"}


@each_hazard
def test_a_hazard_has_a_control_of_a_known_kind(hazard: dict[str, Any]) -> None:
    assert hazard["controls"]
    assert all(control["type"] in KINDS and control["control"] for control in hazard["controls"])


@each_hazard
def test_a_risk_is_severity_times_likelihood_and_no_control_raises_it(hazard: dict[str, Any]) -> None:
    for risk in (hazard["initial"], hazard["residual"]):
        assert risk["severity"] in range(1, 6)
        assert risk["likelihood"] in range(1, 6)
        assert risk["risk"] == risk["severity"] * risk["likelihood"]

    assert hazard["residual"]["risk"] <= hazard["initial"]["risk"]


@each_hazard
def test_a_controlled_hazard_is_shown_by_tests_and_its_residual_risk_can_be_accepted(hazard: dict[str, Any]) -> None:
    assert hazard["status"] in ("controlled", "open")
    if hazard["status"] == "controlled":
        assert hazard["evidence"]
        assert any(control["type"] == "design" for control in hazard["controls"])
        assert any(control["type"] == "test" for control in hazard["controls"])
        assert hazard["residual"]["risk"] <= LARGEST_ACCEPTABLE
    else:
        assert hazard["evidence"] is None or hazard["evidence"]


@each_hazard
def test_every_test_that_the_log_names_exists(hazard: dict[str, Any]) -> None:
    gone = [node for node in hazard["evidence"] or () if not exists(node)]

    assert gone == [], "mend the log, or write the test"


@pytest.mark.parametrize(
    "node",
    [
        "tests/architecture/test_hazard_log.py",
        "tests/architecture/test_hazard_log.py::test_that_nobody_wrote",
        "tests/architecture/test_nothing.py::test_every_test_that_the_log_names_exists",
        "tests/architecture/test_hazard_log.py::exists",
    ],
)
def test_a_test_that_does_not_exist_is_noticed(node: str) -> None:
    assert not exists(node)


def test_nobody_has_signed_what_nobody_has_reviewed() -> None:
    assert LOG["reviewed_by"] is None, (
        "a review is by a named person, recorded outside this repository: change this test"
    )


def test_the_page_is_what_the_log_says() -> None:
    page = runpy.run_path(str(SAFETY / "render.py"))["page"]

    assert (SAFETY / "hazard-log.md").read_text(encoding="utf-8") == page(LOG), "run python docs/safety/render.py"


def exists(node: str) -> bool:
    """Whether a pytest node id names a file and a test function in it."""
    file, _, name = node.partition("::")
    return name.startswith("test_") and name in _tests(file)


@cache
def _tests(file: str) -> frozenset[str]:
    path = REPOSITORY / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
