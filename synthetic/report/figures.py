"""Published figures, and how each is read off the tables of a population, as a register would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from synthetic import places

FAR = 0.2  # a figure that differs by more than a fifth is marked
FEW = 20  # expected by the published share: with fewer nothing can be told
DAY = "DATE '2025-03-31'"
NORTH_FIFTHS = (33.9, 19.4, 15.3, 16.9, 14.5)  # clinical_a.md 0.5: mean of the three regions of the North
LONDON_FIFTHS = (16.9, 33.1, 22.7, 16.2, 11.1)


@dataclass(frozen=True)
class Figure:
    """One published share in % (or rate), of whom, and the SQL that gives (counted, people) from the tables."""

    what: str
    region: str
    group: str
    published: float
    source: str
    query: str
    per: float = 100.0


@dataclass(frozen=True)
class Compared:
    """A figure beside what the population has."""

    figure: Figure
    counted: int
    people: int

    @property
    def value(self) -> float:
        return self.figure.per * self.counted / max(1, self.people)

    @property
    def ratio(self) -> float:
        return self.value / self.figure.published

    @property
    def state(self) -> str:
        if self.people == 0:
            return "not in this population"
        if self.figure.published * self.people / self.figure.per < FEW:
            return "too few to tell"
        return "off by more than a fifth" if abs(self.ratio - 1.0) > FAR else "near"


# Crude registers in %, by fifth, 1 most deprived: QOF 2019/20 modelled to small areas (clinical_a.md 0.5).
QOF = "QOF 2019/20 (clinical_a.md 0.5)"
REGISTERS: tuple[tuple[str, int, tuple[int, ...], tuple[float, ...], tuple[float, ...]], ...] = (
    ("Hypertension", 0, (320128, 316866), (14.54, 14.89, 15.28, 15.45, 15.10), (11.22, 10.68, 10.79, 10.99, 11.34)),
    ("Diabetes", 17, (201254, 201826), (8.28, 7.48, 7.09, 6.93, 6.39), (7.56, 7.13, 6.69, 5.89, 5.38)),
    ("CKD", 18, (46271022, 443597, 45763854, 45763855, 443612, 443611),
     (4.33, 4.32, 4.44, 4.53, 4.40), (2.40, 2.33, 2.32, 2.45, 2.66)),
    ("Coronary heart disease", 0, (4185932, 4329847), (3.62, 3.68, 3.73, 3.75, 3.60), (1.81, 1.80, 1.95, 2.09, 2.21)),
    ("Heart failure", 0, (316139,), (1.03, 1.06, 1.08, 1.07, 1.06), (0.57, 0.53, 0.53, 0.55, 0.58)),
    ("Stroke or TIA", 0, (381316, 381591), (1.94, 2.03, 2.12, 2.16, 2.14), (1.04, 0.98, 1.06, 1.15, 1.24)),
    ("Atrial fibrillation", 0, (313217,), (1.91, 2.13, 2.34, 2.44, 2.52), (0.93, 0.92, 1.11, 1.38, 1.64)),
    ("Peripheral arterial disease", 0, (321052,), (0.86, 0.82, 0.80, 0.77, 0.71), (0.35, 0.32, 0.32, 0.33, 0.33)),
    ("COPD", 0, (255573,), (2.89, 2.61, 2.40, 2.26, 1.94), (1.30, 1.13, 1.06, 1.08, 1.12)),
    ("Depression", 18, (440383,), (14.28, 13.37, 12.68, 12.40, 11.53), (8.96, 8.08, 7.80, 7.96, 8.13)),
    ("Serious mental illness", 0, (435783, 436665), (1.14, 1.00, 0.90, 0.85, 0.79), (1.33, 1.17, 1.05, 0.94, 0.80)),
    ("Learning disability", 0, (40277917,), (0.67, 0.59, 0.54, 0.50, 0.44), (0.47, 0.41, 0.38, 0.34, 0.32)),
)  # fmt: skip
CVDPREVENT = "CVDPREVENT March 2024 (clinical_a.md 1.8, 2.8)"
BY_AGE = (
    ("Hypertension", (320128, 316866), ((18, 40, 1.0), (40, 60, 12.38), (60, 80, 36.76), (80, 120, 56.13))),
    ("CKD G3a to 5", (443597, 45763854, 45763855, 443612, 443611),
     ((40, 60, 0.89), (60, 80, 7.84), (80, 120, 30.42))),
)  # fmt: skip
COVER = "COVER 2024/25 (clinical_b.md 5.1, uk_area_tables)"
DOSES = (
    ("6-in-1, three doses at 1", (40213285, 40213290), 3, 1, 87.1, 91.8),
    ("MMR, first dose at 2", (40213183, 40213184), 1, 2, 80.7, 90.5),
    ("MMR, two doses at 5", (40213183, 40213184), 2, 5, 71.3, 87.3),
    ("Pre-school booster at 5", (40213289,), 1, 5, 67.6, 85.7),
)


def connected(folder: Path) -> duckdb.DuckDBPyConnection:
    """The tables of a population, and `here`: everybody registered on the day, with age, region and fifth."""
    con = duckdb.connect()
    for path in sorted(folder.glob("*.parquet")):
        con.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM '{path}'")
    con.execute(
        f"""CREATE TABLE here AS
        WITH fifths AS (SELECT person_id, arg_max(value_as_number, observation_date) AS fifth FROM observation
          WHERE observation_source_value LIKE 'IMD2019%' AND observation_date <= {DAY} GROUP BY ALL)
        SELECT p.person_id, p.gender_concept_id = 8532 AS female, make_date(year_of_birth, month_of_birth,
          day_of_birth) AS born, date_diff('day', born, {DAY}) / 365.25 AS age, l.state AS region,
          coalesce(fifth, 0)::INT AS fifth, coalesce(p.ethnicity_source_value, 'Z') AS ethnicity
        FROM person p JOIN observation_period o USING (person_id)
        JOIN location_history h ON h.entity_id = p.person_id AND {DAY} BETWEEN h.start_date AND h.end_date
        JOIN location l ON l.location_id = h.location_id LEFT JOIN fifths USING (person_id)
        WHERE {DAY} BETWEEN observation_period_start_date AND observation_period_end_date"""
    )
    return con


def compare(con: duckdb.DuckDBPyConnection) -> list[Compared]:
    """Every figure beside the population."""
    rows = []
    for figure in figures():
        counted, people = con.execute(figure.query).fetchall()[0]
        rows.append(Compared(figure, int(counted or 0), int(people or 0)))
    return rows


def figures() -> Iterator[Figure]:
    """All published figures that the tables can be held against."""
    yield from _people()
    yield from _registers()
    yield from _by_age()
    yield from _doses()
    yield from _children()
    yield from _others()


def _of(region: str, counted: str, among: str = "TRUE") -> str:
    return f"SELECT count(*) FILTER ({counted}), count(*) FROM here WHERE region = '{region}' AND ({among})"


def _people() -> Iterator[Figure]:
    for at, region in enumerate(places.REGIONS):
        people = places.people_of(at)
        for low in range(0, 90, 10):
            band = slice(low // 5, low // 5 + 2) if low < 80 else slice(16, 19)
            share = 100 * people[band].sum() / people.sum()
            top = low + 10 if low < 80 else 130
            if low <= 80:
                yield Figure(
                    "People by age", region, f"{low} to {top - 1}" if low < 80 else "80 and over", float(share),
                    "ONS mid-2020 (uk_area_tables)", _of(region, f"age >= {low} AND age < {top}"),
                )  # fmt: skip
        fifths = (LONDON_FIFTHS, NORTH_FIFTHS)[at]
        for fifth, share in enumerate(fifths, 1):
            source = "House of Commons Library (clinical_a.md 0.5)"
            yield Figure("Deprivation", region, f"fifth {fifth}", share, source, _of(region, f"fifth = {fifth}"))
        origins = np.sum([board.ethnicity for board in places.BOARDS if board.region == at], axis=0)
        for letters, name in (("ABC", "White"), ("HJKL", "Asian"), ("MNP", "Black"), ("DEFG", "Mixed")):
            share = 100 * sum(origins[places.ETHNICITIES.index(one)] for one in letters) / origins.sum()
            said = ", ".join(f"'{one}'" for one in letters)
            yield Figure(
                "Ethnic group, of those stated", region, name, float(share), "Census 2021 (uk_area_tables)",
                _of(region, f"ethnicity IN ({said})", "ethnicity <> 'Z'"),
            )  # fmt: skip
        yield Figure(
            "Ethnicity not recorded", region, "16 and over", 18.3, "CPRD GP (clinical_a.md 0.4)",
            _of(region, "ethnicity = 'Z'", "age >= 16"),
        )  # fmt: skip
    yield Figure(
        "Leaves a practice in a year", "London", "everybody", 20.0, "the brief of issue 4",
        """SELECT count(*) FILTER (EXISTS (FROM location_history h WHERE h.entity_id = person_id
          AND h.end_date BETWEEN DATE '2023-04-01' AND DATE '2024-03-31') AND NOT EXISTS (FROM death d
          WHERE d.person_id = o.person_id AND d.death_date <= DATE '2024-03-31')), count(*)
        FROM observation_period o JOIN location_history s ON s.entity_id = person_id
          AND DATE '2023-04-01' BETWEEN s.start_date AND s.end_date
        JOIN location l ON l.location_id = s.location_id WHERE l.state = 'London'""",
    )  # fmt: skip


def _ever(codes: tuple[int, ...]) -> str:
    ids = ", ".join(map(str, codes))
    return (
        f"person_id IN (SELECT person_id FROM condition_occurrence WHERE condition_concept_id IN ({ids})"
        f" AND condition_start_date <= {DAY})"
    )


def _registers() -> Iterator[Figure]:
    for name, adult, codes, north, london in REGISTERS:
        for region, shares in (("London", london), ("North of England", north)):
            for fifth, share in enumerate(shares, 1):
                among = f"age >= {adult} AND fifth = {fifth}"
                yield Figure(name, region, f"fifth {fifth}", share, QOF, _of(region, _ever(codes), among))
    for region, share in (("London", 4.95), ("North of England", 7.05)):
        treated = f"""person_id IN (SELECT person_id FROM drug_exposure WHERE drug_concept_id IN (40142703, 46234463,
          40142784, 40144037, 40142910, 40144020) AND drug_exposure_start_date BETWEEN {DAY} - 365 AND {DAY})"""
        yield Figure("Asthma, treated", region, "everybody", share, QOF, _of(region, treated))


def _by_age() -> Iterator[Figure]:
    for name, codes, bands in BY_AGE:
        for low, high, share in bands:
            query = f"SELECT count(*) FILTER ({_ever(codes)}), count(*) FROM here WHERE age >= {low} AND age < {high}"
            label = f"{low} and over" if high > 100 else f"{low} to {high - 1}"
            yield Figure(f"{name}, by age", "both", label, share, CVDPREVENT, query)


def _doses() -> Iterator[Figure]:
    for name, codes, number, years, london, north in DOSES:
        ids = ", ".join(map(str, codes))
        done = f"""(SELECT count(DISTINCT drug_exposure_start_date) FROM drug_exposure d WHERE d.person_id =
          here.person_id AND drug_concept_id IN ({ids}) AND drug_exposure_start_date < born + INTERVAL {years} YEAR)
          >= {number}"""
        for region, share in (("London", london), ("North of England", north)):
            among = f"age >= {years} AND age < {years + 2}"
            yield Figure(name, region, "children", share, COVER, _of(region, done, among))


def _children() -> Iterator[Figure]:
    source = "NCMP 2024/25 (clinical_b.md 5.1), 95th centile"
    limits = {"Reception": (4.5, 6.0, 17.9, 18.3, 9.7, 11.9), "Year 6": (10.2, 11.5, 20.7, 21.9, 23.2, 24.4)}
    for name, (low, high, boys, girls, london, north) in limits.items():
        for region, share in (("London", london), ("North of England", north)):
            yield Figure(
                f"Obese in {name}", region, "children measured", share, source,
                f"""WITH both_of AS (SELECT p.person_id, p.gender_concept_id = 8532 AS female, w.value_as_number /
                  pow(t.value_as_number / 100, 2) AS bmi, date_diff('day', make_date(year_of_birth, month_of_birth,
                  day_of_birth), w.measurement_date) / 365.25 AS years, l.state
                FROM measurement w JOIN measurement t USING (person_id, measurement_date)
                JOIN person p USING (person_id)
                JOIN location l USING (location_id)
                WHERE w.measurement_concept_id = 3025315 AND w.unit_concept_id = 9529
                  AND t.measurement_concept_id = 3036277 AND w.value_as_number BETWEEN 8 AND 120
                  AND t.value_as_number BETWEEN 80 AND 180)
                SELECT count(*) FILTER (bmi >= if(female, {girls}, {boys})), count(*) FROM both_of
                WHERE state = '{region}' AND years BETWEEN {low} AND {high}""",
            )  # fmt: skip


def _others() -> Iterator[Figure]:
    smokes = "concept IN (4298794, 4276526)"
    for low, high, men, women in ((25, 35, 19.1, 13.4), (45, 55, 16.0, 11.8), (65, 120, 8.7, 7.6)):
        for female, share in ((False, men), (True, women)):
            sex = "women" if female else "men"
            yield Figure(
                "Smokes, of those asked in five years", "both", f"{sex}, {low} and over" if high > 100 else
                f"{sex}, {low} to {high - 1}", share, "BHF 2024 (epi_a.csv, England 2022)",
                f"""WITH asked AS (SELECT person_id, arg_max(observation_concept_id, observation_date) AS concept
                  FROM observation WHERE observation_concept_id IN (4298794, 4276526, 4310250, 4144272)
                  AND observation_date BETWEEN {DAY} - 1826 AND {DAY} GROUP BY ALL)
                SELECT count(*) FILTER ({smokes}), count(*) FROM asked JOIN here USING (person_id)
                WHERE female = {female} AND age >= {low} AND age < {high}""",
            )  # fmt: skip
    for region, share in (("London", 62.0),):
        yield Figure(
            "Breast screening in three years", region, "women 53 to 70", share, "2024 (clinical_b.md 5.4)",
            _of(region, f"""person_id IN (SELECT person_id FROM procedure_occurrence
              WHERE procedure_concept_id = 4077697
              AND procedure_date BETWEEN {DAY} - 1096 AND {DAY})""", "female AND age >= 53 AND age < 71"),
        )  # fmt: skip
    for what, share, illness in (("diabetes", 86.0, (201254, 201826)), ("hypertension", 75.0, (320128, 316866))):
        yield Figure(
            f"Creatinine in a year, with {what}", "both", "adults", share, "clinical_a.md 1.8",
            f"""SELECT count(*) FILTER (person_id IN (SELECT person_id FROM measurement WHERE measurement_concept_id IN
              (3020564, 3016723, 40764999, 44790183) AND measurement_date BETWEEN {DAY} - 365 AND {DAY})), count(*)
            FROM here WHERE age >= 18 AND {_ever(illness)}""",
        )  # fmt: skip
