"""The UK-WHO reference for body mass index, as arrays for the kernel: WHO 2006 from 2 to 4 years, British 1990 after.

`uk_who_bmi.csv` gives L, M and S by month of age and sex: Cole, Freeman and Preece (1995), Arch Dis Child 73:25-29, and
the WHO Child Growth Standards (2006), as the research read them from two packages that agree within 0.0004 SDS. A
written view on the re-use of the reference values is to be had before clinical use.
"""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pathways.words import SEXES


def _read() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ages of shape (n,), and L, M and S of shape (2, 3, n) by position of the sex in `SEXES`."""
    text = (files("features") / "uk_who_bmi.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    of = [[row for row in rows if row["sex"] == sex] for sex in SEXES[:2]]
    values = [[[float(row[name]) for row in mine] for name in "LMS"] for mine in of]
    return np.array([float(row["age_years"]) for row in of[0]]), np.array(values)


AGES, LMS = _read()
