"""`monitor.json`: a review for machines, whose schema lies beside this file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from monitoring.cells import Cell, Group
from monitoring.inputs import InputCell
from monitoring.review import DONE, Review, Subject, configuration, configuration_hash
from monitoring.states import Figure

SCHEMA_VERSION = 1
SCHEMA = Path(__file__).with_name("monitor.schema.json")


def document(review: Review) -> dict[str, Any]:
    """The review as plain values; nothing in it is a person's, and no count is of 1 to 7 people."""
    subject = review.subject
    return {
        "schema_version": SCHEMA_VERSION,
        "made_at": review.made_at.isoformat(timespec="seconds"),
        "model": _model(subject),
        "state": review.state,
        "states": {"inputs": review.input_states, "performance": review.performance_states},
        "windows": {
            "data_to": review.data_to,
            "inputs": asdict(review.everyone),
            "performance": asdict(review.ripe) | {"horizon_days": subject.model.recalibration.primary},
        },
        "threshold": None if subject.threshold is None else {"risk": subject.threshold, "band": subject.threshold_name},
        "attention": [asdict(each) for each in review.attention],
        "inputs": [_input(cell) for cell in review.inputs],
        "groups": [_group(group) for group in review.groups],
        "configuration": configuration() | {"hash": configuration_hash()},
        "tests_done": list(DONE),
        "tests_not_done": [{"test": test, "why": why} for test, why in review.not_done],
    }


def text(review: Review) -> str:
    """The document as JSON without NaN."""
    return json.dumps(document(review), indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def _model(subject: Subject) -> dict[str, Any]:
    model = subject.model
    return {
        "name": model.name,
        "version": subject.version,
        "digest": subject.digest,
        "kind": model.kind,
        "use": subject.use,
        "synthetic": subject.synthetic,
        "trained_on": model.trained_on,
        "made_on": model.made_on.isoformat(),
        "signed_until": None if model.signed_until is None else model.signed_until.isoformat(),
        "fingerprint": model.fingerprint,
        "same_definition": subject.same_definition,
    }


def _input(cell: InputCell) -> dict[str, Any]:
    plain = asdict(cell) | {
        name: _rounded(getattr(cell, name)) for name in ("chance", "detectable", "missing_then", "missing_now")
    }
    plain |= {"psi": _rounded(cell.psi, 9), "own_psi": _rounded(cell.own_psi, 9)}
    bins = plain.pop("spread")
    rows = [] if bins is None else zip(bins["names"], bins["reference"], bins["current"], strict=True)
    return plain | {"bins": [{"bin": name, "then": then, "now": now} for name, then, now in rows]}


def _group(group: Group) -> dict[str, Any]:
    plain = {name: getattr(group, name) for name in ("axis", "level", "people", "outcomes", "mean_risk", "observed")}
    return plain | {"cells": [_cell(cell) for cell in group.cells]}


def _cell(cell: Cell) -> dict[str, Any]:
    shown = cell.figure if cell.figure.known() else Figure()
    return {
        "measure": cell.measure,
        "state": cell.state,
        "reason": cell.reason,
        **asdict(shown),
        "expected": cell.expected,
    }


def _rounded(number: float | None, decimals: int = 6) -> float | None:
    return None if number is None else round(number, decimals)
