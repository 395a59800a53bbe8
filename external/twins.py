"""The dead of Synthea and the living person in whose place they stood: one family, so one side of a split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features import kernel as k
from features.source import Source


@dataclass(frozen=True)
class Twins:
    """How many people died, and how many of them are of one family with somebody who lives."""

    dead: int
    with_living: int


def twins(source: Source) -> Twins:
    """Count the dead who share birth date, sex and town with a living person, as `features.families` joins them."""
    died, family = source.people.death < k.MAX_DAY, source.families
    return Twins(int(died.sum()), int(np.count_nonzero(died & np.isin(family, family[~died]))))
