"""The processes that carry a container's streams to the grader, and what they use for it.

A flood keeps them as busy as the kernel that it comes from, and is the kernel's doing. Left out:
an engine's daemon (Docker's `dockerd`), which works for all containers at once.
"""

from __future__ import annotations

from contextlib import suppress

import psutil

from autograder.sandbox.processes import GONE, list_descendants


class Carriers:
    """Who carries one container's streams: the engine's `run`, and what holds the container.

    A rootless `run` starts itself once more. What holds a container (`conmon`, `containerd-shim`)
    is the parent of its first process.

    Args:
        run: process id of the engine's `run`.
        first: that of the container's first process; 0 where it is not told.
    """

    def __init__(self, run: int, first: int) -> None:
        self._used: dict[psutil.Process, float] = {}
        inside = list_descendants(first) if first else []
        for pid in {*list_descendants(run), _find_holder(first)}.difference(inside, (0, 1)):
            with suppress(*GONE):
                self._used[psutil.Process(pid)] = 0.0

    def read_cpu_seconds(self) -> float:
        """What they have used so far; of one that has ended, what was last known."""
        for process in self._used:
            with suppress(*GONE):
                times = process.cpu_times()
                self._used[process] = times.user + times.system
        return sum(self._used.values())


def _find_holder(first: int) -> int:
    with suppress(*GONE):
        return psutil.Process(first).ppid() if first else 0
    return 0
