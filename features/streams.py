"""The streams of a pathway as arrays: which concept feeds which stream, in which unit, and what is derived from what.

Streams 0 to 4 are the same everywhere: observation periods, and the places and deprivation of a person as dated
records.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from pathways import words
from pathways.parts import own_parts, relations_in, stream_parts
from pathways.words import KINDS, RELATIONS, ConceptSet, Records, Stream

BASE = ("observed", "region", "area", "practice", "deprivation")

_SAME_DAY = {"all": k.KEEP_ALL, "lowest": k.LOWEST, "highest": k.HIGHEST, "median": k.MEDIAN, "last": k.LAST}
FORMULAS = {
    "ckd_epi_2009": k.CKD_EPI_2009,
    "ckd_epi_2021": k.CKD_EPI_2021,
    "bmi": k.BMI,
    "pressure_pair": k.PRESSURE_PAIR,
    "above": k.ABOVE,
    "bmi_sds": k.BMI_SDS,
    "age": k.AGE_AT,
}
_BY_SEX = (k.CKD_EPI_2009, k.CKD_EPI_2021, k.BMI_SDS)
KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Streams:
    """Numbered streams: the five of every person, the recorded ones, and the derived ones behind them."""

    recorded: tuple[Records, ...]
    derived: tuple[Stream, ...]
    plan: NDArray[np.int32]
    plan_limits: NDArray[np.float64]
    own: frozenset[Records]
    """The recorded streams that are read of the person; `theirs` those that are read of relatives."""
    theirs: frozenset[Records]

    @cached_property
    def _numbers(self) -> dict[Stream, int]:
        return {stream: len(BASE) + at for at, stream in enumerate((*self.recorded, *self.derived))}

    def number(self, stream: Stream) -> int:
        return self._numbers[stream]

    @cached_property
    def titles(self) -> tuple[tuple[str, bool], ...]:
        """What each stream is called, and whether its records have values that mean something on their own."""
        return (("", False),) * len(BASE) + tuple(map(_title, (*self.recorded, *self.derived)))

    @property
    def n_recorded(self) -> int:
        """How many streams are filled from rows."""
        return len(BASE) + len(self.recorded)

    def __len__(self) -> int:
        return len(BASE) + len(self.recorded) + len(self.plan)

    @cached_property
    def settings(self) -> tuple[NDArray[np.generic], ...]:
        """What the kernel needs to know of each stream: see `kernel.fate`."""
        blank = [None] * len(BASE) + list(self.recorded)
        numeric = np.array([one is not None and one.numeric for one in blank], dtype=np.bool_)
        low, high = np.full(len(blank), -np.inf), np.full(len(blank), np.inf)
        less_than, floor = np.ones(len(blank)), np.full(len(blank), -np.inf)
        same_day = np.zeros(len(blank), dtype=np.int64)
        start, units = [0], []
        for at, one in enumerate(blank):
            if one is not None:
                low[at], high[at] = one.plausible or (-np.inf, np.inf)
                less_than[at], floor[at] = one.less_than, -np.inf if one.floor is None else one.floor
                same_day[at] = _SAME_DAY[one.same_day]
                units += list(one.units)
            start.append(len(units))
        return (
            numeric,
            low,
            high,
            less_than,
            floor,
            same_day,
            np.array(start, dtype=np.int64),
            np.array([unit.concept_id for unit in units] or [0], dtype=np.int64),
            np.array([unit.times for unit in units] or [1.0], dtype=np.float64),
            np.array([unit.plus for unit in units] or [0.0], dtype=np.float64),
        )

    @cached_property
    def relations(self) -> frozenset[str]:
        """The relatives whose records are read."""
        return frozenset(who for stream in self.derived for who in relations_in(stream))

    @cached_property
    def sets(self) -> tuple[ConceptSet, ...]:
        """Every concept set, once each."""
        return tuple(dict.fromkeys(part for stream in self.recorded for part in stream.of))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of record that is read."""
        return tuple(kind for kind in KINDS if any(kind in part.kinds for part in self.sets))

    def covered(self, complete_from: dict[str, int], of_relatives: dict[str, int] | None = None) -> NDArray[np.int32]:
        """For each stream the day from which it is complete, given the day of each kind (`MAX_DAY` if it is not).

        Streams of relatives go by `of_relatives`, if it is given.
        """
        own = self._days(complete_from)
        if of_relatives is None or not self.relations:
            return own
        return np.where(self._of_relatives, self._days(of_relatives), own)

    def _days(self, complete_from: dict[str, int]) -> NDArray[np.int32]:
        days = np.array([complete_from.get(kind, k.MAX_DAY) for kind in KINDS], dtype=np.int32)
        found: NDArray[np.int32] = np.where(self._of_kind, days, np.int32(k.MIN_DAY)).max(axis=1)
        return found

    @cached_property
    def _of_relatives(self) -> NDArray[np.bool_]:
        nobody = [False] * self.n_recorded
        return np.array(nobody + [bool(relations_in(stream)) for stream in self.derived], dtype=np.bool_)

    @cached_property
    def _of_kind(self) -> NDArray[np.bool_]:
        """Which kinds of record are behind each stream, shape (n_streams, n_kinds)."""
        return np.array([[kind in self.kinds_of(at) for kind in KINDS] for at in range(len(self))], dtype=np.bool_)

    @cached_property
    def sexed(self) -> NDArray[np.bool_]:
        """Which streams are worked out with a sex: where that is not known, a lack of records says nothing."""
        found = [False] * self.n_recorded
        for (kind, _, a, b, which, _), limits in zip(self.plan.tolist(), self.plan_limits.tolist(), strict=True):
            needs = which in _BY_SEX or (which == k.AGE_AT and np.isfinite(limits[0]))
            found.append((needs and kind == k.FORMULA) or (kind not in (k.OF, k.BORN) and (found[a] or found[b])))
        return np.array(found, dtype=np.bool_)

    def kinds_of(self, number: int) -> tuple[str, ...]:
        """The kinds of record behind a stream."""
        if number < len(BASE):
            return ()
        if number < self.n_recorded:
            found = {kind for part in self.recorded[number - len(BASE)].of for kind in part.kinds}
        else:
            row = self.plan[number - self.n_recorded]
            found = {*self.kinds_of(int(row[2])), *self.kinds_of(int(row[3]))}
        return tuple(kind for kind in KINDS if kind in found)


