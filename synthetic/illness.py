"""Which illnesses people truly have from what day, and from what day the record knows.

The age at onset inverts a cumulative hazard: -log(1 - share ever ill by age) times what raises or lowers it. People who
leave or die are not removed from these shares (a simplification).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthetic.calendar import END, NEVER, YEAR_DAYS
from synthetic.draws import Draws, Flags, Floats, Ints
from synthetic.people import People

BLACK, SOUTH_ASIAN = (11, 12, 13), (7, 8, 9)  # positions in places.ETHNICITIES


@dataclass(frozen=True)
class Latent:
    """What no record shows: standard normal strengths of a person's tendencies, one entry for each person."""

    metabolic: Floats
    vascular: Floats
    renal: Floats
    attending: Floats
    low_mood: Floats


@dataclass(frozen=True)
class Illness:
    """How common an illness is, and among whom.

    `ever` is % ever ill by age for the mean of both sexes; `most_deprived` is the hazard of the most over the least
    deprived fifth; `black`, `south_asian` and `london` multiply it; loadings tie illnesses to one another.
    """

    ever: tuple[tuple[float, float], ...]
    male: float = 1.0
    female: float = 1.0
    most_deprived: float = 1.0
    black: float = 1.0
    south_asian: float = 1.0
    london: float = 1.0
    metabolic: float = 0.0
    vascular: float = 0.0
    low_mood: float = 0.0
    smoker: float = 1.0
    known: float = 0.95  # assumption: share ever coded
    delay: float = 0.3  # assumption: mean years from onset to code


