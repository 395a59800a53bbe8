"""Drawn tables: people and their records as text, as histories that a client sends, and as plain lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from features.vocabulary import TABLE_OF
from pathways.words import Relation
from tests.features import reference
from tests.spec.clinic import RECORDS, UNITS

ALWAYS = date(1800, 1, 1)
NEIGHBOUR = 999
"""Somebody who has one of everything, so that no kind of record is absent and nobody is alone in a table."""


def drawn(text: str) -> list[dict[str, str]]:
    """The rows of a table drawn with bars, by column."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


@dataclass(frozen=True)
class Patient:
    """A person of a drawn table."""

    id: int
    born: str = "1960-01-01"
    sex: str = "female"
    observed: tuple[tuple[date, date], ...] = ((date(2000, 1, 1), date(2030, 12, 31)),)
    died: date | None = None
    ethnicity: str = "Z"
    fifth: str = ""
    mother: str = ""
    homes: tuple[tuple[int, date | None], ...] = ()
    rows: tuple[dict[str, str], ...] = field(default=())

    @property
    def birth(self) -> date:
        """As the language reads it: mid-month if only the month is known, 1 July if only the year is."""
        return date.fromisoformat(self.born + {10: "", 7: "-15", 4: "-07-01"}[len(self.born)])


def patients(records: str, people: str = "") -> dict[str, Patient]:
    """Everybody who stands in either table, by name."""
    found: dict[str, Patient] = {}
    for line in drawn(people) if people else ():
        found[line["person"]] = _patient(len(found) + 1, line)
    for line in drawn(records) if records.strip() else ():
        one = found.setdefault(line["person"], Patient(len(found) + 1))
        found[line["person"]] = replace(one, rows=(*one.rows, line))
    return found


def _patient(at: int, line: Mapping[str, str]) -> Patient:
    told = ("born", "sex", "ethnicity", "fifth", "mother")
    facts: dict[str, Any] = {name: line[name] for name in told if line.get(name)}
    if line.get("observed"):
        spans = [part.split(" to ") for part in line["observed"].split(",")]
        facts["observed"] = tuple((date.fromisoformat(a.strip()), date.fromisoformat(b.strip())) for a, b in spans)
    if line.get("observed") == "":
        facts["observed"] = ()
    if line.get("home"):
        facts["homes"] = tuple(_home(part) for part in line["home"].split(","))
    if line.get("died"):
        facts["died"] = date.fromisoformat(line["died"])
    return Patient(at, **facts)


def _home(text: str) -> tuple[int, date | None]:
    """A place, and the day from which somebody lived there: "7" or "9 from 2015-01-01"."""
    place, _, day = text.strip().partition(" from ")
    return int(place), date.fromisoformat(day) if day else None


def lived_at(one: Patient, on: date) -> int | None:
    """Where somebody alive lives on a day."""
    if on < one.birth or (one.died is not None and on > one.died):
        return None
    reached = [place for place, since in one.homes if since is None or since <= on]
    return reached[-1] if reached else None


def changes(people: Iterable[Patient]) -> set[date]:
    return {day for who in people for day in (who.birth, *(since for _, since in who.homes if since))}


def crowded(people: Mapping[str, Patient]) -> set[int | None]:
    """Places where more than twelve live on one day, and no place."""
    living = [Counter(lived_at(one, day) for one in people.values()) for day in changes(people.values())]
    return {None} | {place for here in living for place, count in here.items() if count > 12}


def shared_a_home(one: Patient, other: Patient, before: date, no_home: set[int | None]) -> bool:
    """Day by day, slowly, on the days on which anything changes."""
    places = [(lived_at(one, day), lived_at(other, day)) for day in changes((one, other)) if day < before]
    return any(a == b and a not in no_home for a, b in places)


