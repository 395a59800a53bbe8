"""From the bytes of a request to what is asked, or to every problem with it at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, cast

import msgspec
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from serving import decoding
from serving.checks import problems_with
from serving.problems import Problem, Refused, found_by, kind_of, path_of
from serving.shapes import RiskRequest

REQUESTS_AT_MOST = 500
_NOT_JSON = Problem("", "text that is not JSON", "a JSON object")
_BATCH = f"a list of 1 to {REQUESTS_AT_MOST} requests"

Catalogue = Mapping[str, tuple[str, ...]]
"""The names of the predictions of each pathway."""


@dataclass(frozen=True)
class Asked:
    """A request that can be answered, its days as dates. `text` is it as understood: what is stored, and what "the same
    body" means."""

    pathway: str
    prediction: str | None
    as_of: date
    person_id: int | str | None
    history: Mapping[str, Any] | None
    request_id: str | None
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def records(self) -> int:
        """How many records came with the request."""
        if self.history is None:
            return 0
        return len(self.history["records"]) + sum(len(r["records"]) for r in self.history.get("relatives", ()))


def asked_in(body: bytes, today: date, catalogue: Catalogue) -> Asked:
    """What the body asks.

    Raises
    ------
    Refused
        With every problem of the request.
    """
    try:
        request, text = decoding.read(body)
    except decoding.Unread:
        return understood(_plain(body), today, catalogue)
    return _asked(request, text, today, catalogue)


def understood(raw: Any, today: date, catalogue: Catalogue) -> Asked:
    """What one parsed request asks."""
    try:
        request = _adapter().validate_python(raw)
    except ValidationError as error:
        found = [_problem(fault, raw) for fault in error.errors(include_url=False)]
        # A field that may be one of two things has a fault for each of them: the first says enough.
        once = {(problem.field, problem.allowed): problem for problem in reversed(found)}
        raise Refused([*reversed(once.values()), *problems_with(raw, today, catalogue)]) from None
    problems = problems_with(request, today, catalogue)
    if problems:
        raise Refused(problems)
    return _asked(*decoding.typed(msgspec.json.encode(request)), today, catalogue)


def batch_in(body: bytes) -> list[Any]:
    """The requests of a batch, not yet looked at one by one."""
    raw = _plain(body)
    if not isinstance(raw, dict):
        raise Refused([Problem("", kind_of(raw), "an object with requests")])
    problems = [Problem("", "an unknown field", "requests") for name in raw if name != "requests"]
    requests = raw.get("requests")
    if not isinstance(requests, list):
        problems.append(Problem("requests", kind_of(requests), _BATCH))
    elif not 0 < len(requests) <= REQUESTS_AT_MOST:
        problems.append(Problem("requests", "a list that is too long" if requests else "an empty list", _BATCH))
    if problems:
        raise Refused(problems)
    return cast("list[Any]", requests)


def asked_again(text: str, as_of: date) -> Asked:
    """What a stored request asked, on the day that it was answered for."""
    request, _ = decoding.typed(text.encode())
    return _of(request, text, as_of)


def _asked(request: dict[str, Any], text: bytes, today: date, catalogue: Catalogue) -> Asked:
    problems = problems_with(request, today, catalogue)
    if problems:
        raise Refused(problems)
    return _of(request, text.decode(), request.get("as_of", today))


def _of(request: dict[str, Any], text: str, as_of: date) -> Asked:
    return Asked(
        pathway=request["pathway"],
        prediction=request.get("prediction"),
        as_of=as_of,
        person_id=request.get("person_id"),
        history=request.get("history"),
        request_id=request.get("request_id"),
        text=text,
    )


@cache
def _adapter() -> TypeAdapter[RiskRequest]:
    return TypeAdapter(RiskRequest)


def _plain(body: bytes) -> Any:
    """The body as plain values; a field that stands twice, or what is not JSON, is refused."""
    try:
        return json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Refused([_NOT_JSON if body.strip() else Problem("", "nothing", "a JSON object")]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise Refused([Problem("", "a field that stands twice", "each field once")])
    return named


def _problem(fault: ErrorDetails, raw: Any) -> Problem:
    """One fault of pydantic in our words. Its place is followed through the request, so no foreign name is quoted."""
    kind, place = fault["type"], fault["loc"]
    if kind == "extra_forbidden":
        parent = place[:-1]
        return Problem(path_of(parent), "an unknown field", _fields_of(_template(parent)))
    if kind != "missing":
        place = _reached(raw, place)
    return Problem(path_of(place), found_by(kind, fault["input"]), _allowed().get(_template(place), ""))


def _reached(raw: Any, place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The part of a place that exists in the request: pydantic adds the names of union members."""
    reached = raw
    for depth, part in enumerate(place):
        held = reached if isinstance(reached, dict) else dict(enumerate(reached)) if isinstance(reached, list) else {}
        if part not in held:
            return place[:depth]
        reached = held[part]
    return place


def _template(place: tuple[int | str, ...]) -> tuple[str, ...]:
    return tuple("[]" if isinstance(part, int) else part for part in place)


def _fields_of(parent: tuple[str, ...]) -> str:
    return ", ".join(place[-1] for place in _allowed() if place and place[:-1] == parent and place[-1] != "[]")


@cache
def _allowed() -> dict[tuple[str, ...], str]:
    """What is allowed at each place of a request, from the descriptions in its schema."""
    schema = _adapter().json_schema()
    allowed: dict[tuple[str, ...], str] = {(): "a JSON object"}

    def walk(part: Mapping[str, Any], place: tuple[str, ...]) -> None:
        shape = schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        allowed.setdefault(place, part.get("description", shape.get("description", "")))
        for name, field in shape.get("properties", {}).items():
            walk(field, (*place, name))
        if isinstance(shape.get("items"), dict):
            allowed[(*place, "[]")] = "an object"
            walk(shape["items"], (*place, "[]"))

    walk(schema, ())
    return allowed
