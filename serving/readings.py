"""Where a person's records come from: the request itself, or the OMOP tables of the service."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from pathways.definition import Prediction
from serving.awaited import Reading
from serving.messages import Asked


class Reader(Protocol):
    """Reads one person for one prediction, as at the day that was asked for."""

    def __call__(self, asked: Asked, prediction: Prediction) -> Reading: ...


def reader(source: Path) -> Reader:
    """A reader of the histories in requests and of the people in an OMOP folder."""
    raise NotImplementedError(source)
