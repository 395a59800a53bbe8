"""What is wrong with a request, said by kind: where it is, what was found and what is allowed, never the value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SHOWN_AT_MOST = 200


@dataclass(frozen=True)
class Problem:
    """One fault: `field` is a path of our own names, `found` a kind of thing, `allowed` what would do."""

    field: str
    found: str
    allowed: str

    def plain(self) -> dict[str, str]:
        return {"field": self.field, "found": self.found, "allowed": self.allowed}


class Refused(Exception):
    """A request that cannot be answered as it is; the sender can put it right."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        # The text of an exception may reach a log, so it counts and does not quote.
        super().__init__(f"{len(self.problems)} problems")


def body_of(problems: Sequence[Problem]) -> dict[str, list[dict[str, str]]]:
    """The body of every refusal, the first 200 problems and the number of the others."""
    once = list(dict.fromkeys(problems))
    left = len(once) - SHOWN_AT_MOST
    more = [Problem("", f"{left} more problems", "the same")] if left > 0 else []
    return {"problems": [problem.plain() for problem in once[:SHOWN_AT_MOST] + more]}


def kind_of(value: Any) -> str:
    """The kind of a JSON value, in words that hold nothing of it.

    >>> kind_of("943 476 5919"), kind_of(True), kind_of(None)
    ('text', 'true or false', 'nothing')
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text" if value else "empty text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "something else"


_FOUND = {
    "missing": "nothing",
    "extra_forbidden": "an unknown field",
    "string_too_long": "text that is too long",
    "string_pattern_mismatch": "text in another form",
    "literal_error": "text that is not one of these",
    "finite_number": "a number that is not finite",
    "greater_than": "a number that is too small",
    "greater_than_equal": "a number that is too small",
    "less_than": "a number that is too large",
    "less_than_equal": "a number that is too large",
    "int_from_float": "a number that is not whole",
    "int_parsing_size": "a number that is too large",
    "too_long": "a list that is too long",
    "too_short": "a list that is too short",
}
_OF_TEXT = {"string_pattern_mismatch", "literal_error"}


def found_by(fault: str, value: Any) -> str:
    """What a fault of that pydantic type found, in our words."""
    if fault in _OF_TEXT and (not isinstance(value, str) or not value):
        return kind_of(value)
    if fault == "int_type" and isinstance(value, float):
        return "a number that is not whole"
    return _FOUND.get(fault) or kind_of(value)


def path_of(parts: Sequence[str | int]) -> str:
    """A path as a reader writes it.

    >>> path_of(("history", "records", 3, "date"))
    'history.records[3].date'
    """
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
