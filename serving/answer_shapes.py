"""The shape of an answer, field by field. Clients ignore fields that they do not know, so fields may be added."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

Urgency = Literal["emergency", "urgent", "soon", "routine"]
Chance = Annotated[float, Field(gt=0, lt=1)]


class ReasonSent(TypedDict):
    """Why there is no risk; `plain` goes on after "There is no figure for you, because"."""

    code: str
    text: str
    plain: str


class OutcomeSent(TypedDict):
    """What the risk is a risk of; `plain` goes on after "About 12 of 100 people like you"."""

    code: str
    wording: str
    plain: str


class IntervalSent(TypedDict):
    """A range around a risk; `kind` says of what, `level` how much of it."""

    low: Chance
    high: Chance
    level: float
    kind: str


class IntervalOrReason(TypedDict):
    """An interval, or why there is none."""

    interval: IntervalSent | None
    interval_reason: str | None


class RiskSent(IntervalOrReason):
    """The risk by one horizon, unrounded; never 0 or 1."""

    horizon_days: int
    primary: bool
    risk: Chance


class BandSent(TypedDict("FromTo", {"from": float, "to": float})):
    """Where the risk stands; ours, unless `guideline` says whose."""

    name: str
    horizon: int
    guideline: str | None


class RecordUsed(TypedDict):
    """A record behind a value or an action, and what it is a record of."""

    id: int | str
    date: str
    value: float | None
    of: str


class ActionSent(TypedDict):
    """What to do: red flags first, then the band's action, then gaps. `plain` is what the person may be offered."""

    text: str
    guideline: str | None
    source: Literal["rule", "band", "gap"]
    urgency: Urgency
    owner: NotRequired[str]
    records: list[RecordUsed]
    plain: str


class ContributionSent(TypedDict):
    """What one predictor adds to the log-odds, worded for a clinician and plainly for the person."""

    predictor: str
    wording: str
    plain: str
    value: float | str | None
    unit: str
    contribution: float
    changeable: bool
    restricted: bool
    records: list[RecordUsed]


class ExplanationSent(TypedDict):
    """base + place + contributions + rest = log-odds of the primary risk, to 1e-9."""

    scale: Literal["log-odds"]
    base: float
    place: float
    contributions: list[ContributionSent]
    rest: float


class MissingSent(TypedDict):
    """An input that is not there, and when it was last."""

    input: str
    required: bool
    last_seen: str | None
    plain: str


class WarningSent(TypedDict):
    """Something to know before acting."""

    code: str
    text: str


class ComparatorSent(TypedDict):
    """A published score or today's rule for the same person and its value in words, or why it cannot be computed."""

    name: str
    value: NotRequired[float]
    wording: NotRequired[str]
    unit: str
    outcome: str
    horizon_days: int | None
    why_not: NotRequired[str]


class ModelSent(TypedDict):
    """Which model answered; `use` is demonstration unless it bears clinical signatures made outside our code."""

    name: str
    version: str
    digest: str
    state: Literal["champion", "challenger", "shadow"]
    use: Literal["demonstration", "clinical"]
    trained_on: str
    recalibrated_for: list[str]
    signed_until: str | None


class Answer(TypedDict):
    """One answer: a risk with its reasons, or why there is none. Rules stand in it either way."""

    answer_id: str
    request_id: str | None
    pathway: str
    prediction: str
    as_of: str
    index_date: str
    data_to: str | None
    status: Literal["answered", "not_eligible", "cannot_tell"]
    reason: ReasonSent | None
    outcome: OutcomeSent
    risks: list[RiskSent]
    band: BandSent | None
    actions: list[ActionSent]
    explanation: ExplanationSent | None
    missing: list[MissingSent]
    warnings: list[WarningSent]
    comparators: list[ComparatorSent]
    model: ModelSent | None


class ProblemSent(TypedDict):
    """One fault of a request: where, what kind of thing was found, what is allowed. Never the value."""

    field: str
    found: str
    allowed: str


class Problems(TypedDict):
    """Every refusal has this shape."""

    problems: list[ProblemSent]


class Answers(TypedDict):
    """One answer, or its problems, for each request in order."""

    answers: list[Answer | Problems]
