"""The repository as text: its settings and every module of its packages, read once."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One file of ours: where it is (from the root, with /), its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.path.split("/", 1)[0]

    @property
    def dotted(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def imports(self) -> frozenset[str]:
        """Every module that it imports, at its top or inside a function."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
        return frozenset(found)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def settings() -> Mapping[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def packages(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """What the wheel is said to hold."""
    return tuple(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


@pytest.fixture(scope="session")
def modules(packages: tuple[str, ...]) -> tuple[Module, ...]:
    """Every module of every package."""
    files = sorted(path for package in packages for path in (REPOSITORY / package).rglob("*.py"))
    assert len(files) > 50, "the packages were not found, so nothing would be checked"
    return tuple(_module(path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8")) for path in files)


@pytest.fixture(scope="session")
def module_of() -> Callable[[str], Module]:
    """A module of some text, to show that a check finds what it looks for."""
    return lambda text: _module("features/made_up.py", text)


def _module(path: str, text: str) -> Module:
    return Module(path, text, ast.parse(text))
