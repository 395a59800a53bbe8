"""From a seed and a number of people to a folder of OMOP tables, one block of people after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from synthetic.bloods import draw_bloods
from synthetic.chemistry import chemistry
from synthetic.clinic import draw_clinic
from synthetic.codes import condition_rows
from synthetic.faults import with_faults
from synthetic.omop import Folder
from synthetic.places import add_fixed_tables
from synthetic.procedures import procedure_rows
from synthetic.results import blood_results
from synthetic.reviews import desk_results, smoking
from synthetic.rows import stacked
from synthetic.tables import Block, add_people, add_records, add_truth, number_visits
from synthetic.treatment import drug_rows
from synthetic.visits import hospital_rows, practice_rows

BLOCK = 2_500
"""People drawn at a time: memory grows with this, not with the population."""


@dataclass(frozen=True)
class Written:
    """What was written: rows of each table, and rows that got each recording fault."""

    people: int
    rows: dict[str, int]
    faults: Counter[str] = field(default_factory=Counter)


def write_population(
    people: int, seed: int, folder: Path, progress: Callable[[int], None] = lambda done: None
) -> Written:
    """Write a population; `progress` is called with the number of people done."""
    faults: Counter[str] = Counter()
    with Folder(folder) as out:
        add_fixed_tables(out)
        for start in range(1, people + 1, BLOCK):
            block = draw_block(seed, start, min(start + BLOCK, people + 1))
            _add(out, block)
            faults.update(block.faults)
            progress(min(start + BLOCK - 1, people))
    return Written(people, dict(sorted(out.rows.items())), faults)


def draw_block(seed: int, first: int, until: int) -> Block:
    """The people numbered `first` to `until - 1` and all their records."""
    clinic = draw_clinic(seed, first, until)
    bloods = draw_bloods(clinic)
    measurements = stacked([blood_results(clinic, bloods), chemistry(clinic, bloods), desk_results(clinic)])
    conditions = condition_rows(clinic, bloods, measurements)
    visits = number_visits(clinic, stacked([hospital_rows(clinic), practice_rows(clinic, [measurements, conditions])]))
    measurement = with_faults(clinic, "measurement", visits.linked(measurements))
    condition = with_faults(clinic, "condition_occurrence", visits.linked(conditions))
    drug = with_faults(clinic, "drug_exposure", drug_rows(clinic))
    return Block(
        clinic=clinic,
        visits=visits.rows,
        measurements=measurement.rows,
        conditions=condition.rows,
        drugs=drug.rows,
        procedures=procedure_rows(clinic),
        smoking=smoking(clinic),
        faults=measurement.counts + condition.counts + drug.counts,
    )


def _add(out: Folder, block: Block) -> None:
    add_people(out, block)
    add_records(out, block)
    add_truth(out, block)
