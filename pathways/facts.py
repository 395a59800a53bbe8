"""A pathway as plain values: what its page prints, and what `--json` gives to machines."""

from __future__ import annotations

from datetime import date
from typing import Any, assert_never

import pathways
from pathways import words
from pathways.definition import (
    PROBABILITY,
    Band,
    Comparator,
    Exceeds,
    Pathway,
    Prediction,
    Predictor,
    Rule,
    Secondary,
)
from pathways.describe import describe, span
from pathways.parts import concept_sets, outcome_words, streams_of, walk, words_of
from pathways.words import ConceptSet, Index, IndexDate, Look, Outcome, Records, Span, Term, Unit, Word


def overview(name: str) -> dict[str, Any]:
    """A pathway in one line."""
    pathway = pathways.load(name)
    return {
        "name": name,
        "title": pathway.title,
        "about": pathway.about,
        "fingerprint": pathways.fingerprint(name),
        "predictions": [{"name": each.name, "question": each.question} for each in pathway.predictions],
    }


def facts(name: str) -> dict[str, Any]:
    """Everything that a pathway says, in words and numbers."""
    pathway = pathways.load(name)
    return overview(name) | {
        "predictions": [_prediction(each) for each in pathway.predictions],
        "records": [_records(each) for each in records_of(pathway)],
        "concept_sets": [_concept_set(each) for each in concept_sets(pathway)],
        "terms": [{"name": each.name, "meaning": describe(each.word)} for each in terms(pathway)],
    }


def terms(pathway: Pathway) -> tuple[Term, ...]:
    """Every word that has a name of its own, once each, those that others use first."""
    found = (part for one in pathway.predictions for part in words_of(one) if isinstance(part, Term))
    return tuple(dict.fromkeys(found))


def records_of(pathway: Pathway) -> tuple[Records, ...]:
    """Every kind of record that holds values, once each."""
    streams = (stream for one in pathway.predictions for stream in streams_of(one))
    return tuple(dict.fromkeys(stream for stream in streams if isinstance(stream, Records) and stream.numeric))


def _prediction(one: Prediction) -> dict[str, Any]:
    population = one.population.words if isinstance(one.population, words.All) else (one.population,)
    return {
        "name": one.name,
        "question": one.question,
        "population": [_criterion(part) for part in population],
        "index": index_text(one.index),
        "outcome": one.outcome_wording,
        "outcome_plain": one.outcome_plain,
        "outcome_kind": outcome_kind(one.outcome),
        "outcome_of": outcome_texts(one.outcome),
        "secondary": [_secondary(each) for each in one.secondary],
        "horizons_days": list(one.horizons),
        "primary_days": one.primary,
        "look_back": "the whole record" if one.look_back is None else span(one.look_back),
        "requires": [{"input": each.input, "supply": each.supply} for each in one.requires],
        "predictors": [_predictor(each) for each in one.predictors],
        "rules": [_rule(each) for each in one.rules],
        "bands": [_band(each) for each in one.bands],
        "comparators": [_comparator(each) for each in one.comparators],
        "cautions": list(one.cautions),
        "crossed": [list(pair) for pair in one.crossed],
        "not_usable_in": [{"where": each.where, "why": each.why} for each in one.not_usable_in],
    }


def outcome_texts(outcome: Outcome) -> list[str]:
    """What an outcome is the first of, each as a phrase."""
    nth = outcome.nth if isinstance(outcome, words.Happens) else 1
    return [("" if nth == 1 else f"number {nth} of: ") + describe(word) for word in outcome_words(outcome)]


def outcome_kind(outcome: Outcome) -> str:
    """Whether an outcome happens, is measured, or is an absence."""
    match outcome:
        case words.Happens():
            return "happens"
        case words.Measured():
            return "measured"
        case words.NotDone():
            return "not done"


def _criterion(part: Word) -> dict[str, str]:
    if not isinstance(part, words.Criterion):
        return {"holds": describe(part), "otherwise": "", "code": "", "plain": ""}
    return {"holds": describe(part), "otherwise": part.otherwise, "code": part.code, "plain": part.plain}


