"""Replies: JSON that nobody may keep on the way, and refusals that all have one shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from serving.problems import Problem, body_of

_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def reply(body: bytes | str | Mapping[str, Any], status: int = 200, **headers: str) -> Response:
    """A JSON reply."""
    content = msgspec.json.encode(body) if isinstance(body, Mapping) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(content, status, _HEADERS | named, media_type="application/json")


def refused(status: int, problems: Sequence[Problem], **headers: str) -> Response:
    """A refusal with all of its problems."""
    return reply(body_of(problems), status, **headers)
