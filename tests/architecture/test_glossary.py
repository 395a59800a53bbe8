"""One meaning for each word: the glossary is in order, and our code does not use the names that it rules out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

Line = tuple[tuple[str, ...], str, tuple[str, ...]]
"""The words of a line, their meaning, and the names that may not be used."""


def test_words_stand_once_and_in_alphabetical_order(glossary: list[Line]) -> None:
    heads = [words[0] for words, _, _ in glossary]
    every = [word for words, _, _ in glossary for word in words]

    assert heads == sorted(heads, key=str.casefold)
    assert len(every) == len(set(every))


def test_every_word_has_a_meaning_and_none_is_ruled_out_by_another(glossary: list[Line]) -> None:
    words = {word.replace(" ", "_").replace("-", "_") for line, _, _ in glossary for word in line}

    assert all(meaning for _, meaning, _ in glossary)
    assert words.isdisjoint(ruled_out(glossary))


def test_no_name_in_our_code_is_one_that_the_glossary_rules_out(glossary: list[Line], modules: tuple[Any, ...]) -> None:
    forbidden = ruled_out(glossary)
    found = {f"{module.path}: {name}" for module in modules for name in named(module.tree) if hits(name, forbidden)}

    assert found == set()


@pytest.mark.parametrize(
    "line",
    [
        "patient_id = 1",
        "def f(lookback): ...",
        "class PatientHistory: ...",
        "x.cutoff_days = 1",
        "def f(*, patient=1): ...",
    ],
)
def test_a_name_that_is_ruled_out_is_found(glossary: list[Line], line: str) -> None:
    assert any(hits(name, ruled_out(glossary)) for name in named(ast.parse(line)))


def test_what_only_looks_alike_is_let_through(glossary: list[Line]) -> None:
    assert not any(hits(name, ruled_out(glossary)) for name in ("look_back", "inpatient", "person_id", "index_day"))


@pytest.fixture(scope="module")
def glossary(repository: Path) -> list[Line]:
    rows = re.findall(r"^\| (?!word )(.+?) \| (.*?) \| (.*?)\s*\|$", (repository / "GLOSSARY.md").read_text(), re.M)
    assert len(rows) > 50, "the table was not found"
    return [(tuple(words.split(", ")), meaning, tuple(re.findall(r"`(\w+)`", no))) for words, meaning, no in rows]


def ruled_out(glossary: list[Line]) -> set[str]:
    return {name for _, _, names in glossary for name in names}


def named(tree: ast.AST) -> Iterator[str]:
    """Names that our code gives: of functions, classes, arguments, variables and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def hits(name: str, forbidden: set[str]) -> bool:
    """Whether a forbidden word stands in a name as a whole part of it."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return any(f"_{word}_" in f"_{snake}_" for word in forbidden)
