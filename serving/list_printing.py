"""A list as a practice reads it on a terminal, and as CSV for a table of its own."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from serving.printing import iso_text
from serving.wording import risk_text, span_text

_STYLE = {"emergency": "bold red", "urgent": "bold red", "soon": "yellow", "routine": ""}
COLUMNS = (
    "place",
    "person_id",
    "prediction",
    "because_of",
    "urgency",
    "action",
    "owner",
    "guideline",
    "reasons",
    "also",
    "risk",
    "horizon_days",
    "band",
    "answer_id",
)


def print_list(
    found: Mapping[str, Any], console: Console, outreach: bool = False, left_out: bool = False, brief: bool = False
) -> None:
    """Print a list: who, what to do, why; then, unless `brief`, what it is worth and who is not on it."""
    name = found["pathway"].replace("_", " ")
    console.print(Text(f"{name}, practice {found['practice']}, records up to {iso_text(found['as_of'])}", style="bold"))
    if found["use"] == "demonstration":
        console.print(Text("Demonstration: not for the care of any person.", style="dim"))
    console.print(_people(found["people"], brief) if found["people"] else Text("Nobody is to be called."))
    if not brief:
        for each in found["predictions"]:
            console.print(*_worth(each), sep="\n", highlight=False, markup=False)
        to_know = dict.fromkeys(text for each in found["predictions"] for text in each["to_know"])
        console.print("\nTo know", *(f"- {text}" for text in to_know), sep="\n", highlight=False, markup=False)
        console.print(Text("\nWho is left out: of the eligible, and of the list"), _groups(found["groups"]), sep="\n")
    if outreach and found["outreach"]:
        console.print(_outreach(found["outreach"]))
    if left_out and found["left_out"]:
        console.print(_left_out(found["left_out"]))
    console.print(Text(f"list {found['list_id']}", style="dim"))


def print_lists(found: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print which lists were made."""
    table = Table("list", "pathway", "practice", "records up to", "made", "room for", "people")
    for each in found:
        size = "hidden" if each["people"] is None else str(each["people"])
        names = ("list_id", "pathway", "practice", "as_of", "made_at")
        table.add_row(*(str(each[name]) for name in names), str(each["capacity"]), size)
    console.print(table)


def write_csv(found: Mapping[str, Any], path: Path, outreach: bool = False, left_out: bool = False) -> None:
    """Write the people of a list as CSV that only its owner may read; on request also who is not on it, and why."""
    path.unlink(missing_ok=True)
    with os.fdopen(
        os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="utf-8", newline=""
    ) as out:
        written = csv.DictWriter(out, COLUMNS)
        written.writeheader()
        for each in (*found["people"], *_not_on_it(found, outreach, left_out)):
            written.writerow({name: _cell(each.get(name, "")) for name in COLUMNS})


def _not_on_it(found: Mapping[str, Any], outreach: bool, left_out: bool) -> Iterator[Mapping[str, Any]]:
    for each in found["outreach"] if outreach else ():
        reason = f"not recorded: {_cell(each['lacks'])}"
        yield {**each, "because_of": "outreach", "urgency": "routine", "reasons": reason}
    for each in found["left_out"] if left_out else ():
        yield {**each, "because_of": "left out, with a red flag", "reasons": each["reason"]}


def _cell(value: Any) -> Any:
    """A cell that no table program takes for a formula."""
    text = "; ".join(value) if isinstance(value, list) else value
    return f"'{text}" if isinstance(text, str) and text[:1] in ("=", "+", "-", "@") else text


