"""A flat cohort: one row for each person, seen once, and perhaps followed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from external.adapters.omop import UNKNOWN_SEX, Code, write

MONTH = 30.4375
REGISTERED = 365
"""Days before the visit for which everybody is taken to have been registered."""

NOT_LABELLED = ("", lambda rows: pd.Series(np.nan, index=rows.index))


@dataclass(frozen=True)
class FollowUp:
    """How long people were followed, and what ended it: a record of a condition, or death if there is no concept.

    `time` is a column of spans of `days_each`: a month here is a twelfth of 365.25 days.
    """

    time: str
    event: str
    equals: object
    concept: int | None = None
    name: str = "death"
    days_each: float = MONTH


@dataclass(frozen=True)
class Flat:
    """A flat table and what its columns become.

    `sex` is a column with a concept for each answer, or one concept for everybody; `age` a column of completed years,
    or None if it is not known. `complete` names tables that are assumed to be so (see `omop.write`). `labelled` is what
    the set says of people beside the records, and how to find it.
    """

    file: str
    person: str
    seen_on: date
    sex: tuple[str, Mapping[object, int]] | int
    age: str | None
    codes: tuple[Code, ...]
    notes: tuple[str, ...] = ()
    followed: FollowUp | None = None
    complete: tuple[str, ...] = ()
    labelled: tuple[str, Callable[[pd.DataFrame], pd.Series]] = NOT_LABELLED

    @property
    def label(self) -> str:
        return self.labelled[0]

    @property
    def assumed(self) -> tuple[str, ...]:
        said = [
            f"The set has no dates: everybody is taken to have been seen on {self.seen_on:%-d %B %Y}, registered for a "
            "year before, and is asked about as of that day."
        ]
        said.append("Of age only years are known: 1 July is taken." if self.age else "The set has no age.")
        if self.followed is None:
            said.append("Nobody was followed, so there is no time at risk and no outcome.")
        else:
            one = self.followed
            what = one.name if one.concept is None else f"a record of {one.concept} {one.name}"
            said.append(f"`{one.event}` = {one.equals} is {what}, after `{one.time}` of {one.days_each:g} days each.")
        said += [f"Taken to be complete, though the set has no such column: {table}." for table in self.complete]
        return (*said, *self.notes)

    def read(self, raw: Path) -> pd.DataFrame:
        """The table, texts without the blanks around them."""
        rows = pd.read_parquet(raw / self.file) if self.file.endswith("parquet") else pd.read_csv(raw / self.file)
        texts = rows.select_dtypes("object").columns
        return rows.assign(**{name: rows[name].str.strip() for name in texts})

    def write(self, raw: Path, into: Path) -> None:
        rows = self.read(raw)
        seen = pd.Series(pd.Timestamp(self.seen_on), index=rows.index)
        last, happened = self._ends(rows, seen)
        dies = self.followed is not None and self.followed.concept is None
        people = pd.DataFrame(
            {
                "person_id": rows[self.person],
                "gender_concept_id": self._sexes(rows),
                "year_of_birth": self._births(rows),
                "first": seen - pd.Timedelta(days=REGISTERED),
                "last": last,
                "death": last.where(happened) if dies else pd.NaT,
            }
        )
        records = [self._records(rows, code).assign(day=pd.Timestamp(self.seen_on)) for code in self.codes]
        if self.followed is not None and self.followed.concept is not None:
            outcome = _frame(rows.loc[happened, self.person], "condition_occurrence", self.followed.concept)
            records.append(outcome.assign(day=last[happened]))
        write(into, people, pd.concat(records, ignore_index=True), self.complete)

    def labels(self, raw: Path, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        rows = self.read(raw)
        found = self.labelled[1](rows).set_axis(rows[self.person])
        return found.reindex(ids).to_numpy(dtype=np.float64)

    def _ends(self, rows: pd.DataFrame, seen: pd.Series) -> tuple[pd.Series, pd.Series]:
        """The last day of everybody, and whether the event came on it."""
        if self.followed is None:
            return seen, pd.Series(False, index=rows.index)
        days = (rows[self.followed.time] * self.followed.days_each).round()
        return seen + pd.to_timedelta(days, unit="D"), rows[self.followed.event] == self.followed.equals

    def _sexes(self, rows: pd.DataFrame) -> pd.Series:
        if isinstance(self.sex, int):
            return pd.Series(self.sex, index=rows.index)
        column, concepts = self.sex
        return rows[column].map(concepts).fillna(UNKNOWN_SEX).astype(int)

    def _births(self, rows: pd.DataFrame) -> pd.Series:
        """The year that gives the age on the day, with a birthday on 1 July."""
        if self.age is None:
            return pd.Series(pd.NA, index=rows.index, dtype="Int64")
        before = self.seen_on < date(self.seen_on.year, 7, 1)
        years: pd.Series = self.seen_on.year - before - np.floor(rows[self.age])
        return years.astype("Int64")

    def _records(self, rows: pd.DataFrame, code: Code) -> pd.DataFrame:
        column = rows[code.source]
        has = column.notna() if code.equals is None else column == code.equals
        value = column[has] if code.equals is None else np.nan
        return _frame(rows.loc[has, self.person], code.table, code.concept).assign(value=value, unit=code.unit)


def _frame(people: pd.Series, table: str, concept: int) -> pd.DataFrame:
    found = pd.DataFrame({"person_id": people, "table": table, "concept": concept})
    return found.assign(value=np.nan, unit=0)
