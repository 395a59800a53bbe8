"""People who were seen once: what the pathway says of everybody on the day after, whether or not they may be scored.

A visit without a past and a future gives no index date with an outcome, but it shows whether units are read, what is
missing, for whom the rules hold, and how the predictors are spread.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.disclosure import suppress, suppress_table
from external.directions import Direction, directions
from external.models import SEED
from external.sets import ExternalSet
from features.cohort import execute, observed_on, read
from features.comparators import scores
from features.days import calendar_date, number
from features.histories import REASONS, Histories
from features.programme import Compiled, compile_prediction, criteria
from features.source import Source, SourceError, open_source
from features.vocabulary import slot_map
from pathways.definition import Exceeds, Pathway, Prediction, Predictor
from pathways.describe import describe
from pathways.parts import is_flag
from pathways.words import Word
from synthetic.population import write_population

ADULT = 18
SYNTHETIC = 2_000
FEWEST_SPREAD = 20
"""Values below which no quartiles are shown."""

Floats = NDArray[np.float64]
Answer = Callable[[Floats], Floats]
"""Of shape (n, words) to shape (n,): 1 for yes, 0 for no, NaN for unknown."""


@dataclass(frozen=True)
class Seen:
    """Everybody on one day: predictors of shape (n, n_predictors), and for each thing asked 1, 0 or NaN by person."""

    person_id: NDArray[np.int64]
    values: NDArray[np.float32]
    told: Mapping[tuple[str, str], Floats]

    def rows(self, keep: NDArray[np.bool_]) -> Seen:
        told = {asked: answer[keep] for asked, answer in self.told.items()}
        return Seen(self.person_id[keep], self.values[keep], told)


@dataclass(frozen=True)
class Told:
    """How many people something holds for, does not, and for how many that cannot be told; None if hidden.

    `labelled` counts those for whom it holds and the label of the set as well.
    """

    kind: str
    text: str
    yes: int | None
    no: int | None
    unknown: int | None
    labelled: int | None


@dataclass(frozen=True)
class Spread:
    """A predictor: for how many it is known, and its share, or its median with quartiles, here and in another set."""

    name: str
    known: int | None
    here: str
    reference: str


@dataclass(frozen=True)
class FirstLook:
    """What one visit shows."""

    people: int | None
    told: tuple[Told, ...]
    spreads: tuple[Spread, ...]
    label: str
    labelled: int | None
    directions: tuple[Direction, ...]


def first_look(one: ExternalSet, pathway: Pathway, prediction: Prediction, reference: Seen) -> FirstLook | None:
    """Everybody of a set the day after they were seen; None if it is not one of single visits, or cannot be read."""
    try:
        source = open_source(one.tables)
    except SourceError:
        return None
    seen_on = None if one.adapter is None else one.adapter.seen_on
    if seen_on is None and not single_visits(source):
        return None
    seen = everybody(source, pathway, prediction, seen_on)
    label = np.full(len(seen.person_id), np.nan)
    if one.adapter is not None and one.adapter.label:
        label = one.adapter.labels(one.raw, seen.person_id)
    known = ~np.isnan(label)
    return FirstLook(
        people=suppress(len(seen.person_id)) if one.real else len(seen.person_id),
        told=tuple(_told(seen, label, one.real)),
        spreads=tuple(_spreads(prediction, seen, reference, one.real)),
        label="" if one.adapter is None else one.adapter.label,
        labelled=suppress_table({1: int((label == 1).sum()), 0: int((label == 0).sum())})[1],
        directions=directions(prediction, seen.values, label == 1, known.astype(np.float64), seen.person_id),
    )


def single_visits(source: Source) -> bool:
    """Whether nobody was watched for longer than a day."""
    periods = source.tables.get("observation_period")
    if periods is None:
        return False
    first, last = (periods[f"observation_period_{end}_date"].cast("date") for end in ("start", "end"))
    return not bool((last > first).any().execute())


def synthetic_adults(pathway: Pathway, prediction: Prediction) -> Seen:
    """Our own made-up adults a year before the end of their records, to hold the others against."""
    with tempfile.TemporaryDirectory() as folder:
        write_population(SYNTHETIC, SEED, Path(folder))
        source = open_source(Path(folder))
        return everybody(source, pathway, prediction, calendar_date(source.extract_day - 365))


def everybody(source: Source, pathway: Pathway, prediction: Prediction, seen_on: date | None) -> Seen:
    """Adults, and people of unknown age, who were observed on a day (None: each on their first), as of that day."""
    compiled = compile_prediction(prediction)
    slots = slot_map(compiled.streams, source.vocabulary(compiled.streams.sets))
    tally = np.zeros((16, len(REASONS)), dtype=np.int64)
    return _joined(
        [
            _asked(compiled, histories, _days(histories, seen_on))
            for histories, _ in read(source, compiled, slots, tally)
        ]
    )


def _joined(parts: list[Seen]) -> Seen:
    told = {asked: np.concatenate([one.told[asked] for one in parts]) for asked in parts[0].told}
    ids, values = (np.concatenate([getattr(one, name) for one in parts]) for name in ("person_id", "values"))
    return Seen(ids, values, told)


def _days(histories: Histories, seen_on: date | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Everybody with the day after they were seen: look-back ends the day before the index date."""
    if seen_on is not None:
        person, day = observed_on(histories, [number(seen_on)])
        return person, day + 1
    start, stop = histories.offset[0, :-1], histories.offset[0, 1:]
    person = np.flatnonzero(stop > start)
    return person, histories.day[start[person]].astype(np.int64) + 1


