"""A stored answer computed again, to show that it can be accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from features.person import UnknownPerson
from serving.desk import Desk
from serving.store import Entry


@dataclass(frozen=True)
class Replayed:
    """What differs between an answer as stored and as computed now, by field, without the values."""

    answer_id: str
    same_model: bool
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.differences


def replay(desk: Desk, entry: Entry) -> Replayed:
    """Compute a stored answer again with the model that is loaded and compare every field."""
    stored = json.loads(entry.answer)
    model = desk.loaded.served.get((entry.pathway, entry.prediction))
    same_model = (model.digest if model is not None else "") == entry.model_digest
    try:
        differences = tuple(_differences(stored, desk.again(entry), ""))
    except UnknownPerson:
        differences = ("the person is no longer in the records",)
    return Replayed(entry.answer_id, same_model, differences)


def _differences(stored: Any, anew: Any, place: str) -> Iterator[str]:
    if isinstance(stored, dict) and isinstance(anew, dict):
        for name in sorted(stored.keys() | anew.keys()):
            yield from _differences(stored.get(name), anew.get(name), f"{place}.{name}" if place else name)
    elif isinstance(stored, list) and isinstance(anew, list) and len(stored) == len(anew):
        for number, (was, now) in enumerate(zip(stored, anew, strict=True)):
            yield from _differences(was, now, f"{place}[{number}]")
    elif stored != anew:
        yield place