def _title(stream: Stream) -> tuple[str, bool]:
    match stream:
        case words.Records():
            return stream.name, stream.numeric
        case words.Formula():
            return stream.title, True
        case words.Either():
            return stream.name, _title(stream.streams[0])[1]
        case words.At() | words.Near() | words.Only() | words.Of():
            return stream.name, _title(stream.stream)[1]
        case words.Born():
            return stream.name, False


def plan_streams(streams: tuple[Stream, ...]) -> Streams:
    """Number streams and write down how the derived ones are made, those that they read first."""
    ordered = tuple(dict.fromkeys(part for stream in streams for part in stream_parts(stream)))
    recorded = tuple(stream for stream in ordered if isinstance(stream, Records))
    numbers: dict[Stream, int] = {stream: len(BASE) + at for at, stream in enumerate(recorded)}
    plan: list[tuple[int, int, int, int, int, int]] = []
    limits: list[tuple[float, ...]] = []
    derived: list[Stream] = []
    for stream in ordered:
        if isinstance(stream, Records):
            continue
        for step in _derivation(stream, numbers):
            at = len(BASE) + len(recorded) + len(plan)
            kind, a, b, first, second = step
            plan.append((kind, at, a if a >= 0 else at - 1, b, first, second))
            limits.append((*getattr(stream, "limits", ()), *[np.inf] * k.LIMITS)[: k.LIMITS])
            derived.append(stream)
        numbers[stream] = at
    own = {part for stream in streams for part in own_parts(stream)}
    inside = {stream.stream for stream in ordered if isinstance(stream, words.Of)}
    theirs = {part for stream in inside for part in stream_parts(stream)}
    return Streams(
        recorded,
        tuple(derived),
        np.array(plan, dtype=np.int32).reshape(-1, 6),
        np.array(limits, dtype=np.float64).reshape(-1, k.LIMITS),
        frozenset(one for one in recorded if one in own),
        frozenset(one for one in recorded if one in theirs),
    )


def _derivation(stream: Stream, numbers: dict[Stream, int]) -> list[tuple[int, int, int, int, int]]:
    """Steps (kind, a, b, first, second) that make a stream; a = -1 stands for the step before."""
    match stream:
        case words.Either():
            kind = k.PREFER if stream.prefer else k.EITHER
            parts = [numbers[part] for part in stream.streams]
            return [(kind, parts[0] if at == 1 else -1, parts[at], 0, 0) for at in range(1, len(parts))]
        case words.Formula():
            parts = [numbers[part] for part in stream.streams]
            return [(k.FORMULA, parts[0], parts[-1], FORMULAS[stream.name], 0)]
        case words.At():
            return [(k.AT, numbers[stream.stream], numbers[stream.visits], 0, 0)]
        case words.Near():
            return [(k.NEAR, numbers[stream.stream], numbers[stream.other], stream.before, stream.after)]
        case words.Only():
            return [(k.ONLY, numbers[stream.stream], numbers[stream.stream], int(stream.unvalued), 0)]
        case words.Born():
            return [(k.BORN, 0, 0, 0, 0)]
        case words.Of():
            return [
                (k.OF, numbers[stream.stream], numbers[stream.stream], RELATIONS.index(stream.who), int(stream.first))
            ]
    raise TypeError(f"not a derived stream: {type(stream).__name__}")
