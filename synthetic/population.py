"""From a seed and a number of people to a folder of OMOP tables, one block of households after another."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from synthetic import places
from synthetic.bloods import draw_bloods
from synthetic.calendar import START, day_of
from synthetic.chemistry import chemistry
from synthetic.clinic import Clinic, draw_clinic
from synthetic.codes import condition_rows
from synthetic.domain import Domain, domain_modules
from synthetic.draws import Flags
from synthetic.faults import Fault, changed, people_touched, relabelled
from synthetic.lives import homes_seen
from synthetic.omop import Folder
from synthetic.procedures import procedure_rows
from synthetic.records import observation
from synthetic.results import blood_results
from synthetic.reviews import desk_results, referrals, smoking
from synthetic.rows import Rows, first_of, ordered, stacked, taken
from synthetic.slips import with_slips
from synthetic.tables import Block, add_homes, add_people, add_records, add_relatives, add_truth, number_visits
from synthetic.treatment import drug_rows
from synthetic.visits import hospital_rows, practice_rows
from synthetic.vocabulary import add_fixed_tables

BLOCK = 1_000
"""Households drawn at a time: memory grows with this, not with the population."""
RECORDS = ("condition_occurrence", "drug_exposure", "measurement", "observation", "procedure_occurrence")
WITH_SLIPS = ("condition_occurrence", "drug_exposure", "measurement")
NEW_RELEASE = day_of(2025, 10, 30)  # when the indices of deprivation of 2025 came out


@dataclass(frozen=True)
class Written:
    """What was written: rows of each table, and rows that got each slip of recording."""

    people: int
    rows: dict[str, int]
    slips: Counter[str] = field(default_factory=Counter)
    touched: Counter[str] = field(default_factory=Counter)
    """Rows that each fault changed, or people whom it relabelled or put at double risk, by its words."""


def write_population(
    people: int,
    seed: int,
    folder: Path,
    progress: Callable[[int], None] = lambda done: None,
    regions: Sequence[int] = (places.LONDON, places.NORTH),
    faults: tuple[Fault, ...] = (),
    since: int = START,
) -> Written:
    """Write a population; `progress` is called with the number of people done.

    `faults` change what is recorded at a time and place; records before the day `since` are left out.
    """
    slips: Counter[str] = Counter()
    touched: Counter[str] = Counter()
    done = 0
    with Folder(folder) as out:
        add_fixed_tables(out)
        for region, wanted in zip(regions, shared_out(people, regions), strict=True):
            for block in blocks(seed, region, wanted, faults, since):
                _add(out, block)
                slips.update(block.slips)
                touched.update(block.touched)
                done += len(block.people)
                progress(done)
    if faults:
        _write_faults(folder, faults, touched)
    return Written(done, dict(sorted(out.rows.items())), slips, touched)


def shared_out(people: int, regions: Sequence[int]) -> list[int]:
    """Number of people of each region, in proportion to those who live there."""
    shares = np.array([places.people_of(region).sum() for region in regions])
    edges = np.round(people * np.cumsum(shares) / shares.sum()).astype(np.int64)
    return [int(number) for number in np.diff(edges, prepend=0)]


def blocks(seed: int, region: int, people: int, faults: tuple[Fault, ...] = (), since: int = START) -> Iterator[Block]:
    """The first people of a region, household by household; of the last household only those who still fit."""
    first = 1
    while people > 0:
        clinic = draw_clinic(seed, region, first, first + BLOCK, faults)
        kept = min(people, len(clinic.people))
        yield draw_block(clinic, kept, since)
        people, first = people - kept, first + BLOCK


def draw_block(clinic: Clinic, kept: int, since: int = START) -> Block:
    """All records of the first `kept` people of a block."""
    bloods = draw_bloods(clinic)
    parts = [_core(clinic, bloods), *(module.draw(clinic) for module in domain_modules())]
    records = {table: _together(parts, table) for table in RECORDS}
    contacts = [records[table] for table in ("condition_occurrence", "measurement")]
    here = _together(parts, "visit_occurrence")
    visits = number_visits(clinic.people, stacked([here, practice_rows(clinic, contacts)]))
    counts: Counter[str] = Counter()
    for table in WITH_SLIPS:
        rows = records[table] if table == "drug_exposure" else visits.linked(records[table])
        faulty = with_slips(clinic, table, taken(rows, rows["who"] < kept))
        records[table], counts = faulty.rows, counts + faulty.counts
    known, touched = _with_faults(clinic, {**records, "visit_occurrence": visits.rows})
    known = {table: taken(rows, (rows["who"] < kept) & _since(clinic, rows, since)) for table, rows in known.items()}
    here = known.pop("visit_occurrence")
    lives, people = first_of(clinic.lives, kept), first_of(clinic.people, kept)
    recorded = relabelled(clinic.faults, people)
    touched.update(people_touched(clinic.faults, people, recorded))
    return Block(
        people=recorded,
        lives=replace(lives, first=np.minimum(np.maximum(lives.first, since), lives.last)),
        visits=here,
        records={table: _linked(rows, here) for table, rows in known.items()},
        slips=counts,
        touched=touched,
        truth={name: taken(rows, rows["who"] < kept) for part in parts for name, rows in part.truth.items()},
    )


def _with_faults(clinic: Clinic, tables: dict[str, Rows]) -> tuple[dict[str, Rows], Counter[str]]:
    touched: Counter[str] = Counter()
    for table, rows in tables.items():
        rows, numbers = changed(clinic.faults, clinic.draws, clinic.people, table, rows)
        touched.update(numbers)
        tables[table] = ordered(rows, "who", "day", "concept")
    return tables, touched


def _since(clinic: Clinic, rows: Rows, since: int) -> Flags:
    """Rows of an extract that begins on a day; diagnoses and vaccines of before come with it, as at joining."""
    return np.asarray((rows["day"] >= since) | (rows["day"] < clinic.lives.first[rows["who"]]))


def _linked(rows: Rows, visits: Rows) -> Rows:
    """The rows, pointing at visits that are still there."""
    if "visit" not in rows:
        return rows
    return {**rows, "visit": np.where(np.isin(rows["visit"], visits["visit"]), rows["visit"], 0)}


def _write_faults(folder: Path, faults: tuple[Fault, ...], touched: Counter[str]) -> None:
    """What was done where, for whoever compares alarms with it: `truth/faults.json`."""
    done = [
        {
            "fault": fault.text,
            "first_day": str(np.datetime64(fault.first, "D")),
            "last_day": str(np.datetime64(fault.last, "D")),
            "practices": [places.PRACTICES[number].code for number in fault.practices],
            "touched": touched[fault.text],
        }
        for fault in faults
    ]
    (folder / "truth" / "faults.json").write_text(json.dumps(done, indent=2) + "\n", encoding="utf-8")


def _core(clinic: Clinic, bloods: Rows) -> Domain:
    """What everybody has: stays, blood tests, readings at the desk, long-term illness and its treatment."""
    measurements = stacked([blood_results(clinic, bloods), chemistry(clinic, bloods), desk_results(clinic)])
    return Domain(
        {
            "visit_occurrence": hospital_rows(clinic),
            "condition_occurrence": condition_rows(clinic, bloods, measurements),
            "drug_exposure": drug_rows(clinic),
            "measurement": measurements,
            "observation": stacked(
                [
                    _deprivation(clinic),
                    _family_of_kidney_disease(clinic),
                    smoking(clinic),
                    referrals(clinic, measurements),
                ]
            ),
            "procedure_occurrence": procedure_rows(clinic),
        }
    )


def _together(parts: Sequence[Domain], table: str) -> Rows:
    return stacked([part.rows[table] for part in parts if table in part.rows])


def _deprivation(clinic: Clinic) -> Rows:
    """The fifth of each home from the day on which it began, and that of the next release from when it came out."""
    people, lives = clinic.people, clinic.lives
    who, turn, day, until = homes_seen(people, lives)
    parts = [observation(who, day, -places.RELEASES[0], people.stays.fifth[who, turn].astype(np.float64))]
    here = np.flatnonzero(until >= NEW_RELEASE)
    now, fifth = who[here], people.stays.fifth[who, turn][here]
    edges = np.cumsum(places.MOVED_FIFTHS, axis=1) / places.MOVED_FIFTHS.sum(axis=1, keepdims=True)
    draw = clinic.draws.uniform("fifth of 2025", people.household[now], turn[here])
    new = 1 + np.sum(draw[:, None] > edges[fifth - 1, :-1], axis=1)
    parts.append(observation(now, np.maximum(NEW_RELEASE, day[here]), -places.RELEASES[1], new.astype(np.float64)))
    return stacked(parts)


def _family_of_kidney_disease(clinic: Clinic) -> Rows:
    told = clinic.illness["family history of kidney disease"].coded
    who = np.flatnonzero(told <= clinic.lives.last)
    return observation(who, np.maximum(told, clinic.lives.first)[who], 4124794)


def _add(out: Folder, block: Block) -> None:
    add_people(out, block)
    add_relatives(out, block)
    add_homes(out, block)
    add_records(out, block)
    add_truth(out, block)
