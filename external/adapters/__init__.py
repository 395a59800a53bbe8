"""Adapters: sets that are no OMOP, turned into OMOP 5.4 so that they go through the same commands as any source.

An adapter is one module, named as the folder of the set. It holds `ADAPTERS`: by suffix of the name ("" for none), a
`Flat` or a `Meds` that says for each column or code which record it becomes. What it assumes is told on the page.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from external.adapters.omop import Code


class Adapter(Protocol):
    """Writes a set as OMOP tables, and says how."""

    @property
    def seen_on(self) -> date | None:
        """The one day on which everybody was seen, or None if the set has days of its own."""

    @property
    def codes(self) -> tuple[Code, ...]: ...

    @property
    def assumed(self) -> tuple[str, ...]: ...

    @property
    def label(self) -> str:
        """What the set says of each person beside the records, "" if nothing."""

    def write(self, raw: Path, into: Path) -> None: ...

    def labels(self, raw: Path, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """The label of people by id: 1 it holds, 0 it does not, NaN unknown."""


def adapters(name: str) -> Mapping[str, Adapter]:
    """The adapters of a set by suffix; none if there is no module of its name."""
    if name not in {module.name for module in pkgutil.iter_modules(__path__)}:
        return {}
    found: Mapping[str, Adapter] = importlib.import_module(f"{__name__}.{name}").ADAPTERS
    return found
