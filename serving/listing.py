"""A list of a practice: whom to see first, because of what, and what to do, as far as there is room.

Each person stands in it once, under the first prediction that is for them, with the answer that they would get alone.
Who is not eligible (on the register already, referred, due anyway) is left out and counted; who cannot be told is an
outreach list of its own. Order: `serving.list_order`. What it is worth and who is not on it: `serving.list_worth`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

import msgspec
import numpy as np

from evaluation.disclosure import suppress
from features.days import number
from features.roll import at_place, roll
from features.source import Source
from serving.answer import URGENCIES
from serving.desk import Desk
from serving.list_order import Called, assigned, called, chosen
from serving.list_worth import groups, reasons_left_out, summary
from serving.messages import asked_in
from serving.readings import People
from serving.store import Entry
from serving.wording import day_text

LIST = "(list)"
"""What stands for the prediction where a list is kept among answers."""
REASONS = 2

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class NoSuchPractice(LookupError):
    """Nobody in the records was ever with this practice."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: a practice, how many people it can see, and as at which day."""

    pathway: str
    prediction: str | None
    practice: str
    capacity: int
    as_of: date


def make(desk: Desk, people: People, wanted: Wanted, progress: Progress | None = None) -> dict[str, Any]:
    """The list, kept among the answers before it is handed over, with the answer to each person in it.

    Raises
    ------
    NoSuchPractice
        If nobody was ever there, or there are no records.
    """
    told = progress or (lambda *_: None)
    everybody = _everybody(desk, people, _theirs(people, wanted), wanted, told)
    listed = chosen(everybody, wanted.capacity)
    entries = []
    for place, (one, at) in enumerate(listed, 1):
        entries.append(_answered(desk, wanted, one, int(one.roll.person_id[at])))
        told("people of the list answered for", place, len(listed))
    made = desk.now()
    found: dict[str, Any] = {
        "list_id": secrets.token_hex(16),
        "pathway": wanted.pathway,
        "practice": wanted.practice,
        "as_of": wanted.as_of.isoformat(),
        "made_at": made.isoformat(timespec="seconds"),
        "capacity": wanted.capacity,
        "use": desk.use,
        "definition": desk.loaded.fingerprints[wanted.pathway],
        "people": [
            _line(place, one, at, json.loads(entry.answer))
            for place, ((one, at), entry) in enumerate(zip(listed, entries, strict=True), 1)
        ],
        "predictions": [
            summary(desk, wanted.pathway, one, [at for of, at in listed if of is one]) for one in everybody
        ],
        "groups": groups(everybody, listed),
        "outreach": [line for one in everybody for line in _outreach(one)],
        "left_out": [line for one in everybody for line in _left_out(one)],
    }
    kept = _entry(wanted, found, made.astimezone(UTC).isoformat(timespec="milliseconds"))
    desk.answers.keep([*entries, kept]).result()
    return found


def _theirs(people: People, wanted: Wanted) -> Source:
    if people.source is None:
        raise NoSuchPractice(wanted.practice)
    try:
        ids = at_place(people.source, "practice", wanted.practice, number(wanted.as_of) + 1)
    except KeyError:
        raise NoSuchPractice(wanted.practice) from None
    return people.source.only(ids)


def _everybody(desk: Desk, people: People, theirs: Source, wanted: Wanted, told: Progress) -> list[Called]:
    """Everybody of the practice, each under one prediction."""
    pathway, rolls = desk.loaded.pathways[wanted.pathway], []
    asked = (pathway.prediction(wanted.prediction),) if wanted.prediction else pathway.predictions
    for at, prediction in enumerate(asked, 1):
        words = people.vocabulary(wanted.pathway, prediction)
        rolls.append(roll(prediction, theirs, words, number(wanted.as_of) + 1))
        told("predictions read for everybody of the practice", at, len(asked))
    mine = assigned(rolls)
    found = []
    for at, (prediction, read) in enumerate(zip(asked, rolls, strict=True)):
        served = desk.loaded.served[wanted.pathway, prediction.name]
        usable = served.refusal(desk.use, desk.today()) is None
        found.append(called(prediction, read.some(mine == at), served, usable))
    return found


def _answered(desk: Desk, wanted: Wanted, one: Called, person: int) -> Entry:
    body = {"pathway": wanted.pathway, "prediction": one.prediction.name, "person_id": person}
    text = json.dumps(body | {"as_of": wanted.as_of.isoformat()}).encode()
    return desk.entry(asked_in(text, max(desk.today(), wanted.as_of), desk.catalogue), None)


