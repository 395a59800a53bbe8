"""A new model against the champion, on people from whom neither learnt."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluation.discrimination import c_difference
from evaluation.groups import followable, known
from features.table import FeatureTable
from registry import bundle, store
from registry.model import Model
from training.compare import published
from training.rivals import fetched
from training.split import families_digest, unseen


def against_champion(model: Model, table: FeatureTable, uri: str) -> dict[str, Any]:
    """The paired difference in c-statistic, or why there is none. A champion that is refused is never passed over."""
    try:
        champion = fetched(f"{model.name}@{store.CHAMPION}", uri)
    except store.NotRegistered:
        return {"why_not": "no champion is registered"}
    except bundle.BundleRefused as refused:
        return {"version": "", "gain": {"state": "insufficient", "low": None}, "why_not": str(refused)}
    old, new = champion.model.evidence["data"]["parted_by"], model.evidence["data"]["parted_by"]
    if champion.model.recalibration.primary != model.recalibration.primary:
        return {"why_not": f"version {champion.version} predicts by another day"}
    if [each.name for each in champion.model.columns] != [each.name for each in model.columns]:
        return {"why_not": f"version {champion.version} reads other predictors; compare them with `training compare`"}
    if (old["seed"], old["families"]) != (new["seed"], families_digest(table)):
        return {"why_not": f"version {champion.version} learnt from other people, perhaps from these"}
    cut = max((each for each in (old["cut"], new["cut"]) if each is not None), default=None)
    people = table.rows(unseen(table, new["seed"], cut) & followable(table, model.recalibration.primary))
    places = people.axes["region"].tolist()
    ours, theirs = (
        each.risks(people.values, places)[:, each.recalibration.primary_index] for each in (model, champion.model)
    )
    seen = known(people, model.recalibration.primary)
    gain = c_difference(seen.outcome, ours, theirs, seen.weight, people.family)
    return {"version": champion.version, "people": len(np.unique(people.person_id)), "gain": published(gain)}
