"""Tables that are the same for every population: vocabulary, practices and places, and what the source is."""

from __future__ import annotations

import numpy as np

from synthetic import concepts, published
from synthetic.calendar import END
from synthetic.omop import Folder
from synthetic.people import PRACTICES


def add_fixed_tables(out: Folder) -> None:
    """Write vocabulary, places and the description of the source."""
    _add_vocabulary(out)
    _add_places(out)
    out.add(
        "cdm_source",
        {
            "cdm_source_name": ["Synthetic London and North of England"],
            "cdm_source_abbreviation": ["synthetic"],
            "cdm_holder": ["nobody: these people are made up"],
            "source_description": ["Written by python -m synthetic; no record of a real person."],
            "source_release_date": np.array([END]),
            "cdm_release_date": np.array([END]),
            "cdm_version": ["5.4"],
        },
    )


def _add_vocabulary(out: Folder) -> None:
    every = sorted(concepts.ALL, key=lambda concept: concept.id)
    out.add(
        "concept",
        {
            "concept_id": [c.id for c in every],
            "concept_name": [c.name for c in every],
            "domain_id": [c.domain for c in every],
            "vocabulary_id": [c.vocabulary for c in every],
            "standard_concept": [c.standard for c in every],
            "concept_code": [c.code for c in every],
        },
    )
    pairs = sorted([*concepts.DESCENDANTS, *((c.id, c.id, 0) for c in every if c.id)])
    out.add(
        "concept_ancestor",
        {
            "ancestor_concept_id": [ancestor for ancestor, _, _ in pairs],
            "descendant_concept_id": [descendant for _, descendant, _ in pairs],
            "min_levels_of_separation": [levels for _, _, levels in pairs],
            "max_levels_of_separation": [levels for _, _, levels in pairs],
        },
    )


def _board(practice: int) -> tuple[int, str, str]:
    """Region and care board of a practice: (position of the region, board code, board name)."""
    boards = published.REGIONS[practice // PRACTICES].boards
    return practice // PRACTICES, *boards[practice % len(boards)]


def _add_places(out: Folder) -> None:
    """One location and one practice (P00001 ...) for each practice number; a location is its practice's area."""
    practices = range(PRACTICES * len(published.REGIONS))
    out.add(
        "location",
        {
            "location_id": [p + 1 for p in practices],
            "state": [published.REGIONS[_board(p)[0]].name for p in practices],
            "county": [_board(p)[2] for p in practices],
            "location_source_value": [published.REGIONS[_board(p)[0]].code for p in practices],
            "country_source_value": ["England" for _ in practices],
        },
    )
    out.add(
        "care_site",
        {
            "care_site_id": [p + 1 for p in practices],
            "care_site_name": [f"Practice {p + 1}" for p in practices],
            "location_id": [p + 1 for p in practices],
            "care_site_source_value": [f"P{p + 1:05d}" for p in practices],
            "place_of_service_source_value": ["general practice" for _ in practices],
        },
    )
