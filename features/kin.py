"""Relatives: who is linked to whom in a source, and their histories beside those of the people who are asked about.

A relative's records go through the same reading, checks and streams as anybody's, by the relative's own birth, sex and
death; `Of` then copies a stream into the history of the person. OMOP has the link of a child to its mother, and homes;
who shares a mother is a brother or a sister. A history that is sent names its relatives itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.histories import REASONS, Kin, Rows, build
from features.programme import Compiled
from features.sent import Sent
from features.source import Source
from features.vocabulary import SlotMap

FEW = 20
"""So many people are asked for by their ids; a table of those who are wanted pays from there on."""


@dataclass(frozen=True)
class Relatives:
    """Reads the relatives of people of one source for one prediction; prepared once."""

    source: Source
    compiled: Compiled
    slots: SlotMap

    @classmethod
    def of(cls, source: Source, compiled: Compiled, slots: SlotMap) -> Relatives | None:
        """None if the prediction asks for nobody's relatives."""
        return None if slots.theirs is None else cls(source, compiled, slots.theirs)

    def read(self, low: int, high: int) -> Read:
        """The histories of everybody who is related to the people at positions `low` to `high`."""
        whole = self.source.whole
        links = self.source.links.part(low, high).among(self.compiled.streams.relations)
        who = np.unique(links.other).astype(np.int64)
        histories = build(
            self.compiled.streams,
            self.slots.slots,
            whole.people.part(who),
            whole.places.some(who),
            tuple(self._rows(whole.people.ids[who])),
            extract_day=whole.extract_day,
            covered=self._covered,
            tally=np.zeros((16, len(REASONS)), dtype=np.int64),
        )
        return Read(low, Kin(histories, links.renumbered(who)))

    def _rows(self, ids: NDArray[np.int64]) -> Iterator[Rows]:
        whole = self.source.whole
        return whole.rows_of(self.slots, ids) if len(ids) <= FEW else whole.only(ids).rows(self.slots, None, None, ids)

    @cached_property
    def _covered(self) -> NDArray[np.int32]:
        return self.compiled.streams.covered(self.source.complete)


def of_a_history(sent: Sent, compiled: Compiled, slots: SlotMap | None, tally: NDArray[np.int64]) -> Kin | None:
    """The relatives that a client sent, if the prediction asks for any."""
    if sent.kin is None or slots is None:
        return None
    histories = build(
        compiled.streams,
        slots.slots,
        sent.kin.people,
        sent.kin.facts,
        (sent.kin.rows,),
        extract_day=k.MAX_DAY,
        covered=compiled.streams.covered(sent.of_relatives),
        tally=tally,
    )
    return Kin(histories, sent.kin.links)


@dataclass(frozen=True)
class Read:
    """Relatives of the people from position `low` on."""

    low: int
    kin: Kin

    def of(self, low: int, high: int) -> Kin:
        """The same for some of these people."""
        return Kin(self.kin.histories, self.kin.links.part(low - self.low, high - self.low))
