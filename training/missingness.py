"""How often each predictor is missing, by region: shares of index dates, hidden where they would point at few."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluation.disclosure import hidden
from evaluation.inputs import distinct
from features.table import FeatureTable


def missingness(table: FeatureTable) -> list[dict[str, Any]]:
    """One line for each predictor: the share missing of all, and of each region; None where it is hidden."""
    region = table.axes["region"]
    places = {"all": np.ones(len(table), dtype=np.bool_)}
    places |= {str(name): region == name for name in np.unique(region) if name}
    absent = np.isnan(table.values)
    return [
        {"predictor": name} | {place: _share(table, here, absent[:, at]) for place, here in places.items()}
        for at, name in enumerate(table.columns)
    ]


def _share(table: FeatureTable, here: np.ndarray[Any, Any], absent: np.ndarray[Any, Any]) -> float | None:
    if not here.any():
        return None
    few = any(hidden(distinct(table.person_id, here & part)) for part in (absent, ~absent))
    return None if few else round(float(absent[here].mean()), 2)
