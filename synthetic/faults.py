"""Faults with known time and place, for testing alarms: each changes what is recorded there and then, and nothing else.

`--fault NAME:WHEN:WHERE`. WHEN is a day (2022-03-01) from which on, or a month (2022-03). WHERE is the code of a
practice or board, `london`, `north` or `everywhere`. A fault works on rows that are drawn and dated, so the same person
without it has the same record otherwise; only a doubled risk is drawn anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from synthetic import places
from synthetic.calendar import END, NEVER, day_of
from synthetic.draws import Draws, Flags, Floats, Ints
from synthetic.people import People
from synthetic.rows import Rows, stacked, taken

CREATININE_UMOL, CREATININE_MG, MG = 3020564, 3016723, 88.4
SLOPE, OFFSET = 1.08, 6.0  # ours: a new assay that reads 8% and 6 umol/L higher
COPY = 50_000  # what a copied visit is numbered above its own
DIP, DIP_MONTHS = 0.35, 9.0  # ours: what is left of contacts at the start of a dip, and how long it takes to come back
TWIN_CODES = {316866: 320128, 320128: 316866, 381591: 381316, 46271022: 443597, 45763854: 443597, 45763855: 443597}
"""Codes of one meaning, broader or narrower; any other code becomes concept 0, as an unmapped system's would."""


class FaultError(ValueError):
    """A fault that cannot be read; every problem is listed."""


@dataclass(frozen=True)
class Kind:
    """A kind of fault: one sentence, whether WHEN is a month, and what it does to the rows of one table."""

    sentence: str
    month: bool
    change: Callable[[Fault, str, Rows, Flags, Draws, Ints], Rows]


@dataclass(frozen=True)
class Fault:
    """One fault: its kind, the words that asked for it, the first and last day, and the practices at which it is."""

    name: str
    text: str
    first: int
    last: int
    practices: Ints

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]


def _nothing(fault: Fault, table: str, rows: Rows, hit: Flags, draws: Draws, person: Ints) -> Rows:
    return rows


def _in_mg(fault: Fault, table: str, rows: Rows, hit: Flags, draws: Draws, person: Ints) -> Rows:
    if table != "measurement":
        return rows
    hit = hit & (rows["concept"] == CREATININE_UMOL)
    return {
        **rows,
        "value": np.where(hit, np.round(rows["value"] / MG, 2), rows["value"]),
        "concept": np.where(hit, CREATININE_MG, rows["concept"]),
        "unit": np.where(hit, 8840, rows["unit"]),
    }


def _mislabelled(fault: Fault, table: str, rows: Rows, hit: Flags, draws: Draws, person: Ints) -> Rows:
    if table != "measurement":
        return rows
    hit = hit & (rows["concept"] == CREATININE_UMOL)
    return {**rows, "value": np.where(hit, np.round(rows["value"] / MG, 2), rows["value"])}


def _new_assay(fault: Fault, table: str, rows: Rows, hit: Flags, draws: Draws, person: Ints) -> Rows:
    if table != "measurement":
        return rows
    hit = hit & (rows["concept"] == CREATININE_UMOL)
    return {**rows, "value": np.where(hit, np.round(SLOPE * rows["value"] + OFFSET), rows["value"])}


def _other_codes(fault: Fault, table: str, rows: Rows, hit: Flags, draws: Draws, person: Ints) -> Rows:
    if table != "condition_occurrence":
        return rows
    known, which = np.unique(rows["concept"], return_inverse=True)
    other = np.array([TWIN_CODES.get(int(code), 0) for code in known], dtype=np.int64)[which]
    return {**rows, "concept": np.where(hit, other, rows["concept"])}


def _new_system(fault: Fault, table: str, rows: Rows, hit: Flags, draws: Draws, person: Ints) -> Rows:
    """Before the day only diagnoses came over; after it creatinine is in mg/dL."""
    if table == "measurement":
        return _in_mg(fault, table, rows, hit, draws, person)
    return rows


def _lost(fault: Fault, table: str, rows: Rows, hit: Flags, draws: Draws, person: Ints) -> Rows:
    return taken(rows, ~hit)


