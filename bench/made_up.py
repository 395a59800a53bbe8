"""What it takes to write the synthetic people: people, and records, for each CPU second."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from bench.clock import cpu_seconds
from synthetic.population import RECORDS, write_population

PEOPLE = 10_000


def measure() -> dict[str, Any]:
    """Write some people into a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        before = cpu_seconds()
        written = write_population(PEOPLE, 1, Path(folder))
        taken = cpu_seconds() - before
    records = sum(written.rows[table] for table in (*RECORDS, "visit_occurrence"))
    return {"people": written.people, "records": records, "cpu_s": taken}
