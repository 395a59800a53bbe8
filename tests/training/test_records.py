"""A model says of which records it was made, wherever its table came from."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from training.records import Records


@pytest.mark.parametrize(
    ("source", "features", "said"),
    [
        (Path("/data/north"), None, "north, records to 2025-12-31"),
        (Path("/data/north"), Path("/work/features"), "north, records to 2025-12-31"),
        (None, Path("/work/features"), "features, records to 2025-12-31"),
    ],
)
def test_the_records_are_named_where_they_are_given_and_else_the_folder_of_their_tables(
    source: Path | None, features: Path | None, said: str
) -> None:
    table: Any = SimpleNamespace(data_to=20_453)  # days to 31 December 2025

    assert Records(source, features).said(table) == said
