"""The models that answer: fetched, verified and tried at the start, then held by one reference that never changes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pathways
from evaluation.axes import CROSS, level_of
from pathways.definition import Pathway, Prediction
from registry import bundle, store
from registry.model import Model
from registry.signoffs import NotSigned, read, standing, trusted_keys
from serving.answer_shapes import ModelSent
from serving.options import Options, State, Use
from serving.wording import day_text


@dataclass(frozen=True)
class Refusal:
    """Why a model may not answer."""

    code: str
    text: str


MISSING = Refusal("model_missing", "No model is registered for this prediction.")
ALTERED = Refusal(
    "model_altered", "The registered model is not whole and unaltered as it was sealed, so it is not used."
)
STALE = Refusal("model_stale_definition", "The model was trained on another definition of this pathway.")
UNSIGNED = Refusal("model_unsigned", "The model bears no clinical signature.")
EXPIRED = Refusal("model_expired", "The clinical signature of the model has run out.")


def suspended(why: str) -> Refusal:
    """What is said of a model that a reviewer stopped."""
    return Refusal("model_suspended", f"The model is suspended: {why}")


def out_of_scope(axes: Sequence[str]) -> Refusal:
    """What is said of somebody whom the signatures do not cover."""
    named = " and ".join(axis.replace(CROSS, " and ").replace("_", " ") for axis in axes)
    return Refusal("model_out_of_scope", f"The clinical signatures do not cover people of this {named}.")


@dataclass(frozen=True)
class Served:
    """The model of one prediction, or why there is none."""

    pathway: str
    prediction: str
    model: Model | None = None
    version: str = ""
    digest: str = ""
    state: State = "challenger"
    why_not: Refusal | None = None
    until: date | None = None
    """The last day of the signatures in force, as the chain of statements has it."""
    not_for: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Groups that the signers left out, by axis."""

    @property
    def name(self) -> str:
        return f"{self.pathway}.{self.prediction}"

    def refusal(self, use: Use, today: date) -> Refusal | None:
        """Why this model may not answer today for this use."""
        if self.model is None:
            return self.why_not or MISSING
        if use == "demonstration":
            return None
        if self.until is None:
            return UNSIGNED
        return EXPIRED if self.until < today else None

    def out_of_scope(self, use: Use, groups: Mapping[str, str]) -> Refusal | None:
        """Why the signatures do not cover a person of these groups."""
        if use == "demonstration":
            return None
        outside = [axis for axis, levels in self.not_for.items() if level_of(groups, axis) in levels]
        return out_of_scope(outside) if outside else None

    def notices(self, use: Use, today: date, days: int) -> Iterator[tuple[str, str]]:
        """A warning in the last days of a signature."""
        until = self.until
        if use == "clinical" and until is not None and (until - today).days <= days:
            yield "model_expires", f"The clinical signature of the model runs out on {day_text(until)}."

    def shown(self, use: Use) -> ModelSent | None:
        """What an answer says of the model."""
        if self.model is None:
            return None
        until = self.until
        return {
            "name": self.name,
            "version": self.version,
            "digest": self.digest,
            "state": self.state,
            "use": use,
            "trained_on": self.model.trained_on,
            "recalibrated_for": sorted(self.model.recalibration.places),
            "signed_until": None if until is None else until.isoformat(),
        }


@dataclass(frozen=True)
class Loaded:
    """Every pathway of the catalogue and the model of each of its predictions, as they were at the start."""

    pathways: Mapping[str, Pathway]
    served: Mapping[tuple[str, str], Served]
    fingerprints: Mapping[str, str]

    @property
    def catalogue(self) -> dict[str, tuple[str, ...]]:
        """The names of the predictions of each pathway."""
        return {name: tuple(each.name for each in pathway.predictions) for name, pathway in self.pathways.items()}


def load(options: Options, only: str | None = None) -> Loaded:
    """Fetch and verify the model of every prediction of the catalogue, or of one pathway."""
    catalogue = {name: pathways.load(name) for name in pathways.names() if only in (None, name)}
    served = {
        (name, prediction.name): _served(name, prediction, options)
        for name, pathway in catalogue.items()
        for prediction in pathway.predictions
    }
    fingerprints = {name: pathways.fingerprint(name) for name in catalogue}
    return Loaded(MappingProxyType(catalogue), MappingProxyType(served), MappingProxyType(fingerprints))


def _served(pathway: str, prediction: Prediction, options: Options) -> Served:
    with tempfile.TemporaryDirectory() as directory:
        try:
            return _fetched(pathway, prediction, options, Path(directory))
        except store.NotRegistered:
            return Served(pathway, prediction.name, why_not=MISSING)
        except bundle.BundleRefused:
            return Served(pathway, prediction.name, why_not=ALTERED)


def _fetched(pathway: str, prediction: Prediction, options: Options, into: Path) -> Served:
    name = f"{pathway}.{prediction.name}"
    folder, version = store.fetch(name, options.alias, options.tracking_uri, into)
    model, digest = bundle.load(folder), bundle.digest(folder)
    # The seal holds for whoever rewrote it, too; the register knows which seal was registered.
    if digest not in {each.digest for each in store.history(name, options.tracking_uri) if each.version == version}:
        return Served(pathway, prediction.name, why_not=ALTERED)
    if not _fits(model, pathway, prediction):
        return Served(pathway, prediction.name, why_not=STALE)
    try:
        found = standing(read(options.signoffs), trusted_keys(options.trusted_keys), name, digest, date.today())
    except NotSigned as wrong:
        return Served(pathway, prediction.name, why_not=suspended(str(wrong)))
    if found.suspended:
        return Served(pathway, prediction.name, why_not=suspended(found.suspended))
    return Served(
        pathway, prediction.name, model, version, digest, options.alias, until=found.until, not_for=found.scope
    )


def _fits(model: Model, pathway: str, prediction: Prediction) -> bool:
    return (
        (model.pathway, model.prediction) == (pathway, prediction.name)
        and model.fingerprint == pathways.fingerprint(pathway)
        and tuple(column.name for column in model.columns) == tuple(each.name for each in prediction.predictors)
        and set(model.recalibration.horizons) == set(prediction.horizons)
        and model.recalibration.primary == prediction.primary
    )
