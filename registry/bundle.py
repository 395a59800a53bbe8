"""A model as a folder of plain files: text, JSON and a manifest that seals them. No pickle, no code.

model.txt (LightGBM) or model.json (curves), recalibration.json, pathway.json, profile.json, evidence.json, card.md,
examples.json, concepts.json and manifest.json with the SHA-256 of each of the others. A horizon with a learner of its
own adds apart_DAYS.txt or apart_DAYS.json.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from registry import trial
from registry.forest import TreesRefused
from registry.model import Model, Trees
from registry.plain import learners, model_from_plain, plain_parts

FORMAT = 1
MANIFEST = "manifest.json"
SHARED = (
    "pathway.json",
    "recalibration.json",
    "profile.json",
    "evidence.json",
    "card.md",
    "examples.json",
    "concepts.json",
)
LEARNERS = ("model.txt", "model.json")
APART = re.compile(r"apart_[0-9]+\.(txt|json)")
AGREES_TO = 1e-9


class BundleRefused(ValueError):
    """A folder that is not, whole and unaltered, a model that we saved; `problems` lists all that was found."""

    def __init__(self, folder: Path, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{folder} is refused as a model:\n" + "\n".join(f"- {problem}" for problem in problems))


def save(model: Model, folder: Path) -> str:
    """Write the model into an empty or new folder, prove that it can be read back, and return its digest."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BundleRefused(folder, ["it is not empty; choose a new folder"])
    for name, text in _texts(model).items():
        _write(folder / name, text)
    hashes = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    _write(folder / MANIFEST, _json({"format": FORMAT, "files": hashes}))
    load(folder)
    return digest(folder)


def load(folder: Path) -> Model:
    """The model in a folder, after its seal, a trial in a child process and its examples have held."""
    verify(folder)
    model = _read(folder)
    _refuse(folder, _trial_problems(folder, model))
    _refuse(folder, _example_problems(model))
    return model


def digest(folder: Path) -> str:
    """The SHA-256 of the manifest: it changes when any file of the model does."""
    return _sha256(folder / MANIFEST)


def verify(folder: Path) -> None:
    """Refuse a folder with an altered, extra or missing file, all at once. Nothing in it is interpreted."""
    _refuse(folder, _seal_problems(folder))


def _texts(model: Model) -> Mapping[str, str]:
    parts = plain_parts(model)
    texts = {name: part if isinstance(part, str) else _json(part) for name, part in parts.items()}
    return texts | {name: each.text for name, each in learners(model).items() if isinstance(each, Trees)}


def _seal_problems(folder: Path) -> list[str]:
    try:
        sealed = _sealed(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return [f"{MANIFEST} is missing or cannot be read ({type(error).__name__}); fetch the model again"]
    found = {path.name for path in folder.iterdir()} - {MANIFEST}
    problems = [f"{name} is missing" for name in sorted(sealed.keys() - found)]
    problems += [f"{name} is not in the manifest; remove it" for name in sorted(found - sealed.keys())]
    problems += [
        f"{name} was altered after it was sealed; fetch the model again"
        for name in sorted(sealed.keys() & found)
        if not _is_plain_file(folder / name) or _sha256(folder / name) != sealed[name]
    ]
    return problems + _kind_problems(set(sealed))


def _sealed(folder: Path) -> dict[str, str]:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest["format"] != FORMAT:
        raise ValueError("an unknown format")
    return dict(manifest["files"].items())


def _kind_problems(sealed: set[str]) -> list[str]:
    problems = [f"the manifest does not list {name}" for name in SHARED if name not in sealed]
    strange = [name for name in sorted(sealed - {*SHARED, *LEARNERS}) if not APART.fullmatch(name)]
    problems += [f"the manifest lists {name}, which no model has" for name in strange]
    if len(sealed & set(LEARNERS)) != 1:
        problems.append(f"the manifest must list one of {' and '.join(LEARNERS)}")
    return problems


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _read(folder: Path) -> Model:
    try:
        return model_from_plain({path.name: _content(path) for path in folder.iterdir() if path.name != MANIFEST})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleRefused(folder, [f"its files do not describe a model ({type(error).__name__}: {error})"]) from error


def _content(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else text


def _trial_problems(folder: Path, model: Model) -> list[str]:
    if not model.examples:
        return ["examples.json holds no example, so nothing shows that the model computes what it did"]
    held = {path.name for path in folder.iterdir()} - {MANIFEST, *SHARED}
    unused = sorted(held - learners(model).keys())
    problems = [f"{name} belongs to no horizon of recalibration.json" for name in unused]
    rows = [list(example.values) for example in model.examples]
    for name, learner in learners(model).items():
        if isinstance(learner, Trees):
            problem = trial.survives(folder / name, rows) or _reading_problem(learner, len(model.columns))
            problems += [f"{name} is not a LightGBM model that we can run: {problem}"] if problem else []
    return problems


def _reading_problem(trees: Trees, columns: int) -> str:
    try:
        read = trees.forest.predictors
    except TreesRefused as error:
        return str(error)
    return "" if read == columns else f"it reads {read} predictors, the pathway has {columns}"


def _example_problems(model: Model) -> list[str]:
    values = np.array([example.values for example in model.examples], dtype=np.float32)
    # Both ways to a risk are compiled here, so that neither is in a request.
    risks = model.explain(values, [example.place for example in model.examples]).risks
    log_odds = model.log_odds(values)
    return [
        f"example {number} no longer gives the risks that were stored with it"
        for number, example in enumerate(model.examples)
        if abs(log_odds[number] - example.log_odds) > AGREES_TO
        or not np.allclose(risks[number], example.risks, rtol=0, atol=AGREES_TO)
    ]


def _refuse(folder: Path, problems: list[str]) -> None:
    if problems:
        raise BundleRefused(folder, problems)


def _json(part: Any) -> str:
    return json.dumps(part, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    # Bytes, so that no platform changes an end of line under the seal.
    path.write_bytes(text.encode("utf-8"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
