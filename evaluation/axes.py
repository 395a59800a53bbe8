"""What a feature table tells about follow-up, and the level of each of its rows on an axis of evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evaluation.inputs import InputError
from pathways.words import ETHNIC_CATEGORIES

UNKNOWN = "unknown"

ETHNIC_GROUPS = {each: group for code, (group, _) in ETHNIC_CATEGORIES.items() for each in (code, group)}
"""Ethnic category, or its pooled group where only that is known, to the group."""


class Followed(Protocol):
    """What a feature table tells about follow-up (`features.table.FeatureTable` does); arrays of shape (n,)."""

    @property
    def time(self) -> NDArray[np.int32]: ...
    @property
    def event(self) -> NDArray[np.int8]: ...
    @property
    def measured(self) -> NDArray[np.bool_]: ...
    @property
    def family(self) -> NDArray[np.int64]: ...
    @property
    def index_day(self) -> NDArray[np.int32]: ...
    @property
    def data_to(self) -> int: ...
    @property
    def axes(self) -> Mapping[str, NDArray[np.str_]]: ...


CROSS = " x "
"""Between the names of two axes, and of their levels, where they are crossed: "ethnic_group x deprivation"."""


def labels(table: Followed, axis: str) -> NDArray[np.str_]:
    """The level of each row on an axis of the table, on "year" (of the index date), "ethnic_group" or two axes crossed.

    Parameters
    ----------
    table : Followed
        A feature table of n rows.
    axis : str
        A name in `table.axes`, "year" or "ethnic_group", or two of these with `CROSS` between them.

    Returns
    -------
    text array of shape (n,)
        "unknown" where the table has nothing; of two axes, where either has nothing.

    Raises
    ------
    InputError
        If the table has no such axis.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> labels(SimpleNamespace(axes={"ethnicity": np.array(["A", "K", "Z", ""])}), "ethnic_group").tolist()
    ['White', 'Asian', 'unknown', 'unknown']
    >>> labels(SimpleNamespace(axes={"sex": np.array(["female", ""]), "region": np.array(["N", "N"])}), "sex x region")
    array(['female x N', 'unknown'], dtype='<U17')
    """
    if CROSS in axis:
        one, other = (labels(table, each) for each in axis.split(CROSS))
        both = np.char.add(np.char.add(one, CROSS), other)
        return np.where((one == UNKNOWN) | (other == UNKNOWN), UNKNOWN, both)
    if axis == "year":
        return (np.asarray(table.index_day, dtype="datetime64[D]").astype("datetime64[Y]")).astype(np.str_)
    source = "ethnicity" if axis == "ethnic_group" else axis
    if source not in table.axes:
        raise InputError(f"the table has no axis '{axis}'; it has {', '.join(sorted(table.axes))}, year, ethnic_group")
    level = np.asarray(table.axes[source])
    return pooled(level) if axis == "ethnic_group" else np.where(level == "", UNKNOWN, level)


def level_of(groups: Mapping[str, str], axis: str) -> str:
    """The level of one person on an axis, as `labels` has it for a row, from their level on each single axis.

    Examples
    --------
    >>> level_of({"sex": "female", "region": ""}, "sex")
    'female'
    >>> level_of({"sex": "female", "region": ""}, "sex x region")
    'unknown'
    """
    levels = [groups.get(each) or UNKNOWN for each in axis.split(CROSS)]
    return UNKNOWN if UNKNOWN in levels else CROSS.join(levels)


def pooled(ethnicity: NDArray[np.str_]) -> NDArray[np.str_]:
    """The ethnic group of each category, "unknown" where there is none."""
    codes, where = np.unique(ethnicity, return_inverse=True)
    return np.array([ETHNIC_GROUPS.get(str(code), UNKNOWN) for code in codes] or [""])[where]
