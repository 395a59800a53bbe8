"""One part of medicine: what it writes into the records, and what is true.

Each file in `synthetic/domains/` is one, found by its place; no list is edited. It has
- `CONCEPTS`, every OMOP concept that it writes and the core does not, with the name as read elsewhere;
- `DESCENDANTS`, rows of CONCEPT_ANCESTOR: ancestor, descendant, levels;
- `draw(clinic)`, which gives a `Domain`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType

from synthetic import domains
from synthetic.rows import Rows


@dataclass(frozen=True)
class Domain:
    """What one part of medicine adds for a block of people.

    `rows` are made by the functions of `synthetic.records`, by OMOP table ("visit_occurrence", "condition_occurrence",
    "measurement", "drug_exposure", "procedure_occurrence", "observation"). Rows of people who are not on a list that
    day are left out by who writes them.

    `truth` is what is true on some days, by name: that of a prediction (`kidney_disease.detection`) for its outcome,
    else that of the thing. Columns are `who`, `day`, and numbers: `hazard` is the yearly hazard of the outcome on that
    day, known from what is true then and not from what comes; the others say what the hazard comes from. New Year's
    Day of each year is usual. Nothing in it is read by features or training.
    """

    rows: Mapping[str, Rows] = field(default_factory=dict)
    truth: Mapping[str, Rows] = field(default_factory=dict)


@cache
def domain_modules() -> tuple[ModuleType, ...]:
    """The files of `synthetic/domains/`, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(domains.__path__))
    return tuple(importlib.import_module(f"{domains.__name__}.{name}") for name in names)
