"""Two registered models by name: may they be compared on these records, and on whom did neither learn?"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.table import FeatureTable
from pathways.definition import Prediction
from registry import bundle, store
from registry.model import Model
from training.split import families_digest, unseen
from training.task import meaning


class WrongName(ValueError):
    """Not a name of a registered model."""


class CannotCompare(Exception):
    """The two cannot be compared on these records; `reasons` lists all that is in the way."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("these two cannot be compared here:\n" + "\n".join(f"- {each}" for each in reasons))


@dataclass(frozen=True)
class Rival:
    """A registered model and its version."""

    version: str
    digest: str
    model: Model

    @property
    def name(self) -> str:
        return f"{self.model.name}/{self.version}"


def parsed(text: str) -> tuple[str, str]:
    """The model and the version or alias of a name such as `kidney_disease.detection@champion`.

    >>> parsed("kidney_disease.detection/7"), parsed("kidney_disease.detection")
    (('kidney_disease.detection', '7'), ('kidney_disease.detection', 'challenger'))
    """
    found = re.fullmatch(r"(\w+\.\w+)(?:@([\w-]+)|/(\d+))?", text)
    if found is None:
        raise WrongName(
            f"{text!r} names no registered model; write kidney_disease.detection@champion or kidney_disease.detection/7"
        )
    return found[1], found[2] or found[3] or store.CHALLENGER


def fetched(text: str, uri: str) -> Rival:
    """The model of that name, after its seal, its trial and its examples have held."""
    name, version = parsed(text)
    with tempfile.TemporaryDirectory() as directory:
        folder, number = store.fetch(name, version, uri, Path(directory))
        return Rival(number, bundle.digest(folder), bundle.load(folder))


def refuse_unlike(rivals: Sequence[Rival], prediction: Prediction) -> None:
    """Refuse two models whose risks are not of one outcome by one day, or one that this definition cannot feed."""
    one, two = (each.model for each in rivals)
    reasons = []
    if one.name != two.name:
        reasons.append(f"{one.name} and {two.name} predict different things; compare two models of one prediction")
    days = [model.recalibration.primary for model in (one, two)]
    if days[0] != days[1]:
        reasons.append(f"one is a risk by {days[0]} days and the other by {days[1]}; compare models of one horizon")
    for rival in rivals:
        reasons += [f"{rival.name}: {reason}" for reason in _unfed(rival.model, prediction)]
    if reasons:
        raise CannotCompare(reasons)


def _unfed(model: Model, prediction: Prediction) -> Iterator[str]:
    """What today's definition cannot give a model: a predictor, its meaning, or the outcome that it learnt."""
    today = {predictor.name: predictor for predictor in prediction.predictors}
    then, now = model.evidence.get("definition"), meaning(prediction)
    lacking = [column.name for column in model.columns if column.name not in today]
    if lacking:
        yield f"it reads {', '.join(lacking)}, which today's definition does not have, so nothing can be given to it"
    other = [
        column.name
        for column in model.columns
        if column.name in today
        and (
            (column.levels, column.unit) != (today[column.name].levels, today[column.name].unit)
            or (then is not None and then["predictors"].get(column.name) != now["predictors"][column.name])
        )
    ]
    if other:
        yield f"{', '.join(other)} meant something else when it was made, so its risks would be of other people"
    if then is not None and then["outcome"] != now["outcome"]:
        yield "it learnt another outcome than the one that today's definition describes"
    for horizon in sorted({band.horizon for band in prediction.bands if band.horizon is not None}):
        if horizon not in model.recalibration.horizons:
            yield f"a band reads the risk by {horizon} days, which it does not give"


def assumed(rivals: Sequence[Rival], prediction: Prediction) -> Iterator[str]:
    """What has to be believed, in words."""
    for rival in rivals:
        then, now = rival.model.evidence.get("definition"), meaning(prediction)
        if then is None:
            yield (
                f"{rival.name} does not say what its definition meant; its predictors have today's names, units and "
                "levels, and it is fed and judged by today's definition"
            )
        elif any(then[part] != now[part] for part in ("population", "index")):
            yield f"{rival.name} was made for another population or other index dates; it is judged on today's"


def unseen_by_both(
    rivals: Sequence[Rival], table: FeatureTable, followed: FeatureTable, by_neither: bool
) -> NDArray[np.bool_]:
    if by_neither:
        return np.ones(len(followed), dtype=bool)
    here = families_digest(table)
    parted = [rival.model.evidence["data"].get("parted_by") for rival in rivals]
    reasons = [
        f"{rival.name} learnt from other people than these, or does not say from whom, so it cannot be told whom it "
        "has not seen; give the records from which it learnt, or say --seen-by-neither if it never saw these"
        for rival, one in zip(rivals, parted, strict=True)
        if one is None or one["families"] != here
    ]
    if reasons:
        raise CannotCompare(reasons)
    masks = [unseen(followed, one["seed"], one["cut"]) for one in parted if one is not None]
    return np.asarray(np.logical_and.reduce(masks))


def compared_on(rivals: Sequence[Rival], by_neither: bool) -> str:
    if by_neither:
        return "everyone in these records, of whom it is stated that neither model learnt from them"
    later = any(rival.model.evidence["data"]["parted_by"]["cut"] is not None for rival in rivals)
    return "families from which neither learnt" + (", at later dates" if later else "")
