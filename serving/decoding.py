"""The shapes of a request as a compiled decoder: msgspec reads, checks and types a request in one pass.

The decoder only lets pass or refuses; what is wrong is found out by the slower shapes that it is made from. It takes
bodies without escapes (`\\n`), so no text in them can hold a control character.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from types import UnionType
from typing import Annotated, Any, NotRequired, Union, get_args, get_origin, get_type_hints

import msgspec
from annotated_types import Ge, Le, MaxLen
from pydantic import StringConstraints
from pydantic.fields import FieldInfo
from typing_extensions import TypedDict, is_typeddict

from serving.shapes import DAY, LINE, RiskRequest

_ENCODER = msgspec.json.Encoder(order="deterministic")
"""Fields in one order, so that a request written in another order is the same request."""


class Unread(Exception):
    """The decoder does not take this body, which may yet be in order."""


def read(body: bytes) -> tuple[dict[str, Any], bytes]:
    """A request with days as dates, and its text in one form.

    Raises
    ------
    Unread
        If the body has an escape, or is not a request of the shape.
    """
    if b"\\" in body or b"\x7f" in body:
        raise Unread
    return typed(body)


def typed(body: bytes) -> tuple[dict[str, Any], bytes]:
    """The same for a body whose texts are known to hold no control character."""
    try:
        request = _decoder().decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise Unread from None
    text = _ENCODER.encode(request)
    # A field that is unknown or stands twice is lost on the way, and with it at least two quotation marks.
    if body.count(b'"') != text.count(b'"'):
        raise Unread
    return request, text


@cache
def _decoder() -> msgspec.json.Decoder[dict[str, Any]]:
    return msgspec.json.Decoder(_type(RiskRequest))


def _type(shape: Any) -> Any:
    """The type that msgspec reads, for one of pydantic."""
    origin, inner = get_origin(shape), get_args(shape)
    if is_typeddict(shape):
        hints = get_type_hints(shape, include_extras=True)
        return TypedDict(shape.__name__, {name: _type(hint) for name, hint in hints.items()})  # type: ignore[operator]
    if origin is NotRequired:
        return NotRequired[_type(inner[0])]
    if origin is list:
        return list[_type(inner[0])]  # type: ignore[misc]
    if origin in (Union, UnionType):
        return Union[tuple(_type(one) for one in inner)]  # noqa: UP007 - made at run time
    if origin is Annotated:
        return _limited(inner[0], _limits(inner[1:]))
    return shape


def _limits(notes: tuple[Any, ...]) -> dict[str, Any]:
    """The limits among the notes of a type, by msgspec's names."""
    limits: dict[str, Any] = {}
    for note in notes:
        match note:
            case FieldInfo():
                limits |= _limits(tuple(note.metadata))
            case StringConstraints():
                limits |= {"pattern": note.pattern, "max_length": note.max_length}
            case Ge():
                limits["ge"] = note.ge
            case Le():
                limits["le"] = note.le
            case MaxLen():
                limits["max_length"] = note.max_length
    return {name: limit for name, limit in limits.items() if limit is not None}


def _limited(shape: Any, limits: dict[str, Any]) -> Any:
    if limits.get("pattern") == DAY:
        return date
    if limits.get("pattern") == LINE:
        limits = {"min_length": 1, "max_length": limits["max_length"]}
    return Annotated[_type(shape), msgspec.Meta(**limits)] if limits else _type(shape)
