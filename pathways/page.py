"""The protocol of a pathway as a Markdown page, made from the definition and never edited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pathways.describe import span
from pathways.facts import facts
from pathways.words import Span

_SAME_DAY = {"all": "every value", "last": "the last", "lowest": "the lowest", "highest": "the highest"}
_KINDS_OF_OUTCOME = {
    "happens": "That is the first of",
    "measured": "It is judged where it was measured, and weighted so that those stand for all; not measured is missing",
    "not done": "It is an absence: no valid dose by then",
}
_ARROWS = {"up": "rises", "down": "falls", None: ""}


def page(name: str) -> str:
    """The page of one pathway."""
    return "\n".join(_page(name, facts(name))).rstrip() + "\n"


def _page(name: str, pathway: dict[str, Any]) -> Iterator[str]:
    yield f"# {pathway['title']}\n"
    yield f"Made by `python -m pathways show {name} --out docs/pathways/{name}.md`"
    yield f"from `pathways/catalogue/{name}.py`, which gives the source of every number. Do not edit.\n"
    yield f"{pathway['about']}\n"
    common = _common_rules(pathway["predictions"])
    for prediction in pathway["predictions"]:
        yield from _prediction(prediction, common)
    if common:
        yield "## Rules of every prediction\n"
        yield from _rules(common)
    if pathway["terms"]:
        yield "## Terms\n"
        yield from _table(("term", "meaning"), [(each["name"], each["meaning"]) for each in pathway["terms"]])
    yield from _values(pathway["records"])
    yield from _concepts(pathway["concept_sets"])


def _common_rules(predictions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules that all of several predictions have: told once."""
    first, *others = predictions
    return [rule for rule in first["rules"] if others and all(rule in other["rules"] for other in others)]


def _rules(rules: Sequence[dict[str, Any]]) -> Iterator[str]:
    rows = [(_slug(each["name"]), each["when"], each["action"], each["guideline"], each["urgency"]) for each in rules]
    yield from _table(("rule", "when", "action", "source", "urgency"), rows)


