"""Groups finer than those that the gate asks about: all ethnic categories, and two axes crossed, with a state for each.

None of them refuses a model; the gate leaves those that are wrong, or too few to tell, out of the scope of a signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from evaluation.axes import CROSS, UNKNOWN, labels
from evaluation.disclosure import publish_rows
from evaluation.groups import AXES, by_axis
from evaluation.states import known, within
from features.table import FeatureTable
from training.evidence import Examined
from training.promotion import OBSERVED_OVER_EXPECTED, SLOPE, WIDER, Cell

LEFT_OUT = ("curve", "brier", "scaled_brier", "intercept", "average_precision", "e50", "e90")
"""What would make the evidence large and is read of larger groups alone."""


def finer_groups(seen: Examined, thresholds: tuple[float, ...], crossed: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The measures of each finer group, and a cell for observed over expected and slope of each."""
    axes = ["ethnicity", *(CROSS.join(pair) for pair in crossed)]
    there = [axis for axis in axes if recorded(seen.table, axis)]
    rows = publish_rows(by_axis(seen.table, seen.risk, seen.horizon, there, thresholds)[1:])
    cells = [_cell(rule, row, name, limits) for row in rows for rule, name, limits in RULES]
    cells += [_not_run(axis) for axis in (*AXES, *axes) if not recorded(seen.table, axis)]
    kept = [{name: value for name, value in row.items() if name not in LEFT_OUT} for row in rows]
    return {"rows": kept, "cells": [asdict(cell) for cell in cells]}


RULES = (
    ("observed over expected", "observed_over_expected", OBSERVED_OVER_EXPECTED),
    ("slope", "slope", SLOPE),
)


def recorded(table: FeatureTable, axis: str) -> bool:
    """Whether the level of anybody on an axis is known."""
    return bool(np.any(labels(table, axis) != UNKNOWN))


def _cell(rule: str, row: dict[str, Any], name: str, limits: tuple[float, float]) -> Cell:
    state, says = within(row[name], limits, WIDER)
    return Cell(rule, row["axis"], row["level"], state, says, *(known(row[name]) or ()))


def _not_run(axis: str) -> Cell:
    return Cell("every measure", axis, UNKNOWN, "not run", f"{axis.replace('_', ' ')} is not recorded for anybody")
