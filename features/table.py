"""A feature table: one row for each person and index date, with predictors, outcome and the axes of evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

CENSORED, OUTCOME, DEATH = 0, 1, 2
"""DEATH stands for any competing event: one after which the outcome cannot happen any more."""

AXES = ("region", "area", "practice", "sex", "age_band", "ethnicity", "deprivation")
"""Columns along which every measure is reported; they are predictors only if a definition says so."""

_ROWS = ("person_id", "index_day", "time", "event", "measured", "family")


@dataclass(frozen=True)
class Ended:
    """Days to what ended the watch for a secondary outcome, and what it was, as in a feature table."""

    time: NDArray[np.int32]
    event: NDArray[np.int8]

    def rows(self, keep: NDArray[np.bool_] | NDArray[np.int64]) -> Ended:
        return Ended(self.time[keep], self.event[keep])


def joined_ends(parts: Sequence[Ended]) -> Ended:
    return Ended(np.concatenate([part.time for part in parts]), np.concatenate([part.event for part in parts]))


@dataclass(frozen=True)
class FeatureTable:
    """What a prediction knows about its people at their index dates, and what happened to them.

    `values` is float32 of shape (n_rows, n_predictors) with NaN for missing, columns named by `columns`.
    `time` is the whole number of days from the index date to the outcome, the death or the end of follow-up, and
    `event` says which (`OUTCOME`, `DEATH` or `CENSORED`): the outcome happened by horizon h if `event == OUTCOME` and
    `time < h`. `measured` is false where the outcome exists only if measured and was not. `family` groups the rows that
    must stay on one side of a split. `comparators` holds one float64 array for each comparator, NaN where it cannot be
    computed. `axes` holds one array of text for each name in `AXES`, "" where unknown. `secondary` holds what ended the
    watch for each secondary outcome. Days count from 1970-01-01.
    """

    columns: tuple[str, ...]
    values: NDArray[np.float32]
    person_id: NDArray[np.int64]
    index_day: NDArray[np.int32]
    time: NDArray[np.int32]
    event: NDArray[np.int8]
    measured: NDArray[np.bool_]
    family: NDArray[np.int64]
    comparators: Mapping[str, NDArray[np.float64]]
    axes: Mapping[str, NDArray[np.str_]]
    attrition: tuple[tuple[str, int], ...] = ()
    accounts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    data_to: int = 0
    concepts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    secondary: Mapping[str, Ended] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.person_id)

    def rows(self, keep: NDArray[np.bool_] | NDArray[np.int64]) -> FeatureTable:
        """The rows for which `keep` holds (a mask or positions), everything else unchanged."""
        return FeatureTable(
            columns=self.columns,
            values=self.values[keep],
            person_id=self.person_id[keep],
            index_day=self.index_day[keep],
            time=self.time[keep],
            event=self.event[keep],
            measured=self.measured[keep],
            family=self.family[keep],
            comparators={name: score[keep] for name, score in self.comparators.items()},
            axes={name: axis[keep] for name, axis in self.axes.items()},
            attrition=self.attrition,
            accounts=self.accounts,
            data_to=self.data_to,
            concepts=self.concepts,
            codes=self.codes,
            secondary={name: ended.rows(keep) for name, ended in self.secondary.items()},
        )

    def judged_by(self, secondary: str) -> FeatureTable:
        """The same people with a secondary outcome in the place of the outcome, but for those who had it before."""
        ended = self.secondary[secondary]
        return replace(self, time=ended.time, event=ended.event).rows(ended.time >= 0)


def write(table: FeatureTable, path: Path) -> None:
    """Write a table as Parquet, everything that is not a column in the file's metadata."""
    columns: dict[str, object] = {name: getattr(table, name) for name in _ROWS}
    columns |= {f"value:{name}": table.values[:, at] for at, name in enumerate(table.columns)}
    columns |= {f"comparator:{name}": score for name, score in table.comparators.items()}
    for name, ended in table.secondary.items():
        columns |= {f"time:{name}": ended.time, f"event:{name}": ended.event}
    columns |= {f"axis:{name}": pa.array(axis).dictionary_encode() for name, axis in table.axes.items()}
    about = {"columns": table.columns, "comparators": list(table.comparators), "axes": list(table.axes)}
    about["secondary"] = list(table.secondary)
    about |= {name: getattr(table, name) for name in ("attrition", "accounts", "data_to", "concepts", "codes")}
    arrow = pa.table(columns).replace_schema_metadata({"feature_table": json.dumps(about)})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(arrow, path, compression="zstd")


def read(path: Path) -> FeatureTable:
    """Read a table that `write` wrote."""
    arrow = pq.read_table(path)
    about = json.loads(arrow.schema.metadata[b"feature_table"])
    values = np.empty((arrow.num_rows, len(about["columns"])), dtype=np.float32)
    for at, name in enumerate(about["columns"]):
        values[:, at] = arrow[f"value:{name}"].to_numpy()
    axes = {name: np.array(arrow[f"axis:{name}"].to_pylist(), dtype=np.str_) for name in about["axes"]}
    return FeatureTable(
        columns=tuple(about["columns"]),
        values=values,
        comparators={name: arrow[f"comparator:{name}"].to_numpy() for name in about["comparators"]},
        axes=axes,
        attrition=tuple((reason, count) for reason, count in about["attrition"]),
        accounts=about["accounts"],
        data_to=about["data_to"],
        concepts={name: tuple(ids) for name, ids in about["concepts"].items()},
        codes=about["codes"],
        secondary={name: _ended(arrow, name) for name in about["secondary"]},
        **{name: arrow[name].to_numpy() for name in _ROWS},
    )


def _ended(arrow: pa.Table, name: str) -> Ended:
    return Ended(arrow[f"time:{name}"].to_numpy(), arrow[f"event:{name}"].to_numpy())
