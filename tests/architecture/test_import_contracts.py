"""Who may import whom: the contracts hold for our code, and each catches the breach that it is there for."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

STAGES = "Stages stand on shared ground and never on one another"
PATHWAYS_APART = "A pathway file knows no other pathway"
NO_DATA = "Definitions touch no data"
SYNTHETIC = "Synthetic people come from definitions alone"
MLFLOW = "MLflow is spoken in the registry alone"
BENTOML = "BentoML is spoken in serving alone"
EVIDENTLY = "Evidently is spoken in monitoring alone"
SHAP = "SHAP is spoken in evaluation alone"

BREACHES = [
    (STAGES, "training/breach.py", "import serving"),
    (STAGES, "serving/breach.py", "import monitoring"),
    (STAGES, "monitoring/breach.py", "import synthetic"),
    (STAGES, "features/breach.py", "import registry"),
    (STAGES, "evaluation/breach.py", "import features"),
    (STAGES, "registry/breach.py", "import training"),
    (STAGES, "pathways/breach.py", "import evaluation"),
    (PATHWAYS_APART, "pathways/catalogue/first.py", "from pathways.catalogue import second"),
    (NO_DATA, "pathways/language.py", "import pandas"),
    (NO_DATA, "pathways/catalogue/first.py", "import duckdb"),
    (SYNTHETIC, "synthetic/breach.py", "import features"),
    (SYNTHETIC, "synthetic/breach.py", "import registry"),
    (MLFLOW, "training/breach.py", "import mlflow"),
    (MLFLOW, "serving/breach.py", "from mlflow.tracking import MlflowClient"),
    (BENTOML, "registry/breach.py", "import bentoml"),
    (EVIDENTLY, "evaluation/breach.py", "import evidently"),
    (SHAP, "serving/breach.py", "import shap"),
]


def test_our_code_keeps_every_contract(repository: Path, tmp_path: Path) -> None:
    found = lint(repository, tmp_path / "cache")

    assert "BROKEN" not in found.values(), found


def test_every_contract_has_a_breach_that_proves_it(settings: Mapping[str, Any]) -> None:
    contracts = {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}

    assert {contract for contract, _, _ in BREACHES} == contracts


def test_a_tree_without_a_breach_keeps_every_contract(skeleton: Path) -> None:
    assert set(lint(skeleton).values()) == {"KEPT"}


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES, ids=[f"{file}: {line}" for _, file, line in BREACHES])
def test_a_forbidden_import_breaks_exactly_its_contract(skeleton: Path, contract: str, file: str, line: str) -> None:
    (skeleton / file).write_text(f"{line}\n", encoding="utf-8")

    assert [name for name, state in lint(skeleton).items() if state == "BROKEN"] == [contract]


def test_every_package_stands_in_one_layer_and_in_each_list_of_packages(
    settings: Mapping[str, Any], packages: tuple[str, ...]
) -> None:
    tool = settings["tool"]
    layers = [
        package.strip() for layer in tool["importlinter"]["contracts"][0]["layers"] for package in layer.split("|")
    ]

    assert sorted(layers) == sorted(packages)
    assert sorted(tool["importlinter"]["root_packages"]) == sorted(packages)
    assert sorted(tool["mypy"]["packages"]) == sorted([*packages, "external", "bench"])  # what is not shipped, too
    assert set(packages) | {"tests"} == set(tool["pytest"]["ini_options"]["testpaths"])


def test_a_library_with_one_home_is_forbidden_to_every_other_package(
    settings: Mapping[str, Any], packages: tuple[str, ...]
) -> None:
    homes = {"mlflow": "registry", "bentoml": "serving", "evidently": "monitoring", "shap": "evaluation"}
    contracts = settings["tool"]["importlinter"]["contracts"]

    for library, home in homes.items():
        (contract,) = [each for each in contracts if each.get("forbidden_modules") == [library]]
        assert set(contract["source_modules"]) == set(packages) - {home}, library


@pytest.fixture
def skeleton(repository: Path, packages: tuple[str, ...], tmp_path: Path) -> Path:
    """Our packages as empty files, under our own contracts: small, so that a run takes well under a second."""
    shutil.copy(repository / "pyproject.toml", tmp_path)
    shared = [f"pathways/{name}.py" for name in ("language", "concept_sets", "streams", "published")]
    files = [*(f"{package}/__init__.py" for package in packages), *shared]
    for file in [*files, *(f"pathways/catalogue/{name}.py" for name in ("__init__", "first", "second"))]:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    return tmp_path


def lint(root: Path, cache: Path | None = None) -> dict[str, str]:
    """The state of each contract, as import-linter prints it for the tree at `root`."""
    caching = ["--no-cache"] if cache is None else ["--cache-dir", str(cache)]
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", *caching]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    found = dict(re.findall(r"^(.+) (KEPT|BROKEN)\b", done.stdout, flags=re.MULTILINE))
    assert found, f"import-linter checked nothing:\n{done.stdout}{done.stderr}"
    return found
