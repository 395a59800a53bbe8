"""Several tables, models or reviews made side by side, each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing
from multiprocessing import get_context
from queue import SimpleQueue
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

ENDED = "a process of --at-once was ended from outside, often for want of memory; --at-once 1 needs less of it"


def side_by_side(
    work: Callable[[Job], Result], jobs: Sequence[Job], at_once: int, before: Callable[[], object] = lambda: None
) -> Iterator[Result | str]:
    """What comes of each job, in order, or `ENDED` where the process that had it was ended from outside.

    `work` is a function of a module, whose imports the processes begin with while `before` does here what must be
    done once.
    """
    with ExitStack() as stack:
        free: SimpleQueue[_Worker[Job, Result]] = SimpleQueue()
        for _ in range(min(at_once, len(jobs))):
            free.put(stack.enter_context(closing(_Worker(work))))
        before()

        def by_the_next_free(job: Job) -> Result | str:
            worker = free.get()
            try:
                return worker.done(job)
            finally:
                free.put(worker)

        threads = stack.enter_context(ThreadPoolExecutor(at_once))
        yield from threads.map(by_the_next_free, jobs)


class _Worker(Generic[Job, Result]):
    """One process for job after job. Where it is ended from outside, its job says so and the next has a new one.

    A pool of several processes would wait for ever where one is ended while another starts (as of Python 3.11).
    """

    def __init__(self, work: Callable[[Job], Result]) -> None:
        self._work = work
        self._begin()

    def done(self, job: Job) -> Result | str:
        try:
            return self._pool.submit(self._work, job).result()
        except BrokenProcessPool:
            self.close()
            self._begin()
            return ENDED

    def close(self) -> None:
        self._pool.shutdown()

    def _begin(self) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self._pool.submit(_import, self._work)


def _import(work: Callable[[Job], Result]) -> None:
    """Nothing: to be sent a function is to import its module."""
