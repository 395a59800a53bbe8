"""Rows of a table in the making: one array for each column, all of one length; `who` is the position of a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from synthetic.draws import Flags, Ints

Rows = dict[str, NDArray[Any]]
Of = TypeVar("Of")


def length(rows: Rows) -> int:
    """Number of rows."""
    return len(next(iter(rows.values())))


def stacked(parts: Sequence[Rows]) -> Rows:
    """One set of rows after another; all have the same columns."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def taken(rows: Rows, which: Flags | Ints) -> Rows:
    """The rows for which `which` holds, or at its positions."""
    return {name: column[which] for name, column in rows.items()}


def ordered(rows: Rows, *columns: str) -> Rows:
    """Rows sorted by the columns, the first weighing most."""
    return taken(rows, np.lexsort([rows[name] for name in reversed(columns)]))


def number(rows: Rows) -> Ints:
    """0, 1, 2 ... within each person; rows are sorted by `who`."""
    who = rows["who"]
    position = np.arange(len(who), dtype=np.int64)
    first = np.searchsorted(who, who, side="left")
    return position - first


def first_of(value: Of, kept: int) -> Of:
    """A dataclass of arrays (or of such dataclasses) with the first `kept` entries of each."""
    parts: dict[str, Any] = {one.name: getattr(value, one.name) for one in fields(value)}  # type: ignore[arg-type]
    cut = {name: first_of(part, kept) if is_dataclass(part) else part[:kept] for name, part in parts.items()}
    return type(value)(**cut)
