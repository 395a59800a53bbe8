"""Salts, bicarbonate, albumin, phosphate and calcium in blood, which move as kidneys fail: what KFRE asks beside eGFR.

Means at an eGFR of 36 are those of the cohort in which KFRE was made, by its centring: albumin 4.0 g/dL, phosphate 3.9
mg/dL, bicarbonate 25.6 mmol/L, calcium 9.36 mg/dL (clinical_a.md 1.6). How they move with eGFR, how they vary and who
is tested are assumptions. All but potassium are written for readings below 60 alone, to keep the tables small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.clinic import Clinic
from synthetic.draws import Floats
from synthetic.kidney import PACE, true_acr
from synthetic.records import reading
from synthetic.rows import Rows, stacked, taken

MMOL, GRAM = 8753, 8636
POTASSIUM, ALBUMIN, PHOSPHATE, CALCIUM = 3023103, 3024561, 3003458, 3020059
BICARBONATE, TOTAL_CARBON_DIOXIDE = 3006576, 3015632  # two names in use; a practice keeps one
EGFR_OF_KFRE = 36.0  # its mean, 7.222 x 5


@dataclass(frozen=True)
class Salt:
    """A measurement: its mean at an eGFR of 36, what it moves by each unit of eGFR below `from_egfr`, and spreads."""

    concept: int
    unit: int
    mean: float
    by_unit: float
    from_egfr: float
    own: float
    of_the_day: float
    digits: int
    tested: tuple[float, float]  # share of blood tests at an eGFR of 60 and at 15


SALTS = {
    "potassium": Salt(POTASSIUM, MMOL, 4.6, 0.012, 70.0, 0.28, 0.25, 1, (0.92, 0.95)),
    "albumin": Salt(ALBUMIN, GRAM, 40.0, -0.03, 60.0, 2.2, 1.5, 0, (0.55, 0.85)),
    "phosphate": Salt(PHOSPHATE, MMOL, 1.263, 0.013, 45.0, 0.12, 0.10, 2, (0.10, 0.75)),
    "bicarbonate": Salt(TOTAL_CARBON_DIOXIDE, MMOL, 25.57, -0.14, 50.0, 1.5, 1.3, 0, (0.08, 0.70)),
    "calcium": Salt(CALCIUM, MMOL, 2.339, -0.003, 40.0, 0.06, 0.05, 2, (0.15, 0.75)),
}


def chemistry(clinic: Clinic, bloods: Rows) -> Rows:
    """Measurement rows; phosphate, calcium and bicarbonate are asked for more often as kidneys fail."""
    low = taken(bloods, bloods["egfr"] < 60)
    return stacked([_salt(clinic, name, bloods if name == "potassium" else low) for name in SALTS])


def _salt(clinic: Clinic, name: str, bloods: Rows) -> Rows:
    salt, draws = SALTS[name], clinic.draws
    share = np.interp(bloods["egfr"], [15.0, 60.0], salt.tested[::-1])
    rows = taken(bloods, draws.happens(f"{name} tested", share, clinic.people.person[bloods["who"]], bloods["day"]))
    person = clinic.people.person[rows["who"]]
    value = _mean(salt, rows["egfr"]) + _tied(clinic, name, rows) + salt.own * draws.normal(f"own {name}", person)
    value = value + salt.of_the_day * draws.normal(f"{name} of the day", person, rows["day"])
    concept = np.full(len(person), salt.concept)
    if name == "bicarbonate":
        concept = np.where(clinic.practice(rows["who"], rows["day"]) % 2 == 0, BICARBONATE, TOTAL_CARBON_DIOXIDE)
    sent: Floats = np.maximum(value, 0.4 * salt.mean).round(salt.digits)
    return reading(rows["who"], rows["day"], concept, sent, salt.unit, rows["hospital"])


def _mean(salt: Salt, egfr: Floats) -> Floats:
    at_mean = salt.from_egfr - EGFR_OF_KFRE
    return np.asarray(salt.mean + salt.by_unit * (np.maximum(salt.from_egfr - egfr, 0.0) - at_mean))


def _tied(clinic: Clinic, name: str, rows: Rows) -> Floats:
    """Albumin lost in urine is missed in blood; bicarbonate is lower in people whose kidneys fail fast (assumption)."""
    who = rows["who"]
    if name == "albumin":
        ratio = true_acr(clinic.draws, clinic.people, clinic.latent, clinic.illness, who, rows["day"], rows["egfr"])
        return np.asarray(-1.2 * np.log1p(ratio / 20.0))
    if name == "bicarbonate":
        return np.asarray(-0.5 * np.log(clinic.kidneys.pace[who] / PACE))
    return np.zeros(len(who))
