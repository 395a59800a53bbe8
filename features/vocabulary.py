"""Concept sets as they stand in a vocabulary: with descendants, without exclusions, and the slots of the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from features.histories import Slots
from features.streams import BASE, Streams
from pathways.words import ConceptSet, Records

TABLE_OF = {
    "condition": "condition_occurrence",
    "measurement": "measurement",
    "medication": "drug_exposure",
    "immunisation": "drug_exposure",
    "visit": "visit_occurrence",
    "procedure": "procedure_occurrence",
    "observation": "observation",
    "family_history": "observation",
}
"""OMOP keeps vaccines among drugs and family history among observations."""

TABLES = tuple(dict.fromkeys(TABLE_OF.values()))
TABLE_CODES = {table: code for code, table in enumerate(TABLES)}
"""The lowest four bits of a record."""


@dataclass(frozen=True)
class Vocabulary:
    """The concepts of each set by name, and the codes that stand for them; frozen into a model for replay.

    `codes` finds a concept by "VOCABULARY|code", as in "SNOMED|44054006"; it is empty if the source names no codes.
    """

    concepts: Mapping[str, frozenset[int]]
    codes: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def coded(self) -> frozenset[str]:
        """The vocabularies whose codes are known: a code of these that is not in `codes` is asked for by nobody."""
        return frozenset(code.partition("|")[0] for code in self.codes)

    def of(self, one: ConceptSet) -> frozenset[int]:
        """The concepts of a set; only those that it names, if the vocabulary has never seen it."""
        named = {concept for concept, _ in one.include + one.exact} - {concept for concept, _ in one.exclude}
        return self.concepts.get(one.name, frozenset(named))


SYSTEMS = {
    "http://snomed.info/sct": "SNOMED",
    "http://loinc.org": "LOINC",
    "https://dmd.nhs.uk": "dm+d",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/icd-10": "ICD10",
    "http://read.info/readv2": "Read",
}
"""OMOP's names of the code systems that clients name by address."""


def expand(sets: Iterable[ConceptSet], descendants: Mapping[int, frozenset[int]]) -> Vocabulary:
    """Expand concept sets; a concept without known descendants stands for itself."""

    def under(concepts: Iterable[tuple[int, str]]) -> set[int]:
        return {found for concept, _ in concepts for found in (descendants.get(concept, frozenset()) | {concept})}

    return Vocabulary(
        {one.name: frozenset((under(one.include) | {c for c, _ in one.exact}) - under(one.exclude)) for one in sets}
    )


@dataclass(frozen=True)
class SlotMap:
    """Slots and how to find them: by table and concept, or by table and answer."""

    slots: Slots
    concept: Mapping[tuple[str, int], int]
    answer: Mapping[tuple[str, int], int]
    theirs: SlotMap | None = None
    """What is read of relatives, if anything is."""

    @cached_property
    def by_table(self) -> Mapping[str, tuple[dict[int, int], dict[int, int]]]:
        """For each table the slots of its concepts and of its answers."""
        tables = dict.fromkeys(table for table, _ in [*self.concept, *self.answer])
        return {
            table: (
                {concept: slot for (where, concept), slot in self.concept.items() if where == table},
                {concept: slot for (where, concept), slot in self.answer.items() if where == table},
            )
            for table in tables
        }


def slot_map(streams: Streams, vocabulary: Vocabulary) -> SlotMap:
    """Number every (table, concept) that a stream asks for of the person, and of relatives."""
    own = _slot_map(streams, vocabulary, streams.own)
    return replace(own, theirs=_slot_map(streams, vocabulary, streams.theirs)) if streams.relations else own


def _slot_map(streams: Streams, vocabulary: Vocabulary, read: frozenset[Records]) -> SlotMap:
    wanted: dict[tuple[bool, str, int], list[tuple[int, float, int]]] = {}
    for at, stream in enumerate(streams.recorded, len(BASE)):
        if stream not in read:
            continue
        assumed = dict(stream.assumed)
        for level, part in _parts(stream):
            for table in dict.fromkeys(TABLE_OF[kind] for kind in part.kinds):
                for concept in sorted(vocabulary.of(part)):
                    entry = (at, level, assumed.get(concept, 0))
                    for answer in (False, True) if stream.levels else (False,):
                        entries = wanted.setdefault((answer, table, concept), [])
                        if entry not in entries[-1:]:
                            entries.append(entry)
    keys = sorted(wanted)
    listed = [entry for key in keys for entry in wanted[key]]
    lengths = [len(wanted[key]) for key in keys]
    slots = Slots(
        concepts=np.array([concept for _, _, concept in keys], dtype=np.int64),
        answers=np.array([answer for answer, _, _ in keys], dtype=np.bool_),
        tables=tuple(table for _, table, _ in keys),
        start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64) if keys else np.zeros(1, dtype=np.int64),
        stream=np.array([entry[0] for entry in listed] or [0], dtype=np.int64),
        level=np.array([entry[1] for entry in listed] or [np.nan], dtype=np.float64),
        assumed=np.array([entry[2] for entry in listed] or [0], dtype=np.int64),
    )
    numbered = {key: slot for slot, key in enumerate(keys)}
    return SlotMap(
        slots,
        {(table, concept): slot for (answer, table, concept), slot in numbered.items() if not answer},
        {(table, concept): slot for (answer, table, concept), slot in numbered.items() if answer},
    )


def _parts(stream: Records) -> list[tuple[float, ConceptSet]]:
    if stream.levels:
        return [(float(level), part) for level, (_, part) in enumerate(stream.levels)]
    return [(float("nan"), part) for part in stream.of]