def index_text(index: IndexDate) -> str:
    """When a person is scored."""
    match index:
        case words.Every(unit=unit, on="random day", draw=draw):
            once = ", one of them for each calendar year" if draw == "one a year" else ""
            return f"a random day of every calendar {unit}, drawn for each person{once}{_from(index.since)}"
        case words.Every(draw="one a year"):
            return f"day {index.on} of one {index.unit} of each year, drawn for each person{_from(index.since)}"
        case words.Every():
            return f"day {index.on} of every calendar {index.unit}{_from(index.since)}"
        case words.AtAge():
            return f"the day on which the person is {span(index.age)} old"
        case words.After():
            free = f", with none in the {index.washout} days before it" if index.washout else ""
            which = "the first" if index.which == "first" else "every new" if index.washout else "every"
            later = "the day" if not index.plus else f"{1 + index.plus} days"
            each = "each of " if len(index.streams) > 1 else ""
            return f"{later} after {which} record of {each}{', '.join(one.name for one in index.streams)}{free}"
        case _:
            assert_never(index)


def _from(since: date | None) -> str:
    return "" if since is None else f", from {since.isoformat()} on"


def _predictor(one: Predictor) -> dict[str, Any]:
    return {
        "name": one.name,
        "wording": one.wording or one.name,
        "plain": one.plain,
        "of": describe(one.of),
        "window": window_text(one.of),
        "unit": one.unit,
        "plausible": None if one.plausible is None else list(one.plausible),
        "direction": one.direction,
        "changeable": one.changeable,
        "restricted": one.restricted,
        "strong_because": one.strong_because,
        "levels": list(one.levels),
    }


def window_text(word: Word) -> str:
    """How far back a word looks, "ever" for the whole record."""
    windows = [part.window for part in walk(word) if isinstance(part, Look)]
    reach = {_reach(each.from_) if isinstance(each.anchor, Index) else "as said" for each in windows}
    return ", ".join(sorted(reach)) or "index date"


def _reach(from_: Span | None) -> str:
    return "ever" if from_ is None else span(Span(-from_.months, -from_.days))


def _secondary(one: Secondary) -> dict[str, Any]:
    return {
        "name": one.name,
        "wording": one.wording,
        "outcome_of": outcome_texts(one.outcome),
    }


def _rule(one: Rule) -> dict[str, str]:
    return {
        "name": one.name,
        "when": rule_text(one),
        "action": one.action,
        "plain": one.plain,
        "guideline": one.guideline,
        "urgency": one.urgency,
        "source": one.source,
    }


def rule_text(rule: Rule) -> str:
    """When a rule speaks."""
    unless = "" if rule.unless is None else f", unless {describe(rule.unless)}"
    if isinstance(rule.when, Exceeds):
        score, limit = rule.when.score, rule.when.limit
        return f"{score.name} above {f'{limit:.0%}' if score.unit == PROBABILITY else f'{limit:g}'}{unless}"
    return describe(rule.when) + unless


def _band(one: Band) -> dict[str, Any]:
    return {
        "name": one.name,
        "at_least": one.at_least,
        "action": one.action,
        "plain": one.plain,
        "owner": one.owner,
        "urgency": one.urgency,
        "guideline": one.guideline,
        "horizon_days": one.horizon,
    }


def _comparator(one: Comparator) -> dict[str, Any]:
    return {
        "name": one.name,
        "of": "a published formula" if callable(one.score) else describe(one.score),
        "unit": one.unit,
        "higher_is_worse": one.higher_is_worse,
        "outcome": one.outcome,
        "horizon_days": one.horizon,
        "source": one.source,
    }


def _records(one: Records) -> dict[str, Any]:
    return {
        "name": one.name,
        "concept_sets": [each.name for each in one.of],
        "units": [_unit(each) for each in one.units],
        "without_unit": {str(concept): unit for concept, unit in one.assumed},
        "plausible": None if one.plausible is None else list(one.plausible),
        "same_day": one.same_day,
        "less_than_counts_as": one.less_than,
        "more_than_counts_from": one.floor,
    }


def _unit(one: Unit) -> dict[str, Any]:
    return {"concept_id": one.concept_id, "name": one.name, "times": one.times, "plus": one.plus}


def _concept_set(one: ConceptSet) -> dict[str, Any]:
    concepts = [
        {"concept_id": concept, "name": name, "how": how} for how, part in parts_of(one) for concept, name in part
    ]
    return {"name": one.name, "kinds": list(one.kinds), "concepts": concepts}


def parts_of(one: ConceptSet) -> tuple[tuple[str, tuple[tuple[int, str], ...]], ...]:
    """The three lists of a concept set, each with what it does."""
    return (("with descendants", one.include), ("only itself", one.exact), ("left out", one.exclude))