def _dip(fault: Fault, table: str, rows: Rows, hit: Flags, draws: Draws, person: Ints) -> Rows:
    if table not in ("visit_occurrence", "measurement", "procedure_occurrence"):
        return rows
    left = DIP + (1.0 - DIP) * np.clip((rows["day"] - fault.first) / (DIP_MONTHS * 30.4), 0.0, 1.0)
    return taken(rows, ~hit | draws.happens("dip", left, person, rows["day"]))


def _twice(fault: Fault, table: str, rows: Rows, hit: Flags, draws: Draws, person: Ints) -> Rows:
    copies = taken(rows, hit)
    if table == "visit_occurrence":
        copies = {**copies, "visit": copies["visit"] + COPY}
    return stacked([rows, copies])


KINDS: Mapping[str, Kind] = {
    "creatinine-mg": Kind(
        "A practice's laboratory reports creatinine in mg/dL, with the unit, from a day.", False, _in_mg
    ),
    "creatinine-mislabelled": Kind(
        "Creatinine is sent in mg/dL but still says umol/L, from a day.", False, _mislabelled
    ),
    "new-assay": Kind("A new assay of creatinine reads 8% and 6 umol/L higher, from a day.", False, _new_assay),
    "code-switch": Kind("Diagnoses come in another code system, some of it unmapped, from a day.", False, _other_codes),
    "new-system": Kind(
        "A practice joins with another computer system: results and visits of before are lost, units differ after.",
        False,
        _new_system,
    ),
    "lost-month": Kind("All records of a month are lost.", True, _lost),
    "dip": Kind("Contacts and tests fall to a third on a day and come back over nine months.", False, _dip),
    "double-risk": Kind(
        "The true risk doubles from a day: asthma attacks, alcohol attendances, cancers, how fast kidneys fail.",
        False,
        _nothing,
    ),
    "ethnicity-moved": Kind("Chinese people (R) are recorded as other Asian (L), whenever they came.", False, _nothing),
    "duplicated": Kind("Every record stands twice, from a day: an extract was loaded again.", False, _twice),
}


def listed() -> str:
    """Every kind of fault in a line."""
    width = max(len(name) for name in KINDS)
    return "\n".join(f"{name:<{width}}  {kind.sentence}" for name, kind in KINDS.items())


def parse(texts: Sequence[str]) -> tuple[Fault, ...]:
    """Faults from the words of a command.

    Raises
    ------
    FaultError
        With every problem of every text.

    >>> parse(["lost-month:2022-03:N81001"])[0].practices.tolist()
    [100]
    """
    found: list[Fault] = []
    problems: list[str] = []
    for text in texts:
        try:
            found.append(_parsed(text))
        except FaultError as error:
            problems.extend(error.args)
    if problems:
        raise FaultError(*problems)
    return tuple(sorted(found, key=lambda one: (one.name, one.first, one.practices.tolist())))


def _parsed(text: str) -> Fault:
    name, when, where, *more = [*text.split(":"), "", ""]
    problems: list[str] = []
    if any(more):
        problems.append(f"fault {text!r}: it has more than three parts; allowed is NAME:WHEN:WHERE")
    if name not in KINDS:
        problems.append(f"fault {text!r}: there is no kind of that name; there are {', '.join(KINDS)}")
    days, practices = _days(when), _practices(where)
    month = name in KINDS and KINDS[name].month
    if days is None or (month and len(when) != 7):
        asked = "a month, YYYY-MM" if month else "a day, YYYY-MM-DD, or a month, YYYY-MM"
        problems.append(f"fault {text!r}: WHEN is {when!r}; allowed is {asked}, from 2006 to 2025")
    if len(practices) == 0:
        allowed = "the code of a practice or board, london, north or everywhere"
        problems.append(f"fault {text!r}: WHERE is {where!r}; allowed is {allowed}")
    if problems or days is None:
        raise FaultError(*problems)
    first, last = days
    return Fault(name, text, first, last if month else END, practices)


def _days(when: str) -> tuple[int, int] | None:
    if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", when):
        return None
    try:
        first = date.fromisoformat(when if len(when) == 10 else f"{when}-01")
    except ValueError:
        return None
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    begins = day_of(first.year, first.month, first.day)
    if not day_of(2006) <= begins <= END:
        return None
    return begins, day_of(after.year, after.month, after.day) - 1


