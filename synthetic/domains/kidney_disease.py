"""Kidney disease: what is true of kidneys. Its records are of the core, as blood tests are everybody's."""

from __future__ import annotations

import numpy as np

from synthetic.calendar import NEW_YEAR
from synthetic.clinic import Clinic, grid
from synthetic.concepts import Concept
from synthetic.domain import Domain

CONCEPTS: tuple[Concept, ...] = ()
DESCENDANTS: tuple[tuple[int, int, int], ...] = ()


def draw(clinic: Clinic) -> Domain:
    """True eGFR on New Year's Day."""
    who, year, _ = grid(clinic)
    day = NEW_YEAR[year]
    egfr = clinic.kidneys.true_egfr(who, day)
    return Domain(truth={"kidneys": {"who": who, "day": day, "egfr": np.round(egfr, 3)}})
