"""The HTTP interface: one Starlette application, whatever serves it."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from features.person import UnknownPerson
from serving.catalogue import pathway_shown, pathways_shown
from serving.desk import Busy, Conflict, Desk, key_of, said_before
from serving.listing import LIST
from serving.messages import Asked, asked_in, batch_in, understood
from serving.metrics import CONTENT_TYPE, Metrics
from serving.openapi import description
from serving.problems import Problem, Refused, body_of
from serving.replies import refused, reply
from serving.store import Entry, Kept, StoreUnavailable
from serving.watch import Watch, say

BODY_AT_MOST = 2**20
BATCH_AT_MOST = 16 * 2**20
INLINE_RECORDS = 2_000
"""A longer history is read in the background, so that it holds up nobody else."""
BATCH_SECONDS, ANSWER_SECONDS = 4.0, 4.5
"""Below the 5 seconds after which BentoML cuts a request off: what a batch could not do by then is said to be left."""

_USED_ID = Problem("request_id", "an id that was used for another request", "a new id, or the same request")
_LEFT = Problem("", "more requests than could be answered in time", "this request again, in a smaller batch")
_BY_STATUS = {
    400: Problem("", "a body that ended early", "the whole body"),
    404: Problem("", "nothing at this address", "an address of /openapi.json"),
    405: Problem("", "a method that this address does not take", "the methods of the Allow header"),
    413: Problem("", "a body that is too long", f"at most {BODY_AT_MOST} bytes ({BATCH_AT_MOST} for /v1/risks)"),
    415: Problem("", "a body that is not said to be JSON", "content-type: application/json"),
}


def application(open_desk: Callable[[Metrics], Desk]) -> Starlette:
    """The application; the desk is opened when it starts and closed when it stops."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        desk = open_desk(metrics)
        app.state.desk = desk
        # Models, kernels and definitions stay for good: the collector need not walk them at every turn.
        gc.collect()
        gc.freeze()
        for served in desk.loaded.served.values():
            say(
                "model",
                model=served.name,
                reason=served.why_not.code if served.why_not else f"version {served.version}",
            )
        say("started", models=sum(each.model is not None for each in desk.loaded.served.values()))
        try:
            yield
        finally:
            desk.close()

    app = Starlette(
        routes=_routes(),
        middleware=[Middleware(Watch, metrics=metrics)],
        exception_handlers=_REFUSALS,
        lifespan=lifespan,
    )
    # A redirect would repeat in its Location whatever a client put into the path.
    app.router.redirect_slashes = False
    return app


def _routes() -> list[Route]:
    return [
        Route("/v1/risk", risk, methods=["POST"]),
        Route("/v1/risks", risks, methods=["POST"]),
        Route("/v1/pathways", all_pathways),
        Route("/v1/pathways/{name}", one_pathway),
        Route("/v1/answers/{answer_id}", stored_answer),
        Route("/livez", alive),
        Route("/readyz", ready),
        Route("/metrics", metrics_text),
        Route("/openapi.json", openapi),
    ]


async def risk(request: Request) -> Response:
    """One answer."""
    desk = _desk(request)
    body = await _body(request, BODY_AT_MOST)
    asked = asked_in(body, desk.today(), desk.catalogue)
    key = key_of(asked, _idempotency_key(request))
    earlier = desk.earlier(asked, key)
    if earlier is not None:
        return reply(earlier)
    entry = await _entry(desk, asked, key)
    (kept,) = await _kept(desk, [entry])
    return reply(said_before(kept, asked))


async def risks(request: Request) -> Response:
    """Many answers in order, each an answer or its problems. All that could be answered are kept together."""
    desk = _desk(request)
    body = await _body(request, BATCH_AT_MOST)
    header, until = _idempotency_key(request), time.monotonic() + BATCH_SECONDS
    found = await _worked(desk, lambda: _batch(desk, body, header, until))
    entries = [entry for _, entry in found if isinstance(entry, Entry)]
    waiting = iter(await _kept(desk, entries))
    said = []
    for asked, entry in found:
        if isinstance(entry, Refused):
            said.append(msgspec.json.encode(body_of(entry.problems)).decode())
            continue
        try:
            said.append(said_before(next(waiting), asked))
        except Conflict:
            said.append(msgspec.json.encode(body_of([_USED_ID])).decode())
    return reply(f'{{"answers":[{",".join(said)}]}}')


def _batch(desk: Desk, body: bytes, header: str | None, until: float) -> list[tuple[Any, Entry | Refused]]:
    return [
        _one_of(desk, raw, header, number) if time.monotonic() < until else (None, Refused([_LEFT]))
        for number, raw in enumerate(batch_in(body))
    ]


