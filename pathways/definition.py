"""A pathway: one file that reads like a protocol, made of predictions, predictors, rules and bands."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Literal

from pathways.words import Happens, IndexDate, Outcome, Span, Word

Urgency = Literal["emergency", "urgent", "soon", "routine"]


@dataclass(frozen=True)
class Predictor:
    """One column: a word, how it reads, its unit and plausible range, and where certain which way risk goes.

    `wording` and `plain` name the thing, to a clinician and to the person: what is said of its value is added to them.
    `direction` is "up" if risk can only rise with the value. A `restricted` predictor is summed and never worded.
    `strong_because` says why this one alone may rank people so well that it would otherwise be taken for leakage.
    """

    name: str
    of: Word
    wording: str = ""
    unit: str = ""
    plausible: tuple[float, float] | None = None
    direction: Literal["up", "down"] | None = None
    changeable: bool = False
    restricted: bool = False
    strong_because: str = ""
    plain: str = ""

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the level numbers, if the value is a level and not a quantity."""
        return word_levels(self.of)


@dataclass(frozen=True)
class Required:
    """Something without which the answer is `cannot_tell`."""

    input: str
    of: Word
    supply: str = ""
    plain: str = ""


@dataclass(frozen=True)
class Setting:
    """Where a prediction is not usable yet, whoever it is about: on which records or for which purpose, and why."""

    where: str
    why: str
    source: str = ""


@dataclass(frozen=True)
class Exceeds:
    """A published score is above a limit: what a guideline says of its own score. It is one of the comparators."""

    score: Comparator
    limit: float


@dataclass(frozen=True)
class Rule:
    """A red flag (`rule`) or a treatment gap (`gap`) of a guideline; no score of ours lowers it.

    `plain` is what the person may be offered, as it goes on after "Your practice may offer you". It is silent only
    where `unless` is known to hold, so a red flag is not lost for want of records.
    """

    when: Word | Exceeds
    action: str
    guideline: str
    urgency: Urgency = "soon"
    source: Literal["rule", "gap"] = "rule"
    name: str = ""
    plain: str = ""
    unless: Word | None = None

    def words(self, predictors: tuple[Predictor, ...]) -> tuple[Word, ...]:
        """The words that must be known for it."""
        unless = () if self.unless is None else (self.unless,)
        if isinstance(self.when, Exceeds):
            return (*(word for _, word in self.when.score.words(predictors)), *unless)
        return (self.when, *unless)


@dataclass(frozen=True, init=False)
class Band:
    """What to do from a risk on, and how soon; `guideline` says whose the number is, else it is ours."""

    at_least: float
    name: str
    action: str
    owner: str
    guideline: str | None
    horizon: int | None
    plain: str
    urgency: Urgency

    def __init__(
        self,
        at_least: float,
        *,
        action: str,
        owner: str,
        name: str = "",
        guideline: str | None = None,
        horizon: int | None = None,
        plain: str = "",
        urgency: Urgency = "routine",
    ) -> None:
        for field, value in {
            "at_least": at_least,
            "urgency": urgency,
            "name": name or f"{100 * at_least:.3g}% and over",
            "action": action,
            "owner": owner,
            "guideline": guideline,
            "horizon": horizon,
            "plain": plain,
        }.items():
            object.__setattr__(self, field, value)


PROBABILITY = "probability"
"""The unit of a published score that is a risk from 0 to 1 of its own outcome by its own horizon."""


class CannotCompute(Exception):
    """A comparator cannot be computed for this person; the message says why, without any value."""


@dataclass(frozen=True, init=False)
class Comparator:
    """A published score or today's rule that ranks the same people: a word, or a function of named words.

    A function takes floats and returns one, or raises `CannotCompute`; without `inputs` its parameters are predictors.
    `higher_is_worse=False` turns the ranking round. `outcome` and `horizon` say what a published score predicts.
    """

    name: str
    score: Word | Callable[..., float]
    inputs: tuple[tuple[str, Word], ...]
    unit: str
    higher_is_worse: bool
    outcome: str
    horizon: int | None
    source: str
    why_not: str

    def __init__(
        self,
        name: str,
        score: Word | Callable[..., float],
        *,
        inputs: Mapping[str, Word] | None = None,
        unit: str = "",
        higher_is_worse: bool = True,
        outcome: str = "",
        horizon: int | None = None,
        source: str = "",
        why_not: str = "",
    ) -> None:
        for field, value in {
            "name": name,
            "score": score,
            "inputs": tuple((inputs or {}).items()),
            "unit": unit,
            "higher_is_worse": higher_is_worse,
            "outcome": outcome,
            "horizon": horizon,
            "source": source,
            "why_not": why_not or "an input of it is not recorded",
        }.items():
            object.__setattr__(self, field, value)

    def words(self, predictors: tuple[Predictor, ...]) -> tuple[tuple[str, Word], ...]:
        """The words that the score reads, by the name of the function's parameter (or "score")."""
        if not callable(self.score):
            return (("score", self.score),)
        if self.inputs:
            return self.inputs
        by_name = {predictor.name: predictor.of for predictor in predictors}
        return tuple((name, by_name[name]) for name in inspect.signature(self.score).parameters if name in by_name)


