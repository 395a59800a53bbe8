"""Around every request: its time and status are counted and logged, and no exception passes with what it says."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.metrics import METHODS, Metrics
from serving.problems import Problem
from serving.replies import refused

log = logging.getLogger("serving")
UNMATCHED = "unmatched"
FIELDS = ("event", "route", "method", "status", "milliseconds", "kind", "reference", "at", "model", "models", "reason")
"""All that a line of the log may say. None of them can hold what a client sent."""


class Lines(logging.Formatter):
    """One JSON object for each event, of allowed fields only."""

    def format(self, record: logging.LogRecord) -> str:
        said = record.__dict__.get("said", {})
        line = {"time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")}
        line |= {"level": record.levelname.lower(), "event": str(record.msg)}
        return json.dumps(line | {name: said[name] for name in FIELDS if name in said})


def log_to_stdout() -> None:
    """Send our lines to standard output, past whatever logging the host process has set up."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Lines())
    log.handlers[:] = [handler]
    log.propagate, log.disabled = False, False
    log.setLevel(logging.INFO)


def say(event: str, level: int = logging.INFO, **said: str | int | float) -> None:
    """Log an event with allowed fields."""
    if log.isEnabledFor(level):
        log.log(level, event, extra={"said": said})


class Watch:
    """ASGI middleware; a closure would do, but Starlette takes a class."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            # Handled here because Starlette and uvicorn print what they catch, and its text may quote a record.
            reference = _noted(error)
            if not status:
                await _failed(reference)(scope, receive, noting)
        finally:
            self._count(scope, status or 499, time.perf_counter() - began)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", UNMATCHED)
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._metrics.request(route, method, status, seconds)
        say("request", route=route, method=method, status=status, milliseconds=round(seconds * 1000, 1))


def _noted(error: Exception) -> str:
    reference = secrets.token_hex(6)
    frames = traceback.extract_tb(error.__traceback__)
    at = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-8:]))
    say("failed", logging.ERROR, kind=type(error).__name__, reference=reference, at=at)
    return reference


def _failed(reference: str) -> Response:
    return refused(500, [Problem("", f"a fault of ours, noted as {reference}", "the same request later")])
