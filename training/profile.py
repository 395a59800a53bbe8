"""The frozen reference profile of the people of training; `registry.profile` says what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.disclosure import suppress, suppress_table
from evaluation.inputs import distinct
from features.table import FeatureTable
from pathways.definition import Predictor
from registry.profile import MISSING, UNSEEN, bins

SHARES = tuple(round(0.1 * tenth, 1) for tenth in range(1, 10))
FEWEST_IN_BIN = 100
"""Smaller bins are merged with a neighbour: a shift of a handful of people is no shift."""


def profile(table: FeatureTable, predictors: tuple[Predictor, ...]) -> dict[str, Any]:
    """Bin every predictor of the table, everyone together and each region by itself."""
    regions = {str(region): table.axes["region"] == region for region in np.unique(table.axes["region"]) if region}
    return {
        "people": suppress(len(np.unique(table.person_id))),
        "rows": suppress(len(table)),
        "regions": _rows(table.person_id, regions),
        "predictors": {
            predictor.name: _predictor(predictor, table.values[:, at], table.person_id, regions)
            for at, predictor in enumerate(predictors)
        },
    }


def _predictor(
    predictor: Predictor,
    values: NDArray[np.float32],
    person: NDArray[np.int64],
    regions: dict[str, NDArray[np.bool_]],
) -> dict[str, Any]:
    edges = [] if predictor.levels else _edges(values)
    found: dict[str, Any] = {
        "edges": edges,
        "outside": None if predictor.plausible is None or predictor.levels else list(predictor.plausible),
        "levels": list(predictor.levels),
        "bins": [*(predictor.levels or _names(edges)), MISSING, UNSEEN],
    }
    found["overall"] = _shown(found, values, person)
    found["by_region"] = {region: _shown(found, values[here], person[here]) for region, here in regions.items()}
    return found


def _rows(person: NDArray[np.int64], parts: Mapping[Any, NDArray[np.bool_]]) -> dict[Any, int | None]:
    """Index dates of each part, hidden where few people stand behind them or would follow from the other parts."""
    shown = suppress_table({name: distinct(person, here) for name, here in parts.items()})
    return {
        name: None if shown[name] is None else suppress(int(np.count_nonzero(here))) for name, here in parts.items()
    }


def _shown(predictor: dict[str, Any], values: NDArray[np.float32], person: NDArray[np.int64]) -> list[int | None]:
    where = bins(predictor, values)
    return list(_rows(person, {each: where == each for each in range(len(predictor["bins"]))}).values())


def _edges(values: NDArray[np.float32]) -> list[float]:
    """Tenths, as far as the values differ and each bin keeps enough people."""
    known = np.sort(values[~np.isnan(values)].astype(np.float64))
    if not len(known):
        return []
    if set(np.unique(known).tolist()) <= {0.0, 1.0}:
        return [0.5]
    edges: list[float] = []
    below = 0
    for edge in np.unique([float(f"{place:.4g}") for place in np.quantile(known, SHARES)]):
        reached = int(np.searchsorted(known, edge, side="left"))
        if reached - below >= FEWEST_IN_BIN and len(known) - reached >= FEWEST_IN_BIN:
            edges.append(float(edge))
            below = reached
    return edges


def _names(edges: list[float]) -> list[str]:
    if not edges:
        return ["any"]
    between = [f"{low:g} to under {high:g}" for low, high in pairwise(edges)]
    return [f"under {edges[0]:g}", *between, f"{edges[-1]:g} and over"]
