"""Everything that is known of a registered model, in one document: what the evidence page and the checklists say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pathways
from pathways.facts import facts
from training.checklist import judged, to_json
from training.rivals import Rival

ROOT = Path(__file__).parents[1]
HAZARDS = ROOT / "docs/safety/hazard_log.json"
SYNTHETIC = "Results on synthetic people prove the machinery, never a clinical claim."
UNKNOWN_SOURCE = "Whose records taught it is not known, so nothing here is a clinical claim."


def document(found: Rival) -> dict[str, Any]:
    """Model, definition, evidence, TRIPOD+AI and hazards, as plain values."""
    model = found.model
    made = {
        "model": {
            "name": model.name,
            "version": found.version,
            "digest": found.digest,
            "kind": model.kind,
            "fingerprint": model.fingerprint,
            "made_on": model.made_on.isoformat(),
            "trained_on": model.trained_on,
            "recalibrated_for": sorted(model.recalibration.places),
        },
        "definition": _definition(model.pathway, model.prediction, model.fingerprint),
        "evidence": dict(model.evidence),
        "notice": _notice(model.evidence),
        "hazards": _hazards(),
    }
    return made | {"tripod": to_json(judged(made))}


def _definition(pathway: str, prediction: str, fingerprint: str) -> dict[str, Any]:
    """What the definition says, if it is still the one that the model was made from."""
    if pathway not in pathways.names() or pathways.fingerprint(pathway) != fingerprint:
        return {"why_not": "the definition is no longer the one that this model was made from"}
    return next(each for each in facts(pathway)["predictions"] if each["name"] == prediction)


def _notice(evidence: Mapping[str, Any]) -> str:
    source = evidence.get("made_with", {}).get("source", {})
    if source.get("synthetic"):
        return SYNTHETIC
    return "" if source.get("synthetic") is False else UNKNOWN_SOURCE


def _hazards() -> list[dict[str, Any]]:
    """The hazards with the tests that control them; none where the log is not installed."""
    if not HAZARDS.is_file():
        return []
    hazards = json.loads(HAZARDS.read_text(encoding="utf-8"))["hazards"]
    return [{name: each.get(name) for name in ("id", "title", "harm", "evidence", "remains")} for each in hazards]