def _asked(compiled: Compiled, histories: Histories, rows: tuple[NDArray[np.int64], NDArray[np.int64]]) -> Seen:
    prediction, programme = compiled.prediction, compiled.whole
    questions = tuple(_questions(prediction))
    wanted = programme.columns(word for _, words, _ in questions for word in words)
    columns = programme.columns(one.of for one in prediction.predictors)
    values, found = execute(programme, histories, rows, columns, wanted)
    told, at = {}, 0
    for asked, words, answer in questions:
        told[asked] = answer(found[:, at : at + len(words)])
        at += len(words)
    years = (rows[1] - histories.people.birth[rows[0]]) / 365.25
    return Seen(histories.people.ids[rows[0]], values, told).rows(years >= ADULT)


def _questions(prediction: Prediction) -> Iterator[tuple[tuple[str, str], tuple[Word, ...], Answer]]:
    """All that a prediction asks of somebody before any model: the words that it reads, and yes, no or unknown."""
    for word in criteria(prediction):
        yield ("population", describe(word)), (word,), _holds
    for one in prediction.requires:
        yield ("required", one.input), (one.of,), _holds if is_flag(one.of) else _is_there
    for rule in prediction.rules:
        answer = partial(_above, rule.when, prediction.predictors) if isinstance(rule.when, Exceeds) else _holds
        answer = answer if rule.unless is None else partial(_unless, answer)
        yield ("rule", rule.name or rule.action), rule.words(prediction.predictors), answer


def _holds(inputs: Floats) -> Floats:
    return inputs[:, 0]


def _is_there(inputs: Floats) -> Floats:
    return (~np.isnan(inputs[:, 0])).astype(np.float64)


def _above(when: Exceeds, predictors: tuple[Predictor, ...], inputs: Floats) -> Floats:
    found = scores(when.score, [name for name, _ in when.score.words(predictors)], inputs)
    return np.where(np.isnan(found), np.nan, found > when.limit)


def _unless(answer: Answer, inputs: Floats) -> Floats:
    """As the rule says, but no where its `unless`, the last of its words, is known to hold."""
    return np.where(inputs[:, -1] == 1.0, 0.0, answer(inputs[:, :-1]))


def _told(seen: Seen, label: Floats, real: bool) -> Iterator[Told]:
    for (kind, text), answer in seen.told.items():
        yes = answer == 1
        counts = {"yes": int(yes.sum()), "no": int((answer == 0).sum()), "unknown": int(np.isnan(answer).sum())}
        parts = {True: int((yes & (label == 1)).sum()), False: int((yes & (label != 1)).sum())}
        shown, labelled = (suppress_table(counts), suppress_table(parts)) if real else (counts, parts)
        yield Told(kind, text, shown["yes"], shown["no"], shown["unknown"], labelled[True])


def _spreads(prediction: Prediction, seen: Seen, reference: Seen, real: bool) -> Iterator[Spread]:
    for at, predictor in enumerate(prediction.predictors):
        value, other = seen.values[:, at], reference.values[:, at]
        known = int((~np.isnan(value)).sum())
        if len(np.unique(value[~np.isnan(value)])) > 1:  # else nobody asked, or nobody has it
            shown = suppress_table({1: known, 0: len(value) - known})[1] if real else known
            name = predictor.wording or predictor.name
            yield Spread(name, shown, _spread(predictor, value, real), _spread(predictor, other, False))


def _spread(predictor: Predictor, values: NDArray[np.float32], real: bool) -> str:
    """Shares of the levels, the share of a flag, or the median and the quartiles."""
    known = values[~np.isnan(values)]
    if len(known) < FEWEST_SPREAD:
        return "too few"
    levels = predictor.levels or (("no", "yes") if is_flag(predictor.of) else ())
    if not levels:
        low, middle, high = np.percentile(known, (25, 50, 75))
        return f"{middle:.0f} ({low:.0f} to {high:.0f})"
    counts = {level: int((known == at).sum()) for at, level in enumerate(levels)}
    shown = suppress_table(counts) if real else counts
    everyone = suppress(len(known)) if real else len(known)
    shares = {level: "hidden" if count is None else f"{count / (everyone or 1):.0%}" for level, count in shown.items()}
    return shares["yes"] if "yes" in shares else ", ".join(f"{level} {share}" for level, share in shares.items())
