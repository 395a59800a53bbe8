"""Compare the concept ids and names of a pathway with the vocabulary of a source, and look for codes that it misses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pathways.definition import Pathway
from pathways.facts import parts_of, records_of
from pathways.parts import concept_sets
from pathways.vocabulary import RECORD_TABLES, Recorded, Vocabulary
from pathways.words import ConceptSet

Status = Literal["verified", "contradicted", "not found"]

SHOWN = 20
HIDDEN_BELOW = 8

# Words that say how something was measured or that it is an illness, not what it is.
_SAID_OF_MANY = (
    "about above acute agents antiinflammatory antirheumatic application area based blood body chronic complication"
    " condition current days disease disorder dose during episode estimation extended extract finding following"
    " formula history hour induced injection left mass mean measured measurement method milligram moles more"
    " observation oral pack patient person plasma positive predicted presence present primary procedure products rate"
    " ratio reaction release right sample serum site solution specimen stage status strip substance syndrome system"
    " tablet test testing total type unspecified urine using visit volume with without"
)
_BOILERPLATE = frozenset(_SAID_OF_MANY.split())


@dataclass(frozen=True)
class Concept:
    """One id of a definition and what the vocabulary of the source says of it."""

    used_by: str
    concept_id: int
    name: str
    status: Status
    found: str = ""
    standard: str = ""

    @property
    def remark(self) -> str:
        """What a reader should know of an id that was found."""
        if self.status != "verified" or self.standard == "S":
            return ""
        return "a class: matches by its descendants only" if self.standard == "C" else "not standard"


@dataclass(frozen=True)
class Unmatched:
    """A concept in the data that a set does not match, although it is named alike; `rows` None if under 8."""

    concept_id: int
    name: str
    table: str
    rows: int | None


@dataclass(frozen=True)
class Report:
    """What was compared, and for each concept set the commonest similarly named concepts that it does not match."""

    pathway: str
    concepts: tuple[Concept, ...]
    similar: Mapping[str, tuple[Unmatched, ...]]
    matched: Mapping[str, int | None]
    descendants: bool

    @property
    def passes(self) -> bool:
        """Every id was found under its name; an id that was not found is never a pass."""
        return all(concept.status == "verified" for concept in self.concepts)


def check(name: str, pathway: Pathway, vocabulary: Vocabulary) -> Report:
    """Compare one pathway with a vocabulary."""
    sets = concept_sets(pathway)
    expanded = {one.name: _expand(one, vocabulary) for one in sets}
    matched = {one.name: sum(each.rows for each in _matched(one, expanded[one.name], vocabulary)) for one in sets}
    return Report(
        pathway=name,
        concepts=tuple(_compared(pathway, vocabulary)),
        similar={one.name: _similar(one, expanded[one.name], vocabulary) for one in sets},
        matched={set_name: shown(rows) for set_name, rows in matched.items()},
        descendants=vocabulary.descendants is not None,
    )


def shown(rows: int) -> int | None:
    """A count that may be printed: 1 to 7 are hidden, others go to the nearest 5."""
    if 0 < rows < HIDDEN_BELOW:
        return None
    return 5 * round(rows / 5)


def _compared(pathway: Pathway, vocabulary: Vocabulary) -> Iterator[Concept]:
    for one in concept_sets(pathway):
        for _, part in parts_of(one):
            for concept, name in part:
                yield _status(one.name, concept, name, vocabulary)
    for stream in records_of(pathway):
        for unit in stream.units:
            yield _status(f"unit of {stream.name}", unit.concept_id, unit.name, vocabulary)


def _status(used_by: str, concept: int, name: str, vocabulary: Vocabulary) -> Concept:
    if concept not in vocabulary.concepts:
        return Concept(used_by, concept, name, "not found")
    found, standard = vocabulary.concepts[concept]
    same = _plain(found) == _plain(name)
    return Concept(used_by, concept, name, "verified" if same else "contradicted", found, standard)


def _plain(name: str) -> str:
    """A name without case and doubled spaces: RxNorm's releases differ in no more than that."""
    return " ".join(name.casefold().split())


def _expand(one: ConceptSet, vocabulary: Vocabulary) -> frozenset[int]:
    def under(part: Iterable[tuple[int, str]]) -> set[int]:
        below = vocabulary.descendants or {}
        return {found for concept, _ in part for found in (concept, *below.get(concept, ()))}

    return frozenset((under(one.include) | {concept for concept, _ in one.exact}) - under(one.exclude))


def _matched(one: ConceptSet, concepts: frozenset[int], vocabulary: Vocabulary) -> list[Recorded]:
    tables = {RECORD_TABLES[kind][0] for kind in one.kinds}
    return [each for each in vocabulary.recorded if each.concept_id in concepts and each.table in tables]


def _similar(one: ConceptSet, concepts: frozenset[int], vocabulary: Vocabulary) -> tuple[Unmatched, ...]:
    """The commonest concepts that share a telling word with the set, also those in a table that it does not read."""
    asked = {word for _, name in one.include + one.exact for word in _telling(name)}
    matched = set(_matched(one, concepts, vocabulary))
    left_out = {concept for concept, _ in one.exclude}
    alike = [
        each
        for each in vocabulary.recorded
        if each not in matched and each.concept_id not in left_out and _alike(asked, _telling(each.name))
    ]
    alike.sort(key=lambda each: (-each.rows, each.name, each.table))
    return tuple(Unmatched(each.concept_id, each.name, each.table, shown(each.rows)) for each in alike[:SHOWN])


def _telling(name: str) -> frozenset[str]:
    """The words of a name that say what it is about."""
    found = re.findall(r"[a-z][a-z0-9]{2,}", name.casefold())
    return frozenset(word for word in found if len(word) > 3 and word not in _BOILERPLATE)


def _alike(asked: Iterable[str], told: Iterable[str]) -> bool:
    """Whether two names share a word, or its stem: diabetes and diabetic, hypertension and hypertensive."""
    return any(_same_stem(one, other) for one in asked for other in told)


def _same_stem(one: str, other: str) -> bool:
    length = max(5, min(len(one), len(other)) - 2)
    return one == other or (min(len(one), len(other)) >= 6 and one[:length] == other[:length])


def ids_of(pathway: Pathway) -> set[int]:
    """Every concept id of a pathway's sets."""
    return {concept for one in concept_sets(pathway) for _, part in parts_of(one) for concept, _ in part}
