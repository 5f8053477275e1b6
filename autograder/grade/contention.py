"""Tells a kernel that the machine starved of its cores from one that sleeps by itself.

Starved counts only what three witnesses agree on: its threads were ready and had no core; the
machine had none to spare; and the kernel did not have a core's worth of work done, its own or what
its messages made others do. The first alone could be made by student code, whose threads may wait
for each other; the second says nothing of a kernel that sleeps; and both together can be had by
keeping all cores busy, which the third tells from a machine that others keep busy.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder.sandbox.base import Kernel
from autograder.sandbox.cores import CoreTimes, had_no_core_to_spare, read_core_times

_LOOK_SECONDS = 1.0  # between two looks: each reads a file per thread
_STARVED_SHARE = 0.25  # of the time watched; a sleeper beside busy neighbours loses far less
_FREE_SHARE = 0.05  # of a core, to look after a kernel and carry what honest code says


@dataclass(frozen=True)
class _Look:
    seconds: float
    delay: float
    cores: CoreTimes
    used: float
    carrying: float


class Contention:
    """For how long a kernel had no core, over all the work of one question.

    Attributes:
        watched_seconds: of wall-clock time.
        lost_seconds: of these, with threads that were ready to run and had no core.
        caused_seconds: of CPU, that its messages took outside it, beyond what is usual.
    """

    def __init__(self) -> None:
        self.watched_seconds = 0.0
        self.lost_seconds = 0.0
        self.caused_seconds = 0.0
        self._last: _Look | None = None

    @property
    def is_starving(self) -> bool:
        """Whether so much was lost that the time it took says nothing of the student's code."""
        return self.lost_seconds > _STARVED_SHARE * self.watched_seconds

    def watch(self, kernel: Kernel) -> None:
        """Look where the last look is long ago; called often while work runs."""
        if self._last is None or time.monotonic() - self._last.seconds >= _LOOK_SECONDS:
            self._look(kernel)

    def stop(self, kernel: Kernel) -> None:
        """Look once more, at the end of a piece of work; short ones are not watched at all."""
        if self._last is not None:
            self._look(kernel)
            self._last = None

    def _look(self, kernel: Kernel) -> None:
        cores = read_core_times()
        if cores is None:
            return
        used, carrying = kernel.usage().cpu_seconds, kernel.read_carrying()
        now = _Look(time.monotonic(), kernel.read_delay(), cores, used, carrying)
        last, self._last = self._last, now
        if last is not None:
            self._compare(last, now)

    def _compare(self, last: _Look, now: _Look) -> None:
        seconds, carried = now.seconds - last.seconds, now.carrying - last.carrying
        self.watched_seconds += seconds
        self.caused_seconds += max(0.0, carried - _FREE_SHARE * seconds)
        if had_no_core_to_spare(last.cores, now.cores, seconds):
            without_core = max(0.0, seconds - (now.used - last.used) - carried)
            self.lost_seconds += min(without_core, now.delay - last.delay)
