"""An answer as a clinician reads it on a terminal: what to do first, then the risk, why, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from serving.wording import WORTH_SAYING, day_text, number_text, risk_text, span_text

_STATUS = {"answered": "Answered", "not_eligible": "Not eligible", "cannot_tell": "Cannot tell"}
_STYLE = {"emergency": "bold red", "urgent": "bold red", "soon": "yellow", "routine": ""}
REASONS_SHOWN, RECORDS_SHOWN, MISSING_SHOWN = 6, 4, 16


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


def iso_text(day: str) -> str:
    """A day of an answer in words."""
    return day_text(date.fromisoformat(day))


def _heading(answer: Mapping[str, Any]) -> Text:
    name = f"{answer['pathway']}, {answer['prediction']}".replace("_", " ")
    newest = f", the newest of {iso_text(answer['data_to'])}" if answer["data_to"] else ""
    text = Text.assemble((_STATUS[answer["status"]], "bold"), f"  {name}. ")
    text.append(f"Records up to {iso_text(answer['as_of'])}{newest}.")
    if answer["reason"]:
        text.append(f"\n{answer['reason']['text']}")
    return text


def _actions(answer: Mapping[str, Any]) -> list[RenderableType]:
    return [Text("\nTo do", style="bold"), *map(_action, answer["actions"])] if answer["actions"] else []


def _action(action: Mapping[str, Any]) -> Text:
    text = Text.assemble("- ", (action["text"], _STYLE[action["urgency"]]))
    whose = ", ".join(filter(None, [action["urgency"], action.get("owner"), action["guideline"] or "our own band"]))
    text.append(f"  ({whose})", style="dim")
    if action["records"]:
        text.append(f"\n  Because of {_records(action['records'])}.", style="dim")
    return text


def _records(records: Sequence[Mapping[str, Any]]) -> str:
    """The newest few of some records: what, how much, when."""
    newest = sorted(records, key=lambda each: each["date"], reverse=True)
    more = len(newest) - RECORDS_SHOWN
    shown = "; ".join(map(_record, newest[:RECORDS_SHOWN]))
    return f"{shown} and {more} more" if more > 0 else shown


def _record(record: Mapping[str, Any]) -> str:
    value = "" if record["value"] is None else f" {number_text(record['value'])}"
    return f"{record['of']}{value} on {iso_text(record['date'])}"


def _risk(answer: Mapping[str, Any]) -> list[RenderableType]:
    if not answer["risks"]:
        return []
    lines = [Text(f"\nRisk: {answer['outcome']['wording']}", style="bold")]
    for risk in answer["risks"]:
        said = f"- {risk_text(risk['risk'])} in the next {span_text(risk['horizon_days'])}"
        lines.append(Text(said, style="bold" if risk["primary"] else ""))
    if answer["band"]:
        lines.append(Text(f"- {_band(answer['band'])}"))
    return list(lines)


def _band(band: Mapping[str, Any]) -> str:
    low, high = f"{100 * band['from']:.3g}%", f"{100 * band['to']:.3g}%"
    extent = f"below {high}" if band["from"] <= 0 else f"{low} or more" if band["to"] >= 1 else f"{low} to {high}"
    time = span_text(band["horizon"])
    article = "" if time[0].isdigit() else "a "
    return f"{band['name']}: {extent} in {article}{time} ({band['guideline'] or 'our own band'})"


def _why(answer: Mapping[str, Any]) -> list[RenderableType]:
    if not answer["explanation"]:
        return []
    moved = [each for each in answer["explanation"]["contributions"] if abs(each["contribution"]) >= WORTH_SAYING]
    largest = moved[:REASONS_SHOWN]
    table = Table.grid(padding=(0, 2))
    for heading, sign in (("Raising it", 1), ("Lowering it", -1)):
        told = [each for each in largest if each["contribution"] * sign > 0]
        if told:
            table.add_row(Text(heading, style="dim"), "")
        for each in told:
            table.add_row(f"- {each['wording']}", f"{each['contribution']:+.2f}")
    left = len(moved) - len(largest)
    more = [Text(f"- and {left} smaller reasons", style="dim")] if left > 0 else []
    heading = "\nWhy, on the scale of the log-odds (what goes with the risk, not what causes it)"
    return [Text(heading, style="bold"), table, *more]


def _missing(answer: Mapping[str, Any]) -> list[RenderableType]:
    if not answer["missing"] or answer["status"] == "not_eligible":
        return []
    inputs = list(map(_input, answer["missing"]))
    more = len(inputs) - MISSING_SHOWN
    return [Text.assemble(("\nMissing: ", "bold"), "; ".join(inputs[:MISSING_SHOWN]), f" and {more} more" * (more > 0))]


def _input(missing: Mapping[str, Any]) -> str:
    notes = ["required"] if missing["required"] else []
    notes += [f"newest {iso_text(missing['last_seen'])}"] if missing["last_seen"] else []
    return f"{missing['input']} ({', '.join(notes)})" if notes else str(missing["input"])


def _small(answer: Mapping[str, Any]) -> list[RenderableType]:
    """Other scores and cautions, which are about a risk; whatever else there is to know."""
    answered = answer["status"] == "answered"
    texts: list[RenderableType] = _scores(answer["comparators"]) if answered else []
    told = [each for each in answer["warnings"] if answered or each["code"] != "caution"]
    unchecked = [each["text"].partition(": ")[2] for each in told if each["code"] == "rule_not_known"]
    known = [each["text"] for each in told if each["code"] != "rule_not_known"]
    texts += _listed("Not checked, as the records that would tell were not sent", unchecked)
    texts += _listed("To know", known)
    model = answer["model"]
    by = f"{model['name']} version {model['version']}, {model['state']}, {model['use']}" if model else "no model"
    return [*texts, Text(f"\n{by}; answer {answer['answer_id']}", style="dim")]


def _scores(comparators: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """Every other score with its value; those that lack the same things, together."""
    lines = [f"{each['name']}: {each['wording']}" for each in comparators if "wording" in each]
    lacking: dict[str, list[str]] = {}
    for each in comparators:
        if "wording" not in each:
            lacking.setdefault(each["why_not"], []).append(each["name"])
    lines += [f"{'; '.join(names)}: {why}" for why, names in lacking.items()]
    return _listed("Other scores", lines)


def _listed(heading: str, lines: Sequence[str]) -> list[RenderableType]:
    return [Text(f"\n{heading}", style="bold"), *(Text(f"- {line}") for line in lines)] if lines else []
