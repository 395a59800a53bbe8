"""Blood pressure: what is true of it, and how likely it is to be taken. Its records are of the core.

What a cuff reads on a day is the usual pressure and the day's (`synthetic.reviews`), so nobody can know more than the
usual pressure, how long it has been high, and who is measured.
"""

from __future__ import annotations

import numpy as np

from synthetic.bloods import attendance
from synthetic.calendar import NEW_YEAR, age
from synthetic.clinic import Clinic, grid
from synthetic.concepts import Concept
from synthetic.domain import Domain
from synthetic.reviews import pressure_taken, usual_systolic
from synthetic.rows import taken

CONCEPTS: tuple[Concept, ...] = ()
DESCENDANTS: tuple[tuple[int, int, int], ...] = ()


def draw(clinic: Clinic) -> Domain:
    """Truth of adults on New Year's Day: usual systolic pressure, years since it rose, chance of being measured."""
    who, year, _ = grid(clinic)
    day = NEW_YEAR[year]
    years = age(clinic.people.birth[who], day)
    high = years - clinic.illness["hypertension"].age[who]
    truth = {
        "who": who,
        "day": day,
        "systolic": usual_systolic(clinic, who, day),
        "years_high": np.where(high >= 0, high, np.nan),
        "measured": np.minimum(pressure_taken(clinic, who, day) * attendance(clinic, who, day), 0.98),
    }
    return Domain(truth={"high_blood_pressure.pressure": taken(truth, years >= 17)})
