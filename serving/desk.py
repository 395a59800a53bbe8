"""The desk: takes what is asked, finds the prediction, answers, and keeps the answer before it hands it over."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import BoundedSemaphore
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from features.person import Reading
from pathways.definition import Pathway, Prediction
from pathways.parts import concept_sets
from pathways.words import KINDS
from serving.answer import Question, answer
from serving.answer_shapes import Answer
from serving.loader import Loaded
from serving.messages import Asked, asked_again, asked_in
from serving.metrics import Metrics
from serving.options import Use
from serving.problems import Problem, Refused
from serving.readings import Reader
from serving.store import Answers, Entry, Kept
from serving.wording import worded

LONDON = ZoneInfo("Europe/London")
AT_ONCE, WAITING_AT_MOST = 2, 32


class Conflict(Exception):
    """The same id was used before for another request."""


class Busy(Exception):
    """More work waits than can be done soon."""


def now_in_london() -> datetime:
    """The time where the people are: a day ends there an hour before it ends in UTC, half of the year."""
    return datetime.now(LONDON)


@dataclass
class Desk:
    """One service: the models that it loaded, its store and its clock. It keeps state, so it is a class."""

    loaded: Loaded
    answers: Answers
    read: Reader
    use: Use
    now: Callable[[], datetime] = now_in_london
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self._catalogue = self.loaded.catalogue
        self._words = {
            (name, each.name): worded(each)
            for name, pathway in self.loaded.pathways.items()
            for each in pathway.predictions
        }
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="reading")
        self._room = BoundedSemaphore(WAITING_AT_MOST)
        self.metrics.models(
            (each.name, each.version, each.digest, each.state)
            for each in self.loaded.served.values()
            if each.model is not None
        )

    @property
    def catalogue(self) -> Mapping[str, tuple[str, ...]]:
        return self._catalogue

    def today(self) -> date:
        return self.now().date()

    def earlier(self, asked: Asked, key: str | None) -> str | None:
        """The answer that was already given to this request, if it has a key and was asked before."""
        entry = None if key is None else self.answers.of_key(key)
        return None if entry is None else said_before(Kept(entry, repeated=True), asked)

    def entry(self, asked: Asked, key: str | None) -> Entry:
        """Answer, and make of it what is kept."""
        now = self.now()
        said = self._answer(asked, secrets.token_hex(16), now.date())
        self.metrics.answer(
            said["pathway"], said["prediction"], said["status"], [missing["input"] for missing in said["missing"]]
        )
        return Entry(
            answer_id=said["answer_id"],
            key=key,
            request_digest=asked.digest,
            pathway=said["pathway"],
            prediction=said["prediction"],
            model_digest=said["model"]["digest"] if said["model"] else "",
            made_at=now.astimezone(UTC).isoformat(timespec="milliseconds"),
            request=asked.text,
            answer=msgspec.json.encode(said).decode(),
        )

    def in_background(self, work: Callable[[], Any]) -> Future[Any]:
        """Work that would hold up other requests, two pieces at once and a bounded number waiting."""
        if not self._room.acquire(blocking=False):
            raise Busy
        future = self._pool.submit(work)
        future.add_done_callback(lambda _: self._room.release())
        return future

    def warm(self) -> None:
        """Answer for nobody once in each prediction, so that nothing is compiled or built while somebody waits."""
        for name, pathway in self.loaded.pathways.items():
            history = _nobody(pathway, self.today() - timedelta(days=1))
            for prediction in pathway.predictions:
                body = msgspec.json.encode({"pathway": name, "prediction": prediction.name, "history": history})
                msgspec.json.encode(self._answer(asked_in(body, self.today(), self.catalogue), "", self.today()))

    def again(self, entry: Entry) -> dict[str, Any]:
        """The answer to a stored request, computed anew with the model that is loaded now."""
        stored = json.loads(entry.answer)
        asked = asked_again(entry.request, date.fromisoformat(stored["as_of"]))
        made = datetime.fromisoformat(entry.made_at).astimezone(LONDON).date()
        said = self._answer(asked, entry.answer_id, made)
        anew: dict[str, Any] = json.loads(msgspec.json.encode(said))
        return anew

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self.answers.close()

    def _answer(self, asked: Asked, answer_id: str, today: date) -> Answer:
        prediction, reading = self._read(asked)
        name = asked.pathway, prediction.name
        words, served = self._words[name], self.loaded.served[name]
        return answer(Question(answer_id, asked, prediction, words, reading, served, self.use, today))

    def _read(self, asked: Asked) -> tuple[Prediction, Reading]:
        """The prediction that was asked for, or the first for which the person is eligible, or the nearest to it."""
        predictions = self._predictions(asked)
        found = []
        for prediction in predictions:
            reading = self.read(asked, prediction)
            if reading.eligible:
                return prediction, reading
            found.append((prediction, reading))
        # Nobody is turned away from one prediction while another cannot tell.
        told = [each for each in found if each[1].eligible is None]
        return told[0] if told else min(found, key=lambda each: len(each[1].reasons))

    def _predictions(self, asked: Asked) -> Sequence[Prediction]:
        pathway = self.loaded.pathways[asked.pathway]
        return (pathway.prediction(asked.prediction),) if asked.prediction else pathway.predictions


def _nobody(pathway: Pathway, day: date) -> dict[str, Any]:
    """A made-up history with one recent record of each concept set, so that every part of the kernel has work."""
    records = [
        {"kind": kind, "concept_id": concept, "date": day.isoformat(), "value": 60.0}
        for one in concept_sets(pathway)
        for kind in one.kinds
        for concept, _ in (one.include + one.exact)[:1]
    ]
    covers = [{"kind": kind, "from": "2010-01-01"} for kind in KINDS]
    return {"person": {"birth_date": "1970-01", "sex": "female"}, "covers": covers, "records": records}


def said_before(kept: Kept, asked: Asked) -> str:
    """The answer in the store, if it was to this request.

    Raises
    ------
    Conflict
        If the client's id was used before for another request.
    """
    if kept.repeated and not kept.same_request(asked.digest):
        raise Conflict
    return kept.entry.answer


def key_of(asked: Asked, header: str | None) -> str | None:
    """The client's own id for a request, which it may say in either place but not differently."""
    if header is not None and asked.request_id is not None and header != asked.request_id:
        raise Refused([Problem("request_id", "another id than in Idempotency-Key", "the same id, or one of the two")])
    return header if header is not None else asked.request_id