@dataclass(frozen=True)
class Secondary:
    """Another outcome of the same people, on which a published score of it is judged. No risk of it is shown."""

    name: str
    outcome: Happens
    wording: str


AXES = ("year", "region", "area", "age_band", "sex", "ethnicity", "ethnic_group", "deprivation")
CROSSED = (("ethnic_group", "deprivation"), ("sex", "age_band"))
"""By what a model is examined, and of what two at once unless a prediction says otherwise."""


@dataclass(frozen=True, init=False)
class Prediction:
    """Who, from when, what, by when, from which predictors, against what, and what happens then.

    `outcome_plain` goes on after "About 12 of 100 people like you". `crossed` names pairs of axes: the model is
    examined in each combination of their levels as well.
    """

    name: str
    question: str
    index: IndexDate
    population: Word
    outcome: Outcome
    outcome_wording: str
    outcome_plain: str
    predictors: tuple[Predictor, ...]
    horizons: tuple[int, ...]
    primary: int
    look_back: Span | None
    requires: tuple[Required, ...]
    comparators: tuple[Comparator, ...]
    rules: tuple[Rule, ...]
    bands: tuple[Band, ...]
    cautions: tuple[str, ...]
    secondary: tuple[Secondary, ...]
    not_usable_in: tuple[Setting, ...]
    crossed: tuple[tuple[str, str], ...]

    def __init__(
        self,
        name: str,
        *,
        index: IndexDate,
        population: Word,
        outcome: Outcome,
        predictors: tuple[Predictor, ...],
        horizons: int | tuple[int, ...] = (),
        primary: int | None = None,
        question: str = "",
        outcome_wording: str = "",
        outcome_plain: str = "",
        look_back: Span | int | None = None,
        requires: tuple[Required, ...] = (),
        comparator: Comparator | tuple[Comparator, ...] = (),
        rules: tuple[Rule, ...] = (),
        bands: tuple[Band, ...] = (),
        cautions: tuple[str, ...] = (),
        secondary: tuple[Secondary, ...] = (),
        not_usable_in: tuple[Setting, ...] = (),
        crossed: tuple[tuple[str, str], ...] = CROSSED,
    ) -> None:
        by = getattr(outcome, "by", None)
        spans = (horizons,) if isinstance(horizons, int) else tuple(horizons)
        spans = spans or ((by.days + getattr(outcome, "grace", 0),) if by is not None and not by.months else ())
        for field, value in {
            "name": name,
            "question": question,
            "index": index,
            "population": population,
            "outcome": outcome,
            "outcome_wording": outcome_wording or question or name.replace("_", " "),
            "outcome_plain": outcome_plain,
            "predictors": tuple(predictors),
            "horizons": spans,
            "primary": primary if primary is not None else (spans[0] if spans else 0),
            "look_back": Span(days=look_back) if isinstance(look_back, int) else look_back,
            "requires": tuple(requires),
            "comparators": (comparator,) if isinstance(comparator, Comparator) else tuple(comparator),
            "rules": tuple(rules),
            "bands": tuple(bands),
            "cautions": tuple(cautions),
            "secondary": tuple(secondary),
            "not_usable_in": tuple(not_usable_in),
            "crossed": tuple(crossed),
        }.items():
            object.__setattr__(self, field, value)

    def without_rules(self) -> Prediction:
        """The same but for its rules."""
        bare = copy(self)
        object.__setattr__(bare, "rules", ())
        return bare


class DefinitionError(Exception):
    """A definition would leak, contradict itself or cannot be read; every fault is listed."""

    def __init__(self, title: str, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join([f"{title}:", *(f"- {fault}" for fault in faults)]))
        self.title, self.faults = title, faults


@dataclass(frozen=True)
class Pathway:
    """One or more predictions in order: a person gets the first for which they are eligible."""

    title: str
    predictions: tuple[Prediction, ...]
    about: str = ""

    def __post_init__(self) -> None:
        from pathways.faults import faults_of  # the checks read definitions, so they cannot be imported above

        faults = faults_of(self)
        if faults:
            raise DefinitionError(self.title or "Untitled pathway", faults)

    def prediction(self, name: str | None = None) -> Prediction:
        """The prediction of that name, or the first.

        Raises
        ------
        KeyError
            If the pathway has no such prediction; the message lists those it has.
        """
        for prediction in self.predictions:
            if name in (None, prediction.name):
                return prediction
        raise KeyError(f"no prediction of that name; there are {', '.join(p.name for p in self.predictions)}")


def word_levels(word: Word) -> tuple[str, ...]:
    """Level names of a word whose value is a level number, () if it is a quantity or a flag."""
    from pathways import words

    match word:
        case words.Choice():
            return word.levels
        case words.Person(which="sex"):
            return words.SEXES
        case words.Person(which="ethnicity"):
            return words.ETHNICITIES
        case words.Latest(of=words.Records(levels=levels)) | words.Earliest(of=words.Records(levels=levels)):
            return tuple(name for name, _ in levels)
        case _:
            return ()
