"""How a desk is opened for the service: options, models, records and the store, in this order."""

from __future__ import annotations

from serving.desk import Desk
from serving.loader import load
from serving.metrics import Metrics
from serving.options import Options
from serving.readings import people
from serving.store import Answers


def open_desk(options: Options, metrics: Metrics | None = None) -> Desk:
    """A desk with every model of the registry, verified, and its store open."""
    loaded = load(options)
    read = people(loaded, options.source)
    desk = Desk(loaded, Answers(options.answers), read, options.use, metrics=metrics or Metrics())
    desk.warm()
    return desk
