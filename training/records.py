"""Where a command's feature table comes from, and how it shows what it is doing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from features.cohort import feature_table
from features.days import calendar_date
from features.source import Source, open_source
from features.table import FeatureTable, read
from pathways.definition import Pathway, Prediction
from training.certificate import Certificate, Check
from training.leakage import future, no_records
from training.parity import not_compared, parity
from training.split import drawn
from training.task import CannotTrain
from training.train import Step


@dataclass(frozen=True)
class Records:
    """OMOP records; or a feature table made of them before, or the folder of such tables; or both.

    Where there is a table it is not computed again.
    """

    source: Path | None
    features: Path | None
    people_limit: int | None = None

    def table(self, name: str, pathway: Pathway, prediction: Prediction, seed: int, step: Step) -> FeatureTable:
        if self.features is not None:
            step(f"Reading the feature table of {prediction.name}")
            table = read(self._file(f"{name}.{prediction.name}"))
        else:
            step(f"Reading records and computing predictors for {prediction.name}")
            assert self.opened is not None  # the command asks for one of the two
            table = feature_table(pathway, prediction, self.opened)
        return table if self.people_limit is None else table.rows(drawn(table, self.people_limit, seed))

    def _file(self, model: str) -> Path:
        assert self.features is not None
        if not self.features.is_dir():
            return self.features
        file = self.features / f"{model}.parquet"
        if not file.exists():
            raise CannotTrain(model, ["--features holds no table of it; `python -m features` makes one"])
        return file

    @cached_property
    def opened(self) -> Source | None:
        """The records themselves, where there are any."""
        return None if self.source is None else open_source(self.source)

    def future(self, pathway: Pathway, prediction: Prediction, step: Step) -> Check:
        """The check of the leakage certificate that needs the records themselves."""
        if self.opened is None:
            return no_records()
        step("Changing the future of some people, to see whether anything moves")
        return future(pathway, prediction, self.opened)

    def parity(self, pathway: Pathway, prediction: Prediction, table: FeatureTable, step: Step) -> Certificate:
        """The certificate that people read alone are as in the table; it needs the records, too."""
        if self.opened is None:
            return not_compared()
        step("Reading some people alone, to see whether they are as in the table")
        return parity(pathway, prediction, table, self.opened)

    def said(self, table: FeatureTable) -> str:
        """Where the records were and how far they go; only the folder's own name, never the path to it."""
        place = self.source or self.features
        return f"{'' if place is None else place.resolve().name}, records to {calendar_date(table.data_to).isoformat()}"


@contextmanager
def progress() -> Iterator[Step]:
    """Show each step as it is begun, with the time that it takes; in a log, a line for each."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda description: console.print(f"- {description}")
        return
    columns = (SpinnerColumn(finished_text="-"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        begun: list[TaskID] = []

        def step(description: str) -> None:
            finish()
            begun.append(bar.add_task(description, total=1))

        def finish() -> None:
            for task in begun[-1:]:
                bar.update(task, completed=1)

        yield step
        finish()
