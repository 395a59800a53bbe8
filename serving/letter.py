"""An answer as the person reads it: a short letter in plain words. Nothing of it is told in numbers that need training.

What a person could change is never named as a reason for a low risk: it might read as advice to let it be. A diagnosis
is not named so either, for it is nothing to be glad of; and what is missing is no reason at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from serving.printing import iso_text
from serving.wording import risk_text, span_text

REASONS_SHOWN, LEAST_REASON, MISSING_SHOWN = 3, 0.2, 5
_SOON = ("emergency", "urgent")


def print_letter(answer: Mapping[str, Any], console: Console) -> None:
    """Print one answer for the person whom it is about."""
    console.print(Panel(Group(*map(Text, letter(answer))), title="For you", title_align="left"))


def letter(answer: Mapping[str, Any]) -> list[str]:
    """The lines of the letter."""
    sections = (_about(answer), _next(answer), _figure(answer), _why(answer), _missing(answer), _end(answer))
    return "\n\n".join("\n".join(lines) for lines in map(list, sections) if lines).split("\n")


def _about(answer: Mapping[str, Any]) -> Iterator[str]:
    if answer["model"] is None or answer["model"]["use"] == "demonstration":
        yield "This is a demonstration, made from invented people. Please do not use it for your care.\n"
    yield f"We looked at what your records say up to {iso_text(answer['as_of'])}."


def _next(answer: Mapping[str, Any]) -> Iterator[str]:
    soon = [each for each in answer["actions"] if each["urgency"] in _SOON]
    later = [each for each in answer["actions"] if each["urgency"] not in _SOON]
    yield "What happens next"
    yield from _offers(
        "Please call your practice today, unless someone already looks after this with you. You may be offered:", soon
    )
    yield from _offers("Your practice may offer you:", later)
    if any(not each["plain"] and not _of_the_lowest_band(each, answer) for each in answer["actions"]):
        yield "Please ask your practice what they would like to do next."
    elif not any(each["plain"] for each in answer["actions"]):
        start = "We cannot tell" if answer["status"] == "cannot_tell" else "Nothing new because of this"
        yield f"{start}. Please keep to the checks that you already have."


def _offers(heading: str, actions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    offers = list(dict.fromkeys(each["plain"] for each in actions if each["plain"]))
    if offers:
        yield heading
        yield from (f"- {each}" for each in offers)


def _of_the_lowest_band(action: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    return bool(action["source"] == "band" and answer["band"]["from"] <= 0)


def _figure(answer: Mapping[str, Any]) -> Iterator[str]:
    if not answer["risks"]:
        yield "There is no figure for you"
        why = (answer["reason"] or {}).get("plain") or "your records do not tell us enough"
        yield f"This is because {why}."
        return
    risk = next(each for each in answer["risks"] if each["primary"])
    outcome = answer["outcome"]["plain"] or f"have this: {answer['outcome']['wording']}"
    yield "What the figure says"
    yield f"{_people(risk['risk'])} people like you {outcome} in the next {span_text(risk['horizon_days'])}."
    yield f"For {risk_text(1 - risk['risk']).replace(' in ', ' of ')} this does not happen."
    yield "Nobody can say which of them you will be."


def _people(risk: float) -> str:
    said = risk_text(risk).replace(" in ", " of ")
    return said[:1].upper() + said[1:]


def _why(answer: Mapping[str, Any]) -> Iterator[str]:
    if not answer["explanation"]:
        return
    known = _each_record_once(each for each in answer["explanation"]["contributions"] if each["value"] is not None)
    more = [each for each in known if each["contribution"] >= LEAST_REASON]
    less = [each for each in known if each["contribution"] <= -LEAST_REASON and not _no_comfort(each)]
    yield from _reasons("What makes the figure higher", more)
    yield from _reasons("What makes the figure lower", less)


def _each_record_once(contributions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of those that say the same records in several ways, the one that weighs most (they come in that order)."""
    told, once = set[str](), []
    for each in contributions:
        records = str(each["records"])
        if not each["records"] or records not in told:
            once.append(each)
        told.add(records)
    return once


def _no_comfort(contribution: Mapping[str, Any]) -> bool:
    """Whether it would mislead to name this as a reason for a low risk: a habit, a diagnosis, a fall."""
    value = contribution["value"]
    fall = not isinstance(value, str) and value < 0
    return bool(contribution["changeable"] or fall or (value == 1 and not contribution["unit"]))


def _reasons(heading: str, contributions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if contributions:
        yield heading
        yield from (f"- {each['plain']}" for each in contributions[:REASONS_SHOWN])


def _missing(answer: Mapping[str, Any]) -> Iterator[str]:
    never = [each for each in answer["missing"] if each["required"] or not each["last_seen"]]
    missing = list(dict.fromkeys(each["plain"] for each in never))
    if missing and answer["status"] != "not_eligible":
        yield "What we could not see in your records"
        yield from (f"- {each}" for each in missing[:MISSING_SHOWN])
        if len(missing) > MISSING_SHOWN:
            yield "- and other things"
        yield "If you know more, or had a test somewhere else, please tell your practice."


def _end(answer: Mapping[str, Any]) -> Iterator[str]:
    yield "If you have questions or feel unwell, please talk to your practice."
