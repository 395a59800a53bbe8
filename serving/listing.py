"""A list of a practice: whom to see first, because of what, and what to do, as far as there is room.

Red flags come first, the most urgent before the others; then treatment gaps and bands above the lowest, by risk. Who is
not eligible (on the register already, referred, due anyway) is left out and counted; who cannot be told for lack of a
required input is an outreach list of its own, never a low risk. Each person stands in it once, under the first
prediction that is for them, with the answer that they would get alone.
"""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from evaluation.disclosure import suppress, suppress_table
from features.days import number
from features.roll import Roll, at_place, roll
from features.source import Source
from pathways.definition import Prediction
from pathways.words import Criterion
from serving.answer import URGENCIES
from serving.desk import Desk
from serving.messages import asked_in
from serving.readings import People
from serving.store import Entry
from serving.wording import day_text

LIST = "(list)"
"""What stands for the prediction where a list is kept among answers."""
BY_SCORE = len(URGENCIES)
"""The tier behind all red flags."""
REASONS = 2
Z = 1.959964


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


@dataclass(frozen=True)
class _Called:
    """People of one prediction, most pressing first: `at` are positions in its roll."""

    prediction: Prediction
    roll: Roll
    risk: NDArray[np.float64]
    tier: NDArray[np.int64]

    @property
    def on_the_list(self) -> NDArray[np.bool_]:
        return self.tier >= 0


def make(desk: Desk, people: People, wanted: Wanted) -> dict[str, Any]:
    """The list, kept among the answers before it is handed over, with the answer to each person in it.

    Raises
    ------
    NoSuchPractice
        If nobody was ever there, or there are no records.
    """
    index, source = number(wanted.as_of) + 1, people.source
    if source is None:
        raise NoSuchPractice(wanted.practice)
    try:
        theirs = source.only(at_place(source, "practice", wanted.practice, index))
    except KeyError:
        raise NoSuchPractice(wanted.practice) from None
    called = list(_called(desk, people, theirs, wanted, index))
    chosen = _chosen(called, wanted.capacity)
    entries = [_answered(desk, wanted, one, int(one.roll.person_id[at])) for one, at in chosen]
    made = desk.now()
    found: dict[str, Any] = {
        "list_id": secrets.token_hex(16),
        "pathway": wanted.pathway,
        "practice": wanted.practice,
        "as_of": wanted.as_of.isoformat(),
        "made_at": made.isoformat(timespec="seconds"),
        "capacity": wanted.capacity,
        "use": desk.use,
        "people": [
            _line(place, one, at, json.loads(entry.answer))
            for place, ((one, at), entry) in enumerate(zip(chosen, entries, strict=True), 1)
        ],
        "predictions": [_summary(desk, wanted, one, chosen) for one in called],
        "outreach": [line for one in called for line in _outreach(one)],
    }
    request = {name: found[name] for name in ("pathway", "practice", "as_of", "capacity")}
    text = json.dumps(request | {"prediction": wanted.prediction}, sort_keys=True)
    models = sorted({entry.model_digest for entry in entries})
    kept = Entry(
        answer_id=found["list_id"],
        key=None,
        request_digest=hashlib.sha256(text.encode()).hexdigest(),
        pathway=wanted.pathway,
        prediction=LIST,
        model_digest=",".join(models),
        made_at=made.astimezone(UTC).isoformat(timespec="milliseconds"),
        request=text,
        answer=msgspec.json.encode(found).decode(),
    )
    desk.answers.keep([*entries, kept]).result()
    return found


def _called(desk: Desk, people: People, theirs: Source, wanted: Wanted, index: int) -> Iterator[_Called]:
    """Everybody under the first prediction that is for them, or cannot be told to be."""
    pathway = desk.loaded.pathways[wanted.pathway]
    asked = (pathway.prediction(wanted.prediction),) if wanted.prediction else pathway.predictions
    taken = np.empty(0, dtype=np.int64)
    for at, prediction in enumerate(asked):
        found = roll(prediction, theirs, people.vocabulary(wanted.pathway, prediction), index)
        found = found.some(~np.isin(found.person_id, taken))
        mine = found.eligible == 1.0
        taken = np.concatenate([taken, found.person_id[mine]])
        last = at == len(asked) - 1
        yield _judged(desk, wanted, prediction, found if last else found.some(mine))


