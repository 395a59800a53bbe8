"""The dead of Synthea and the living person in whose place they stood: one family, so one side of a split."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.source import Source
from features.table import FeatureTable

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Twins:
    """How many of the dead share birth date, sex and town with a living person, and how many of them one address.

    `features.families` goes by the address, so the rest would have been torn apart.
    """

    dead: int
    same_town: int
    same_address: int


def together(table: FeatureTable, source: Source) -> tuple[FeatureTable, Twins]:
    """The table with families by birth date, sex and town, as ../shared/README.md asks for this simulator."""
    people = source.people
    family, died = _by_town(source), people.death < k.MAX_DAY
    twins = Twins(int(died.sum()), _with_living(family, died), _with_living(source.families, died))
    at = np.searchsorted(people.ids, table.person_id)
    return replace(table, family=family[at]), twins


def _by_town(source: Source) -> Ints:
    people, place = source.people, source.tables["location"]
    found = place.select(place.location_id.cast("int64").name("home"), place.city.cast("string").name("city"))
    towns: dict[int, Any] = {row["home"]: row["city"] for row in found.to_pyarrow().to_pylist()}
    town = np.unique([str(towns.get(home, "")) for home in people.home.tolist()], return_inverse=True)[1]
    marks = np.stack([people.birth, np.nan_to_num(people.sex, nan=3.0).astype(np.int64), town], axis=1)
    return np.asarray(np.unique(marks, axis=0, return_inverse=True)[1].reshape(-1), dtype=np.int64)


def _with_living(family: Ints, died: NDArray[np.bool_]) -> int:
    """The dead in whose family somebody is alive."""
    return int(np.count_nonzero(died & np.isin(family, family[~died])))
