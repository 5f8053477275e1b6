"""Whose doing a kernel's death is, over all the runs in which one submission is graded.

Code that leaves or crashes its kernel pays at once. A kernel that was killed may have been killed
by anybody: an administrator, the machine for want of memory, its own code. Then everything is run
again from the start, and what kills its kernel time after time at the same place does so itself.
What only somebody outside can have ended never counts; what hardly anything else explains counts
in the last run only. Nor does time for which the machine had no core count: then everything is run
again, with more patience each time.
"""

from __future__ import annotations

from collections import Counter

from autograder.sandbox.base import Death

MAX_RUNS = 5
PROOF = {Death.KILLED: 3, Death.HARDLY_OWN: MAX_RUNS}  # deaths at one place, each in its own run
MAX_STARVED = 3  # runs that the machine may starve
Place = tuple[str, int]


class Losses:
    """What was lost while one submission was graded."""

    def __init__(self) -> None:
        self._killed: Counter[Place] = Counter()
        self._runs = 1
        self._starved = 0
        self._proven = False

    def is_students(self, death: Death, place: Place) -> bool:
        """Whether a death is the student's doing; else the run is void.

        Args:
            death: by whom the kernel was ended.
            place: what was running; the same in every run.
        """
        if death not in PROOF:
            return death is Death.OWN
        self._killed[place] += 1
        if death is Death.KILLED:
            self._proven = self._proven or self._killed[place] >= PROOF[death]
            return self._proven
        return self._killed[place] >= PROOF[death]

    @property
    def patience(self) -> float:
        """How many times longer than usual work may wait for the machine in the next run."""
        return float(2**self._starved)

    def begin_again(self, *, starved: bool = False) -> bool:
        """Whether to run everything again: not for ever.

        Args:
            starved: whether the machine had no core for the last run.
        """
        self._runs += 1
        self._starved += starved
        return self._runs <= MAX_RUNS and self._starved < MAX_STARVED
