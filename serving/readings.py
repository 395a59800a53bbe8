"""Where a person's records come from: the request itself, or the OMOP tables of the service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from features.person import PersonReader, Reading, UnknownPerson
from features.source import Source, open_source
from features.vocabulary import Vocabulary, expand
from pathways.definition import Pathway, Prediction
from pathways.parts import concept_sets
from registry.model import Model
from serving.loader import Loaded
from serving.messages import Asked

Reader = Callable[[Asked, Prediction], Reading]
"""Reads one person for one prediction, as at the day that was asked for."""


class People:
    """The readers of every prediction, prepared once, over one source that one thread at a time may ask."""

    def __init__(self, loaded: Loaded, source: Source | None) -> None:
        self.source = source
        self._asking = Lock()
        self._vocabularies = {
            (name, prediction.name): _vocabulary(pathway, loaded.served[name, prediction.name].model, source)
            for name, pathway in loaded.pathways.items()
            for prediction in pathway.predictions
        }
        self._readers = {
            (name, prediction.name): PersonReader(
                pathway, prediction, self._vocabularies[name, prediction.name], source
            )
            for name, pathway in loaded.pathways.items()
            for prediction in pathway.predictions
        }

    def __call__(self, asked: Asked, prediction: Prediction) -> Reading:
        """The reading of who was asked about.

        Raises
        ------
        UnknownPerson
            If the records of the service hold nobody with this id.
        """
        reader = self._readers[asked.pathway, prediction.name]
        if asked.history is not None:
            return reader.from_history(asked.history, asked.as_of)
        with self._asking:
            # One DuckDB connection serves one query at a time.
            return reader.from_source(_number(asked.person_id), asked.as_of)

    def vocabulary(self, pathway: str, prediction: Prediction) -> Vocabulary:
        """The concepts and codes by which people are read for a prediction."""
        return self._vocabularies[pathway, prediction.name]


def people(loaded: Loaded, source: Path) -> People:
    """Readers of histories, and of the people of an OMOP folder or .duckdb file if there is one."""
    opened = open_source(source) if source.exists() else None
    if opened is not None:
        # Read once: everybody's facts, and how far the extract goes.
        _ = opened.people, opened.places, opened.extract_day, opened.complete
    return People(loaded, opened)


def _vocabulary(pathway: Pathway, model: Model | None, source: Source | None) -> Vocabulary:
    """The concepts with which the model was trained; without a model those of the source, or only those named."""
    if model is not None and model.concepts:
        return Vocabulary({name: frozenset(ids) for name, ids in model.concepts.items()}, model.codes)
    sets = concept_sets(pathway)
    return expand(sets, {}) if source is None else source.vocabulary(sets)


def _number(person_id: int | str | None) -> int:
    text = str(person_id)
    if not (text.isascii() and text.isdecimal() and int(text) < 2**63):
        raise UnknownPerson
    return int(text)