def _line(place: int, one: Called, at: int, said: Mapping[str, Any]) -> dict[str, Any]:
    """One person: why now, what to do, who does it, and what stands behind it."""
    ground = one.grounds[one.ground[at]]
    action = next(each for each in said["actions"] if (each["source"], each["text"]) == (ground.source, ground.action))
    primary = next((risk for risk in said["risks"] if risk["primary"]), None)
    lowest = said["band"] is not None and said["band"]["from"] <= 0
    others = [each for each in said["actions"] if each is not action and not (lowest and each["source"] == "band")]
    return {
        "place": place,
        "person_id": int(one.roll.person_id[at]),
        "prediction": one.prediction.name,
        "because_of": "score" if ground.source == "band" else ground.source,
        "urgency": action["urgency"],
        "action": action["text"],
        "owner": action.get("owner", ""),
        "guideline": action["guideline"] or "our own band",
        "reasons": list(_reasons(said, action)),
        "also": [each["text"] for each in others],
        "risk": None if primary is None else primary["risk"],
        "horizon_days": None if primary is None else primary["horizon_days"],
        "band": None if said["band"] is None else said["band"]["name"],
        "answer_id": said["answer_id"],
    }


def _reasons(said: Mapping[str, Any], action: Mapping[str, Any]) -> Iterator[str]:
    """What a rule read, with its days; for a band what raises the risk most, with the days of its records."""
    if action["records"]:
        newest = sorted(action["records"], key=lambda each: each["date"], reverse=True)
        yield from (f"{each['of']} on {_day(each['date'])}" for each in newest[:REASONS])
    elif action["source"] != "band":
        yield f"no record of it up to {_day(said['as_of'])}"
    else:
        raising = [each for each in said["explanation"]["contributions"] if each["contribution"] > 0]
        largest = raising[:REASONS]
        if not any(each["records"] for each in largest):
            # A reason has a day: an age or a sex alone has none.
            largest = largest[: REASONS - 1] + [each for each in raising if each["records"]][:1]
        yield from (each["wording"] for each in largest)


def _day(day: str) -> str:
    return day_text(date.fromisoformat(day))


def _outreach(one: Called) -> Iterator[dict[str, Any]]:
    """Who cannot be told, with what would tell and what a guideline advises meanwhile; not who is called already."""
    for at in np.flatnonzero(one.cannot_tell & (one.ground < 0)).tolist():
        lacking = [each for each, absent in zip(one.prediction.requires, one.roll.lacks[at], strict=True) if absent]
        told = one.roll.eligible[at] == 1.0
        rules = [rule for rule, speaks in zip(one.prediction.rules, one.roll.rules[at], strict=True) if speaks]
        yield {
            "person_id": int(one.roll.person_id[at]),
            "prediction": one.prediction.name,
            "lacks": [each.input for each in lacking] if told else ["whether it is for this person"],
            "action": " ".join(each.supply for each in lacking) if told else "",
            "also": [rule.action for rule in sorted(rules, key=lambda rule: URGENCIES.index(rule.urgency))],
        }


def _left_out(one: Called) -> Iterator[dict[str, Any]]:
    """Who is left out although a red flag speaks: what a guideline says of them is not for the list to swallow."""
    flags = [at for at, rule in enumerate(one.prediction.rules) if rule.source == "rule"]
    flags.sort(key=lambda at: URGENCIES.index(one.prediction.rules[at].urgency))
    reasons = reasons_left_out(one.prediction)
    for at in np.flatnonzero((one.roll.eligible == 0.0) & one.has_red_flag).tolist():
        rule = next(one.prediction.rules[flag] for flag in flags if one.roll.rules[at, flag])
        yield {
            "person_id": int(one.roll.person_id[at]),
            "prediction": one.prediction.name,
            "reason": reasons[one.roll.left_out[at]],
            "urgency": rule.urgency,
            "action": rule.action,
            "guideline": rule.guideline,
        }


def _entry(wanted: Wanted, found: Mapping[str, Any], made_at: str) -> Entry:
    """The list as a row of the chain, with the digests of the models that made it."""
    request = {name: found[name] for name in ("pathway", "practice", "as_of", "capacity")}
    text = json.dumps(request | {"prediction": wanted.prediction}, sort_keys=True)
    models = [each["model"]["digest"] for each in found["predictions"] if each["model"] is not None]
    return Entry(
        answer_id=found["list_id"],
        key=None,
        request_digest=hashlib.sha256(text.encode()).hexdigest(),
        pathway=wanted.pathway,
        prediction=LIST,
        model_digest=",".join(models),
        made_at=made_at,
        request=text,
        answer=msgspec.json.encode(found).decode(),
    )


def shown_without_people(found: Mapping[str, Any]) -> dict[str, Any]:
    """A list without anybody in it: what may be shown of it to whoever did not ask for it."""
    return {name: found[name] for name in ("list_id", "pathway", "practice", "as_of", "made_at", "capacity")} | {
        "people": suppress(len(found["people"]))
    }
