"""How a desk is opened: options, models, records and the store, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from features.days import calendar_date
from features.source import SourceError
from serving.desk import Desk
from serving.loader import load
from serving.metrics import Metrics
from serving.options import Options
from serving.readings import People, people
from serving.store import Answers

SHOWN_PRACTICES = 12


def open_desk(options: Options, metrics: Metrics | None = None) -> Desk:
    """A desk with every model of the registry, verified, and its store open."""
    loaded = load(options)
    read = people(loaded, options.source)
    desk = Desk(loaded, Answers(options.answers), read, options.use, metrics=metrics or Metrics())
    desk.warm()
    return desk


@dataclass(frozen=True)
class Opened:
    """The desk of one pathway and the people of the records, for a command that ends."""

    desk: Desk
    people: People

    @property
    def last_day(self) -> date:
        """The last day that the records tell of."""
        return date.today() if self.people.source is None else calendar_date(self.people.source.extract_day)

    def practices_text(self) -> str:
        """The first practices of the records, for whoever named one that is not there."""
        names = () if self.people.source is None else self.people.source.places.levels["practice"]
        more = len(names) - SHOWN_PRACTICES
        listed = ", ".join(names[:SHOWN_PRACTICES]) + (f" and {more} more" if more > 0 else "")
        return f"There are: {listed or 'none'}."

    def close(self) -> None:
        self.desk.close()


def open_pathway(options: Options, pathway: str) -> Opened:
    """The desk of one pathway.

    Raises
    ------
    KeyError
        If the catalogue has no such pathway.
    SourceError
        If there are no records.
    """
    loaded = load(options, pathway)
    if pathway not in loaded.pathways:
        raise KeyError(pathway)
    if not options.source.exists():
        raise SourceError((f"there is nothing at {options.source}",))
    read = people(loaded, options.source)
    return Opened(Desk(loaded, Answers(options.answers), read, options.use), read)
