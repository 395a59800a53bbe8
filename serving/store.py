"""Every answer, kept before it is sent: append-only rows in SQLite, each sealed with the seal of the one before it."""

from __future__ import annotations

import hashlib
import os
import queue
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path

_SCHEMA = """
create table if not exists answers (
  number integer primary key, answer_id text not null unique, key text unique, request_digest text not null,
  pathway text not null, prediction text not null, model_digest text not null, made_at text not null,
  request text not null, answer text not null, previous text not null, seal text not null);
create trigger if not exists answers_stay before update on answers
  begin select raise(abort, 'answers are append-only'); end;
create trigger if not exists answers_remain before delete on answers
  begin select raise(abort, 'answers are append-only'); end;
"""
_INSERT = f"insert into answers values (?, {', '.join('?' * 9)}, ?, ?)"
FIRST = "0" * 64
GROUP_AT_MOST = 256
WAIT_SECONDS = 2.0


class StoreUnavailable(Exception):
    """The answer could not be kept, so it must not be sent."""


@dataclass(frozen=True)
class Entry:
    """One answer to keep, with what was asked as understood. `key` makes a repetition find it."""

    answer_id: str
    key: str | None
    request_digest: str
    pathway: str
    prediction: str
    model_digest: str
    made_at: str
    request: str
    answer: str


_NAMES = tuple(each.name for each in fields(Entry))
_FIELDS = ", ".join(_NAMES)
# Not `dataclasses.astuple`, which copies every text.
_values = attrgetter(*_NAMES)


@dataclass(frozen=True)
class Kept:
    """What stands in the store for an entry: itself, or the earlier one of the same key."""

    entry: Entry
    repeated: bool = False

    def same_request(self, digest: str) -> bool:
        return self.entry.request_digest == digest


class Answers:
    """The store of one process. One thread writes, so answers that arrive together share one write to the disk."""

    def __init__(self, path: Path) -> None:
        _create(path)
        self._path = path
        self._reader = _connection(path)
        self._reading = threading.Lock()
        self._queue: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="answers", daemon=True)
        self._writer.start()

    def keep(self, entries: Sequence[Entry]) -> Future[list[Kept]]:
        """Keep these entries, all or none; the future is done when they are on the disk.

        An entry whose key is already there is not kept again: the earlier one comes back, for the caller to compare.
        """
        order = _Order(tuple(entries), Future())
        self._queue.put(order)
        return order.done

    def of_key(self, key: str) -> Entry | None:
        """The entry that was kept under a client's key."""
        return self._one("key", key)

    def of_id(self, answer_id: str) -> Entry | None:
        return self._one("answer_id", answer_id)

    def of_prediction(self, prediction: str) -> list[Entry]:
        """Every entry of a prediction, the oldest first."""
        query = f"select {_FIELDS} from answers where prediction = ? order by number"
        try:
            with self._reading:
                return [Entry(*row) for row in self._reader.execute(query, (prediction,))]
        except sqlite3.Error as error:
            raise StoreUnavailable(type(error).__name__) from None

    def works(self) -> bool:
        """Whether the store can be read and its writer is there."""
        try:
            with self._reading:
                self._reader.execute("select 1 from answers limit 1").fetchall()
        except sqlite3.Error:
            return False
        return self._writer.is_alive()

    def close(self) -> None:
        """Write what waits, then close."""
        self._queue.put(None)
        self._writer.join()
        self._reader.close()

    def _one(self, column: str, value: str) -> Entry | None:
        try:
            with self._reading:
                return _entry(self._reader, column, value)
        except sqlite3.Error as error:
            raise StoreUnavailable(type(error).__name__) from None

    def _write(self) -> None:
        with closing(_connection(self._path)) as connection:
            while (order := self._queue.get()) is not None:
                orders = [order]
                closing_down = False
                while len(orders) < GROUP_AT_MOST and not closing_down and not self._queue.empty():
                    waiting = self._queue.get()
                    closing_down = waiting is None
                    orders += [waiting] if waiting is not None else []
                _settle(connection, orders)
                if closing_down:
                    return


@dataclass(frozen=True)
class _Order:
    entries: tuple[Entry, ...]
    done: Future[list[Kept]]


def _settle(connection: sqlite3.Connection, orders: Sequence[_Order]) -> None:
    # Nobody waits for an order that was cancelled (a client that left), and from here on none can be.
    orders = [order for order in orders if order.done.set_running_or_notify_cancel()]
    try:
        with _transaction(connection):
            kept = [_append(connection, order.entries) for order in orders]
    except Exception as error:
        # Whatever it was, nothing was kept and the writer must live on. Its text may quote a value; its class does not.
        for order in orders:
            order.done.set_exception(StoreUnavailable(type(error).__name__))
        return
    for order, found in zip(orders, kept, strict=True):
        order.done.set_result(found)


def _append(connection: sqlite3.Connection, entries: Sequence[Entry]) -> list[Kept]:
    kept = []
    for entry in entries:
        earlier = _entry(connection, "key", entry.key) if entry.key is not None else None
        if earlier is None:
            number, previous = _head(connection)
            values = _values(entry)
            connection.execute(_INSERT, (number + 1, *values, previous, _seal(number + 1, previous, values)))
        kept.append(Kept(earlier or entry, repeated=earlier is not None))
    return kept


def _seal(number: int, previous: str, values: Sequence[str | None]) -> str:
    """The SHA-256 over a row and the seal before it: a row that changes, moves or goes breaks all after it."""
    seal = hashlib.sha256(f"{number}:{previous}".encode())
    for value in values:
        # Each with its length, so that nothing can move from one field to the next.
        said = b"" if value is None else value.encode()
        seal.update(b"|%d:" % (-1 if value is None else len(said)) + said)
    return seal.hexdigest()


def _head(connection: sqlite3.Connection) -> tuple[int, str]:
    row = connection.execute("select number, seal from answers order by number desc limit 1").fetchone()
    return (0, FIRST) if row is None else (row[0], row[1])


def _entry(connection: sqlite3.Connection, column: str, value: str) -> Entry | None:
    row = connection.execute(f"select {_FIELDS} from answers where {column} = ?", (value,)).fetchone()
    return None if row is None else Entry(*row)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    # Immediate: the head of the chain is read under the lock that writes the next row, whichever process does it.
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Only the service's own user may read what is in it; SQLite gives its other files the same rights.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(_connection(path)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.executescript(_SCHEMA)


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("pragma synchronous = full")
    return connection


@dataclass(frozen=True)
class Chain:
    """What a walk along the chain found: how many answers, the last seal, and where it is broken."""

    answers: int
    head: str
    faults: tuple[str, ...]


def walk(path: Path, expected: str | None = None) -> Chain:
    """Check every seal from the first answer on.

    A chain whose end was cut off is whole in itself; `expected`, a seal noted elsewhere, shows that cut.
    """
    number, seal, faults, seen = 0, FIRST, [], expected in (None, FIRST)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for row in connection.execute(f"select number, previous, seal, {_FIELDS} from answers order by number"):
            if row[0] != number + 1:
                faults.append(f"answers {number + 1} to {row[0] - 1} are gone")
            if row[1] != seal:
                faults.append(f"answer {row[0]} does not follow the one before it")
            if row[2] != _seal(row[0], row[1], row[3:]):
                faults.append(f"answer {row[0]} was altered")
            number, seal = row[0], row[2]
            seen = seen or seal == expected
    if not seen:
        faults.append("the expected seal is not in the chain: answers at its end are gone")
    return Chain(number, seal, tuple(faults))
