"""Kidney disease: what is true of kidneys, and how likely the record is to show it. Its records are of the core.

The outcome of `detection` is two low eGFR at least 90 days apart, so its hazard has two parts that no record shows
together: how low the kidneys are, and how often this person at this practice is tested.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from synthetic.bloods import (
    FURTHER,
    FURTHER_EGFR,
    FURTHER_TESTED,
    NOISE,
    REPEATED,
    SECOND_TEST,
    attendance,
    draw_bloods,
    routinely_tested,
)
from synthetic.calendar import NEW_YEAR, YEAR_DAYS, age
from synthetic.clinic import Clinic, grid
from synthetic.concepts import Concept
from synthetic.domain import Domain
from synthetic.draws import Floats, Ints
from synthetic.rows import Rows, ordered, taken

CONCEPTS: tuple[Concept, ...] = ()
DESCENDANTS: tuple[tuple[int, int, int], ...] = ()

LOW = 60.0
EGFR_NOISE = 1.209 * NOISE  # of log eGFR: CKD-EPI's power of creatinine above the knee
REPEAT_UNTIL, REPEAT_DAYS = 164, 150  # repeats come 14 to 163 days after (synthetic.bloods)
FAR_APART = (REPEAT_UNTIL - 90) / REPEAT_DAYS  # share of repeats that are 90 days after the first
THIS_YEAR = 1 - 127 / 365  # share of those, 127 days later on average, that still come in the year of the first


def draw(clinic: Clinic) -> Domain:
    """Truth on New Year's Day."""
    who, year, _ = grid(clinic)
    day = NEW_YEAR[year]
    egfr = clinic.kidneys.true_egfr(who, day)
    lost = clinic.kidneys.true_egfr(who, day - 365) - egfr
    tested = np.minimum(routinely_tested(clinic, who, day, egfr) * attendance(clinic, who, day), 0.98)
    since_low = _since_last_was_low(clinic, who, day)
    truth = {"who": who, "day": day, "egfr": egfr, "lost_in_a_year": lost, "tested": tested, "since_low": since_low}
    adult = (age(clinic.people.birth[who], day) >= 17) & (day < clinic.replacement.dialysis[who])
    hazard = _hazard(egfr, lost, tested, since_low)
    return Domain(
        truth={
            "kidney_disease.detection": taken({**truth, "hazard": hazard}, adult),
            "kidney_disease.progression": taken({**truth, "pace": clinic.kidneys.pace[who]}, adult),
        }
    )


def _hazard(egfr: Floats, lost: Floats, tested: Floats, since_low: Floats) -> Floats:
    """Yearly hazard of a confirmed run of low values.

    With a low value on record one more confirms it: of a planned test, of the further ones
    that low kidneys bring, or of a repeat that is still to come.
    Without one it takes two, of which the second is the repeat of the first or the second planned test of the year.
    Kidneys go on as in the last year until the middle of this one.
    """
    low = ndtr(np.log(LOW / np.maximum(egfr - np.clip(lost, 0.0, 3.0) / 2.0, 4.0)) / EGFR_NOISE)
    further = FURTHER * np.interp(egfr + np.clip(lost, 0.0, 3.0), FURTHER_EGFR, FURTHER_TESTED)
    second = REPEATED * FAR_APART * THIS_YEAR * low + SECOND_TEST * tested * low / 2.0
    waiting = REPEATED * np.clip((REPEAT_UNTIL - since_low) / REPEAT_DAYS, 0.0, 1.0)
    once = _rate(tested * low) + (further + waiting / (1.0 - REPEATED + waiting)) * low
    return np.asarray(np.where(np.isnan(since_low), _rate(tested * low * second), once))


def _rate(chance: Floats) -> Floats:
    """Events a year until the first of something that happens on any day of the year alike, with a chance in all."""
    return np.asarray(np.minimum(chance, 0.99) / (1.0 - np.minimum(chance, 0.99) / 2.0))


def _since_last_was_low(clinic: Clinic, who: Ints, day: Ints) -> Floats:
    """Days since the newest reading outside hospital if it was low and within two years; otherwise NaN."""
    rows: Rows = ordered(draw_bloods(clinic), "who", "day")
    rows = taken(rows, ~rows["hospital"])
    if len(rows["who"]) == 0:
        return np.full(len(who), np.nan)
    key = rows["who"] * 10**6 + rows["day"]
    at = np.maximum(np.searchsorted(key, who * 10**6 + day) - 1, 0)
    since = (day - rows["day"][at]).astype(np.float64)
    low = (rows["who"][at] == who) & (since > 0) & (since < 2 * YEAR_DAYS) & (rows["egfr"][at] < LOW)
    return np.where(low, since, np.nan)
