"""The OMOP concepts of the core and of all domains, and the tables that are the same for every population."""

from __future__ import annotations

from functools import cache

import numpy as np

from synthetic import concepts, places
from synthetic.calendar import END, day_of
from synthetic.concepts import Concept
from synthetic.domain import domain_modules
from synthetic.draws import Ints
from synthetic.omop import Folder


@cache
def all_concepts() -> tuple[Concept, ...]:
    """Every concept that is written, by id.

    Raises
    ------
    ValueError
        If two files give one id different names.
    """
    found: dict[int, Concept] = {}
    for one in (*concepts.ALL, *(one for module in domain_modules() for one in module.CONCEPTS)):
        known = found.setdefault(one.id, one)
        if known.name.lower() != one.name.lower():
            raise ValueError(f"concept {one.id} is called {known.name!r} and {one.name!r}")
    return tuple(sorted(found.values(), key=lambda one: one.id))


@cache
def descendants() -> tuple[tuple[int, int, int], ...]:
    """Rows of CONCEPT_ANCESTOR but for a concept's own: ancestor, descendant, levels."""
    mine = (*concepts.DESCENDANTS, *(row for module in domain_modules() for row in module.DESCENDANTS))
    levels = {(ancestor, below): number for ancestor, below, number in mine}
    return tuple(sorted((ancestor, below, number) for (ancestor, below), number in levels.items()))


def add_fixed_tables(out: Folder) -> None:
    """Write vocabulary, places and the description of the source."""
    _add_concepts(out)
    _add_ancestors(out)
    _add_relationships(out)
    _add_places(out)
    out.add(
        "cdm_source",
        {
            "cdm_source_name": ["Synthetic London and North of England"],
            "cdm_source_abbreviation": ["synthetic"],
            "cdm_holder": ["nobody: these people are made up"],
            "source_description": [
                "Written by python -m synthetic; no record of a real person. Boards and practices lend names only."
            ],
            "source_release_date": np.array([END]),
            "cdm_release_date": np.array([END]),
            "cdm_version": ["5.4"],
            "cdm_version_concept_id": [756265],
            "vocabulary_version": ["no release: concepts as read in files of others"],
        },
    )


def _always(rows: int) -> dict[str, Ints]:
    """Validity that no reader uses; the vocabulary's own dates were not read."""
    return {"valid_start_date": np.full(rows, day_of(1970)), "valid_end_date": np.full(rows, day_of(2099, 12, 31))}


def _add_concepts(out: Folder) -> None:
    every = all_concepts()
    out.add(
        "concept",
        {
            "concept_id": [c.id for c in every],
            "concept_name": [c.name for c in every],
            "domain_id": [c.domain for c in every],
            "vocabulary_id": [c.vocabulary for c in every],
            "concept_class_id": ["Undefined" for _ in every],
            "standard_concept": [c.standard for c in every],
            "concept_code": [c.code for c in every],
            **_always(len(every)),
        },
    )


def _add_ancestors(out: Folder) -> None:
    pairs = sorted([*descendants(), *((c.id, c.id, 0) for c in all_concepts() if c.id)])
    out.add(
        "concept_ancestor",
        {
            "ancestor_concept_id": [ancestor for ancestor, _, _ in pairs],
            "descendant_concept_id": [descendant for _, descendant, _ in pairs],
            "min_levels_of_separation": [levels for _, _, levels in pairs],
            "max_levels_of_separation": [levels for _, _, levels in pairs],
        },
    )


def _add_relationships(out: Folder) -> None:
    """Each standard concept maps to itself, and one level of ancestry is "Is a", as in the real table."""
    rows = [(c.id, c.id, "Maps to") for c in all_concepts() if c.id and c.standard == "S"]
    for ancestor, below, levels in descendants():
        rows += [(below, ancestor, "Is a"), (ancestor, below, "Subsumes")] if levels == 1 else []
    rows.sort()
    out.add(
        "concept_relationship",
        {
            "concept_id_1": [one for one, _, _ in rows],
            "concept_id_2": [other for _, other, _ in rows],
            "relationship_id": [kind for _, _, kind in rows],
            **_always(len(rows)),
        },
    )


def _add_places(out: Folder) -> None:
    """One location, practice and provider for each practice number; a location is its practice's area."""
    numbers = range(len(places.PRACTICES))
    boards = [places.BOARDS[practice.board] for practice in places.PRACTICES]
    out.add(
        "location",
        {
            "location_id": [n + 1 for n in numbers],
            "state": [places.REGIONS[board.region] for board in boards],
            "county": [board.name for board in boards],
            "location_source_value": [places.REGION_CODES[board.region] for board in boards],
            "country_source_value": ["England" for _ in numbers],
        },
    )
    out.add(
        "care_site",
        {
            "care_site_id": [n + 1 for n in numbers],
            "care_site_name": [practice.name for practice in places.PRACTICES],
            "location_id": [n + 1 for n in numbers],
            "care_site_source_value": [practice.code for practice in places.PRACTICES],
            "place_of_service_source_value": ["general practice" for _ in numbers],
        },
    )
    out.add(
        "provider",
        {
            "provider_id": [n + 1 for n in numbers],
            "care_site_id": [n + 1 for n in numbers],
            "provider_source_value": [f"any doctor or nurse of {practice.code}" for practice in places.PRACTICES],
            "specialty_source_value": ["general practice" for _ in numbers],
        },
    )
