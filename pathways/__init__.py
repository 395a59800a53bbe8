"""The catalogue of pathways: one file each in `pathways/catalogue/`, found by listing the folder."""

from __future__ import annotations

import hashlib
import importlib
from functools import cache
from pathlib import Path

from pathways.definition import DefinitionError, Pathway

CATALOGUE = Path(__file__).parent / "catalogue"
LANGUAGE = (
    "words.py",
    "definition.py",
    "concept_sets.py",
    "streams.py",
    "published.py",
    "schedule.py",
    "symptom_risk.py",
    "vaccines.py",
)


class UnknownPathway(KeyError):
    """There is no pathway of that name in the catalogue."""


def names() -> tuple[str, ...]:
    """The pathways of the catalogue, in alphabetical order."""
    return tuple(sorted(path.stem for path in CATALOGUE.glob("*.py") if not path.stem.startswith("_")))


@cache
def load(name: str) -> Pathway:
    """Read one pathway.

    Raises
    ------
    UnknownPathway
        If the catalogue has no such file.
    DefinitionError
        If the definition leaks or contradicts itself; every fault is listed. Or if it cannot be read at all.
    """
    if name not in names():
        raise UnknownPathway(f"no pathway of that name; there are {', '.join(names())}")
    file = f"pathways/catalogue/{name}.py"
    try:
        pathway = getattr(importlib.import_module(f"pathways.catalogue.{name}"), "PATHWAY", None)
    except DefinitionError as error:
        raise DefinitionError(f"{file}, {error.title}", error.faults) from None
    except Exception as error:  # whatever somebody wrote there, it is said which file it is in
        raise DefinitionError(file, (f"it cannot be read: {type(error).__name__}: {error}",)) from error
    if not isinstance(pathway, Pathway):
        raise DefinitionError(file, ("it has no PATHWAY = Pathway(...)",))
    return pathway


def fingerprint(name: str) -> str:
    """SHA-256 of a pathway's file, of what it may share with others, and of the language that it is written in."""
    digest = hashlib.sha256()
    for path in (CATALOGUE / f"{name}.py", *(CATALOGUE.parent / part for part in LANGUAGE)):
        digest.update(path.read_bytes())
    return digest.hexdigest()
