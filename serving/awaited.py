"""Stands in for features.person until it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from pathways.definition import Comparator, Rule


@dataclass(frozen=True)
class Reason:
    code: str
    text: str


@dataclass(frozen=True)
class Record:
    id: int | str
    day: date
    value: float | None


@dataclass(frozen=True)
class Missing:
    input: str
    required: bool
    last_seen: date | None


@dataclass(frozen=True)
class Reading:
    eligible: bool | None
    reasons: tuple[Reason, ...]
    predictors: NDArray[np.float32]
    records: tuple[tuple[Record, ...], ...]
    rules: tuple[tuple[Rule, tuple[Record, ...]], ...]
    missing: tuple[Missing, ...]
    comparators: tuple[tuple[Comparator, float | None, str | None], ...]
    data_to: date | None
    place: str | None
    warnings: tuple[tuple[str, str], ...]