def relatives(name: str, people: Mapping[str, Patient], on: date) -> list[tuple[Relation, Patient]]:
    """The mother of somebody, the children of that mother, their own, and whoever shared a home before a day."""
    mother = people[name].mother
    found: list[tuple[Relation, Patient]] = [("mother", people[mother])] if mother else []
    found += [("child", one) for one in people.values() if one.mother == name]
    others = [(other, one) for other, one in people.items() if other != name]
    found += [("sibling", one) for other, one in others if mother and one.mother == mother]
    no_home = crowded(people)
    return found + [("household", one) for other, one in others if shared_a_home(people[name], one, on, no_home)]


def unit_of(line: Mapping[str, str]) -> str:
    return line["unit"] if "unit" in line else RECORDS[line["record"]].unit


def day_of(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# As histories ---------------------------------------------------------------------------------------------------------


def history(
    one: Patient, on: date, covers: Mapping[str, date], kin: Sequence[tuple[Relation, Patient]] = ()
) -> dict[str, Any]:
    """The same person as a client sends it, with relatives who were ever registered."""
    person: dict[str, Any] = {"birth_date": one.birth.isoformat(), "sex": one.sex, "ethnicity": one.ethnicity}
    if one.fifth:
        person["deprivation"] = {"fifth": int(one.fifth), "release": "IMD2019"}
    for first, last in one.observed:
        if "observed_from" not in person or first <= on:
            person["observed_from"], person["observed_to"] = first.isoformat(), last.isoformat()
    return {
        "person": person,
        "covers": [{"kind": kind, "from": day.isoformat()} for kind, day in covers.items()],
        "records": [_sent(line) for line in one.rows if line.get("date")],
        "relatives": [_sent_relative(relation, other) for relation, other in kin if other.observed],
    }


def _sent_relative(relation: Relation, one: Patient) -> dict[str, Any]:
    first = min(first for first, _ in one.observed)
    person = {"birth_date": one.birth.isoformat(), "sex": one.sex, "observed_from": first.isoformat()}
    return {"relation": relation, "person": person, "records": [_sent(line) for line in one.rows if line.get("date")]}


def _sent(line: Mapping[str, str]) -> dict[str, Any]:
    kind = RECORDS[line["record"]]
    record: dict[str, Any] = {"kind": kind.kind, "concept_id": kind.concept_id, "date": line["date"]}
    for name in ("end", "entered", "operator"):
        if line.get(name):
            record[name] = line[name]
    if line.get("value"):
        record["days_supply" if kind.kind in ("medication", "immunisation") else "value"] = float(line["value"])
    if line.get("answer"):
        record["value_concept_id"] = RECORDS[line["answer"]].concept_id
    if unit_of(line):
        record["unit"] = unit_of(line)
    return record


# As lists, for the slow reference -------------------------------------------------------------------------------------


def plain(one: Patient, covers: Mapping[str, date], kin: Sequence[tuple[Relation, Patient]] = ()) -> reference.Person:
    """The same person for the reference."""
    rows = [_listed(at, line) for at, line in enumerate(one.rows)]
    return reference.Person(
        born=one.birth,
        sex=one.sex,
        ethnicity=one.ethnicity,
        fifth=int(one.fifth) if one.fifth else None,
        observed=tuple(sorted(one.observed)),
        died=one.died,
        rows=tuple(row for row in rows if row is not None),
        complete_from=dict(covers),
        relatives=tuple((relation, plain(other, covers)) for relation, other in kin),
    )


def _listed(at: int, line: Mapping[str, str]) -> reference.Row | None:
    kind, day = RECORDS[line["record"]], day_of(line.get("date"))
    if day is None:
        return None
    return reference.Row(
        id=at,
        table=TABLE_OF[kind.kind],
        concept=kind.concept_id,
        day=day,
        end=day_of(line.get("end")),
        value=float(line["value"]) if line.get("value") else None,
        unit=UNITS.get(unit_of(line), 0),
        operator=line.get("operator", ""),
        entered=day_of(line.get("entered")),
        answer=RECORDS[line["answer"]].concept_id if line.get("answer") else 0,
    )
