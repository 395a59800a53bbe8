"""From what was asked, read and modelled to the answer. Nothing here reads a clock, a file or the network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, cast

import numpy as np

from evaluation.heterogeneity import around
from features.found import Record
from features.person import Missing, Reading
from pathways.definition import Band, Comparator, Prediction, Rule
from pathways.words import NOT_USABLE_YET
from registry.model import Explained
from serving.answer_shapes import (
    ActionSent,
    Answer,
    BandSent,
    ComparatorSent,
    ContributionSent,
    ExplanationSent,
    IntervalOrReason,
    MissingSent,
    ReasonSent,
    RecordUsed,
    RiskSent,
)
from serving.loader import Served
from serving.messages import Asked
from serving.options import Use
from serving.wording import Worded, day_text, score_text

Status = Literal["answered", "not_eligible", "cannot_tell"]
URGENCIES = ("emergency", "urgent", "soon", "routine")
LARGEST_LOG_ODDS = 13.8
"""A risk beyond one in a million is neither known so well nor exact to 1e-9 as a log-odds, so we show none."""
STALE_DAYS = 365
NOTICE_DAYS = 30
NO_INTERVAL = "how much practices differ was not worked out for this model"
BETWEEN_PRACTICES = "what the same record means in 95 of 100 practices"


@dataclass(frozen=True)
class Question:
    """One prediction for one person: everything that an answer depends on."""

    answer_id: str
    asked: Asked
    prediction: Prediction
    words: tuple[Worded, ...]
    reading: Reading
    served: Served
    use: Use
    today: date


@dataclass(frozen=True)
class Scored:
    """The risks to show and the log-odds that they come from, held inside what can be shown."""

    risks: Mapping[int, float]
    explained: Explained
    beyond: float


def answer(question: Question) -> Answer:
    """The answer as `interface.md` has it; rules and gaps stand in it whatever the status."""
    reading, prediction, served = question.reading, question.prediction, question.served
    status, reason = _status(question)
    scored = _scored(question) if status == "answered" else None
    band = None if scored is None else _band(prediction, scored)
    return {
        "answer_id": question.answer_id,
        "request_id": question.asked.request_id,
        "pathway": question.asked.pathway,
        "prediction": prediction.name,
        "as_of": question.asked.as_of.isoformat(),
        "index_date": (question.asked.as_of + timedelta(days=1)).isoformat(),
        "data_to": _iso(reading.data_to),
        "status": status,
        "reason": reason,
        "outcome": {
            "code": f"{question.asked.pathway}.{prediction.name}",
            "wording": prediction.outcome_wording,
            "plain": prediction.outcome_plain,
        },
        "risks": [] if scored is None else _risks(prediction, scored, _evidence(served)),
        "band": None if band is None else _band_shown(prediction, band),
        "actions": _actions(reading, band),
        "explanation": None if scored is None else _explanation(question, scored),
        "missing": [_missing(missing) for missing in reading.missing],
        "warnings": [{"code": code, "text": text} for code, text in _warnings(question, scored)],
        "comparators": [_comparator(*shown) for shown in reading.comparators],
        "model": served.shown(question.use),
    }


def _status(question: Question) -> tuple[Status, ReasonSent | None]:
    reading = question.reading
    if reading.eligible is False:
        return "not_eligible", _reason(reading, "not_eligible", "This prediction is not for this person.")
    if reading.eligible is None:
        return "cannot_tell", _reason(reading, "eligibility_unknown", "The records do not say who this is for.")
    wanting = [missing for missing in reading.missing if missing.required]
    if wanting:
        needs = " ".join(_needed(missing) for missing in wanting)
        plain = " or ".join(missing.plain or missing.input for missing in wanting)
        text = f"Needed and not recorded: {needs}"
        return "cannot_tell", _told("required_missing", text, f"your records do not show {plain}")
    served, use = question.served, question.use
    refusal = served.refusal(use, question.today) or served.out_of_scope(use, reading.groups)
    if refusal is not None:
        return "cannot_tell", _told(refusal.code, refusal.text, "our computer model cannot be used at the moment")
    return "answered", None


def _reason(reading: Reading, code: str, text: str) -> ReasonSent:
    if not reading.reasons:
        return _told(code, text, "")
    first = reading.reasons[0]
    return _told(first.code, " ".join(reason.text for reason in reading.reasons), first.plain)


def _told(code: str, text: str, plain: str) -> ReasonSent:
    return {"code": code, "text": text, "plain": plain}


def _missing(missing: Missing) -> MissingSent:
    return {
        "input": missing.input,
        "required": missing.required,
        "last_seen": _iso(missing.last_seen),
        "plain": missing.plain or missing.input,
    }


def _needed(missing: Missing) -> str:
    seen = f" (last recorded {day_text(missing.last_seen)})" if missing.last_seen else ""
    return f"{missing.input}{seen}. {missing.supply}".strip()


def _scored(question: Question) -> Scored:
    model = question.served.model
    if model is None:
        raise ValueError("a prediction without a model cannot be scored")
    explained = model.explain(question.reading.predictors[None, :], [question.reading.place])
    log_odds = explained.base + float(explained.place[0]) + float(explained.contributions[0].sum())
    held = min(max(log_odds, -LARGEST_LOG_ODDS), LARGEST_LOG_ODDS)
    least = 1.0 / (1.0 + math.exp(LARGEST_LOG_ODDS))
    risks = [min(max(risk, least), 1.0 - least) for risk in explained.risks[0].tolist()]
    return Scored(dict(zip(model.recalibration.horizons, risks, strict=True)), explained, beyond=held - log_odds)


def _risks(prediction: Prediction, scored: Scored, evidence: Mapping[str, Any]) -> list[RiskSent]:
    spread = evidence.get("practice_spread", {"state": "not run", "why": NO_INTERVAL})
    return [
        {
            "horizon_days": horizon,
            "primary": horizon == prediction.primary,
            "risk": risk,
            **_interval(risk, spread),
        }
        for horizon, risk in scored.risks.items()
    ]


def _interval(risk: float, spread: Mapping[str, Any]) -> IntervalOrReason:
    """The range that a risk has in 95% of practices, by how much they differed where the model was examined."""
    if spread["state"] != "ok":
        return {"interval": None, "interval_reason": spread["why"]}
    low, high = around(risk, spread["log_odds"])
    return {"interval": {"low": low, "high": high, "level": 0.95, "kind": BETWEEN_PRACTICES}, "interval_reason": None}


def _band(prediction: Prediction, scored: Scored) -> Band | None:
    """The highest band that is reached by the risk at its own horizon."""
    primary = prediction.primary
    reached = [band for band in prediction.bands if scored.risks[band.horizon or primary] >= band.at_least]
    return max(reached, key=lambda band: band.at_least, default=None)


def _evidence(served: Served) -> Mapping[str, Any]:
    return {} if served.model is None else served.model.evidence


def _band_shown(prediction: Prediction, band: Band) -> BandSent:
    horizon = band.horizon or prediction.primary
    above = [
        other.at_least
        for other in prediction.bands
        if other.at_least > band.at_least and (other.horizon or prediction.primary) == horizon
    ]
    return {
        "name": band.name,
        "from": band.at_least,
        "to": min(above, default=1.0),
        "horizon": horizon,
        "guideline": band.guideline,
    }


def _actions(reading: Reading, band: Band | None) -> list[ActionSent]:
    """Red flags, the band's own action, then gaps. The score has no say in the first and the last."""
    found = sorted(reading.rules, key=lambda found: URGENCIES.index(found[0].urgency))
    red_flags = [_rule_action(rule, records) for rule, records in found if rule.source == "rule"]
    gaps = [_rule_action(rule, records) for rule, records in found if rule.source == "gap"]
    return [*red_flags, *_band_action(band), *gaps]