def _prediction(one: dict[str, Any], common: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield f"## {one['name']}: {one['question']}\n"
    yield "### Who\n"
    yield "Everybody for whom all of this holds, asked in this order:\n"
    yield from _table(
        ("it holds", "else the answer is"), [(part["holds"], part["otherwise"]) for part in one["population"]]
    )
    yield "### When\n"
    yield f"The index date is {one['index']}. What is known ends on the day before; the watch starts on it."
    yield f"Records are read back over {one['look_back']}.\n"
    yield from _outcome(one)
    if one["requires"]:
        yield "### Without this there is no answer\n"
        yield from (f"- {each['input']}. {each['supply']}" for each in one["requires"])
        yield ""
    yield from _advice(one, common)
    yield from _predictors(one["predictors"])
    yield from _comparators(one["comparators"])
    yield from _letter(one)
    if one["not_usable_in"]:
        yield "### Where it is not usable yet\n"
        yield from (f"- {_capital(each['where'])}: {each['why']}" for each in one["not_usable_in"])
        yield ""
    yield "### Cautions\n"
    yield from (f"- {each}" for each in one["cautions"])
    yield ""


def _outcome(one: dict[str, Any]) -> Iterator[str]:
    yield "### For what\n"
    yield f"{_capital(one['outcome'])}. {_KINDS_OF_OUTCOME[one['outcome_kind']]}:\n"
    yield from (f"- {each}" for each in one["outcome_of"])
    horizons = " and ".join(span(Span(days=days)) for days in one["horizons_days"])
    yield f"\nThe risk is that of {horizons}; that of {span(Span(days=one['primary_days']))} is shown first and banded."
    yield "Death before the outcome competes; leaving the practice ends the watch.\n"
    for other in one["secondary"]:
        yield f"Published scores are judged on an outcome of their own, {other['wording']}. That is the first of:\n"
        yield from (f"- {each}" for each in other["outcome_of"])
        yield ""


def _advice(one: dict[str, Any], common: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "### What happens then\n"
    yield "Rules come first, also for people who get no score. No score lowers a rule.\n"
    own = [rule for rule in one["rules"] if rule not in common]
    yield from _rules(own) if own else ()
    if common:
        yield f"{'Then the' if own else 'The'} {len(common)} rules of every prediction, below.\n"
    rows = [
        (
            each["name"],
            f"{100 * each['at_least']:.3g}% and over",
            each["action"],
            each["owner"],
            each["urgency"],
            each["guideline"] or "ours",
        )
        for each in one["bands"]
    ]
    yield from _table(("band", "risk", "action", "who acts", "urgency", "whose cut-off"), rows)


def _predictors(predictors: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield f"### From what: {len(predictors)} predictors\n"
    rows = [
        (
            _slug(each["name"]),
            each["wording"],
            each["unit"] or " / ".join(each["levels"]),
            _range(each["plausible"]),
            each["window"],
            _ARROWS[each["direction"]],
            "yes" if each["changeable"] else "",
        )
        for each in predictors
    ]
    columns = ("predictor", "meaning", "unit or levels", "plausible", "looks back", "risk with the value", "changeable")
    yield from _table(columns, rows)
    strong = [each for each in predictors if each["strong_because"]]
    if strong:
        yield "Declared: these alone may rank people so well that it would otherwise be taken for leakage.\n"
        yield from (f"- {each['wording']}: {each['strong_because']}" for each in strong)
        yield ""


def _letter(one: dict[str, Any]) -> Iterator[str]:
    """What the person reads, all in one place, so that it can be judged by reading it once."""
    yield "### What the person reads\n"
    time = re.sub(r" \(.*\)", "", span(Span(days=one["primary_days"]))).removeprefix("1 ")
    yield f"About 12 of 100 people like you {one['outcome_plain'] or '...'} in the next {time}.\n"
    rows = [("no figure, because", _slug(each["code"]), each["plain"]) for each in one["population"]]
    rows += [("may be offered", each["name"], each["plain"]) for each in one["bands"]]
    rows += [("may be offered", _slug(each["name"]), each["plain"]) for each in one["rules"]]
    rows += [("a reason, or missing", _slug(each["name"]), each["plain"]) for each in one["predictors"]]
    yield from _table(("as", "for", "plain words"), [row for row in rows if row[2]])


def _comparators(comparators: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "### What it must beat\n"
    rows = [(each["name"], each["of"], each["unit"], each["source"]) for each in comparators]
    yield from _table(("comparator", "what it is", "unit", "source"), rows)


def _values(records: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "## How values are read\n"
    yield "A value outside the plausible range is left out and counted, never moved to its edge.\n"
    rows = [
        (
            each["name"],
            "; ".join(_unit(unit) for unit in each["units"]),
            _range(each["plausible"]),
            _SAME_DAY.get(each["same_day"], f"the {each['same_day']}"),
            "; ".join(_limits(each)),
        )
        for each in records
    ]
    yield from _table(("value", "units", "plausible", "of one day", "limits and lacking units"), rows)


def _unit(one: dict[str, Any]) -> str:
    factor = "" if one["times"] == 1 else f" x {one['times']:g}"
    more = f" {one['plus']:+.5g}" if one["plus"] else ""
    return f"{one['concept_id']} {one['name']}{factor}{more}"


def _limits(one: dict[str, Any]) -> Iterator[str]:
    if one["less_than_counts_as"] != 1:
        yield f"below x counts as x times {one['less_than_counts_as']:g}"
    if one["more_than_counts_from"] is not None:
        yield f"above x says nothing if x is below {one['more_than_counts_from']:g}"
    for concept, unit in one["without_unit"].items():
        yield f"without a unit {concept} is in {unit}"


def _concepts(sets: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "## Concept sets\n"
    for one in sets:
        yield f"### {one['name']} ({', '.join(one['kinds'])})\n"
        rows = [(str(each["concept_id"]), each["name"], each["how"]) for each in one["concepts"]]
        yield from _table(("concept", "name", "taken"), rows)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield _row(columns)
    yield _row(["---"] * len(columns))
    yield from (_row(row) for row in rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _range(plausible: Sequence[float] | None) -> str:
    return "" if plausible is None else f"{plausible[0]:g} to {plausible[1]:g}"


def _slug(name: str) -> str:
    return f"`{name}`"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
