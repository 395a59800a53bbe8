"""The frozen reference profile: how the people of training were spread over fixed bins of each predictor.

`{"people": n, "regions": {region: n}, "predictors": {name: {"edges": [...], "outside": [low, high] | null,
"levels": [...], "bins": [...], "overall": [...], "by_region": {region: [...]}}}}`. A predictor has interior edges
(numbers) or levels (categories). Its bins are those between the edges, or the levels, then missing, then unseen
(outside the plausible range, or not a level). A count is None where 1 to 7 people stand behind it, else rounded to 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING, UNSEEN = "missing", "unseen"


def bins(predictor: Mapping[str, Any], values: NDArray[Any]) -> NDArray[np.int64]:
    """The bin of each value, shape (n,), as a position in `predictor["bins"]`.

    >>> age = {"edges": [40.0, 65.0], "outside": [18.0, 110.0], "levels": [], "bins": 5 * [""]}
    >>> bins(age, np.array([39.0, 40.0, 80.0, np.nan, 17.0])).tolist()
    [0, 1, 2, 3, 4]
    """
    known = np.asarray(values, dtype=np.float64)
    missing, unseen = len(predictor["bins"]) - 2, len(predictor["bins"]) - 1
    if predictor["levels"]:
        found = np.nan_to_num(np.clip(known, 0, len(predictor["levels"]))).astype(np.int64)
        strange = (known < 0) | (known >= len(predictor["levels"])) | (np.floor(known) != known)
    else:
        found = np.searchsorted(np.asarray(predictor["edges"]), known, side="right").astype(np.int64)
        strange = _outside(predictor["outside"], known)
    return np.where(np.isnan(known), missing, np.where(strange, unseen, found))


def counts(predictor: Mapping[str, Any], values: NDArray[Any]) -> NDArray[np.int64]:
    """How many values fall in each bin, shape (bins,). Unsuppressed: for computing with, not for showing."""
    return np.bincount(bins(predictor, values), minlength=len(predictor["bins"])).astype(np.int64)


def _outside(plausible: list[float] | None, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    if plausible is None:
        return np.zeros(len(values), dtype=np.bool_)
    return (values < plausible[0]) | (values > plausible[1])
