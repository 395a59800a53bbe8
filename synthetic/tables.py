"""A block of people and their records as the columns of OMOP tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthetic import concepts, places
from synthetic.calendar import EPOCH, NEVER
from synthetic.draws import Flags, Ints
from synthetic.lives import Lives, homes_seen
from synthetic.omop import Folder, words
from synthetic.people import People
from synthetic.records import GP
from synthetic.rows import Rows, number, ordered, taken
from synthetic.vocabulary import all_concepts

EHR = 32817
PERSON, MOTHER = 1147314, 40478925
ROOM = 100_000  # record numbers of one person in one table: person x ROOM + 0, 1, 2 ...


@dataclass(frozen=True)
class Visits:
    """Numbered visits, and how other rows find theirs."""

    rows: Rows

    def linked(self, rows: Rows) -> Rows:
        """The rows with `visit`: the practice contact of that day, or the stay around it; 0 if there is none."""
        practice = self._latest(rows, self.rows["concept"] == GP)
        stay = self._latest(rows, self.rows["concept"] != GP)
        return {**rows, "visit": np.where(rows["hospital"], stay, practice)}

    def _latest(self, rows: Rows, kind: Flags) -> Ints:
        who, day = self.rows["who"][kind], self.rows["day"][kind]
        end, ids = self.rows["end"][kind], self.rows["visit"][kind]
        if len(who) == 0:
            return np.zeros(len(rows["who"]), dtype=np.int64)
        at = np.searchsorted(who * NEVER + day, rows["who"] * NEVER + rows["day"], side="right") - 1
        at = np.maximum(at, 0)
        inside = (who[at] == rows["who"]) & (day[at] <= rows["day"]) & (rows["day"] <= end[at])
        return np.where(inside, ids[at], 0)


@dataclass(frozen=True)
class Block:
    """People, their numbered visits and records by table, the faults among them, and the truth by name."""

    people: People
    lives: Lives
    visits: Rows
    records: Mapping[str, Rows]
    slips: Counter[str]
    touched: Counter[str]
    truth: Mapping[str, Rows]


def number_visits(people: People, rows: Rows) -> Visits:
    """Give each visit its number."""
    rows = ordered(rows, "who", "day", "concept")
    return Visits({**rows, "visit": _ids(people, rows)})


def _ids(people: People, rows: Rows) -> Ints:
    return people.person[rows["who"]] * ROOM + number(rows)


def _or_null(values: Ints) -> pa.Array:
    return pa.array(values, pa.int64(), mask=values == 0)


@cache
def _names() -> dict[int, str]:
    return {concept.id: concept.name for concept in all_concepts()}


@cache
def _codes() -> dict[int, str]:
    return {concept.id: concept.code for concept in all_concepts()}


def _texts(texts: dict[int, str], ids: Ints) -> pa.Array:
    """The text of each concept; 0 is null."""
    known, which = np.unique(ids, return_inverse=True)
    return words([texts[int(i)] if i else None for i in known], which.reshape(-1).astype(np.int64))


def add_people(out: Folder, block: Block) -> None:
    """Person, observation period and death."""
    people, lives = block.people, block.lives
    born = (np.datetime64(EPOCH) + people.birth).astype("datetime64[D]")
    month = born.astype("datetime64[M]")
    letters: list[str | None] = [*places.ETHNICITIES, "Z", None]
    race = np.array([*concepts.RACE_OF_ETHNICITY, 0, 0])[people.letter]
    practice = people.practice(np.arange(len(people)), lives.last)
    out.add(
        "person",
        {
            "person_id": people.person,
            "gender_concept_id": np.where(people.female, 8532, 8507),
            "year_of_birth": born.astype("datetime64[Y]").astype(np.int64) + 1970,
            "month_of_birth": month.astype(np.int64) % 12 + 1,
            "day_of_birth": (born - month).astype(np.int64) + 1,
            "race_concept_id": race,
            "ethnicity_concept_id": np.zeros(len(people), dtype=np.int64),
            "location_id": practice + 1,
            "provider_id": practice + 1,
            "care_site_id": practice + 1,
            "gender_source_value": words(["M", "F"], people.female.astype(np.int64)),
            "ethnicity_source_value": words(letters, people.letter),
        },
    )
    out.add(
        "observation_period",
        {
            "observation_period_id": people.person,
            "person_id": people.person,
            "observation_period_start_date": lives.first,
            "observation_period_end_date": lives.last,
            "period_type_concept_id": np.full(len(people), EHR),
        },
    )
    dead = np.flatnonzero(lives.death < NEVER)
    out.add(
        "death",
        {
            "person_id": people.person[dead],
            "death_date": lives.death[dead],
            "death_type_concept_id": np.full(len(dead), EHR),
        },
    )


def add_records(out: Folder, block: Block) -> None:
    """Visits and everything recorded."""
    _add_visits(out, block)
    _add_measurements(out, block)
    _add_conditions(out, block)
    _add_drugs(out, block)
    _add_procedures(out, block)
    _add_observations(out, block)


def _keys(block: Block, rows: Rows, name: str) -> dict[str, Ints]:
    return {f"{name}_id": _ids(block.people, rows), "person_id": block.people.person[rows["who"]]}


def _add_visits(out: Folder, block: Block) -> None:
    rows, people = block.visits, block.people
    practice = np.where(rows["concept"] == GP, people.practice(rows["who"], rows["day"]) + 1, 0)
    out.add(
        "visit_occurrence",
        {
            "visit_occurrence_id": rows["visit"],
            "person_id": people.person[rows["who"]],
            "visit_concept_id": rows["concept"],
            "visit_start_date": rows["day"],
            "visit_end_date": rows["end"],
            "visit_type_concept_id": np.full(len(rows["who"]), EHR),
            "provider_id": _or_null(practice),
            "care_site_id": _or_null(practice),
        },
    )


def _add_measurements(out: Folder, block: Block) -> None:
    rows = block.records["measurement"]
    operators: list[str | None] = ["<3", ">90", None]
    which = np.where(rows["operator"] == 4171756, 0, np.where(rows["operator"] == 4172704, 1, 2))
    out.add(
        "measurement",
        {
            **_keys(block, rows, "measurement"),
            "measurement_concept_id": rows["concept"],
            "measurement_date": rows["day"],
            "measurement_type_concept_id": np.full(len(rows["who"]), EHR),
            "operator_concept_id": _or_null(rows["operator"]),
            "value_as_number": rows["value"],
            "unit_concept_id": rows["unit"],
            "visit_occurrence_id": _or_null(rows["visit"]),
            "measurement_source_value": _texts(_names(), rows["concept"]),
            "unit_source_value": _texts(_codes(), rows["unit"]),
            "value_source_value": words(operators, which),
        },
    )


def _add_conditions(out: Folder, block: Block) -> None:
    rows = block.records["condition_occurrence"]
    out.add(
        "condition_occurrence",
        {
            **_keys(block, rows, "condition_occurrence"),
            "condition_concept_id": rows["concept"],
            "condition_start_date": rows["day"],
            "condition_type_concept_id": np.full(len(rows["who"]), EHR),
            "visit_occurrence_id": _or_null(rows["visit"]),
            "condition_source_value": _texts(_names(), rows["concept"]),
        },
    )


def _add_drugs(out: Folder, block: Block) -> None:
    rows = block.records["drug_exposure"]
    out.add(
        "drug_exposure",
        {
            **_keys(block, rows, "drug_exposure"),
            "drug_concept_id": rows["concept"],
            "drug_exposure_start_date": rows["day"],
            "drug_exposure_end_date": rows["day"] + rows["supply"] - 1,
            "drug_type_concept_id": np.full(len(rows["who"]), EHR),
            "days_supply": rows["supply"],
            "drug_source_value": _texts(_names(), rows["concept"]),
        },
    )


def _add_procedures(out: Folder, block: Block) -> None:
    rows = block.records["procedure_occurrence"]
    out.add(
        "procedure_occurrence",
        {
            **_keys(block, rows, "procedure_occurrence"),
            "procedure_concept_id": rows["concept"],
            "procedure_date": rows["day"],
            "procedure_type_concept_id": np.full(len(rows["who"]), EHR),
            "procedure_source_value": _texts(_names(), rows["concept"]),
        },
    )


def _add_observations(out: Folder, block: Block) -> None:
    """A concept below 0 is the fifth of deprivation of that release: no concept of it is verified."""
    rows = block.records["observation"]
    fifth = rows["concept"] < 0
    releases: list[str | None] = [*(f"IMD{release} fifth" for release in places.RELEASES), None]
    which = np.select(
        [rows["concept"] == -release for release in places.RELEASES], list(range(len(places.RELEASES))), -1
    )
    concept = np.where(fifth, 0, rows["concept"])
    named = _texts(_names(), concept)
    out.add(
        "observation",
        {
            **_keys(block, rows, "observation"),
            "observation_concept_id": concept,
            "observation_date": rows["day"],
            "observation_type_concept_id": np.full(len(rows["who"]), EHR),
            "value_as_number": rows["value"],
            "value_as_concept_id": _or_null(rows["answer"]),
            "observation_source_value": pc.coalesce(words(releases, np.where(fifth, which, len(releases) - 1)), named),
        },
    )


def add_relatives(out: Folder, block: Block) -> None:
    """Mother of each child, and who lives with the first adult of a household; both ways, as OMOP asks.

    A public NHS build writes mothers with relationship 40478925, child first (clinical_b.md 0.2); no concept for living
    together was verified, so that is 0.
    """
    people = block.people
    child = np.flatnonzero(people.mother >= 0)
    mothers = (people.person[child], people.person[people.mother[child]], MOTHER)
    others = np.flatnonzero(people.head != np.arange(len(people)))
    together = (people.person[others], people.person[people.head[others]], 0)
    one = np.concatenate([mothers[0], together[0], together[1]])
    other = np.concatenate([mothers[1], together[1], together[0]])
    kind = np.repeat([MOTHER, 0], [len(child), 2 * len(others)])
    order = np.lexsort([kind, other, one])
    out.add(
        "fact_relationship",
        {
            "domain_concept_id_1": np.full(len(one), PERSON),
            "fact_id_1": one[order],
            "domain_concept_id_2": np.full(len(one), PERSON),
            "fact_id_2": other[order],
            "relationship_concept_id": kind[order],
        },
    )


def add_homes(out: Folder, block: Block) -> None:
    """Where people lived: the area of each practice at which they were registered, from when to when."""
    people, lives = block.people, block.lives
    who, turn, day, until = homes_seen(people, lives)
    out.add(
        "location_history",
        {
            "location_id": people.stays.practice[who, turn] + 1,
            "domain_id": words(["Person"], np.zeros(len(who), dtype=np.int64)),
            "entity_id": people.person[who],
            "start_date": day,
            "end_date": until,
        },
    )


def add_truth(out: Folder, block: Block) -> None:
    """What is true, of people on a list that day, with region and board of that day."""
    people, lives = block.people, block.lives
    for name, rows in sorted(block.truth.items()):
        rows = ordered(taken(rows, lives.seen(rows["who"], rows["day"])), "who", "day")
        practice = people.practice(rows["who"], rows["day"])
        boards: list[str | None] = [board.name for board in places.BOARDS]
        columns = {
            "person_id": pa.array(people.person[rows["who"]]),
            "region": words(list(places.REGION_CODES), places.REGION_OF[practice]),
            "area": words(boards, places.BOARD_OF[practice]),
            "day": pa.array(rows["day"].astype(np.int32)).cast(pa.date32()),
        }
        columns |= {
            each: pa.array(rows[each].astype(np.float64), from_pandas=True)
            for each in rows
            if each not in ("who", "day")
        }
        out.add_rows(f"truth/{name}", pa.table(columns))