# Shares by age: hypertension from the register by age (CVDPREVENT March 2024, epi_a.csv: 1.0, 12.38, 36.76, 56.13%
# at 18-39, 40-59, 60-79, 80+) over its known share. The others reach the crude QOF registers of clinical_a.md 0.5
# (North and London; tests compare) with an age shape that is an assumption. No source was read where none is named.
ILLNESSES: Mapping[str, Illness] = {
    "hypertension": Illness(
        ever=((18, 0.1), (30, 1.2), (40, 6.0), (50, 17.0), (69, 50.0), (84, 76.0)),
        most_deprived=1.33,  # 19.65 / 14.73, CVDPREVENT by deprivation
        black=1.6,  # clinical_a.md 2.8: 1.5-2.0
        south_asian=1.4,  # clinical_a.md 2.8: 1.3-1.5
        london=0.8,
        metabolic=0.4,
        known=0.75,  # 29% undiagnosed, ONS 2015-19, part of it as delay
        delay=1.0,
    ),
    "type 2 diabetes": Illness(  # crude 7.3% in the North, 6.8% in London, 17 and over
        ever=((20, 0.1), (30, 0.65), (50, 5.9), (69, 15.4), (84, 20.0)),
        male=1.2,
        female=0.8,
        most_deprived=1.7,
        black=1.9,
        south_asian=2.5,
        london=0.85,
        metabolic=0.7,
        known=0.93,
        delay=0.8,
    ),
    "type 1 diabetes": Illness(ever=((3, 0.0), (10, 0.15), (20, 0.35), (40, 0.5), (90, 0.55)), known=1.0, delay=0.0),
    "heart failure": Illness(  # crude 1.06% in the North, 0.55% in London
        ever=((40, 0.06), (55, 0.6), (69, 2.8), (84, 10.6), (95, 18.5)),
        male=1.2,
        female=0.8,
        most_deprived=1.6,
        london=0.85,
        metabolic=0.4,
        vascular=0.6,
    ),
    "ischaemic heart disease": Illness(  # crude 3.7% in the North, 1.9% in London
        ever=((35, 0.1), (50, 1.8), (60, 5.5), (70, 11.0), (84, 20.0)),
        male=1.45,
        female=0.6,
        most_deprived=1.5,
        south_asian=1.4,
        london=0.68,
        metabolic=0.3,
        vascular=0.6,
    ),
    "stroke": Illness(  # crude 2.1% in the North, 1.1% in London
        ever=((35, 0.12), (50, 1.0), (60, 2.5), (70, 6.2), (84, 17.5)),
        male=1.1,
        female=0.9,
        most_deprived=1.4,
        black=1.4,
        london=0.70,
        metabolic=0.2,
        vascular=0.5,
    ),
    "peripheral vascular disease": Illness(  # crude 0.8% in the North, 0.33% in London
        ever=((40, 0.05), (55, 0.6), (70, 2.6), (84, 4.5)),
        male=1.4,
        female=0.6,
        most_deprived=1.9,
        london=0.62,
        vascular=0.7,
    ),
    "gout": Illness(ever=((25, 0.05), (50, 1.8), (70, 5.0), (84, 7.0)), male=1.6, female=0.4, metabolic=0.5),
    "kidney stone": Illness(ever=((18, 0.1), (40, 2.0), (70, 5.5), (90, 6.0)), male=1.3, female=0.7),
    "urinary obstruction": Illness(ever=((40, 0.2), (60, 4.0), (75, 10.0), (88, 15.0)), male=1.85, female=0.15),
    "lupus": Illness(ever=((15, 0.0), (40, 0.07), (70, 0.12)), male=0.2, female=1.8, black=3.0, south_asian=1.5),
    "rheumatoid arthritis": Illness(ever=((20, 0.05), (50, 0.7), (75, 2.0)), male=0.6, female=1.4),
    "vasculitis": Illness(ever=((20, 0.01), (60, 0.08), (80, 0.2))),
    "glomerular disease": Illness(ever=((5, 0.01), (40, 0.12), (80, 0.25))),
    "polycystic kidney": Illness(ever=((0, 0.0), (20, 0.03), (50, 0.1), (90, 0.1))),
    "haematuria": Illness(ever=((18, 0.2), (50, 2.5), (75, 7.0)), male=1.2, female=0.8),
    "myeloma": Illness(ever=((45, 0.0), (65, 0.06), (85, 0.3)), male=1.2, female=0.8, black=2.0),
    "serious mental illness": Illness(  # crude 0.8-1.3%, most against least deprived 1.33 / 0.80 in London
        ever=((16, 0.05), (30, 0.8), (50, 1.3), (80, 1.5)), most_deprived=1.7, black=1.5, london=1.05, known=1.0
    ),
    "learning disability": Illness(
        ever=((0, 0.0), (5, 0.45), (18, 0.57), (90, 0.57)), most_deprived=1.6, london=0.75, known=1.0
    ),
    "atrial fibrillation": Illness(  # crude 2.2% in the North, 1.0% in London
        ever=((40, 0.1), (55, 0.9), (65, 3.0), (75, 8.5), (88, 20.0)),
        male=1.25,
        female=0.8,
        black=0.6,
        south_asian=0.6,
        london=0.85,
        vascular=0.4,
    ),
    "COPD": Illness(  # crude 2.5% in the North, 1.1% in London; 86% of it in people who ever smoked (assumption)
        ever=((35, 0.1), (50, 1.8), (60, 4.5), (70, 7.9), (85, 11.2)),
        most_deprived=2.0,
        black=0.5,
        south_asian=0.5,
        london=0.72,
        smoker=6.0,
    ),
    "depression": Illness(  # 13.3% in the North, 8.1% in London, 18 and over
        ever=((12, 0.2), (18, 3.5), (30, 11.5), (45, 16.5), (65, 18.5), (90, 20.0)),
        male=0.72,
        female=1.28,
        most_deprived=1.35,
        black=0.75,
        south_asian=0.75,
        london=0.72,
        low_mood=0.7,
        known=0.9,
    ),
    "anxiety": Illness(  # ours, ungrounded
        ever=((10, 0.3), (18, 3.0), (30, 8.5), (50, 12.0), (90, 14.0)),
        male=0.7,
        female=1.3,
        most_deprived=1.2,
        london=0.8,
        low_mood=0.7,
        known=0.85,
    ),
    "eczema": Illness(ever=((0, 0.0), (1, 6.0), (3, 12.0), (10, 16.0), (40, 19.0), (90, 22.0)), known=0.9),  # ours
    "allergic rhinitis": Illness(ever=((3, 0.5), (10, 6.0), (20, 12.0), (50, 17.0), (90, 18.0)), known=0.7),  # ours
    "family history of kidney disease": Illness(ever=((18, 0.1), (40, 0.8), (70, 1.2)), known=1.0),
}


