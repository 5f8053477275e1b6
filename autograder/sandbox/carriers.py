"""The processes that carry a container's streams to the grader, and what they use for it.

A flood keeps them as busy as the kernel that it comes from, and is the kernel's doing. Left out:
an engine's daemon (Docker's `dockerd`), which works for all containers at once.
"""

from __future__ import annotations

from contextlib import suppress

import psutil

_GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)


class Carriers:
    """Who carries one container's streams: the engine's `run`, and what holds the container.

    The latter (`conmon`, `containerd-shim`) is the parent of the container's first process.

    Args:
        run: process id of the engine's `run`.
        first: that of the container's first process; 0 where it is not told.
    """

    def __init__(self, run: int, first: int) -> None:
        self._used: dict[psutil.Process, float] = {}
        with suppress(*_GONE):
            self._used[psutil.Process(run)] = 0.0
        with suppress(*_GONE):
            holder = psutil.Process(first).parent() if first else None
            if holder is not None and holder.pid != 1:
                self._used[holder] = 0.0

    def read_cpu_seconds(self) -> float:
        """What they have used so far; of one that has ended, what was last known."""
        for process in self._used:
            with suppress(*_GONE):
                times = process.cpu_times()
                self._used[process] = times.user + times.system
        return sum(self._used.values())
