"""Walking a definition: the words inside a word, the streams inside a stream, the concept sets behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pathways import words
from pathways.definition import Pathway, Prediction
from pathways.words import BORN, ConceptSet, Look, Outcome, Relation, Share, Stream, Word

STREAMS = (words.Records, words.Either, words.Formula, words.At, words.Near, words.Only, words.Born, words.Of)


def inner(word: Word) -> tuple[Word, ...]:
    """The words that a word reads, in order."""
    match word:
        case words.All() | words.Any() | words.Number():
            return word.words
        case words.Not() | words.Missing() | words.Compare() | words.Term():
            return (word.word,)
        case words.Criterion():
            return (word.holds,)
        case words.Choice():
            return tuple(part for part, _ in word.parts)
        case words.Difference() | words.Ratio():
            return (word.left, word.right)
        case Look():
            shares = tuple(limit.of for limit in word.pick.limits if isinstance(limit, Share))
            anchor = word.window.anchor
            return shares + ((anchor,) if is_word(anchor) else ())  # type: ignore[operator]
        case _:
            return ()


def is_word(thing: object) -> bool:
    """Whether something is a word with a value, not a stream, a date or an anchor."""
    return isinstance(thing, words.Comparable)


FLAGS = (words.Has, words.All, words.Any, words.Not, words.Compare, words.Missing)


def is_flag(word: Word) -> bool:
    """Whether a word is true or false: if required, it must be true; other words must only have a value."""
    return is_flag(word.word) if isinstance(word, words.Term) else isinstance(word, FLAGS)


def walk(word: Word) -> Iterator[Word]:
    """A word and every word inside it, the inner ones first."""
    for part in inner(word):
        yield from walk(part)
    yield word


def outcome_words(outcome: Outcome) -> tuple[Word, ...]:
    """The words of an outcome; a stream in it means "there is one"."""
    match outcome:
        case words.Happens():
            parts = outcome.of + outcome.censored_by
            return tuple(words.Has(part) if isinstance(part, STREAMS) else part for part in parts)
        case words.Measured():
            return (outcome.is_event,)
        case words.NotDone():
            return (outcome.dose,)


def known_words(prediction: Prediction) -> Iterator[tuple[str, Word]]:
    """Every word that must be known on the index date, with what it belongs to."""
    yield "the population", prediction.population
    for predictor in prediction.predictors:
        yield f"predictor '{predictor.name}'", predictor.of
    for required in prediction.requires:
        yield f"the required input '{required.input}'", required.of
    for number, rule in enumerate(prediction.rules, 1):
        for word in rule.words(prediction.predictors):
            yield f"rule '{rule.name or number}'", word
    for comparator in prediction.comparators:
        for _, word in comparator.words(prediction.predictors):
            yield f"comparator '{comparator.name}'", word


def outcomes_of(prediction: Prediction) -> tuple[Outcome, ...]:
    """The outcome that is predicted, then the secondary ones."""
    return (prediction.outcome, *(one.outcome for one in prediction.secondary))


def words_of(prediction: Prediction) -> Iterator[Word]:
    """Every word of a prediction, those of the outcome last."""
    for _, word in known_words(prediction):
        yield from walk(word)
    for outcome in outcomes_of(prediction):
        for word in outcome_words(outcome):
            yield from walk(word)


def inner_streams(stream: Stream) -> tuple[Stream, ...]:
    """The streams that a stream is made of."""
    match stream:
        case words.Either() | words.Formula():
            return stream.streams
        case words.At():
            return (stream.stream, stream.visits)
        case words.Near():
            return (stream.stream, stream.other)
        case words.Only():
            return (stream.stream,)
        case words.Of():  # and who so related is known at all
            return (stream.stream,) if stream.stream == BORN else (stream.stream, words.Of(stream.who, BORN))
        case _:
            return ()


def stream_parts(stream: Stream) -> Iterator[Stream]:
    """A stream and every stream inside it, the inner ones first."""
    for part in inner_streams(stream):
        yield from stream_parts(part)
    yield stream


def own_parts(stream: Stream) -> Iterator[Stream]:
    """The same without the streams of relatives that it is made of."""
    if isinstance(stream, words.Of):
        yield stream
        return
    for part in inner_streams(stream):
        yield from own_parts(part)
    yield stream


def relations_in(stream: Stream) -> tuple[Relation, ...]:
    """The relatives whose records a stream is made of, each once."""
    return tuple(dict.fromkeys(part.who for part in stream_parts(stream) if isinstance(part, words.Of)))


def looked_at(prediction: Prediction) -> tuple[Stream, ...]:
    """Every stream that a word or the index date looks at, once each."""
    looks = [word.of for word in words_of(prediction) if isinstance(word, Look)]
    first = prediction.index.streams if isinstance(prediction.index, words.After) else ()
    return tuple(dict.fromkeys([*looks, *first]))


def streams_of(prediction: Prediction) -> tuple[Stream, ...]:
    """Every stream that a prediction reads, once each, the inner ones first."""
    return tuple(dict.fromkeys(part for stream in looked_at(prediction) for part in stream_parts(stream)))


def streams_only_restricted(prediction: Prediction) -> frozenset[Stream]:
    """The streams that nothing but restricted predictors reads: not even the day of their records is shown."""
    restricted = {f"predictor '{one.name}'": one.of for one in prediction.predictors if one.restricted}
    shown = [word for where, word in known_words(prediction) if where not in restricted]
    shown += [word for outcome in outcomes_of(prediction) for word in outcome_words(outcome)]
    return frozenset(_read(restricted.values())) - frozenset(_read(shown))


def _read(found: Iterable[Word]) -> Iterator[Stream]:
    for word in found:
        for part in walk(word):
            if isinstance(part, Look):
                yield from stream_parts(part.of)


def concept_sets(pathway: Pathway) -> tuple[ConceptSet, ...]:
    """Every concept set of a pathway, once each, in the order of first use."""
    found: dict[ConceptSet, None] = {}
    for prediction in pathway.predictions:
        for stream in streams_of(prediction):
            if isinstance(stream, words.Records):
                found.update(dict.fromkeys(stream.of))
    return tuple(found)
