"""What a group's own risks promise: the figures that would be seen in it if every risk were right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def promised_concordance(risk: Floats) -> float:
    """The c-statistic that people with these risks have if every risk is right.

    van Klaveren et al. (2016), Stat Med 35:4136-4152, "model-based concordance": a group whose risks are alike cannot
    be ranked well by any model, so its c-statistic is compared with this.

    >>> round(promised_concordance(np.array([0.2, 0.4])), 4)  # 0.4 * 0.8 / (0.4 * 0.8 + 0.2 * 0.6)
    0.7273
    """
    values, where = np.unique(risk, return_inverse=True)
    with_it = np.bincount(where, weights=risk, minlength=len(values))
    without = np.bincount(where, weights=1 - risk, minlength=len(values))
    beaten = np.cumsum(without) - without / 2
    # Nobody makes a pair with themselves.
    alone = float(risk @ (1 - risk))
    whole = float(with_it.sum() * without.sum()) - alone
    return (float(with_it @ beaten) - alone / 2) / whole if whole > 0 else float("nan")


def promised_sensitivity(risk: Floats, threshold: float) -> float:
    """The share of outcomes that lies at or above the threshold if every risk is right.

    >>> round(promised_sensitivity(np.array([0.1, 0.3]), 0.2), 4)
    0.75
    """
    total = float(risk.sum())
    return float(risk[risk >= threshold].sum()) / total if total > 0 else float("nan")
