"""One person for one prediction: eligibility, predictors, rules and comparators, each with the record behind it.

The same programme, the same kernel and the same checks as for a feature table; only the reading differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.axes import groups_of, places_of
from features.days import number
from features.deciding import deciding
from features.found import Formula, Found, Part, Record, Spoken
from features.histories import REASONS, Histories, build
from features.kin import Relatives, of_a_history
from features.programme import compile_prediction, criteria
from features.reasons import Reason, left_out, not_known
from features.sent import Reference, Sent, read_history, unit_names
from features.source import Source
from features.streams import BASE
from features.vocabulary import Vocabulary, slot_map
from pathways.definition import Comparator, Exceeds, Pathway, Prediction, Rule
from pathways.describe import brief
from pathways.parts import is_flag, streams_only_restricted, walk
from pathways.words import Choice, Look, Word

DIED = Reason("died", "The records say that this person has died.")
WANTS_SEX = "Not checked, as it is worked out with the sex, which is not known as female or male"


class UnknownPerson(Exception):
    """The source has no such person."""


@dataclass(frozen=True)
class Missing:
    """An input without a value, and when there last was one."""

    input: str
    required: bool
    last_seen: date | None
    supply: str = ""
    plain: str = ""


@dataclass(frozen=True)
class Reading:
    """All that a definition says of one person on one day, before any model.

    `eligible` is None if it cannot be told. `predictors` has shape (n_predictors,), NaN for missing; `records` has the
    records behind each of them.
    """

    eligible: bool | None
    reasons: tuple[Reason, ...]
    predictors: NDArray[np.float32]
    records: tuple[tuple[Record, ...], ...]
    rules: tuple[tuple[Rule, tuple[Record, ...]], ...]
    missing: tuple[Missing, ...]
    comparators: tuple[tuple[Comparator, float | None, str | None], ...]
    data_to: date | None
    place: str | None
    warnings: tuple[tuple[str, str], ...]
    groups: Mapping[str, str] = field(default_factory=dict)
    """The person's level on each axis of evaluation that a history tells, "" if it is not known."""