def _practices(where: str) -> Ints:
    word = where.lower()
    if word == "everywhere":
        return np.arange(len(places.PRACTICES), dtype=np.int64)
    if word in ("london", "north"):
        return np.asarray(np.flatnonzero(("london", "north").index(word) == places.REGION_OF), dtype=np.int64)
    boards = [at for at, board in enumerate(places.BOARDS) if board.code.lower() == word]
    if boards:
        return np.asarray(np.flatnonzero(boards[0] == places.BOARD_OF), dtype=np.int64)
    return np.array([n for n, practice in enumerate(places.PRACTICES) if practice.code.lower() == word], dtype=np.int64)


def at_fault(fault: Fault, people: People, rows: Rows) -> Flags:
    """Rows that lie within the time and place of a fault."""
    inside = (rows["day"] >= fault.first) & (rows["day"] <= fault.last)
    return np.asarray(inside & np.isin(people.practice(rows["who"], rows["day"]), fault.practices))


def changed(
    faults: Sequence[Fault], draws: Draws, people: People, table: str, rows: Rows
) -> tuple[Rows, dict[str, int]]:
    """The rows of a table after all faults, and how many rows each touched."""
    touched: dict[str, int] = {}
    for fault in faults:
        hit = at_fault(fault, people, rows)
        if fault.name == "new-system" and table in ("measurement", "visit_occurrence"):
            lost = (rows["day"] < fault.first) & np.isin(people.practice(rows["who"], rows["day"]), fault.practices)
            touched[fault.text] = touched.get(fault.text, 0) + int(lost.sum())
            rows, hit = taken(rows, ~lost), hit[~lost]
        before = rows
        rows = fault.kind.change(fault, table, rows, hit, draws, people.person[rows["who"]])
        touched[fault.text] = touched.get(fault.text, 0) + _differing(before, rows)
    return rows, touched


def _differing(before: Rows, after: Rows) -> int:
    size = len(before["who"])
    if len(after["who"]) != size:
        return abs(len(after["who"]) - size)
    moved = np.zeros(size, dtype=np.bool_)
    for name, column in before.items():
        moved |= (column != after[name]) & ~((column != column) & (after[name] != after[name]))
    return int(moved.sum())


def people_touched(faults: Sequence[Fault], people: People, recorded: People) -> dict[str, int]:
    """People whom the faults touch that change no row: those relabelled, and those whose risk is doubled."""
    found: dict[str, int] = {}
    for fault in faults:
        if fault.name == "ethnicity-moved":
            found[fault.text] = int(np.sum(people.letter != recorded.letter))
        elif fault.name == "double-risk":
            lived = np.isin(people.stays.practice, fault.practices) & (people.stays.day < NEVER)
            until = np.column_stack([people.stays.day[:, 1:], np.full(len(people), NEVER)])
            found[fault.text] = int(np.sum(np.any(lived & (until > fault.first), axis=1) & (people.left > fault.first)))
    return found


def relabelled(faults: Sequence[Fault], people: People) -> People:
    """People as recorded, after faults of ethnicity."""
    for fault in faults:
        if fault.name == "ethnicity-moved":
            last = people.practice(np.arange(len(people)), np.minimum(people.left, NEVER - 1))
            chinese = (people.letter == places.ETHNICITIES.index("R")) & np.isin(last, fault.practices)
            people = replace(people, letter=np.where(chinese, places.ETHNICITIES.index("L"), people.letter))
    return people


def risk_times(faults: Sequence[Fault], people: People, who: Ints, day: Ints) -> Floats:
    """By how much the true risk of people is raised on days: 2 within a doubling, 1 otherwise; shapes broadcast."""
    times = np.ones(np.broadcast(who, day).shape)
    for fault in faults:
        if fault.name == "double-risk":
            each, when = (np.broadcast_to(part, times.shape) for part in (who, day))
            there = np.isin(people.practice(each.ravel(), when.ravel()), fault.practices).reshape(times.shape)
            times = np.where((when >= fault.first) & there, 2.0 * times, times)
    return times


def doubled_from(faults: Sequence[Fault], people: People) -> Ints:
    """The day from which kidneys fail twice as fast and cancers begin twice as often, of who lives there then."""
    day = np.full(len(people), NEVER)
    for fault in faults:
        if fault.name == "double-risk":
            here = np.isin(people.practice(np.arange(len(people)), np.full(len(people), fault.first)), fault.practices)
            day = np.where(here & (people.joined <= fault.first), np.minimum(day, fault.first), day)
    return day
