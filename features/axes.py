"""The axes along which every measure is reported, as at each index date."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.days import calendar_date
from features.histories import Histories
from features.source import Source
from features.streams import BASE
from pathways import words

AGE_BANDS = ((18, "under 18"), (35, "18-34"), (50, "35-49"), (65, "50-64"), (75, "65-74"), (999, "75+"))

_BAND_OF = np.array([next(name for limit, name in AGE_BANDS if age < limit) for age in range(AGE_BANDS[-1][0])] + [""])
"""The band of each age in years; nobody is as old as those of unknown birth."""


def axes_of(
    source: Source, histories: Histories, rows: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> dict[str, NDArray[np.str_]]:
    """The axes of rows (people of a chunk, index days): what is blank is unknown."""
    person, _ = rows
    people = histories.people
    years = np.empty(len(person), dtype=np.int64)
    k.ages(people.birth, rows, years)
    sexes = np.array([*words.SEXES, "unknown"])
    axes = {
        "sex": sexes[np.where(np.isnan(people.sex[person]), len(words.SEXES), people.sex[person]).astype(np.int64)],
        "age_band": _BAND_OF[np.clip(years, 0, len(_BAND_OF) - 1)],
        "ethnicity": people.category[person],
    }
    for name in ("region", "area", "practice"):
        axes[name] = _named(_place(name, histories, rows), source.places.levels[name])
    fifth = _place("deprivation", histories, rows)
    axes["deprivation"] = _named(np.where((fifth >= 1) & (fifth <= 5), fifth - 1, np.nan), tuple("12345"))
    return axes


def places_of(source: Source, histories: Histories, index: int) -> dict[str, str]:
    """Region and board of the first person on an index date, where they are known."""
    rows = (np.zeros(1, dtype=np.int64), np.full(1, index, dtype=np.int64))
    found = {name: _place(name, histories, rows)[0] for name in ("region", "area")}
    return {name: source.places.levels[name][int(at)] for name, at in found.items() if not np.isnan(at)}


def groups_of(histories: Histories, index: int, places: Mapping[str, str]) -> dict[str, str]:
    """The levels of the first person on an index date, by axis, as `axes_of` names them; "" where unknown."""
    people, rows = histories.people, (np.zeros(1, dtype=np.int64), np.full(1, index, dtype=np.int64))
    years = np.empty(1, dtype=np.int64)
    k.ages(people.birth, rows, years)
    sex, fifth = people.sex[0], _place("deprivation", histories, rows)[0]
    category = str(people.category[0])
    return {
        "sex": "" if np.isnan(sex) else words.SEXES[int(sex)],
        "age_band": str(_BAND_OF[min(max(int(years[0]), 0), len(_BAND_OF) - 1)]),
        "ethnicity": category,
        "ethnic_group": words.ETHNIC_CATEGORIES.get(category, (category,))[0],
        "deprivation": str(int(fifth)) if 1 <= fifth <= 5 else "",
        "region": places.get("region", ""),
        "area": places.get("area", ""),
        "year": str(calendar_date(index).year),
    }


def _place(name: str, histories: Histories, rows: tuple[NDArray[np.int64], NDArray[np.int64]]) -> NDArray[np.float64]:
    level = np.empty(len(rows[0]), dtype=np.float64)
    k.place_at(BASE.index(name), rows, histories.offset, histories.columns, level)
    return level


def _named(level: NDArray[np.float64], names: tuple[str, ...]) -> NDArray[np.str_]:
    table = np.array([*names, ""], dtype=np.str_)
    return table[np.where(np.isnan(level), len(names), level).astype(np.int64)]
