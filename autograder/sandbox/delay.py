"""How long threads were ready to run and had no core: what tells starving from sleeping.

Linux counts it for every thread; elsewhere it is not known, and nothing is read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

from autograder.sandbox.proc import read_proc

_NANO = 1e-9


class DelayClock:
    """Adds up the delays of threads that come and go.

    What a thread was delayed between the last reading and its end is lost.
    """

    def __init__(self) -> None:
        self._last: dict[int, int] = {}
        self._total = 0

    def read(self, processes: Iterable[int]) -> float:
        """Seconds so far, summed over all threads of `processes` (ids on this machine)."""
        now = {thread: delay for pid in processes for thread, delay in _read_threads(pid)}
        self._total += sum(
            max(0, delay - self._last.get(thread, 0)) for thread, delay in now.items()
        )
        self._last = now
        return self._total * _NANO


def _read_threads(pid: int) -> Iterator[tuple[int, int]]:
    """Each thread of a process with the nanoseconds it has waited for a core.

    Source: `schedstat` in Linux' documentation, the second of its three numbers.
    """
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - see `proc`
            with suppress(OSError, ValueError, IndexError):
                waited = read_proc(f"/proc/{pid}/task/{thread}/schedstat").split()[1]
                yield int(thread), int(waited)
