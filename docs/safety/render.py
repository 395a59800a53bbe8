"""Write hazard-log.md from hazard_log.json: `python docs/safety/render.py [FILE]`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LOG, PAGE = HERE / "hazard_log.json", HERE / "hazard-log.md"


def page(log: Mapping[str, Any]) -> str:
    """The log as a page: a table of all hazards, then each of them."""
    return "\n".join([*_head(log), *(line for hazard in log["hazards"] for line in _hazard(hazard))])


def _head(log: Mapping[str, Any]) -> Iterator[str]:
    yield "# Hazard log\n"
    yield "Made from `hazard_log.json` by `render.py`: change the JSON, not this page.\n"
    reviewed = log["reviewed_by"] or "not reviewed by a clinical safety officer"
    yield f"{log['product']} {log['release']}, {log['date']}, in the shape of {log['standard']}; {reviewed}."
    yield "Risk is severity times likelihood; [the plan](clinical-risk-management-plan.md) says how it is judged."
    yield "Open means that the main control or its test is missing: no clinical use before it is closed.\n"
    yield "| id | hazard | initial | residual | status |"
    yield "|---|---|---|---|---|"
    for each in log["hazards"]:
        risks = f"{each['initial']['risk']} | {each['residual']['risk']}"
        yield f"| {each['id']} | {each['title']} | {risks} | {each['status']} |"
    yield ""


def _hazard(hazard: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {hazard['id']} {hazard['title']}\n"
    yield f"{hazard['hazard']}\n"
    yield f"- Cause: {'; '.join(hazard['cause'])}."
    yield f"- Effect: {hazard['effect']}"
    yield f"- Harm: {hazard['harm']}"
    for control in hazard["controls"]:
        yield f"- Control ({control['type']}): {control['control']}."
    yield f"- Risk: initial {_product(hazard['initial'])}, residual {_product(hazard['residual'])}."
    yield f"- What remains: {hazard['remains']}"
    yield f"- Owner: {hazard['owner']}. Status: {hazard['status']}."
    tests = ", ".join(f"`{node}`" for node in hazard["evidence"] or ())
    yield f"- Shown by: {tests or 'no test yet'}.\n"


def _product(risk: Mapping[str, int]) -> str:
    return f"{risk['severity']} x {risk['likelihood']} = {risk['risk']}"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    target.write_text(page(json.loads(LOG.read_text(encoding="utf-8"))), encoding="utf-8")
