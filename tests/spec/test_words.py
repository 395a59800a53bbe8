"""No word, and no way to say something with it, is without a drawn table."""

import ast
from pathlib import Path

import pytest

from pathways import language, words
from pathways.words import Comparable

WORDS = sorted(
    name
    for name in language.__all__
    if isinstance(getattr(words, name, None), type)
    and issubclass(getattr(words, name), Comparable)
    and not name.startswith("_")
)
STREAMS = ["At", "Either", "Formula", "Near", "Of", "Only", "Records"]
DATES_AND_OUTCOMES = ["After", "AtAge", "Every", "Happens", "Measured", "NotDone"]


def _used() -> set[str]:
    called = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called.add(node.func.id)
    return called


@pytest.mark.parametrize("name", WORDS + STREAMS + DATES_AND_OUTCOMES)
def test_every_word_has_a_drawn_table(name):
    assert name in _used()


def test_all_31_words_with_a_value_are_looked_for():
    assert len(WORDS) == 31
