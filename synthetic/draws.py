"""Random numbers that belong to a person: the same seed and person give the same draw, whoever else is drawn.

A counter-based generator (as Philox is), because a person's records must not depend on how many people there are. It
hashes (seed, what is drawn, person, counters) with the SplitMix64 finaliser (Steele, Lea and Flood, OOPSLA 2014), so
that one call draws for many people at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # the increment of SplitMix64
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)  # its multipliers


@dataclass(frozen=True)
class Draws:
    """Draws for people under one seed; each thing drawn has a name, so a new one moves no old one."""

    seed: int

    def uniform(self, what: str, person: Ints, *counters: Ints) -> Floats:
        """Between 0 and 1, both excluded; people and counters broadcast against one another.

        >>> one = Draws(1).uniform("coin", np.array([7]))
        >>> many = Draws(1).uniform("coin", np.arange(100))
        >>> bool(one[0] == many[7])
        True
        """
        bits = _mixed(person.astype(np.uint64) * _GOLDEN + self._key(what))
        for counter in counters:
            bits = _mixed(bits + counter.astype(np.uint64) * _GOLDEN)
        return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, what: str, person: Ints, *counters: Ints) -> Floats:
        """Standard normal (Box and Muller)."""
        radius = np.sqrt(2.0 * self.exponential(what, person, *counters))
        turn = self.uniform(what + ", turn", person, *counters)
        return np.asarray(radius * np.cos(2.0 * np.pi * turn))

    def exponential(self, what: str, person: Ints, *counters: Ints) -> Floats:
        """Exponential with mean 1."""
        return -np.log(self.uniform(what, person, *counters))

    def choice(self, what: str, shares: Floats, person: Ints, *counters: Ints) -> Ints:
        """Position of a choice; `shares` need not add up to 1."""
        edges = np.cumsum(shares) / np.sum(shares)
        return np.searchsorted(edges[:-1], self.uniform(what, person, *counters), side="right").astype(np.int64)

    def happens(self, what: str, chance: Floats | float, person: Ints, *counters: Ints) -> Flags:
        """True with the given chance."""
        return np.asarray(self.uniform(what, person, *counters) < chance)

    def _key(self, what: str) -> np.uint64:
        digest = blake2b(f"{self.seed}:{what}".encode(), digest_size=8).digest()
        return np.uint64(int.from_bytes(digest, "little"))


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = bits + _GOLDEN
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return np.asarray(bits ^ (bits >> np.uint64(31)))