@dataclass(frozen=True)
class Onset:
    """Age in years at the true onset (infinite if never) and the day of the first code (NEVER if none)."""

    age: Floats
    coded: Ints


def draw_latent(draws: Draws, people: People) -> Latent:
    """Draw the tendencies of people."""
    names = ("metabolic", "vascular", "renal", "attending", "low_mood")
    return Latent(*(draws.normal(f"latent {name}", people.person) for name in names))


def draw_illnesses(draws: Draws, people: People, latent: Latent, smoked: Flags) -> dict[str, Onset]:
    """Draw the onset of each illness for each person."""
    return {name: draw_onset(draws, name, illness, people, latent, smoked) for name, illness in ILLNESSES.items()}


def draw_onset(draws: Draws, name: str, illness: Illness, people: People, latent: Latent, smoked: Flags) -> Onset:
    """Draw the onset of one illness, and when it is coded."""
    ages = np.array([0.0] + [age for age, _ in illness.ever if age > 0])
    ever = np.array([illness.ever[0][1] if illness.ever[0][0] == 0 else 0.0] + [s for a, s in illness.ever if a > 0])
    hazard = -np.log1p(-ever / 100.0)
    needed = draws.exponential(f"onset of {name}", people.person) / _multiplier(illness, people, latent, smoked)
    strictly = hazard + np.arange(len(hazard)) * 1e-12
    onset = np.where(needed > hazard[-1], np.inf, np.interp(needed, strictly, ages))
    return Onset(onset, _coded(draws, name, illness, people, onset))


def _coded(draws: Draws, name: str, illness: Illness, people: People, onset: Floats) -> Ints:
    known = draws.happens(f"code of {name}", illness.known, people.person)
    delay = illness.delay * draws.exponential(f"delay of {name}", people.person)
    years = np.where(known & np.isfinite(onset), onset + delay, 1000.0)
    day = people.birth + np.ceil(years * YEAR_DAYS).astype(np.int64)
    return np.where(day <= END, day, NEVER)


def _multiplier(illness: Illness, people: People, latent: Latent, smoked: Flags) -> Floats:
    """Hazard over the mean; each loading keeps a mean of 1."""
    tied = illness.metabolic * latent.metabolic - illness.metabolic**2 / 2
    tied = tied + illness.vascular * latent.vascular - illness.vascular**2 / 2
    tied = tied + illness.low_mood * latent.low_mood - illness.low_mood**2 / 2
    times = np.exp(tied) * np.where(people.female, illness.female, illness.male)
    times = times * deprivation_gradient(illness.most_deprived, people)
    # Four in ten adults ever smoked (synthetic.habits): the mean over all stays 1.
    times = times * np.where(smoked, illness.smoker, 1.0) / (1.0 + 0.4 * (illness.smoker - 1.0))
    times = times * np.where(people.region == 0, illness.london, 1.0)
    times = times * np.where(np.isin(people.ethnicity, BLACK), illness.black, 1.0)
    return np.asarray(times * np.where(np.isin(people.ethnicity, SOUTH_ASIAN), illness.south_asian, 1.0))


def deprivation_gradient(most_over_least: float, people: People) -> Floats:
    """Log-linear over the fifths and 1 in the middle."""
    return np.asarray(most_over_least ** ((3.0 - people.deprivation) / 4.0))
