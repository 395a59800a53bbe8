"""CPU seconds and alternating repeats: the machine may be busy, so wall times say little, and a ratio is of one run."""

from __future__ import annotations

import os
import resource
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path


def cpu_seconds() -> float:
    """CPU seconds of this process so far, all threads, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_memory() -> int:
    """The most bytes that this process has held at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def alternating(sides: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """CPU seconds of each side, the sides one after the other in each repeat."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, side in sides.items():
            begun = cpu_seconds()
            side()
            taken[name].append(cpu_seconds() - begun)
    return taken


def medians(taken: Mapping[str, list[float]]) -> dict[str, float]:
    return {name: statistics.median(times) for name, times in taken.items()}


def cpu_seconds_below(root: int) -> float:
    """CPU seconds of a living process and of all that it started: a server with its workers."""
    parents, ticks = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it ended meanwhile
        process = int(stat.parent.name)
        parents[process], ticks[process] = int(fields[1]), int(fields[11]) + int(fields[12])
    return sum(used for one, used in ticks.items() if _is_below(one, root, parents)) / os.sysconf("SC_CLK_TCK")


def _is_below(process: int, root: int, parents: Mapping[int, int]) -> bool:
    while process not in (root, 0):
        process = parents.get(process, 0)
    return process == root
