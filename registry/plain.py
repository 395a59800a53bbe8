"""A model as plain values (text, numbers, lists) and back, file by file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, assert_never

from registry.curves import Additive, Curve
from registry.model import Apart, Column, Example, Learner, Model, Trees
from registry.recalibration import Affine, Recalibration


def plain_parts(model: Model) -> dict[str, Any]:
    """The content of each file except LightGBM's texts."""
    parts: dict[str, Any] = {
        "pathway.json": _pathway(model),
        "recalibration.json": _recalibration(model.recalibration) | _apart(model),
        "profile.json": model.profile,
        "evidence.json": model.evidence,
        "card.md": model.card,
        "examples.json": [asdict(example) for example in model.examples],
        "concepts.json": {"sets": model.concepts, "codes": model.codes},
    }
    return parts | {name: asdict(each) for name, each in learners(model).items() if isinstance(each, Additive)}


def learners(model: Model) -> dict[str, Learner]:
    """Each learner of a model by the file that holds it."""
    own = {f"apart_{each.horizon}": each.learner for each in model.apart}
    return {f"{name}.{_ending(learner)}": learner for name, learner in ({"model": model.learner} | own).items()}


def _ending(learner: Learner) -> str:
    match learner:
        case Additive():
            return "json"
        case Trees():
            return "txt"
        case _:
            assert_never(learner)


def _apart(model: Model) -> dict[str, Any]:
    """The recalibration of each horizon that has a learner of its own; nothing if none has."""
    return {"apart": [_recalibration(each.recalibration) for each in model.apart]} if model.apart else {}


def model_from_plain(parts: Mapping[str, Any]) -> Model:
    """The model that these files describe; anything unexpected in them raises."""
    pathway = dict(parts["pathway.json"])
    signed_until = pathway.pop("signed_until")
    pathway.pop("kind")
    return Model(
        **pathway
        | {
            "columns": tuple(_column(column) for column in pathway["columns"]),
            "made_on": date.fromisoformat(pathway["made_on"]),
        },
        signed_until=None if signed_until is None else date.fromisoformat(signed_until),
        learner=_learner("model", parts),
        apart=tuple(
            Apart(_learner(f"apart_{each['primary']}", parts), _recalibration_from(each))
            for each in parts["recalibration.json"].get("apart", ())
        ),
        recalibration=_recalibration_from(parts["recalibration.json"]),
        profile=parts["profile.json"],
        evidence=parts["evidence.json"],
        card=parts["card.md"],
        examples=tuple(_example(example) for example in parts["examples.json"]),
        concepts={name: tuple(ids) for name, ids in parts["concepts.json"]["sets"].items()},
        codes=parts["concepts.json"]["codes"],
    )


def _pathway(model: Model) -> dict[str, Any]:
    return {
        "pathway": model.pathway,
        "prediction": model.prediction,
        "kind": model.kind,
        "columns": [asdict(column) for column in model.columns],
        "fingerprint": model.fingerprint,
        "made_on": model.made_on.isoformat(),
        "trained_on": model.trained_on,
        "signed_until": None if model.signed_until is None else model.signed_until.isoformat(),
    }


def _recalibration(recalibration: Recalibration) -> dict[str, Any]:
    return {
        "horizons": recalibration.horizons,
        "primary": recalibration.primary,
        "pooled": asdict(recalibration.pooled),
        "places": {place: asdict(affine) for place, affine in recalibration.places.items()},
    }


def _recalibration_from(plain: Mapping[str, Any]) -> Recalibration:
    return Recalibration(
        horizons=tuple(plain["horizons"]),
        primary=plain["primary"],
        pooled=_affine(plain["pooled"]),
        places={place: _affine(affine) for place, affine in plain["places"].items()},
    )


def _affine(plain: Mapping[str, Any]) -> Affine:
    return Affine(slope=plain["slope"], intercepts=tuple(plain["intercepts"]))


def _column(plain: Mapping[str, Any]) -> Column:
    return Column(**dict(plain) | {"levels": tuple(plain["levels"])})


def _example(plain: Mapping[str, Any]) -> Example:
    return Example(**dict(plain) | {"values": tuple(plain["values"]), "risks": tuple(plain["risks"])})


def _learner(name: str, parts: Mapping[str, Any]) -> Learner:
    if f"{name}.txt" in parts:
        return Trees(parts[f"{name}.txt"])
    plain = parts[f"{name}.json"]
    return Additive(bias=plain["bias"], curves=tuple(_curve(curve) for curve in plain["curves"]))


def _curve(plain: Mapping[str, Any]) -> Curve:
    return Curve(**dict(plain) | {"knots": tuple(plain["knots"]), "values": tuple(plain["values"])})
