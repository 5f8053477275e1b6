"""Tells a kernel that the machine starved of its cores from one that sleeps by itself.

Starved counts only what two witnesses agree on: its threads were ready and had no core, and the
machine had none to spare. The first alone could be made by student code, whose threads may wait
for each other; the second alone says nothing of a kernel that sleeps.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder.sandbox.base import Kernel
from autograder.sandbox.cores import CoreTimes, had_no_core_to_spare, read_core_times

_LOOK_SECONDS = 1.0  # between two looks: each reads a file per thread
_STARVED_SHARE = 0.25  # of the time watched; a sleeper beside busy neighbours loses far less


@dataclass(frozen=True)
class _Look:
    seconds: float
    delay: float
    cores: CoreTimes


class Contention:
    """For how long a kernel had no core, over all the work of one question.

    Attributes:
        watched_seconds: of wall-clock time.
        lost_seconds: of these, with threads that were ready to run and had no core.
    """

    def __init__(self) -> None:
        self.watched_seconds = 0.0
        self.lost_seconds = 0.0
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
        now, last = _Look(time.monotonic(), kernel.read_delay(), cores), self._last
        self._last = now
        if last is None:
            return
        seconds = now.seconds - last.seconds
        self.watched_seconds += seconds
        if had_no_core_to_spare(last.cores, now.cores, seconds):
            self.lost_seconds += min(seconds, now.delay - last.delay)