def _judged(desk: Desk, wanted: Wanted, prediction: Prediction, found: Roll) -> _Called:
    """Risk and tier of each: the urgency of the first red flag, else behind them all; -1 for who is not called."""
    served = desk.loaded.served[wanted.pathway, prediction.name]
    eligible = found.eligible == 1.0
    told = eligible & ~found.lacks.any(axis=1)
    risk = np.full(len(found), np.nan)
    if served.refusal(desk.use, desk.today()) is None and served.model is not None and told.any():
        places = found.axes["region"][told].tolist()
        primary = served.model.recalibration.primary_index
        risk[told] = served.model.risks(found.values[told], [place or None for place in places])[:, primary]
    tier = np.full(len(found), -1, dtype=np.int64)
    gap = np.zeros(len(found), dtype=np.bool_)
    for at, rule in sorted(enumerate(prediction.rules), key=lambda each: -URGENCIES.index(each[1].urgency)):
        speaks = found.rules[:, at] & eligible
        if rule.source == "gap":
            gap |= speaks
        else:
            tier[speaks] = URGENCIES.index(rule.urgency)
    lowest = min((band.at_least for band in prediction.bands if band.at_least > 0), default=0.0)
    with np.errstate(invalid="ignore"):
        tier[(tier < 0) & (gap | (risk >= lowest))] = BY_SCORE
    return _Called(prediction, found, risk, tier)


def _chosen(called: Sequence[_Called], capacity: int) -> list[tuple[_Called, int]]:
    """As many as there is room for: by tier, then by risk, then by id, so that the same people always come."""
    waiting = [
        (
            int(one.tier[at]),
            -one.risk[at] if one.risk[at] == one.risk[at] else 0.0,
            int(one.roll.person_id[at]),
            one,
            at,
        )
        for one in called
        for at in np.flatnonzero(one.on_the_list).tolist()
    ]
    return [(one, at) for *_, one, at in sorted(waiting, key=lambda each: each[:3])[:capacity]]


def _answered(desk: Desk, wanted: Wanted, one: _Called, person: int) -> Entry:
    body = {"pathway": wanted.pathway, "prediction": one.prediction.name, "person_id": person}
    text = json.dumps(body | {"as_of": wanted.as_of.isoformat()}).encode()
    return desk.entry(asked_in(text, max(desk.today(), wanted.as_of), desk.catalogue), None)


def _line(place: int, one: _Called, at: int, said: Mapping[str, Any]) -> dict[str, Any]:
    """One person: why now, what to do, who does it, and what stands behind it."""
    action = said["actions"][0] if said["actions"] else None
    primary = next((risk for risk in said["risks"] if risk["primary"]), None)
    return {
        "place": place,
        "person_id": int(one.roll.person_id[at]),
        "prediction": one.prediction.name,
        "because_of": "score" if action is None or action["source"] == "band" else action["source"],
        "urgency": "routine" if action is None else action["urgency"],
        "action": "" if action is None else action["text"],
        "owner": "" if action is None else action.get("owner", ""),
        "guideline": "" if action is None else action["guideline"] or "our own band",
        "reasons": list(_reasons(said, action)),
        "also": [each["text"] for each in said["actions"][1:]],
        "risk": None if primary is None else primary["risk"],
        "horizon_days": None if primary is None else primary["horizon_days"],
        "band": None if said["band"] is None else said["band"]["name"],
        "answer_id": said["answer_id"],
    }


def _reasons(said: Mapping[str, Any], action: Mapping[str, Any] | None) -> Iterator[str]:
    """What a rule read, with its days; else what raises the risk most."""
    if action is not None and action["records"]:
        newest = sorted(action["records"], key=lambda each: each["date"], reverse=True)
        yield from (f"{each['of']} on {day_text(date.fromisoformat(each['date']))}" for each in newest[:REASONS])
    elif said["explanation"]:
        raising = [each for each in said["explanation"]["contributions"] if each["contribution"] > 0]
        yield from (each["wording"] for each in raising[:REASONS])


