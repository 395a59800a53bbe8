"""An answer as a clinician reads it on a terminal: what to do first, then the risk, why, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pathways.definition import PROBABILITY
from serving.wording import number_text, risk_text, span_text

_STATUS = {"answered": "Answered", "not_eligible": "Not eligible", "cannot_tell": "Cannot tell"}
_STYLE = {"emergency": "bold red", "urgent": "bold red", "soon": "yellow", "routine": ""}
REASONS_SHOWN = 6


def print_answer(answer: Mapping[str, Any], console: Console, title: str = "") -> None:
    """Print one answer."""
    parts = [_heading(answer), *_actions(answer), *_risk(answer), *_why(answer), *_missing(answer), *_small(answer)]
    console.print(Panel(Group(*parts), title=title or None, title_align="left"))


def print_problems(body: Mapping[str, Any], console: Console) -> None:
    """Print what was wrong with a request."""
    table = Table("field", "found", "allowed", title="The request was refused")
    for problem in body["problems"]:
        table.add_row(problem["field"] or "(the request)", problem["found"], problem["allowed"])
    console.print(table)


def _heading(answer: Mapping[str, Any]) -> Text:
    text = Text.assemble((_STATUS[answer["status"]], "bold"), f"  {answer['pathway']}, {answer['prediction']}, ")
    text.append(f"records up to {answer['as_of']}")
    if answer["reason"]:
        text.append(f"\n{answer['reason']['text']}")
    return text


def _actions(answer: Mapping[str, Any]) -> list[RenderableType]:
    return [Text("\nTo do", style="bold"), *map(_action, answer["actions"])] if answer["actions"] else []


def _action(action: Mapping[str, Any]) -> Text:
    text = Text.assemble("- ", (action["text"], _STYLE[action["urgency"]]))
    whose = ", ".join(filter(None, [action["urgency"], action.get("owner"), action["guideline"] or "our own band"]))
    text.append(f"  ({whose})", style="dim")
    return text


def _risk(answer: Mapping[str, Any]) -> list[RenderableType]:
    if not answer["risks"]:
        return []
    lines = [Text(f"\nRisk: {answer['outcome']['wording']}", style="bold")]
    for risk in answer["risks"]:
        said = f"- {risk_text(risk['risk'])} in the next {span_text(risk['horizon_days'])}"
        lines.append(Text(said, style="bold" if risk["primary"] else ""))
    if band := answer["band"]:
        whose = band["guideline"] or "our own band"
        lines.append(Text(f"- band: {band['name']}, from {band['from']:.0%} to {band['to']:.0%} ({whose})"))
    return list(lines)


def _why(answer: Mapping[str, Any]) -> list[RenderableType]:
    if not answer["explanation"]:
        return []
    moved = [each for each in answer["explanation"]["contributions"] if each["contribution"]]
    table = Table.grid(padding=(0, 2))
    for each in moved[:REASONS_SHOWN]:
        effect = "raises" if each["contribution"] > 0 else "lowers"
        table.add_row(f"- {each['wording']}", f"{effect} it ({each['contribution']:+.2f})")
    left = len(moved) - REASONS_SHOWN
    more = [Text(f"- and {left} smaller reasons", style="dim")] if left > 0 else []
    return [Text("\nWhy (on the scale of the log-odds)", style="bold"), table, *more]


def _missing(answer: Mapping[str, Any]) -> list[RenderableType]:
    if not answer["missing"]:
        return []
    lines = [Text("\nMissing", style="bold")]
    for each in answer["missing"]:
        when = f", last recorded {each['last_seen']}" if each["last_seen"] else ""
        lines.append(Text(f"- {each['input']}{' (required)' if each['required'] else ''}{when}"))
    return list(lines)


def _small(answer: Mapping[str, Any]) -> list[RenderableType]:
    lines = [f"- {each['name']}: {_compared(each)}" for each in answer["comparators"]]
    texts: list[RenderableType] = [Text("\nOther scores", style="bold"), *map(Text, lines)] if lines else []
    if answer["warnings"]:
        texts += [Text("\nTo know", style="bold"), *(Text(f"- {each['text']}") for each in answer["warnings"])]
    model = answer["model"]
    by = f"{model['name']} version {model['version']}, {model['state']}, {model['use']}" if model else "no model"
    return [*texts, Text(f"\n{by}; answer {answer['answer_id']}", style="dim")]


def _compared(comparator: Mapping[str, Any]) -> str:
    if "value" not in comparator:
        return str(comparator["why_not"])
    if comparator["unit"] == PROBABILITY:
        return f"{risk_text(comparator['value'])} in the next {span_text(comparator['horizon_days'])}"
    value = number_text(comparator["value"])
    return f"{value} ({comparator['unit']})" if comparator["unit"] else value