def _rule_action(rule: Rule, records: tuple[Record, ...]) -> ActionSent:
    return {
        "text": rule.action,
        "guideline": rule.guideline,
        "source": rule.source,
        "urgency": rule.urgency,
        "records": _records(records),
        "plain": rule.plain,
    }


def _band_action(band: Band | None) -> Iterator[ActionSent]:
    if band is not None and band.action:
        yield {
            "text": band.action,
            "guideline": band.guideline,
            "source": "band",
            "urgency": band.urgency,
            "owner": band.owner,
            "records": [],
            "plain": band.plain,
        }


def _explanation(question: Question, scored: Scored) -> ExplanationSent:
    explained, words, records = scored.explained, question.words, question.reading.records
    values, added = question.reading.predictors.tolist(), explained.contributions[0].tolist()
    order = np.argsort(-np.abs(explained.contributions[0]), kind="stable").tolist()
    return {
        "scale": "log-odds",
        "base": explained.base,
        "place": float(explained.place[0]),
        "contributions": [
            _contribution(words[column], values[column], added[column], records[column])
            for column in order
            if not words[column].restricted
        ],
        "rest": math.fsum(share for word, share in zip(words, added, strict=True) if word.restricted) + scored.beyond,
    }


def _contribution(word: Worded, value: float, added: float, records: tuple[Record, ...]) -> ContributionSent:
    shown, days = word.value(value), [record.day for record in records]
    return {
        "predictor": word.name,
        "wording": word.phrase(shown, days, added),
        "plain": word.plain(shown, days),
        "value": shown,
        "unit": word.unit,
        "contribution": added,
        "changeable": word.changeable,
        "restricted": False,
        "records": _records(records) if records else [],
    }


def _records(records: tuple[Record, ...]) -> list[RecordUsed]:
    return [
        {"id": record.id, "date": record.day.isoformat(), "value": _finite(record.value), "of": record.of}
        for record in records
    ]


def _warnings(question: Question, scored: Scored | None) -> Iterator[tuple[str, str]]:
    reading, served = question.reading, question.served
    yield from reading.warnings
    if question.use == "demonstration":
        yield "demonstration", "Demonstration: not for the care of any person."
    if reading.data_to is not None and (question.asked.as_of - reading.data_to).days > STALE_DAYS:
        yield "stale", f"The newest record used is of {day_text(reading.data_to)}: check that the extract is current."
    if scored is not None and served.model is not None:
        yield from served.notices(question.use, question.today, NOTICE_DAYS)
        if reading.place is None or not served.model.recalibration.knows(reading.place):
            yield (
                "place_unknown",
                "The region is unknown or new to the model; values of all regions together were used.",
            )
        if scored.beyond:
            yield "risk_limited", "The risk is beyond what can be shown; the rest of the explanation says by how much."
    for setting in question.prediction.not_usable_in:
        yield NOT_USABLE_YET, f"Not usable yet {setting.where}: {setting.why}"
    for caution in question.prediction.cautions:
        yield "caution", caution


def _comparator(comparator: Comparator, value: float | None, why_not: str | None) -> ComparatorSent:
    about = {"name": comparator.name, "unit": comparator.unit, "outcome": comparator.outcome}
    sent = cast("ComparatorSent", about | {"horizon_days": comparator.horizon})
    if value is not None and math.isfinite(value):
        sent["value"] = value
        sent["wording"] = score_text(comparator, value)
    else:
        sent["why_not"] = why_not or comparator.why_not
    return sent


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
