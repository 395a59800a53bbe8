"""Who must stay on one side of a split: relatives, and records that may be of one person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features import kernel as k
from features.histories import People

PERSON_DOMAINS = (56, 1147314)
"""OMOP concepts that say that a fact of FACT_RELATIONSHIP is a person."""


def families(people: People, tables: Mapping[str, Any]) -> NDArray[np.int64]:
    """A number for each person, in the order of people: the same for relatives and for likely twins.

    Twins share birth date, sex and town: the dead of Synthea do so with a living person, and elsewhere one person may
    be registered twice. Without a town, a shared birthday says nothing, and unknown birthdays are not shared.
    """
    sex = np.nan_to_num(people.sex, nan=3.0).astype(np.int64)
    marks = (people.home * 2**18 + people.birth + 2**17) * 4 + sex  # births within 358 years of 1970
    alone = (people.home < 0) | (people.birth == k.MIN_DAY)
    marks = np.where(alone, marks.max(initial=0) + 1 + np.arange(len(people)), marks)
    _, family = np.unique(marks, return_inverse=True)
    return _merged(family.astype(np.int64), *_relatives(people, tables))


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
