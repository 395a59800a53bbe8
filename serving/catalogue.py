"""What a client may read of a pathway: what it predicts, from what, what follows, and how good its model is."""

from __future__ import annotations

from typing import Any

from pathways.definition import Band, Prediction, Predictor
from serving.loader import Loaded, Served
from serving.options import Use


def pathways_shown(loaded: Loaded) -> dict[str, Any]:
    """The names and questions of all pathways."""
    return {
        "pathways": [
            {
                "name": name,
                "title": pathway.title,
                "about": pathway.about,
                "predictions": [
                    {"name": each.name, "question": each.question, "answers": _answers(loaded.served[name, each.name])}
                    for each in pathway.predictions
                ],
            }
            for name, pathway in loaded.pathways.items()
        ]
    }


def pathway_shown(name: str, loaded: Loaded, use: Use) -> dict[str, Any]:
    """One pathway with the definition, model and evidence of each of its predictions."""
    pathway = loaded.pathways[name]
    return {
        "name": name,
        "title": pathway.title,
        "about": pathway.about,
        "fingerprint": loaded.fingerprints[name],
        "predictions": [_prediction(each, loaded.served[name, each.name], use) for each in pathway.predictions],
    }


def _answers(served: Served) -> bool:
    return served.model is not None


def _prediction(prediction: Prediction, served: Served, use: Use) -> dict[str, Any]:
    return {
        "name": prediction.name,
        "question": prediction.question,
        "outcome": prediction.outcome_wording,
        "horizons_days": list(prediction.horizons),
        "primary_days": prediction.primary,
        "inputs": [_input(each) for each in prediction.predictors],
        "requires": [{"input": each.input, "supply": each.supply} for each in prediction.requires],
        "rules": [
            {
                "name": each.name,
                "action": each.action,
                "guideline": each.guideline,
                "urgency": each.urgency,
                "source": each.source,
            }
            for each in prediction.rules
        ],
        "bands": [_band(each, prediction) for each in prediction.bands],
        "comparators": [
            {"name": each.name, "unit": each.unit, "outcome": each.outcome, "horizon_days": each.horizon}
            for each in prediction.comparators
        ],
        "cautions": list(prediction.cautions),
        "not_usable_in": [{"where": each.where, "why": each.why} for each in prediction.not_usable_in],
        "model": served.shown(use),
        "why_not": None if served.why_not is None else {"code": served.why_not.code, "text": served.why_not.text},
        "evidence": None if served.model is None else dict(served.model.evidence),
    }


def _input(predictor: Predictor) -> dict[str, Any]:
    if predictor.restricted:
        return {"name": predictor.name, "restricted": True}
    return {
        "name": predictor.name,
        "wording": predictor.wording,
        "unit": predictor.unit,
        "range": None if predictor.plausible is None else list(predictor.plausible),
        "levels": list(predictor.levels),
        "direction": predictor.direction,
        "changeable": predictor.changeable,
        "restricted": False,
    }


def _band(band: Band, prediction: Prediction) -> dict[str, Any]:
    return {
        "name": band.name,
        "at_least": band.at_least,
        "action": band.action,
        "owner": band.owner,
        "guideline": band.guideline,
        "horizon_days": band.horizon or prediction.primary,
    }
