"""Made-up people who travel with a model, so that whoever loads it can see that it still computes what it did."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from registry.model import Example, Model

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


def examples(model: Model, values: NDArray[np.float32]) -> tuple[Example, ...]:
    """Composites: rounded quantiles of each predictor, mixed as in nobody's record; one lacks everything."""
    people, places = _composites(values), [None, *sorted(model.recalibration.places)]
    where = [places[at % len(places)] for at in range(len(people))]
    log_odds, risks = model.log_odds(people), model.risks(people, where)
    return tuple(
        Example(tuple(_or_none(value) for value in row.tolist()), place, float(odds), tuple(risk.tolist()))
        for row, place, odds, risk in zip(people, where, log_odds, risks, strict=True)
    )


def _composites(values: NDArray[np.float32]) -> NDArray[np.float32]:
    columns = np.arange(values.shape[1])
    quantiles = np.array([_quantiles(values[:, at]) for at in columns], dtype=np.float32).T
    middle = quantiles[len(SHARES) // 2]
    mixed = [quantiles[(row + columns) % len(SHARES), columns] for row in range(len(SHARES))]
    return np.array([middle, *mixed, np.full(len(columns), np.nan)], dtype=np.float32)


def _quantiles(values: NDArray[np.float32]) -> list[float]:
    known = values[~np.isnan(values)].astype(np.float64)
    if not len(known):
        return [np.nan] * len(SHARES)
    whole = bool((np.floor(known) == known).all())
    places: list[float] = np.quantile(known, SHARES, method="nearest" if whole else "linear").tolist()
    return [float(f"{place:.3g}") for place in places]


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