def _one_of(desk: Desk, raw: Any, header: str | None, number: int) -> tuple[Asked | None, Entry | Refused]:
    try:
        asked = understood(raw, desk.today(), desk.catalogue)
        own = asked.request_id or (f"{header}/{number}" if header else None)
        return asked, desk.entry(asked, own)
    except Refused as error:
        return None, error
    except UnknownPerson:
        return None, Refused([_UNKNOWN_PERSON])


async def all_pathways(request: Request) -> Response:
    """The pathways that can be asked for."""
    return reply(pathways_shown(_desk(request).loaded))


async def one_pathway(request: Request) -> Response:
    """A pathway's definition, inputs, model and evidence."""
    desk = _desk(request)
    name = request.path_params["name"]
    if name not in desk.catalogue:
        raise HTTPException(404)
    return reply(pathway_shown(name, desk.loaded, desk.use))


async def stored_answer(request: Request) -> Response:
    """An answer, byte for byte as it was sent."""
    entry = _desk(request).answers.of_id(request.path_params["answer_id"])
    if entry is None or entry.prediction == LIST:  # a list names people; it is shown to whoever runs the command
        raise HTTPException(404)
    return reply(entry.answer)


async def alive(_: Request) -> Response:
    """Alive, whatever it can answer."""
    return reply({"status": "alive"})


async def ready(request: Request) -> Response:
    """Ready when answers can be kept; with the model of each prediction, or why there is none."""
    desk = _desk(request)
    works = desk.answers.works()
    models = {
        served.name: {
            "version": served.version,
            "digest": served.digest,
            "state": served.state if served.model else None,
            "why_not": None if (why := served.refusal(desk.use, desk.today())) is None else why.code,
        }
        for served in desk.loaded.served.values()
    }
    said = {"status": "ready" if works else "not_ready", "use": desk.use, "models": models}
    return reply(said, 200 if works else 503)


async def metrics_text(request: Request) -> Response:
    """The counts, for Prometheus."""
    return Response(_desk(request).metrics.text(), headers={"content-type": CONTENT_TYPE})


async def openapi(_: Request) -> Response:
    """The description of this interface."""
    return reply(description())


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def _entry(desk: Desk, asked: Asked, key: str | None) -> Entry:
    if asked.history is not None and asked.records <= INLINE_RECORDS:
        return desk.entry(asked, key)
    entry: Entry = await _worked(desk, lambda: desk.entry(asked, key))
    return entry


async def _kept(desk: Desk, entries: list[Entry]) -> list[Kept]:
    return await asyncio.wrap_future(desk.answers.keep(entries))


async def _worked(desk: Desk, work: Callable[[], Any]) -> Any:
    try:
        return await asyncio.wait_for(asyncio.wrap_future(desk.in_background(work)), ANSWER_SECONDS)
    except TimeoutError:
        raise Busy from None


async def _body(request: Request, at_most: int) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415)
    said = request.headers.get("content-length", "0")
    if said.isdecimal() and int(said) > at_most:
        raise HTTPException(413)
    parts, length = [], 0
    try:
        async for part in request.stream():
            parts.append(part)
            length += len(part)
            if length > at_most:
                raise HTTPException(413)
    except ClientDisconnect:
        raise HTTPException(400) from None
    return b"".join(parts)


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= 100 and key.isascii() and key.isprintable()):
        raise Refused([Problem("Idempotency-Key", "text in another form", "1 to 100 printable ASCII characters")])
    return key


_UNKNOWN_PERSON = Problem("person_id", "an id of nobody in the records", "the id of a person in the records")


async def _unprocessable(_: Request, error: Exception) -> Response:
    return refused(422, error.problems if isinstance(error, Refused) else [_UNKNOWN_PERSON])


async def _conflict(_: Request, __: Exception) -> Response:
    return refused(409, [_USED_ID])


async def _unavailable(_: Request, error: Exception) -> Response:
    say("unavailable", kind=type(error).__name__)
    found = "more work than can be done now" if isinstance(error, Busy) else "answers that cannot be kept"
    return refused(503, [Problem("", found, "the same request a little later")], retry_after="1")


async def _http(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return refused(status, [_BY_STATUS.get(status, Problem("", "a request that cannot be taken", ""))], **headers)


_REFUSALS: dict[Any, Any] = {
    Refused: _unprocessable,
    UnknownPerson: _unprocessable,
    Conflict: _conflict,
    Busy: _unavailable,
    StoreUnavailable: _unavailable,
    HTTPException: _http,
}