def _summary(desk: Desk, wanted: Wanted, one: _Called, chosen: Sequence[tuple[_Called, int]]) -> dict[str, Any]:
    """What the list is worth, and who is not on it: counts small enough to name somebody are hidden."""
    listed = np.zeros(len(one.roll), dtype=np.bool_)
    listed[[at for of, at in chosen if of is one]] = True
    eligible = one.roll.eligible == 1.0
    by_score = listed & (one.tier == BY_SCORE) & ~np.isnan(one.risk)
    waiting = one.on_the_list & ~listed
    left = _left_out(one)
    return {
        "prediction": one.prediction.name,
        "outcome": one.prediction.outcome_wording,
        "eligible": suppress(int(eligible.sum())),
        "listed": int(listed.sum()),
        "by_red_flag": int((listed & (one.tier < BY_SCORE)).sum()),
        "no_room_for": suppress(int(waiting.sum())),
        "threshold": float(one.risk[by_score].min()) if by_score.any() and waiting.any() else None,
        "expected": _expected(one.risk[by_score]),
        "validated": _validated(desk, wanted, one, one.risk[by_score]),
        "left_out": left,
        "outreach": suppress(int((eligible & one.roll.lacks.any(axis=1)).sum())),
        "groups": {axis: _groups(one.roll.axes[axis], eligible, listed) for axis in ("ethnicity", "deprivation")},
    }


def _expected(risk: NDArray[np.float64]) -> dict[str, Any] | None:
    """Of those on the list by their score, how many in a hundred should have the outcome if the risks are right."""
    if not len(risk):
        return None
    ppv = float(risk.mean())
    chance = Z * math.sqrt(float((risk * (1 - risk)).sum())) / len(risk)
    return {
        "ppv": ppv,
        "low": max(0.0, ppv - chance),
        "high": min(1.0, ppv + chance),
        "number_needed_to_review": 1 / ppv if ppv > 0 else None,
    }


def _validated(desk: Desk, wanted: Wanted, one: _Called, risk: NDArray[np.float64]) -> dict[str, Any] | None:
    """What the model's evidence says at the nearest threshold that it was examined at, at or below the list's."""
    model = desk.loaded.served[wanted.pathway, one.prediction.name].model
    if model is None or not len(risk):
        return None
    everyone = model.evidence.get("groups", [{}])[0]
    examined = [each for each in everyone.get("thresholds", ()) if each["threshold"] <= risk.min()]
    if not examined:
        return None
    nearest = max(examined, key=lambda each: each["threshold"])
    return {"threshold": nearest["threshold"], "ppv": nearest["ppv"]}


def _left_out(one: _Called) -> list[dict[str, Any]]:
    """Who is not asked about, by the first reason."""
    population = one.prediction.population
    parts = getattr(population, "words", (population,))
    told = [part.otherwise if isinstance(part, Criterion) else "not in the population" for part in parts]
    reasons = [told[at] for at in one.roll.left_out.tolist() if at >= 0]
    counts = {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
    unknown = int(np.isnan(one.roll.eligible).sum())
    if unknown:
        counts["The records do not tell whether it is for them."] = unknown
    return [{"reason": reason, "people": suppress(count)} for reason, count in counts.items()]


def _groups(level: NDArray[np.str_], eligible: NDArray[np.bool_], listed: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Of each group how many are eligible and how many are on the list."""
    names = sorted({str(one) for one in level[eligible]}, key=lambda name: (name == "", name))
    whole = suppress_table({name: int((eligible & (level == name)).sum()) for name in names})
    part = suppress_table({name: int((listed & (level == name)).sum()) for name in names})
    return [
        {
            "level": name or "unknown",
            "eligible": whole[name],
            "listed": part[name],
            "share": part[name] / whole[name] if part[name] is not None and whole[name] else None,  # type: ignore[operator]
        }
        for name in names
    ]


def _outreach(one: _Called) -> Iterator[dict[str, Any]]:
    """Who cannot be told, with what would tell."""
    for at in np.flatnonzero((one.roll.eligible == 1.0) & one.roll.lacks.any(axis=1)).tolist():
        lacking = [each for each, absent in zip(one.prediction.requires, one.roll.lacks[at], strict=True) if absent]
        yield {
            "person_id": int(one.roll.person_id[at]),
            "prediction": one.prediction.name,
            "lacks": [each.input for each in lacking],
            "action": " ".join(each.supply for each in lacking),
        }


def shown_without_people(found: Mapping[str, Any]) -> dict[str, Any]:
    """A list without anybody in it: what may be shown of it to whoever did not ask for it."""
    return {name: found[name] for name in ("list_id", "pathway", "practice", "as_of", "made_at", "capacity")} | {
        "people": suppress(len(found["people"]))
    }
