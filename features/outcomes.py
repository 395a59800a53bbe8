"""What happened after the index date: the outcome, a competing event, or the end of the watch; and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.histories import Histories
from features.programme import EventWords
from features.table import CENSORED, DEATH, OUTCOME
from pathways import words

LINKED_DAYS = 30
"""A death up to this long after the last observed day still ends the watch as a death: practices often close a record
some days before the registered death, and calling those people "moved away" would hide the deaths of the ill."""


@dataclass(frozen=True)
class Labels:
    """Days from the index date to what ended the watch, what it was, and whether the outcome could be judged.

    A day before the index date (a dose given, an outcome of a window that began earlier) is negative.
    """

    time: NDArray[np.int32]
    event: NDArray[np.int8]
    measured: NDArray[np.bool_]


def label(
    events_of: EventWords,
    histories: Histories,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    registers: NDArray[np.float64],
) -> Labels:
    """Label rows from the registers of the outcome.

    Parameters
    ----------
    registers : float64 array of shape (n_rows, n_events + n_censoring)
        Days of the events and of what censors, NaN if they never come, as `EventWords.registers` lists them.
    """
    person, index = rows
    watched = np.empty(len(person), dtype=np.int64)
    k.watched_until(rows, histories.offset, histories.columns, watched)
    death = histories.people.death[person].astype(np.int64)
    outcome = events_of.outcome
    if isinstance(outcome, words.NotDone):
        return _not_done(outcome, histories, rows, registers[:, 0], watched, death)
    events = len(events_of.events)
    happened = _first(registers[:, :events])
    stopped = _first(registers[:, events:-1] if isinstance(outcome, words.Measured) else registers[:, events:])
    if isinstance(outcome, words.Measured):
        return _measured(index, happened, registers[:, -1], watched, death)
    return _ended(index, happened, watched, death, stopped)


def _first(days: NDArray[np.float64]) -> NDArray[np.int64]:
    """The earliest day of each row, MAX_DAY if none."""
    never = float(k.MAX_DAY)
    first: NDArray[np.float64] = np.where(np.isnan(days), never, days).min(axis=1, initial=never)
    return first.astype(np.int64)


def _ended(
    index: NDArray[np.int64],
    happened: NDArray[np.int64],
    watched: NDArray[np.int64],
    death: NDArray[np.int64],
    stopped: NDArray[np.int64] | int = k.MAX_DAY,
) -> Labels:
    """The outcome if it came while watched (also on the day of death), else death, else the end of the watch.

    What censors (`stopped`) ends the watch the day before, whatever follows it.
    """
    dies = (death <= watched + LINKED_DAYS) & (death < stopped)
    watched = np.minimum(watched, stopped - 1)
    end = np.where(dies, death, watched)
    outcome = happened <= end
    event = np.where(outcome, OUTCOME, np.where(dies, DEATH, CENSORED)).astype(np.int8)
    time = np.where(outcome, happened, np.where(dies, death, watched + 1)) - index
    return Labels(time.astype(np.int32), event, np.ones(len(index), dtype=np.bool_))


def _measured(
    index: NDArray[np.int64],
    day: NDArray[np.int64],
    judged: NDArray[np.float64],
    watched: NDArray[np.int64],
    death: NDArray[np.int64],
) -> Labels:
    """A value that was measured while watched is judged; without one the row is kept as not measured."""
    measured = (day <= watched) & ~np.isnan(judged)
    ended = _ended(index, np.where(measured & (judged == 1.0), day, k.MAX_DAY), watched, death)
    known_no = measured & (judged == 0.0)
    event = np.where(known_no, DEATH, ended.event).astype(np.int8)
    time = np.where(known_no, day - index, ended.time).astype(np.int32)
    return Labels(time, event, measured)


def _not_done(
    outcome: words.NotDone,
    histories: Histories,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    given: NDArray[np.float64],
    watched: NDArray[np.int64],
    death: NDArray[np.int64],
) -> Labels:
    """The outcome is an absence: on the last day on which the dose could be given it has not been."""
    person, index = rows
    if outcome.by.months:
        birth = histories.people.birth[person]
        due = np.array([k.add_months(int(day), outcome.by.months) for day in birth], dtype=np.int64) + outcome.by.days
    else:
        due = index + outcome.by.days
    last = due + outcome.grace - 1
    dose = np.where(np.isnan(given), float(k.MAX_DAY), given).astype(np.int64)
    missed = _ended(index, np.where(dose > last, last, k.MAX_DAY), watched, death)
    done = (dose <= last) & (dose <= np.maximum(watched, index))
    event = np.where(done, DEATH, missed.event).astype(np.int8)
    time = np.where(done, dose - index, missed.time).astype(np.int32)
    return Labels(time, event, np.ones(len(index), dtype=np.bool_))