class PersonReader:
    """Reads people for one prediction; a class, because it holds what is prepared once: programme, slots, units."""

    def __init__(
        self, pathway: Pathway, prediction: Prediction, vocabulary: Vocabulary, source: Source | None = None
    ) -> None:
        self.prediction = prediction
        self.source = source
        self.compiled = compile_prediction(prediction)
        self.slots = slot_map(self.compiled.streams, vocabulary)
        units = unit_names(self.compiled.streams)
        theirs = self.slots.theirs
        self._reference = Reference(self.slots, units, vocabulary)
        self._of_relatives = None if theirs is None else Reference(theirs, units, vocabulary)
        self._relatives = None if source is None else Relatives.of(source, self.compiled, self.slots)
        part = self._part
        self._criteria = tuple(part(word) for word in criteria(prediction))
        self._requires = tuple((one, part(one.of)) for one in prediction.requires)
        self._rules = tuple(map(self._spoken, prediction.rules))
        self._predictors = tuple((one, part(one.of)) for one in prediction.predictors)
        self._comparators = tuple(self._scored(one) for one in prediction.comparators)
        self._columns = np.array([one.register for _, one in self._predictors], dtype=np.int64)
        hidden = streams_only_restricted(prediction)
        self._shown = tuple(at for at, one in enumerate(self.compiled.streams.recorded, len(BASE)) if one not in hidden)
        self._kept = np.arange(len(self.compiled.whole.code), dtype=np.int64)

    def from_history(self, history: Mapping[str, Any], as_of: date) -> Reading:
        """Read a history that a client sent; it has been checked before."""
        sent = read_history(history, self._reference, as_of, self._of_relatives)
        tally = np.zeros((16, len(REASONS)), dtype=np.int64)
        histories = build(
            self.compiled.streams,
            self.slots.slots,
            sent.people,
            sent.facts,
            (sent.rows,),
            extract_day=k.MAX_DAY,
            covered=self.compiled.streams.covered(sent.covered, sent.of_relatives),
            tally=tally,
            kin=of_a_history(sent, self.compiled, self.slots.theirs, tally),
        )
        return self._read(histories, as_of, sent.ids, sent.places, _warnings(tally, sent))

    def from_source(self, person_id: int, as_of: date) -> Reading:
        """Read somebody of the source by id.

        Raises
        ------
        UnknownPerson
            If the source has nobody with this id.
        """
        if self.source is None:
            raise UnknownPerson
        source, ids = self.source, self.source.people.ids
        at = int(np.searchsorted(ids, person_id))
        if at >= len(ids) or ids[at] != person_id:
            raise UnknownPerson
        tally = np.zeros((16, len(REASONS)), dtype=np.int64)
        histories = build(
            self.compiled.streams,
            self.slots.slots,
            source.people.part(slice(at, at + 1)),
            source.places.of(at, at + 1),
            tuple(source.rows(self.slots, person_id, person_id + 1, ids[at : at + 1])),
            extract_day=source.extract_day,
            covered=self.compiled.streams.covered(source.complete),
            tally=tally,
            kin=None if self._relatives is None else self._relatives.read(at, at + 1).kin,
        )
        there = places_of(source, histories, number(as_of) + 1)
        return self._read(histories, as_of, None, there, _warnings(tally, None))

    def _part(self, word: Word) -> Part:
        streams = self.compiled.streams
        looks = tuple(dict.fromkeys(streams.number(one.of) for one in walk(word) if isinstance(one, Look)))
        register = self.compiled.whole.register
        return Part(word, register(word), looks, is_flag(word), deciding(word, register))

    def _spoken(self, rule: Rule) -> Spoken:
        looks = self._scored(rule.when.score) if isinstance(rule.when, Exceeds) else self._part(rule.when)
        return Spoken(rule, looks, None if rule.unless is None else self.compiled.whole.register(rule.unless))

    def _scored(self, one: Comparator) -> Formula:
        names, inputs = zip(*one.words(self.prediction.predictors), strict=True)
        streams = dict.fromkeys(stream for word in inputs for stream in self._part(word).streams)
        hidden = {each.of for each in self.prediction.predictors if each.restricted}
        labels = tuple(
            "an input that is not shown" if word in hidden else _label(name, word)
            for name, word in zip(names, inputs, strict=True)
        )
        registers = tuple(self.compiled.whole.register(word) for word in inputs)
        return Formula(one, names, labels, registers, tuple(streams))

    def _read(
        self,
        histories: Histories,
        as_of: date,
        ids: tuple[int | str, ...] | None,
        places: Mapping[str, str],
        warnings: tuple[tuple[str, str], ...],
    ) -> Reading:
        index = number(as_of) + 1
        found = Found(self.compiled, histories, index, ids, (self._columns, self._kept))
        died = int(histories.people.death[0]) < index
        eligible, reasons = (False, (DIED,)) if died else self._eligibility(found)
        holds = [False if died else found.holds(one) for one in self._rules]
        return Reading(
            eligible=eligible,
            reasons=reasons,
            predictors=found.values,
            records=tuple(found.behind(part) for _, part in self._predictors),
            rules=tuple(
                (one.rule, found.behind(one.part)) for one, held in zip(self._rules, holds, strict=True) if held
            ),
            missing=self._missing(found),
            comparators=tuple((one.comparator, *found.score(one)) for one in self._comparators),
            data_to=found.last_seen(self._shown),
            place=places.get("region"),
            groups=groups_of(histories, index, places),
            warnings=warnings + self._rules_not_known(found, holds),
        )

    def _rules_not_known(self, found: Found, holds: list[bool | None]) -> tuple[tuple[str, str], ...]:
        """A red flag that cannot be told, as records or the sex were not sent, is said and not passed over."""
        said = []
        for one, held in zip(self._rules, holds, strict=True):
            if held is None and found.wants_sex(one.part.streams):
                said.append(f"{WANTS_SEX}: {one.rule.action}")
            elif held is None and found.lacks(one.part.streams):
                said.append(f"Not checked, as the records that would tell were not sent: {one.rule.action}")
        return tuple(("rule_not_known", text) for text in said)

    def _eligibility(self, found: Found) -> tuple[bool | None, tuple[Reason, ...]]:
        registers = found.by_register
        fails = tuple(left_out(part.word) for part in self._criteria if registers[part.register] == 0.0)
        if fails:
            return False, fails
        unknown = [part for part in self._criteria if registers[part.register] != registers[part.register]]
        if not unknown:
            return True, ()
        by_sex = [part for part in unknown if found.wants_sex(part.streams)]
        others = [part for part in unknown if part not in by_sex or found.lacks(part.streams)]
        kinds = {kind for part in others for stream in part.streams for kind in self.compiled.streams.kinds_of(stream)}
        return None, (not_known([part.word for part in unknown], tuple(kinds), bool(by_sex)),)

    def _missing(self, found: Found) -> tuple[Missing, ...]:
        """What has no value, once for each thing that could be recorded: its age goes without saying."""
        registers = found.by_register
        missing, told = [], set[tuple[int, ...]]()
        for one, part in self._requires:
            value = registers[part.register]
            if not (value > 0.0 if part.flag else value == value):
                missing.append(Missing(one.input, True, found.last_seen(part.streams), one.supply, one.plain))
                told.add(part.streams)
        for predictor, part in self._predictors:
            value = registers[part.register]
            if value != value and not predictor.restricted and not (part.streams and part.streams in told):
                name = predictor.wording or predictor.name
                missing.append(Missing(name, False, found.last_seen(part.streams), plain=predictor.plain))
                told.add(part.streams)
        return tuple(missing)


def _label(name: str, word: Word) -> str:
    """What a score calls an input that is lacking: a choice of several by the score's own name for it."""
    return name.replace("_", " ") if isinstance(word, Choice) else brief(word)


def _warnings(tally: NDArray[np.int64], sent: Sent | None) -> tuple[tuple[str, str], ...]:
    """What was left out of a history, by reason: counts and reasons, no values."""
    found = []
    for reason, count in zip(REASONS, tally.sum(axis=0).tolist(), strict=True):
        if count and reason not in ("used", "duplicate", "folded into the day's value"):
            found.append(("record_left_out", f"{count} record{'s' * (count != 1)} left out: {reason}."))
    if sent is not None and sent.not_mapped:
        found.append(
            (
                "code_not_mapped",
                f"Records with a code that we cannot map, so their kind counts as not complete: {sent.not_mapped}.",
            )
        )
    if sent is not None and sent.later:
        found.append(
            (
                "after_as_of",
                f"Records that do not count, as dated or entered after the day asked about: {sent.later}.",
            )
        )
    return tuple(found)
