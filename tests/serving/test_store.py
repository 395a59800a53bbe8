"""Every answer is kept before it is sent, in an order that nobody can change unseen."""

import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace

import pytest

from serving.store import Answers, Entry, StoreUnavailable, walk

ENTRY = Entry(
    answer_id="a1",
    key=None,
    request_digest="d1",
    pathway="kidney_check",
    prediction="detection",
    model_digest="m",
    made_at="2024-07-01T12:00:00.000+00:00",
    request="{}",
    answer='{"answer_id":"a1"}',
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store" / "answers.db"


@pytest.fixture
def answers(path):
    opened = Answers(path)
    yield opened
    opened.close()


def entry(name, key=None, digest="d1"):
    return replace(ENTRY, answer_id=name, key=key, request_digest=digest, answer=f'{{"answer_id":"{name}"}}')


def keep(answers, *entries):
    return answers.keep(entries).result(timeout=10)


def altered(path, statement):
    """What somebody with the file can do: take the guards away and change it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("drop trigger answers_stay")
        connection.execute("drop trigger answers_remain")
        connection.execute(statement)


def test_an_answer_is_found_by_its_id_and_by_the_clients_own(answers):
    keep(answers, entry("a1", key="visit-17"), entry("a2"))

    assert answers.of_id("a1") == answers.of_key("visit-17") == entry("a1", key="visit-17")
    assert answers.of_id("a2").key is None
    assert answers.of_id("a3") is None


def test_a_key_that_is_there_brings_the_first_answer_back_and_keeps_no_second(answers, path):
    keep(answers, entry("a1", key="visit-17"))
    (kept,) = keep(answers, entry("a2", key="visit-17", digest="another"))

    assert kept.repeated
    assert kept.entry.answer_id == "a1"
    assert kept.same_request("d1") and not kept.same_request("another")
    assert walk(path).answers == 1


def test_many_who_keep_the_same_key_at_once_get_one_answer(answers, path):
    given = []
    threads = [
        threading.Thread(target=lambda n=number: given.extend(keep(answers, entry(f"a{n}", key="visit-17"))))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({kept.entry.answer_id for kept in given}) == 1
    assert len(given) == 20
    assert walk(path).answers == 1


def test_two_processes_on_one_file_make_one_chain(answers, path):
    with closing(Answers(path)) as other:
        for number in range(10):
            keep(answers if number % 2 else other, entry(f"a{number}"))

    assert walk(path).faults == ()
    assert walk(path).answers == 10


def test_an_answer_that_is_kept_is_on_the_disk_for_another_reader(answers, path):
    keep(answers, entry("a1"))

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select answer_id from answers").fetchall() == [("a1",)]


def test_the_disk_is_waited_for_at_every_write(answers):
    # 2 is FULL: in write-ahead mode each commit is synced before keep() is done.
    assert answers._reader.execute("pragma synchronous").fetchone() == (2,)
    assert answers._reader.execute("pragma journal_mode").fetchone() == ("wal",)


def test_only_its_owner_can_read_the_store(answers, path):
    keep(answers, entry("a1"))

    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("statement", ["update answers set answer = '{}'", "delete from answers"])
def test_the_store_itself_refuses_to_change_or_drop_an_answer(answers, path, statement):
    keep(answers, entry("a1"))

    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)


def test_an_untouched_chain_is_whole(answers, path):
    keep(answers, *(entry(f"a{number}") for number in range(5)))

    chain = walk(path)
    assert (chain.answers, chain.faults) == (5, ())
    assert len(chain.head) == 64


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("update answers set answer = '{\"risk\":0}' where number = 3", "answer 3 was altered"),
        ("update answers set model_digest = 'x' where number = 3", "answer 3 was altered"),
        ("update answers set made_at = '2020' where number = 3", "answer 3 was altered"),
        ("delete from answers where number = 3", "answers 3 to 3 are gone"),
        ("update answers set number = 9 where number = 3", "answer 9 was altered"),
        ("update answers set seal = 'x' where number = 3", "answer 4 does not follow the one before it"),
    ],
)
def test_whoever_changes_the_file_is_found_out(answers, path, statement, fault):
    keep(answers, *(entry(f"a{number}") for number in range(5)))
    altered(path, statement)

    assert fault in walk(path).faults


def test_a_chain_cut_at_its_end_is_found_out_by_a_seal_noted_before(answers, path):
    keep(answers, *(entry(f"a{number}") for number in range(5)))
    noted = walk(path).head
    altered(path, "delete from answers where number > 3")

    assert walk(path).faults == ()
    assert walk(path, expected=noted).faults == ("the expected seal is not in the chain: answers at its end are gone",)


def test_a_store_that_cannot_write_says_so_and_writes_again_when_it_can(answers, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        with pytest.raises(StoreUnavailable):
            keep(answers, entry("a1"))
        other.execute("rollback")

    keep(answers, entry("a2"))
    assert answers.of_id("a1") is None
    assert walk(path).faults == ()


def test_a_client_who_leaves_before_the_write_leaves_nothing_and_stops_nobody(answers, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        waiting = answers.keep([entry("a1")])
        gone = answers.keep([entry("a2")])
        gone.cancel()
        other.execute("rollback")

    waiting.result(timeout=10)
    keep(answers, entry("a3"))
    assert answers.of_id("a2") is None
    assert walk(path).answers == 2


def test_all_entries_of_one_keeping_are_kept_or_none(answers, path):
    keep(answers, entry("a1"))
    with pytest.raises(StoreUnavailable):
        keep(answers, entry("a2"), entry("a1"))

    assert answers.of_id("a2") is None
    assert walk(path).answers == 1
