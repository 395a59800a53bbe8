"""What a definition may not do: leak, contradict itself, or look back further than it says. All faults at once."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator

from pathways import words
from pathways.definition import AXES, Exceeds, Pathway, Prediction, Predictor
from pathways.parts import (
    concept_sets,
    inner,
    inner_streams,
    is_word,
    known_words,
    looked_at,
    outcome_words,
    outcomes_of,
    relations_in,
    streams_of,
    walk,
)
from pathways.words import Index, Look, Span, Word

FEWEST_WORDS = 5
"""What is shorter gives no reason."""


def faults_of(pathway: Pathway) -> tuple[str, ...]:
    """Every fault of a pathway as a sentence that says what to do; () if there is none."""
    return tuple(_pathway_faults(pathway))


def _pathway_faults(pathway: Pathway) -> Iterator[str]:
    if not pathway.title:
        yield "the pathway has no title; say what it is about"
    if not pathway.predictions:
        yield "the pathway has no prediction; give at least one"
    yield from _repeated("prediction", [prediction.name for prediction in pathway.predictions])
    for prediction in pathway.predictions:
        several = len(pathway.predictions) > 1
        for fault in _prediction_faults(prediction):
            yield f"{prediction.name}: {fault}" if several else fault
    for stream in dict.fromkeys(stream for one in pathway.predictions for stream in streams_of(one)):
        yield from _stream_faults(stream)
    sets = concept_sets(pathway)
    yield from _repeated("concept set", [one.name for one in sets], "two that differ share a name")
    for one in sets:
        yield from _concept_set_faults(one)


def _prediction_faults(prediction: Prediction) -> Iterator[str]:
    if not prediction.name.isidentifier():
        yield "the prediction's name must be a word like still_without, as it becomes part of the model's name"
    if not prediction.predictors:
        yield "there is no predictor; give at least one"
    yield from _repeated("predictor", [predictor.name for predictor in prediction.predictors])
    yield from _horizon_faults(prediction)
    yield from _band_faults(prediction)
    for where, word in known_words(prediction):
        yield from _not_a_word(where, word)
        yield from _leaks(where, word)
        yield from _two_ceilings(where, word)
        yield from _looks_too_far(where, word, prediction.look_back)
    for outcome in outcomes_of(prediction):
        for word in outcome_words(outcome):
            yield from _not_a_word("the outcome", word)
            yield from _two_ceilings("the outcome", word)
        yield from _outcome_faults(outcome)
    yield from _repeated("secondary outcome", [one.name for one in prediction.secondary])
    yield from _comparator_faults(prediction)
    for predictor in prediction.predictors:
        yield from _predictor_faults(predictor)
    yield from _contradictions(prediction)
    yield from _relatives_faults(prediction)
    yield from _crossed_faults(prediction)
    for number, rule in enumerate(prediction.rules, 1):
        if not rule.guideline:
            yield f"rule '{rule.name or number}' names no guideline; a rule without a source cannot be signed"
        if isinstance(rule.when, Exceeds) and rule.when.score not in prediction.comparators:
            yield f"rule '{rule.name or number}' reads the score '{rule.when.score.name}', which is no comparator here"


def _crossed_faults(prediction: Prediction) -> Iterator[str]:
    for pair in prediction.crossed:
        if len(set(pair)) != 2 or not set(pair) <= set(AXES):
            yield f"crossed names {' and '.join(map(str, pair))}; give two different ones of {', '.join(AXES)}"


def _relatives_faults(prediction: Prediction) -> Iterator[str]:
    index = prediction.index.streams if isinstance(prediction.index, words.After) else ()
    outcome = (word for one in outcomes_of(prediction) for part in outcome_words(one) for word in walk(part))
    if any(map(relations_in, (*index, *(word.of for word in outcome if isinstance(word, Look))))):
        yield "the outcome or the index date reads relatives' records; only what is known of the person may decide it"
    for stream in streams_of(prediction):
        if isinstance(stream, words.Of) and relations_in(stream.stream):
            yield f"'{stream.name}' is of a relative's relative; name the relation itself"
        if not isinstance(stream, words.Of) and words.BORN in inner_streams(stream):
            yield f"'{stream.name}' is made of births; only Of takes them"
    if words.BORN in looked_at(prediction):
        yield "a word looks at the person's own birth; write Age"


def _horizon_faults(prediction: Prediction) -> Iterator[str]:
    if not prediction.horizons:
        yield "there is no horizon; give at least one, in days"
    for horizon in prediction.horizons:
        if horizon < 1:
            yield f"the horizon must be at least 1 day, not {horizon}"
    if tuple(sorted(set(prediction.horizons))) != prediction.horizons:
        yield "horizons must rise, each once"
    if prediction.horizons and prediction.primary not in prediction.horizons:
        yield f"the primary horizon {prediction.primary} is not one of the horizons {prediction.horizons}"
    start = getattr(prediction.outcome, "from_day", 0)
    if prediction.horizons and start >= min(prediction.horizons) >= 1:
        yield f"risk starts on day {start}, not before the shortest horizon of {min(prediction.horizons)} days"


def _band_faults(prediction: Prediction) -> Iterator[str]:
    for band in prediction.bands:
        if not 0 <= band.at_least <= 1:
            yield f"band '{band.name}' is at risk {band.at_least:g}; a risk lies between 0 and 1, so write 20% as 0.20"
        if band.horizon is not None and band.horizon not in prediction.horizons:
            yield f"band '{band.name}' reads a horizon of {band.horizon} days that the prediction does not have"
    read = {prediction.primary if band.horizon is None else band.horizon for band in prediction.bands}
    if len(read & set(prediction.horizons)) > 1:
        yield "bands read different horizons, so a risk could be in two of them; give all of them one"
    starts = [band.at_least for band in prediction.bands]
    if starts != sorted(set(starts)):
        yield "bands must rise, each risk once"


def _outcome_faults(outcome: words.Outcome) -> Iterator[str]:
    if isinstance(outcome, words.Happens):
        for part in outcome.of + outcome.censored_by:
            if is_word(part) and not isinstance(part, words.Has | words.Confirmed | words.Dose):
                yield f"the outcome is {type(part).__name__}, which has no day; use a stream, Has, Confirmed or Dose"
    if isinstance(outcome, words.Measured) and not isinstance(outcome.is_event.word, Look):
        yield "the outcome judges a word that looks at no record; write Measured(Earliest(...).at_least(...))"


def _comparator_faults(prediction: Prediction) -> Iterator[str]:
    yield from _repeated("comparator", [comparator.name for comparator in prediction.comparators])
    for comparator in prediction.comparators:
        if not callable(comparator.score):
            continue
        given = {name for name, _ in comparator.words(prediction.predictors)}
        for parameter in inspect.signature(comparator.score).parameters.values():
            needed = parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
            if needed and parameter.name not in given:
                yield (
                    f"comparator '{comparator.name}' takes {parameter.name}, which is no predictor; "
                    "name it among `inputs`"
                )


def _not_a_word(where: str, word: object) -> Iterator[str]:
    if not is_word(word):
        yield f"{where} is {type(word).__name__}, not a word with a value; write Has(...), Latest(...) or another word"
        return
    for part in inner(word):  # type: ignore[arg-type]
        yield from _not_a_word(where, part)


def _leaks(where: str, word: Word) -> Iterator[str]:
    if not is_word(word):
        return
    for part in walk(word):
        if isinstance(part, Look) and part.window.after_index:
            yield f"{where} looks at or after the index date; only an outcome may"


def _two_ceilings(where: str, word: Word) -> Iterator[str]:
    if not is_word(word):
        return
    for part in walk(word):
        if isinstance(part, Look) and part.pick.below is not None and part.pick.at_most is not None:
            yield f"{where} says both below and at_most; keep one of them"


def _looks_too_far(where: str, word: Word, look_back: Span | None) -> Iterator[str]:
    if look_back is None or not is_word(word):
        return
    limit = look_back.most_days()
    for part in walk(word):
        if isinstance(part, Look) and isinstance(part.window.anchor, Index):
            from_ = part.window.from_
            reach = None if from_ is None else Span(-from_.months, -from_.days).most_days()
            if reach is None or reach > limit:
                far = "for ever" if reach is None else f"{reach} days"
                yield (
                    f"{where} looks back {far}, further than the pathway's look-back of {limit}; "
                    "shorten `within` or lengthen `look_back`"
                )


def _predictor_faults(predictor: Predictor) -> Iterator[str]:
    name = f"predictor '{predictor.name}'"
    if not predictor.name.isidentifier():
        yield f"{name}: a predictor's name must be a word like egfr_last, as it becomes a column"
    for part in walk(predictor.of) if is_word(predictor.of) else ():
        if isinstance(part, words.Person) and part.which in ("region", "area", "practice"):
            yield f"{name} is the {part.which}, which has no fixed levels: places are compared by, not used"
    if predictor.plausible is not None and not predictor.plausible[0] < predictor.plausible[1]:
        yield f"{name} has a plausible range that is empty; write (lowest, highest)"
    if predictor.direction is not None and predictor.levels:
        yield f"{name} has levels and a direction; levels have no order"
    if predictor.strong_because and len(predictor.strong_because.split()) < FEWEST_WORDS:
        yield f"{name} is declared strong without a reason; say in a sentence why it may be, for whoever signs"


def _contradictions(prediction: Prediction) -> Iterator[str]:
    floors: dict[Word, tuple[float, bool]] = {}
    ceilings: dict[Word, tuple[float, bool]] = {}
    for part in _population_parts(prediction.population):
        if isinstance(part, words.Compare) and part.how in ("at_least", "above"):
            floors[part.word] = max((part.limit, part.how == "above"), floors.get(part.word, (float("-inf"), False)))
        if isinstance(part, words.Compare) and part.how in ("below", "at_most"):
            ceilings[part.word] = min(
                (part.limit, part.how == "at_most"), ceilings.get(part.word, (float("inf"), True))
            )
        if isinstance(part, words.Not):
            for predictor in prediction.predictors:
                if predictor.of == part.word:
                    yield f"predictor '{predictor.name}' never holds, as the population leaves those people out"
    for word in floors.keys() & ceilings.keys():
        (least, above), (most, reached) = floors[word], ceilings[word]
        if least > most or (least == most and (above or not reached)):
            lower, upper = "above" if above else "of at least", "at most" if reached else "below"
            yield f"the population wants a value {lower} {least:g} and {upper} {most:g}: nobody"


def _population_parts(word: Word) -> Iterator[Word]:
    match word:
        case words.All():
            for part in word.words:
                yield from _population_parts(part)
        case words.Criterion():
            yield from _population_parts(word.holds)
        case _:
            yield word


def _concept_set_faults(one: words.ConceptSet) -> Iterator[str]:
    for kind in one.kinds:
        if kind not in words.KINDS:
            yield f"concept set '{one.name}' is of an unknown kind of record; use one of {', '.join(words.KINDS)}"
    if not one.include and not one.exact:
        yield f"concept set '{one.name}' has no concept"
    for concept_id, name in one.include + one.exact + one.exclude:
        if not name or not isinstance(concept_id, int):
            yield f"concept set '{one.name}' must give every concept id with its name"
            break


FORMULAS = {"ckd_epi_2009": 1, "ckd_epi_2021": 1, "bmi": 2, "pressure_pair": 2, "above": 2, "bmi_sds": 1, "age": 1}
"""Formulas that the kernel has, with the number of streams that each takes."""


WITHOUT_VALUES = frozenset({"condition", "visit", "procedure"})
"""Kinds of record whose OMOP table has no column for a number."""


def _stream_faults(stream: words.Stream) -> Iterator[str]:
    match stream:
        case words.Formula() if stream.name not in FORMULAS:
            yield f"there is no formula '{stream.name}'; there are {', '.join(FORMULAS)}"
        case words.Formula() if len(stream.streams) != FORMULAS[stream.name]:
            yield f"formula '{stream.name}' takes {FORMULAS[stream.name]} streams, not {len(stream.streams)}"
        case words.Records():
            yield from _records_faults(stream)


def _records_faults(stream: words.Records) -> Iterator[str]:
    if not stream.of:
        yield f"records '{stream.name}' have no concept set"
    if stream.plausible is not None and not stream.plausible[0] < stream.plausible[1]:
        yield f"records '{stream.name}' have a plausible range that is empty; write (lowest, highest)"
    kinds = {kind for one in stream.of for kind in one.kinds}
    if stream.units and kinds and kinds <= WITHOUT_VALUES:
        read = " and ".join(sorted(kinds))
        yield f"records '{stream.name}' have units but read {read}, which hold no values; use kinds=\"measurement\""
    accepted = {unit.concept_id for unit in stream.units}
    for concept, unit in stream.assumed:
        if unit not in accepted:
            yield f"records '{stream.name}' assume unit {unit} for concept {concept} but do not accept it in `units`"


def _repeated(what: str, names: list[str], why: str = "") -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{what} '{name}' is given {times} times" + (f": {why}" if why else "")
