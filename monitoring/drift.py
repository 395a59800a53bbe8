"""Evidently, and the only module that imports it: the shift of each predictor in one region, and the region's pages.

It gets one region at a time, because its `GroupBy` repeats the figure of everybody for some metrics; categories
instead of values, with missing as one of them, because it drops what is missing before it compares; and rounded
counts written out again as rows, because its pages print whatever they are given. So no person is in what it reads.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitoring.bins import MATERIAL, Spread

if TYPE_CHECKING:
    import pandas as pd

# Before Evidently is imported, which is inside the functions below because it takes nine seconds.
os.environ["DO_NOT_TRACK"] = "true"


def shifts(region: str, spreads: Mapping[str, Spread], at: datetime, folder: Path | None) -> dict[str, float]:
    """Evidently's population stability index of each predictor in one region; its pages go into `folder`."""
    if not spreads:
        return {}
    with _quiet():
        snapshot = _run(region, spreads, at)
        if folder is not None:
            _save(snapshot, folder / _file_name(region))
        found = snapshot.dict()["metrics"]
    return {metric["config"]["column"]: float(metric["value"]) for metric in found}


def clear(folder: Path) -> None:
    """Remove the pages of an earlier review, whose regions may not be those of now."""
    for kind in ("*.html", "*.json"):
        for path in folder.glob(kind):
            path.unlink()


def frame(names: Mapping[str, Sequence[str]], counts: Mapping[str, Sequence[int]]) -> pd.DataFrame:
    """Counts of categories written out as rows; the shorter columns end in blanks, which Evidently leaves out."""
    import numpy as np
    import pandas as pd

    length = max(sum(count) for count in counts.values())
    columns = {}
    for name, count in counts.items():
        codes = np.full(length, -1, dtype=np.int64)
        codes[: sum(count)] = np.repeat(np.arange(len(count)), count)
        columns[name] = pd.Categorical.from_codes(codes.tolist(), categories=pd.Index(names[name]))
    return pd.DataFrame(columns)


def _run(region: str, spreads: Mapping[str, Spread], at: datetime) -> Any:
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    definition = DataDefinition(categorical_columns=list(spreads))
    names = {name: spread.names for name, spread in spreads.items()}
    now, then = (
        Dataset.from_pandas(frame(names, counts), data_definition=definition)
        for counts in (
            {name: spread.current for name, spread in spreads.items()},
            {name: spread.reference for name, spread in spreads.items()},
        )
    )
    metrics = [ValueDrift(column=name, method="psi", threshold=MATERIAL) for name in spreads]
    report = Report(metrics, metadata={"region": region}, tags=[region])
    return report.run(now, then, timestamp=at, name=f"{region} against the frozen profile")


def _save(snapshot: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Text, because Evidently does nothing, and says nothing, when it is given a Path.
    snapshot.save_html(f"{path}.html")
    Path(f"{path}.json").write_text(snapshot.dumps(), encoding="utf-8")


def _file_name(region: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", region).strip("-").lower() or "region"


@contextmanager
def _quiet() -> Iterator[None]:
    """Evidently 0.7 and what it imports warn of what will change in numpy and litestar; nobody here can act on it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
