"""All that is true of a block of people, in one value that every step of recording reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthetic.calendar import NEW_YEAR
from synthetic.draws import Draws, Flags, Floats, Ints
from synthetic.faults import Fault, doubled_from, risk_times
from synthetic.habits import Habits, draw_habits
from synthetic.illness import Latent, Onset, draw_illnesses, draw_latent
from synthetic.kidney import Kidneys, draw_kidneys
from synthetic.lives import Lives, draw_lives
from synthetic.people import People, draw_people
from synthetic.replacement import Replacement, draw_replacement
from synthetic.tumours import Tumours, draw_tumours


@dataclass(frozen=True)
class Clinic:
    """A block of people with all that is true of them; every later step reads this."""

    draws: Draws
    people: People
    latent: Latent
    habits: Habits
    illness: Mapping[str, Onset]
    tumours: Tumours
    kidneys: Kidneys
    egfr: Floats
    """True eGFR in the middle of each year, people x years."""
    replacement: Replacement
    lives: Lives
    faults: tuple[Fault, ...] = ()

    def practice(self, who: Ints, day: Ints) -> Ints:
        """Number of the practice of the people at positions `who` on `day` (synthetic.places)."""
        return self.people.practice(who, day)

    def risk(self, who: Ints, day: Ints) -> Floats:
        """By how much a fault raises the true risk of people on days; 1 without one."""
        return risk_times(self.faults, self.people, who, day)

    def known(self, name: str, who: Ints, day: Ints) -> Flags:
        """Whether the illness is coded by `day`."""
        return np.asarray(self.illness[name].coded[who] <= day)

    def diabetic(self, who: Ints, day: Ints) -> Flags:
        """Whether either kind of diabetes is coded by `day`."""
        return self.known("type 2 diabetes", who, day) | self.known("type 1 diabetes", who, day)


def grid(clinic: Clinic, slots: int = 1) -> tuple[Ints, Ints, Ints]:
    """Every (person position, year, slot), flat."""
    shape = (len(clinic.people), len(NEW_YEAR), slots)
    who, year, slot = np.meshgrid(*(np.arange(size) for size in shape), indexing="ij")
    return who.ravel(), year.ravel(), slot.ravel()


def draw_clinic(seed: int, region: int, first: int, until: int, faults: tuple[Fault, ...] = ()) -> Clinic:
    """All that is true of the people of households `first` to `until - 1` of a region."""
    draws = Draws(seed)
    people = draw_people(draws, region, first, until)
    latent = draw_latent(draws, people)
    habits = draw_habits(draws, people, latent.metabolic)
    illness = draw_illnesses(draws, people, latent, habits.smoked)
    doubled = doubled_from(faults, people)
    tumours = draw_tumours(draws, people, habits, doubled)
    kidneys = draw_kidneys(draws, people, latent, illness, doubled)
    egfr = _by_year(people, kidneys)
    replacement = draw_replacement(draws, people, kidneys, egfr)
    lives = draw_lives(draws, people, illness, kidneys, egfr, tumours)
    return Clinic(draws, people, latent, habits, illness, tumours, kidneys, egfr, replacement, lives, faults)


def _by_year(people: People, kidneys: Kidneys) -> Floats:
    who, year = np.meshgrid(np.arange(len(people)), np.arange(len(NEW_YEAR)), indexing="ij")
    return kidneys.true_egfr(who.ravel(), NEW_YEAR[year.ravel()] + 182).reshape(who.shape)
