"""How a model's figures change if only a part of the outcomes is coded; of synthetic people, what is true of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.table import Table

from evaluation.discrimination import c_statistic
from evaluation.groups import followable
from evaluation.inputs import Floats
from evaluation.undercoding import sensitivity
from features.table import FeatureTable
from registry.model import Model
from training.split import unseen

SHARES = (0.10, 0.25, 0.45, 1.0)
"""Of alcohol-related attendances 10 to 45% are coded, by department (clinical_b.md 5.3, an assumption there)."""


def undercoded(
    model: Model,
    table: FeatureTable,
    threshold: float,
    shares: Sequence[float] = SHARES,
    hazards: Mapping[str, Floats] | None = None,
) -> dict[str, Any]:
    """Figures on people from whom the model did not learn; `hazards` of `coded` and `true` events, if they are known.

    Hazards are by the horizon of the model. With them the same risks are held against the truth: expected outcomes over
    those that the risks, corrected by the mean share that is coded, expect; and how well each outcome is ranked.
    """
    parted = model.evidence["data"]["parted_by"]
    rows = unseen(table, parted["seed"], parted["cut"]) & followable(table, model.recalibration.primary)
    people = table.rows(rows)
    risk = model.risks(people.values, people.axes["region"].tolist())[:, model.recalibration.primary_index]
    found: dict[str, Any] = {
        "name": model.name,
        "threshold": threshold,
        "people": len(np.unique(people.person_id)),
        "shares": [one.to_json() for one in sensitivity(risk, threshold, shares)],
    }
    if hazards is None:
        return found
    there = np.isfinite(hazards["true"][rows])
    coded, true = (-np.expm1(-hazards[name][rows][there]) for name in ("coded", "true"))
    risk, family = risk[there], people.family[there]
    share = float(hazards["coded"][rows][there].sum() / hazards["true"][rows][there].sum())
    (corrected,) = sensitivity(risk, threshold, (share,))
    above = risk >= threshold
    found["truth"] = {
        "share_coded": share,
        "observed_over_expected_coded": float(coded.sum() / risk.sum()),
        "observed_over_expected_true": float(true.mean() / corrected.mean_risk),
        "ppv_coded": float(coded[above].mean()) if above.any() else None,
        "ppv_true": float(true[above].mean()) if above.any() else None,
        "ppv_corrected": corrected.ppv,
        "c_statistic_coded": _ranks(coded, risk, family),
        "c_statistic_true": _ranks(true, risk, family),
    }
    return found


def _ranks(chance: Floats, risk: Floats, family: np.ndarray[Any, np.dtype[np.int64]]) -> float:
    """The c-statistic that these risks have, on average, for outcomes of these chances: each row counts as both."""
    outcome = np.repeat([True, False], len(risk))
    weight = np.concatenate([chance, 1 - chance])
    return float(c_statistic(outcome, np.tile(risk, 2), weight, np.tile(family, 2)).value)


def tables(found: Mapping[str, Any]) -> list[Table]:
    """For people to read."""
    table = Table("coded", "mean true risk", "PPV of the true outcome", "sensitivity", title=found["name"])
    for one in found["shares"]:
        table.add_row(*(f"{one[name]:.1%}" for name in ("coded", "mean_risk", "ppv", "sensitivity")))
    if "truth" not in found:
        return [table]
    truth = Table("of synthetic people", "", title="Against what is true of them")
    for name, value in found["truth"].items():
        truth.add_row(name.replace("_", " "), "too few" if value is None else f"{value:.3f}")
    return [table, truth]
