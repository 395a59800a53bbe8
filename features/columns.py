"""Columns of a source's tables: cast to the type that we read, and as numpy arrays of one kind."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pyarrow as pa


def column(table: Any, name: str | None, kind: str) -> Any:
    """A column cast to a type, or null where the source has no such column; a text that is no number is null."""
    if name is None or name not in table.columns:
        return ibis.null(kind)
    found = table[name]
    return found.try_cast(kind) if found.type().is_string() else found.cast(kind)


def numbers(values: pa.ChunkedArray, kind: pa.DataType, missing: float) -> Any:
    """A contiguous, writable numpy array: the kernel has one signature, whatever Arrow hands over."""
    array = values.combine_chunks()
    array = array.cast(pa.int32()) if pa.types.is_date32(array.type) else array
    array = array.cast(kind)
    if array.null_count:
        array = array.fill_null(pa.scalar(missing, kind))
    return np.require(array.to_numpy(zero_copy_only=False), requirements=["C", "W"])