def _people(people: Sequence[Mapping[str, Any]], brief: bool) -> Table:
    """For each what to do and why."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for each in people:
        table.add_row(str(each["place"]), str(each["person_id"]), (_briefly if brief else _line)(each))
    return table


def _briefly(each: Mapping[str, Any]) -> Text:
    return Text.assemble((each["action"], _STYLE[each["urgency"]]), (f" ({each['reasons'][0]})", "dim"))


def _line(each: Mapping[str, Any]) -> Text:
    owner = f"  ({', '.join(filter(None, [each['urgency'], each['owner'], each['guideline']]))})"
    risk = [] if each["risk"] is None else [f"{risk_text(each['risk'])} in {_span(each['horizon_days'])}"]
    more = [f"{len(each['also'])} more to do"] if each["also"] else []
    why = f"\n{'; '.join([*each['reasons'], *risk, *more])}."
    return Text.assemble((each["action"], _STYLE[each["urgency"]]), (owner, "dim"), (why, "dim"))


def _span(days: int) -> str:
    span = span_text(days)
    return span if span[0].isdigit() else f"a {span}"


def _worth(each: Mapping[str, Any]) -> Iterator[str]:
    eligible, waiting = (_count(each[name]) for name in ("eligible", "no_room_for"))
    yield f"\n{each['prediction'].replace('_', ' ')}: {each['outcome']}"
    if each["no_risk_because"]:
        yield f"- No risk: {each['no_risk_because']} The rules alone call."
    listed = f"{each['listed']} listed: {each['by_red_flag']} by a red flag, {each['by_gap']} by a gap"
    yield f"- {eligible} are eligible; {listed}; no room for {waiting}."
    if each["no_room_for_red_flags"] != 0:
        yield f"- No room for {_count(each['no_room_for_red_flags'])} with a red flag: make more, or a second list."
    yield from _by_score(each)
    yield f"- Cannot tell, so not low: {_count(each['outreach'])}; --outreach lists them."
    yield from (f"- Left out, {_count(left['people'])}: {left['reason']}" for left in each["left_out"])
    if each["left_out_with_a_red_flag"] != 0:
        people = _count(each["left_out_with_a_red_flag"])
        yield f"- Of those left out {people} have a red flag all the same; --left-out lists them."


def _by_score(each: Mapping[str, Any]) -> Iterator[str]:
    """What the score adds: where room ends, what is expected there, and what was seen in validation."""
    threshold, worth, seen = each["threshold"], each["expected"], each["validated"]
    if worth is None and each["listed"] and each["no_room_for"] != 0:
        yield "- Nobody is listed by the score, so the room there is implies no threshold."
    if threshold is not None:
        yield f"- The room there is puts the threshold, among {threshold['urgency']} calls, at {threshold['risk']:.1%}."
    if worth is not None:
        yield (
            f"- Expected of the {worth['people']} ranked by risk: {worth['ppv']:.0%} with the outcome"
            f" ({worth['low']:.0%} to {worth['high']:.0%} by chance alone, if the risks are right),"
            f" {worth['number_needed_to_review']:.1f} to review for one."
        )
    if worth is not None and (seen is None or seen["ppv"]["value"] is None):
        yield "- What was seen at this threshold, or one below it, is not in the model's evidence."
    elif seen is not None:
        ppv = seen["ppv"]
        extent = "" if ppv["low"] is None else f" ({ppv['low']:.0%} to {ppv['high']:.0%})"
        where = "at this threshold" if seen["exact"] else f"at the next lower one examined, {seen['threshold']:.1%}"
        yield (
            f"- Seen in people whom the model had not met, {where}: {ppv['value']:.0%}{extent} of all from there on,"
            f" {seen['number_needed_to_review']:.1f} to review for one."
        )


def _groups(groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> Table:
    table = Table("", "group", "eligible", "on the list", "of the eligible", "of the list")
    for axis, levels in groups.items():
        for each in levels:
            shares = (
                "" if each[name] is None else f"{each[name]:.0%}" for name in ("share_of_eligible", "share_of_list")
            )
            # Also a larger count is hidden where it would give a small one away.
            counts = ("hidden" if each[name] is None else f"{each[name]:,}" for name in ("eligible", "listed"))
            table.add_row(axis, each["level"], *counts, *shares)
    return table


def _outreach(people: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("person", "not recorded", "what to do", title="To be reached: what would tell is not recorded")
    for each in people:
        table.add_row(str(each["person_id"]), "; ".join(each["lacks"]), " ".join([each["action"], *each["also"]]))
    return table


def _left_out(people: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("person", "left out because", "red flag", title="Left out, and a red flag speaks all the same")
    for each in people:
        table.add_row(str(each["person_id"]), each["reason"], Text(each["action"], style=_STYLE[each["urgency"]]))
    return table


def _count(count: int | None) -> str:
    return "1 to 7" if count is None else f"{count:,}"
