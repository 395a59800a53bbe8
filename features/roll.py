"""Everybody of a source on one day, for one prediction: who is eligible, what is lacking, which rules speak.

The same programme and kernel as for one person (`features.person`), over many at once; the record behind each value
is left to the reading of those who are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.axes import axes_of
from features.cohort import Progress, execute, observed_on, read
from features.comparators import score
from features.histories import REASONS, Histories
from features.programme import Compiled, compile_prediction, criteria
from features.source import Source
from features.streams import BASE
from features.vocabulary import Vocabulary, slot_map
from pathways.definition import Exceeds, Prediction, Rule
from pathways.parts import is_flag

Rows = tuple[NDArray[np.int64], NDArray[np.int64]]
NOBODY_LEFT_OUT = -1


@dataclass(frozen=True)
class Roll:
    """People who were registered and alive on a day, n of them.

    `eligible` is 1, 0, or NaN if it cannot be told; `left_out` the first criterion that does not hold, or -1, and
    `fails` how many do not. `lacks` has shape (n, required inputs), `rules` (n, rules of the prediction), `values`
    (n, predictors) with NaN for missing. `axes` holds one array of text for each name, "" where unknown.
    """

    person_id: NDArray[np.int64]
    eligible: NDArray[np.float64]
    left_out: NDArray[np.int64]
    fails: NDArray[np.int64]
    lacks: NDArray[np.bool_]
    rules: NDArray[np.bool_]
    values: NDArray[np.float32]
    axes: Mapping[str, NDArray[np.str_]]

    def __len__(self) -> int:
        return len(self.person_id)

    def some(self, keep: NDArray[np.bool_]) -> Roll:
        """The people for whom `keep` holds."""
        return Roll(
            self.person_id[keep],
            self.eligible[keep],
            self.left_out[keep],
            self.fails[keep],
            self.lacks[keep],
            self.rules[keep],
            self.values[keep],
            {name: axis[keep] for name, axis in self.axes.items()},
        )


def roll(
    prediction: Prediction, source: Source, vocabulary: Vocabulary, index_day: int, progress: Progress | None = None
) -> Roll:
    """Everybody of a source who is registered and alive on `index_day` (days since 1970-01-01)."""
    compiled = compile_prediction(prediction)
    slots = slot_map(compiled.streams, vocabulary)
    tally = np.zeros((16, len(REASONS)), dtype=np.int64)
    parts = [
        _part(compiled, source, histories, _registered(histories, index_day))
        for histories, _ in read(source, compiled, slots, tally, progress=progress)
    ]
    return Roll(
        np.concatenate([part.person_id for part in parts]),
        np.concatenate([part.eligible for part in parts]),
        np.concatenate([part.left_out for part in parts]),
        np.concatenate([part.fails for part in parts]),
        np.concatenate([part.lacks for part in parts]),
        np.concatenate([part.rules for part in parts]),
        np.concatenate([part.values for part in parts]),
        {name: np.concatenate([part.axes[name] for part in parts]) for name in parts[0].axes},
    )


def _registered(histories: Histories, index_day: int) -> Rows:
    """Everybody who is registered on the day before the index date, the last that counts, and alive after it."""
    person, _ = observed_on(histories, [index_day - 1])
    person = person[histories.people.death[person] >= index_day]
    return person, np.full(len(person), index_day, dtype=np.int64)


def _part(compiled: Compiled, source: Source, histories: Histories, rows: Rows) -> Roll:
    prediction, whole = compiled.prediction, compiled.whole
    columns = whole.columns(one.of for one in prediction.predictors)
    values, kept = execute(whole, histories, rows, columns, np.arange(len(whole.code), dtype=np.int64))
    holds = kept[:, whole.columns(criteria(prediction))]
    fails, unknown = holds == 0.0, np.isnan(holds).any(axis=1)
    left = fails.any(axis=1)
    return Roll(
        person_id=histories.people.ids[rows[0]],
        eligible=np.where(left, 0.0, np.where(unknown, np.nan, 1.0)),
        left_out=np.where(left, fails.argmax(axis=1), NOBODY_LEFT_OUT),
        fails=fails.sum(axis=1),
        lacks=_lacks(compiled, kept),
        rules=np.stack([_speaks(compiled, rule, kept) for rule in prediction.rules], axis=1)
        if prediction.rules
        else np.empty((len(values), 0), dtype=np.bool_),
        values=values,
        axes=axes_of(source, histories, rows),
    )


def _lacks(compiled: Compiled, kept: NDArray[np.float64]) -> NDArray[np.bool_]:
    found = np.empty((len(kept), len(compiled.prediction.requires)), dtype=np.bool_)
    for at, one in enumerate(compiled.prediction.requires):
        value = kept[:, compiled.whole.register(one.of)]
        found[:, at] = ~(value > 0.0) if is_flag(one.of) else np.isnan(value)
    return found


def _speaks(compiled: Compiled, rule: Rule, kept: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For whom a rule speaks; nobody for whom it cannot be told."""
    whole = compiled.whole
    if isinstance(rule.when, Exceeds):
        names, inputs = zip(*rule.when.score.words(compiled.prediction.predictors), strict=True)
        scores = [score(rule.when.score, names, row)[0] for row in kept[:, whole.columns(inputs)].tolist()]
        speaks = np.array([one is not None and one > rule.when.limit for one in scores], dtype=np.bool_)
    else:
        speaks = kept[:, whole.register(rule.when)] == 1.0
    if rule.unless is not None:
        speaks = speaks & (kept[:, whole.register(rule.unless)] != 1.0)
    return np.asarray(speaks)


def at_place(source: Source, kind: str, name: str, index_day: int) -> NDArray[np.int64]:
    """The ids of people whose region, area or practice was `name` on the day before a day.

    Raises
    ------
    KeyError
        If nobody was ever there.
    """
    if name not in source.places.levels[kind]:
        raise KeyError(name)
    level, facts = source.places.levels[kind].index(name), source.places.facts
    of_kind = (facts.stream == BASE.index(kind)) & (facts.first < index_day)
    order = np.lexsort([facts.first[of_kind], facts.person[of_kind]])
    person, where = facts.person[of_kind][order], facts.level[of_kind][order]
    last = np.append(person[1:] != person[:-1], True) if len(person) else np.empty(0, dtype=np.bool_)
    return np.asarray(source.people.ids[person[last & (where == level)]])
