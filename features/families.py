"""Who must stay on one side of a split: relatives, and records that may be of one person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features import kernel as k
from features.histories import Links, People
from features.households import read_households
from pathways.words import RELATIONS

PERSON_DOMAINS = (56, 1147314)
"""OMOP concepts that say that a fact of FACT_RELATIONSHIP is a person."""


def families(people: People, tables: Mapping[str, Any]) -> NDArray[np.int64]:
    """A number for each person, in the order of people: the same for relatives by birth and for likely twins.

    Twins share birth date, sex and town: the dead of Synthea do so with a living person, and elsewhere one person may
    be registered twice. Without a town, a shared birthday says nothing, and unknown birthdays are not shared.
    """
    sex = np.nan_to_num(people.sex, nan=3.0).astype(np.int64)
    marks = (people.home * 2**18 + people.birth + 2**17) * 4 + sex  # births within 358 years of 1970
    alone = (people.home < 0) | (people.birth == k.MIN_DAY)
    marks = np.where(alone, marks.max(initial=0) + 1 + np.arange(len(people)), marks)
    _, family = np.unique(marks, return_inverse=True)
    return _merged(family.astype(np.int64), *_relatives(people, tables))


def with_households(family: NDArray[np.int64], links: Links) -> NDArray[np.int64]:
    """The same for families in which somebody shares or has shared a home, where a prediction reads of households."""
    homes = links.among(("household",))
    who = np.repeat(np.arange(len(family), dtype=np.int32), np.diff(homes.start))
    return _merged(family, who, homes.other)


MOTHER = 40478925
"""OMOP concept of a link from a child to its mother, as a public NHS build writes it (clinical_b.md 0.2); its name was
not seen there."""


def read_links(people: People, tables: Mapping[str, Any]) -> Links:
    """Mothers and children as FACT_RELATIONSHIP has them; children of one mother are brothers and sisters.

    Whoever shares or has shared a home is of the household from the day on which both lived there.
    """
    mine, mother = _linked(people, tables)
    order = np.argsort(mother, kind="stable")
    mine, mother = mine[order], mother[order]
    start, end = np.searchsorted(mother, mother, "left"), np.searchsorted(mother, mother, "right")
    many = end - start
    one = np.repeat(mine, many)
    other = mine[np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(start, many)]
    apart = one != other
    always = np.full(len(people) + len(one), k.MIN_DAY, dtype=np.int32)
    parts = (
        ("mother", mine, mother, always[: len(mine)]),
        ("child", mother, mine, always[: len(mine)]),
        ("sibling", one[apart], other[apart], always[: apart.sum()]),
        ("household", *read_households(people, tables)),
    )
    number = np.concatenate([np.full(len(who), RELATIONS.index(name), dtype=np.int32) for name, who, _, _ in parts])
    who, others, since = (np.concatenate([part[at] for part in parts]) for at in (1, 2, 3))
    return Links.of(len(people), who.astype(np.int64), number, others.astype(np.int32), since)


def _linked(people: People, tables: Mapping[str, Any]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Children and their mothers, both in the source."""
    table = tables.get("fact_relationship")
    if table is None or "relationship_concept_id" not in table.columns:
        return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32)
    mine, mother = _relatives(people, {"fact_relationship": table.filter(table.relationship_concept_id == MOTHER)})
    both = (mine >= 0) & (mother >= 0) & (mine != mother)
    return mine[both], mother[both]


def _relatives(people: People, tables: Mapping[str, Any]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    none = np.empty(0, dtype=np.int32)
    if "fact_relationship" not in tables:
        return none, none
    table = tables["fact_relationship"]
    pairs = table.filter(
        table.domain_concept_id_1.isin(PERSON_DOMAINS), table.domain_concept_id_2.isin(PERSON_DOMAINS)
    ).select(table.fact_id_1.cast("int64").name("a"), table.fact_id_2.cast("int64").name("b"))
    found = pairs.to_pyarrow()
    return _positions(people, found["a"]), _positions(people, found["b"])


def _positions(people: People, column: pa.ChunkedArray) -> NDArray[np.int32]:
    wanted = np.require(column.to_numpy(), np.int64, requirements=["C", "W"])
    found = np.empty(len(wanted), dtype=np.int32)
    k.locate(people.ids, wanted, found)
    return found


def _merged(family: NDArray[np.int64], a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.int64]:
    """Families joined along pairs of relatives, until nothing changes."""
    both = (a >= 0) & (b >= 0)
    a, b = a[both], b[both]
    while len(a):
        low = np.minimum(family[a], family[b])
        joined = np.arange(family.max() + 1)
        np.minimum.at(joined, family[a], low)
        np.minimum.at(joined, family[b], low)
        if (joined[family] == family).all():
            break
        family = joined[family]
    return family
