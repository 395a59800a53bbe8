"""People drawn on paper for a pathway: who is scored when, and what happened to them, against what the file says.

`pathways/drawn/NAME.txt` is written as a clinical coder would write it. What the words of the file mean:

    let pressure = measurement 3004249 unit 8876      a name for a kind, a concept and a unit
    == undetected, unseen                             what follows is of these predictions
    Ann, woman, born 1960-03-01, observed 2010-01-01 to 2024-12-31, died 2025-01-04
      2018-05-01 pressure 150, diabetes               records of a day; 2018-05-01..2018-05-04 of a stay
      index dates 2019-05-02, 2020-01-05              all of them; or `index in 2011 to 2024`, one a year
      on 2019-01-01 for a, b: outcome 2019-02-01      of these predictions alone; without `for`, of the rest
      on 2019-01-01: outcome 2019-02-01               or: died DAY; watched to DAY; not measured, watched to DAY;
                                                      measured DAY, no; left out CODE; not known CODE; lacks INPUT;
                                                      done DAY, if the outcome is a dose that was not given
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.cohort import execute, index_dates, read
from features.days import calendar_date, number
from features.histories import REASONS, Histories
from features.outcomes import Labels, label
from features.programme import Compiled, compile_prediction, criteria
from features.source import open_source
from features.table import DEATH, OUTCOME
from features.vocabulary import TABLE_OF, slot_map
from pathways import words
from pathways.definition import Pathway, Prediction
from pathways.parts import is_flag

SEXES = {"woman": 8532, "girl": 8532, "man": 8507, "boy": 8507, "person": 0}
_DAY = r"\d{4}-\d{2}-\d{2}"
_COLUMNS = {
    "condition": ("condition_occurrence", "condition_start_date", "condition_end_date", None),
    "measurement": ("measurement", "measurement_date", None, "value_as_number"),
    "medication": ("drug_exposure", "drug_exposure_start_date", "drug_exposure_end_date", "days_supply"),
    "visit": ("visit_occurrence", "visit_start_date", "visit_end_date", None),
    "procedure": ("procedure_occurrence", "procedure_date", None, None),
    "observation": ("observation", "observation_date", None, "value_as_number"),
}
_OF_KIND = {"immunisation": "medication", "family_history": "observation"}


class DrawnWrongly(ValueError):
    """A line of the file cannot be read; the message names it."""


@dataclass
class Drawn:
    """A person of the file, with the records and with what is said of each index date."""

    name: str
    sex: int
    born: date
    observed: list[tuple[date, date]]
    died: date | None
    predictions: tuple[str, ...]
    records: list[dict[str, Any]] = field(default_factory=list)
    expected: list[tuple[date, tuple[str, ...], str]] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)

    def of(self, prediction: str) -> list[tuple[date, str]]:
        """What is expected of a prediction: what names it, else what names none."""
        named = {day for day, names, _ in self.expected if prediction in names}
        return [
            (day, verdict)
            for day, names, verdict in self.expected
            if prediction in names or (not names and day not in named)
        ]


@dataclass(frozen=True)
class Outcome:
    """What the file says of a person and what was found."""

    prediction: str
    person: str
    asked: str
    expected: str
    found: str

    @property
    def agrees(self) -> bool:
        return self.expected == self.found


def drawn_in(text: str) -> list[Drawn]:
    """The people of a file.

    Raises
    ------
    DrawnWrongly
        At the first line that says nothing known.
    """
    names: dict[str, tuple[str, int, int]] = {}
    found: list[Drawn] = []
    predictions: tuple[str, ...] = ()
    for at, full in enumerate(text.splitlines(), 1):
        line = full.split("#")[0].rstrip()
        if not line:
            continue
        try:
            if line.startswith("let "):
                names.update(_named(line))
            elif line.startswith("== "):
                predictions = tuple(part.strip() for part in line[3:].split(","))
            elif line[0] != " ":
                found.append(_person(line, predictions))
            else:
                _told(found[-1], line.strip(), names)
        except (ValueError, KeyError, IndexError, AttributeError) as wrong:
            raise DrawnWrongly(f"line {at} says nothing known: {line.strip()!r} ({wrong})") from wrong
    return found


def _named(line: str) -> Iterator[tuple[str, tuple[str, int, int]]]:
    name, kind, concept, unit = re.fullmatch(r"let ([\w ]+?) = (\w+) (\d+)(?: unit (\d+))?", line).groups()  # type: ignore[union-attr]
    yield name, (kind, int(concept), int(unit or 0))


def _person(line: str, predictions: tuple[str, ...]) -> Drawn:
    name, sex, *parts = [part.strip() for part in line.split(",")]
    told: dict[str, list[str]] = {}
    for part in parts:
        word, rest = part.split(" ", 1)
        told.setdefault(word, []).append(rest)
    spans = [re.findall(_DAY, span) for span in told["observed"]]
    return Drawn(
        name=name,
        sex=SEXES[sex],
        born=date.fromisoformat(told["born"][0]),
        observed=[(date.fromisoformat(first), date.fromisoformat(last)) for first, last in spans],
        died=date.fromisoformat(told["died"][0]) if "died" in told else None,
        predictions=predictions,
    )


def _told(one: Drawn, line: str, names: dict[str, tuple[str, int, int]]) -> None:
    if line.startswith("on "):
        asked, verdict = line[3:].split(":", 1)
        on, _, of = asked.partition(" for ")
        only = tuple(part.strip() for part in of.split(",")) if of else ()
        one.expected.append((date.fromisoformat(on.strip()), only, verdict.strip()))
    elif line.startswith("index "):
        one.dates.append(line.removeprefix("index ").strip())
    else:
        days, rest = line.split(" ", 1)
        first, _, last = days.partition("..")
        for part in rest.split(","):
            name, _, value = (part.strip(), "", "") if part.strip() in names else part.strip().rpartition(" ")
            kind, concept, unit = names[name]
            record = {"kind": kind, "concept": concept, "unit": unit, "value": float(value) if value else None}
            start, until = date.fromisoformat(first), date.fromisoformat(last or first)
            one.records.append(record | {"day": start, "until": until, "ends": bool(last)})


def judged(pathway: Pathway, text: str) -> list[Outcome]:
    """Every expectation of a file beside what the definition makes of the person."""
    drawn = drawn_in(text)
    known = {one.name for one in pathway.predictions}
    named = {
        name for one in drawn for name in (*one.predictions, *(each for _, only, _ in one.expected for each in only))
    }
    strange = sorted(named - known)
    if strange:
        raise DrawnWrongly(f"there is no prediction {', '.join(strange)}; there are {', '.join(sorted(known))}")
    with tempfile.TemporaryDirectory() as folder:
        _write(drawn, Path(folder))
        return [
            each
            for prediction in pathway.predictions
            for each in _judged(prediction, [(at, one) for at, one in enumerate(drawn)], Path(folder))
        ]


def _judged(prediction: Prediction, drawn: list[tuple[int, Drawn]], folder: Path) -> Iterator[Outcome]:
    mine = [(at, one) for at, one in drawn if prediction.name in one.predictions]
    if not mine:
        return
    source = open_source(folder)
    compiled = compile_prediction(prediction)
    slots = slot_map(compiled.streams, source.vocabulary(compiled.streams.sets))
    ((histories, _),) = read(source, compiled, slots, np.zeros((16, len(REASONS)), dtype=np.int64), chunk=10**6)
    asked = [(at, one, day, verdict) for at, one in mine for day, verdict in one.of(prediction.name)]
    rows = (
        np.array([at for at, *_ in asked], dtype=np.int64),
        np.array([number(day) for *_, day, _ in asked], dtype=np.int64),
    )
    for (_, one, day, verdict), found in zip(asked, _verdicts(compiled, histories, rows), strict=True):
        yield Outcome(prediction.name, one.name, f"on {day}", verdict, found)
    person, index = index_dates(compiled, histories, source.extract_day)
    for at, one in mine:
        for said in one.dates:
            days = [calendar_date(day) for day in index[person == at].tolist()]
            yield Outcome(prediction.name, one.name, "index", said, _dates(said, days))


def _dates(said: str, days: Sequence[date]) -> str:
    """The index dates in the words of the file: each, or the years that have one."""
    if said.startswith("in "):
        years = [day.year for day in days]
        return f"in {min(years)} to {max(years)}" if years == sorted(set(years)) and years else f"in {years}"
    return "dates " + (", ".join(day.isoformat() for day in days) or "none")


def _verdicts(compiled: Compiled, histories: Histories, rows: tuple[NDArray[np.int64], NDArray[np.int64]]) -> list[str]:
    prediction, none = compiled.prediction, np.empty(0, dtype=np.int64)
    parts = criteria(prediction)
    wanted = compiled.population.columns([*parts, *(one.of for one in prediction.requires)])
    _, holds = execute(compiled.population, histories, rows, none, wanted)
    events = compiled.outcomes[0]
    _, registers = execute(compiled.whole, histories, rows, none, np.array(events.registers, dtype=np.int64))
    labels = label(events, histories, rows, registers)
    # The day of the dose, if the outcome is that none is given.
    given = registers[:, 0] == rows[1] + labels.time if registers.shape[1] else np.zeros(len(rows[0]), dtype=np.bool_)
    return [
        _left_out(prediction, parts, holds[at].tolist())
        or _ended(prediction, labels, at, int(rows[1][at]), bool(given[at]))
        for at in range(len(rows[0]))
    ]


def _left_out(prediction: Prediction, parts: Sequence[words.Word], holds: Sequence[float]) -> str:
    for at, part in enumerate(parts):
        code = part.code if isinstance(part, words.Criterion) else str(at)
        if holds[at] != holds[at]:
            return f"not known {code}"
        if holds[at] == 0.0:
            return f"left out {code}"
    for one, value in zip(prediction.requires, holds[len(parts) :], strict=True):
        if value != value or (is_flag(one.of) and value == 0.0):
            return f"lacks {one.input}"
    return ""


def _ended(prediction: Prediction, labels: Labels, at: int, index: int, given: bool) -> str:
    """What ended the watch; `given` says that it is the day of the dose, if the outcome is that none is given."""
    event, measured = int(labels.event[at]), bool(labels.measured[at])
    day = calendar_date(index + int(labels.time[at]))
    if event == OUTCOME:
        return f"outcome {day}"
    if event == DEATH:
        if isinstance(prediction.outcome, words.NotDone) and given:
            return f"done {day}"
        of_measurement = isinstance(prediction.outcome, words.Measured) and measured
        return f"measured {day}, no" if of_measurement else f"died {day}"
    watched = f"watched to {calendar_date(index + int(labels.time[at]) - 1)}"
    return watched if measured else f"not measured, {watched}"


def _write(drawn: Sequence[Drawn], folder: Path) -> None:
    """OMOP tables of the people, and of a neighbour who has a record of every kind, so that no table is absent."""
    neighbour = len(drawn)
    people = [(at, one.sex, one.born.year, one.born.month, one.born.day) for at, one in enumerate(drawn)]
    people.append((neighbour, 8532, 1950, 1, 1))
    _table(folder / "person.parquet", ("person_id", "gender_concept_id", *_BORN), people)
    spans = [(at, first, last) for at, one in enumerate(drawn) for first, last in one.observed]
    spans.append((neighbour, date(1990, 1, 1), max(last for *_, last in spans)))
    _table(folder / "observation_period.parquet", _OBSERVED, spans)
    deaths = [(at, one.died) for at, one in enumerate(drawn) if one.died] or [(-1, date(1900, 1, 1))]
    _table(folder / "death.parquet", ("person_id", "death_date"), deaths)
    for kind, (table, start, end, value) in _COLUMNS.items():
        rows = [(at, record) for at, one in enumerate(drawn) for record in one.records if _is_of(record["kind"], kind)]
        rows.append((neighbour, {"concept": 0, "unit": 0, "value": None, "day": date(2000, 1, 1), "ends": False}))
        columns: dict[str, Any] = {
            "person_id": [at for at, _ in rows],
            f"{table}_id": list(range(1, len(rows) + 1)),
            f"{_CONCEPT[kind]}_concept_id": [record["concept"] for _, record in rows],
            start: [record["day"] for _, record in rows],
        }
        if end:
            columns[end] = [record["until"] if record["ends"] else None for _, record in rows]
        if value:
            columns[value] = pa.array([record["value"] for _, record in rows], pa.float64())
        if kind == "measurement":
            columns |= {"unit_concept_id": [record["unit"] for _, record in rows]}
        pq.write_table(pa.table(columns), folder / f"{table}.parquet")


_BORN = ("year_of_birth", "month_of_birth", "day_of_birth")
_OBSERVED = ("person_id", "observation_period_start_date", "observation_period_end_date")
_CONCEPT = {kind: "drug" if kind == "medication" else kind for kind in _COLUMNS}


def _is_of(kind: str, table: str) -> bool:
    if kind not in TABLE_OF:
        raise DrawnWrongly(f"there is no kind of record {kind}; there are {', '.join(TABLE_OF)}")
    return _OF_KIND.get(kind, kind) == table


def _table(path: Path, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    columns = zip(*rows, strict=True)
    pq.write_table(pa.table({name: list(values) for name, values in zip(names, columns, strict=True)}), path)
