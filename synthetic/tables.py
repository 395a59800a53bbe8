"""A block of people and their records as the columns of OMOP tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from synthetic import concepts, published
from synthetic.calendar import EPOCH, NEVER, NEW_YEAR, YEARS
from synthetic.clinic import Clinic, grid
from synthetic.draws import Flags, Ints
from synthetic.omop import Folder, words
from synthetic.rows import Rows, number, ordered, stacked
from synthetic.visits import GP

EHR = 32817
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
    """People, their numbered visits and records, and the faults among them."""

    clinic: Clinic
    visits: Rows
    measurements: Rows
    conditions: Rows
    drugs: Rows
    procedures: Rows
    smoking: Rows
    faults: Counter[str]


def number_visits(clinic: Clinic, rows: Rows) -> Visits:
    """Give each visit its number."""
    rows = ordered(rows, "who", "day", "concept")
    return Visits({**rows, "visit": _ids(clinic, rows)})


def _ids(clinic: Clinic, rows: Rows) -> Ints:
    return clinic.people.person[rows["who"]] * ROOM + number(rows)


def _or_null(values: Ints) -> pa.Array:
    return pa.array(values, pa.int64(), mask=values == 0)


_NAMES: dict[int, str] = {concept.id: concept.name for concept in concepts.ALL}
_CODES: dict[int, str] = {concept.id: concept.code for concept in concepts.ALL}


def _texts(texts: dict[int, str], ids: Ints) -> pa.Array:
    """The text of each concept; 0 is null."""
    known, which = np.unique(ids, return_inverse=True)
    return words([texts[int(i)] if i else None for i in known], which.reshape(-1).astype(np.int64))


def add_people(out: Folder, block: Block) -> None:
    """Person, observation period and death."""
    people, lives = block.clinic.people, block.clinic.lives
    born = (np.datetime64(EPOCH) + people.birth).astype("datetime64[D]")
    month = born.astype("datetime64[M]")
    letters: list[str | None] = [*published.ETHNICITIES, "Z"]
    shown = np.where(people.stated, people.ethnicity, len(published.ETHNICITIES))
    race = np.array([*concepts.RACE_OF_ETHNICITY, 0])[shown]
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
            "location_id": people.practice + 1,
            "care_site_id": people.practice + 1,
            "gender_source_value": words(["M", "F"], people.female.astype(np.int64)),
            "ethnicity_source_value": words(letters, shown),
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
    return {f"{name}_id": _ids(block.clinic, rows), "person_id": block.clinic.people.person[rows["who"]]}


def _add_visits(out: Folder, block: Block) -> None:
    rows, people = block.visits, block.clinic.people
    practice = np.where(rows["concept"] == GP, people.practice[rows["who"]] + 1, 0)
    out.add(
        "visit_occurrence",
        {
            "visit_occurrence_id": rows["visit"],
            "person_id": people.person[rows["who"]],
            "visit_concept_id": rows["concept"],
            "visit_start_date": rows["day"],
            "visit_end_date": rows["end"],
            "visit_type_concept_id": np.full(len(rows["who"]), EHR),
            "care_site_id": _or_null(practice),
        },
    )


def _add_measurements(out: Folder, block: Block) -> None:
    rows = block.measurements
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
            "measurement_source_value": _texts(_NAMES, rows["concept"]),
            "unit_source_value": _texts(_CODES, rows["unit"]),
            "value_source_value": words(operators, which),
        },
    )


def _add_conditions(out: Folder, block: Block) -> None:
    rows = block.conditions
    out.add(
        "condition_occurrence",
        {
            **_keys(block, rows, "condition_occurrence"),
            "condition_concept_id": rows["concept"],
            "condition_start_date": rows["day"],
            "condition_type_concept_id": np.full(len(rows["who"]), EHR),
            "visit_occurrence_id": _or_null(rows["visit"]),
            "condition_source_value": _texts(_NAMES, rows["concept"]),
        },
    )


def _add_drugs(out: Folder, block: Block) -> None:
    rows = block.drugs
    out.add(
        "drug_exposure",
        {
            **_keys(block, rows, "drug_exposure"),
            "drug_concept_id": rows["concept"],
            "drug_exposure_start_date": rows["day"],
            "drug_exposure_end_date": rows["day"] + rows["supply"] - 1,
            "drug_type_concept_id": np.full(len(rows["who"]), EHR),
            "days_supply": rows["supply"],
            "drug_source_value": _texts(_NAMES, rows["concept"]),
        },
    )


def _add_procedures(out: Folder, block: Block) -> None:
    rows = ordered(block.procedures, "who", "day")
    out.add(
        "procedure_occurrence",
        {
            **_keys(block, rows, "procedure_occurrence"),
            "procedure_concept_id": rows["concept"],
            "procedure_date": rows["day"],
            "procedure_type_concept_id": np.full(len(rows["who"]), EHR),
            "procedure_source_value": _texts(_NAMES, rows["concept"]),
        },
    )


def _add_observations(out: Folder, block: Block) -> None:
    """Smoking, family history, and deprivation, which has no verified concept and so is read by its source value."""
    clinic = block.clinic
    everyone = np.arange(len(clinic.people), dtype=np.int64)
    deprived = {"who": everyone, "day": clinic.lives.first, "concept": 0 * everyone, "value": clinic.people.deprivation}
    family = np.flatnonzero(clinic.illness["family history of kidney disease"].coded <= clinic.lives.last)
    told = np.maximum(clinic.illness["family history of kidney disease"].coded, clinic.lives.first)[family]
    history = {
        "who": family,
        "day": told,
        "concept": np.full(len(family), 4124794),
        "value": np.full(len(family), np.nan),
    }
    rows = ordered(stacked([deprived, history, block.smoking]), "who", "day", "concept")
    out.add(
        "observation",
        {
            **_keys(block, rows, "observation"),
            "observation_concept_id": rows["concept"],
            "observation_date": rows["day"],
            "observation_type_concept_id": np.full(len(rows["who"]), EHR),
            "value_as_number": rows["value"].astype(np.float64),
            "observation_source_value": _texts(_NAMES, rows["concept"]).fill_null("IMD2019 fifth"),
        },
    )


def add_truth(out: Folder, block: Block) -> None:
    """True eGFR in the middle of each year, for every person and year, and whether they were on a list then."""
    clinic = block.clinic
    who, year, _ = grid(clinic)
    day = NEW_YEAR[year] + 182
    out.add(
        "truth/egfr",
        {
            "person_id": clinic.people.person[who],
            "region": words([r.code for r in published.REGIONS], clinic.people.region[who]),
            "year": YEARS[year],
            "on_list": clinic.lives.seen(who, day),
            "egfr": np.round(clinic.egfr.ravel(), 3),
        },
    )
