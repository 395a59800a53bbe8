"""A million people and sixty million records: the shape of a region's extract, with nothing clinical in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.programme import compile_prediction, criteria
from features.vocabulary import expand, slot_map
from pathways.definition import Pathway, Prediction
from pathways.parts import stream_parts, walk
from pathways.words import Look, Records

BLOCK = 50_000
FIRST, DAYS = 16436, 3650  # 2015-01-01, ten years
PER_PERSON = {"condition_occurrence": 12, "measurement": 26, "drug_exposure": 16, "visit_occurrence": 6}
ASKED = 1 / 3
"""The share of records whose concept the definition asks for; `make bench` prints what came out."""

_PREFIX = {
    "condition_occurrence": "condition",
    "measurement": "measurement",
    "drug_exposure": "drug",
    "visit_occurrence": "visit",
}


def asked(pathway: Pathway, prediction: Prediction) -> dict[str, list[int]]:
    """The concepts of each table that a definition reads.

    Those of a criterion that is no number are left out: at random they would leave nobody to be scored.
    """
    streams = compile_prediction(prediction).streams
    decisive = {
        concept
        for criterion in criteria(prediction)
        for word in walk(criterion)
        if isinstance(word, Look)
        for part in stream_parts(word.of)
        if isinstance(part, Records) and not part.numeric
        for one in part.of
        for concept, _ in one.include + one.exact
    }
    wanted = slot_map(streams, expand(streams.sets, {})).by_table
    return {table: sorted(set(concepts) - decisive) for table, (concepts, _) in wanted.items()}


def write(folder: Path, people: int, concepts: dict[str, list[int]], seed: int = 1) -> int:
    """Write OMOP tables sorted by person, block by block; returns the number of records."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    writers: dict[str, pq.ParquetWriter] = {}
    records = 0
    for low in range(1, people + 1, BLOCK):
        ids = np.arange(low, min(low + BLOCK, people + 1), dtype=np.int64)
        for name, table in _tables(ids, concepts, rng).items():
            if name not in writers:
                settings = {"compression": "zstd", "version": "2.6", "data_page_version": "2.0"}
                writers[name] = pq.ParquetWriter(folder / f"{name}.parquet", table.schema, **settings)
            writers[name].write_table(table, row_group_size=122_880)
            records += table.num_rows if name in PER_PERSON else 0
    for writer in writers.values():
        writer.close()
    return records


def _tables(ids: NDArray[np.int64], concepts: dict[str, list[int]], rng: np.random.Generator) -> dict[str, pa.Table]:
    n = len(ids)
    activity = rng.lognormal(-0.5, 1.0, n)
    start, end = np.full(n, FIRST, np.int32), np.full(n, FIRST + DAYS, np.int32)
    tables = {
        "person": pa.table(
            {
                "person_id": ids,
                "gender_concept_id": rng.choice(np.array([8507, 8532]), n),
                "year_of_birth": rng.integers(1930, 2000, n),
                "month_of_birth": rng.integers(1, 13, n),
                "location_id": rng.integers(1, 40, n),
            }
        ),
        "observation_period": pa.table(
            {
                "person_id": ids,
                "observation_period_start_date": pa.array(start).cast(pa.date32()),
                "observation_period_end_date": pa.array(end).cast(pa.date32()),
            }
        ),
    }
    if ids[0] == 1:
        regions = ["E12000007", "E12000002"]
        tables["location"] = pa.table(
            {"location_id": np.arange(1, 40), "location_source_value": [regions[at % 2] for at in range(39)]}
        )
    for name, kind in (("procedure_occurrence", "procedure"), ("observation", "observation")):
        some = ids[:100]  # the kinds exist, so that "none" is known
        days = pa.array(np.full(len(some), FIRST, np.int32)).cast(pa.date32())
        tables[name] = pa.table(
            {f"{name}_id": some, "person_id": some, f"{kind}_concept_id": some, f"{kind}_date": days}
        )
    for name, mean in PER_PERSON.items():
        counts = rng.poisson(activity * mean)
        tables[name] = _events(name, np.repeat(ids, counts), concepts.get(name, []), rng)
    return tables


def _events(name: str, person: NDArray[np.int64], asked: list[int], rng: np.random.Generator) -> pa.Table:
    n, prefix = len(person), _PREFIX[name]
    day = (FIRST + DAYS * rng.random(n) ** (1 / 1.3)).astype(np.int32)
    day = day[np.lexsort((day, person))]
    other = 90_000_000 + (rng.zipf(1.5, n) % 3000)
    mine = rng.random(n) < ASKED
    concept = np.where(mine, rng.choice(np.array(asked or [1]), n), other)
    columns = {
        f"{name}_id": person * 4096 + _within(person),
        "person_id": person,
        f"{prefix}_concept_id": concept,
    }
    dates = pa.array(day).cast(pa.date32())
    later = pa.array(day + rng.integers(0, 28, n).astype(np.int32)).cast(pa.date32())
    if name == "measurement":
        # 70 +- 25 lies inside the plausible range of nearly every quantity; no unit, so that none is refused.
        columns |= {"measurement_date": dates, "value_as_number": np.round(rng.normal(70, 25, n), 1)}
        columns |= {"unit_concept_id": np.zeros(n, np.int64), "operator_concept_id": np.zeros(n, np.int64)}
    else:
        start = {"condition": "condition_start_date", "drug": "drug_exposure_start_date", "visit": "visit_start_date"}
        end = {"condition": "condition_end_date", "drug": "drug_exposure_end_date", "visit": "visit_end_date"}
        columns |= {start[prefix]: dates, end[prefix]: later}
    return pa.table(columns)


def _within(person: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2 ... within each person, so that every record id is distinct."""
    first = np.r_[True, person[1:] != person[:-1]]
    starts = np.flatnonzero(first)
    return np.arange(len(person)) - np.repeat(starts, np.diff(np.r_[starts, len(person)]))
