"""Lets student code run within its limits: interrupt first, then kill the whole tree.

Limits are in reference seconds (`speed`). Whose doing it is that code takes long, `contention`
says: what the machine starved of its cores is void.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from autograder.errors import KernelStarvedError
from autograder.grade.contention import Contention
from autograder.grade.speed import Pace
from autograder.sandbox.base import Kernel, KernelDiedError
from autograder.schema.outcome import Outcome

T = TypeVar("T")
_GRACE_SECONDS = 5.0  # Keras heeds an interrupt between two steps, which may take seconds each
_MOST_GRACE = 30.0
_WATCH_SECONDS = 0.2
_LEAST_WALL_SECONDS = 30.0
_WALL_FACTOR = 3.0
_NEAR = 3.0  # machines differ by less: below a third of a limit its verdict is clear


class StoppedError(Exception):
    """Student code passed a limit and was stopped.

    Attributes:
        outcome: `time_limit` or `memory_limit`.
        killed: whether the kernel had to be killed (it did not heed the interrupt).
    """

    def __init__(self, outcome: Outcome, *, killed: bool) -> None:
        self.outcome = outcome
        self.killed = killed
        super().__init__(outcome.value)


@dataclass
class Meter:
    """What one question has used of its limits.

    Attributes:
        limit_seconds: reference seconds of the kernel's process tree.
        pace: turns CPU seconds of this machine into reference seconds.
        patience: how much longer than usual work may wait for the machine.
        contention: what was lost to others on the machine.
    """

    limit_seconds: float
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    pace: Pace = field(default_factory=Pace)
    patience: float = 1.0
    contention: Contention = field(default_factory=Contention)

    @property
    def reference_seconds(self) -> float:
        """CPU seconds as they would be on the reference machine."""
        return self.cpu_seconds * self.pace.speed

    @property
    def wall_limit_seconds(self) -> float:
        """Protects the worker from code that waits: three times the limit, and half a minute."""
        limit_here = max(self.limit_seconds, self.limit_seconds / self.pace.speed)
        return self.patience * max(_WALL_FACTOR * limit_here, _LEAST_WALL_SECONDS)

    @property
    def is_over_limit(self) -> bool:
        """Whether the reference seconds are used up."""
        return self.reference_seconds >= self.limit_seconds

    @property
    def has_had_its_time(self) -> bool:
        """Whether they would be used up if what its messages took outside it counted, too."""
        cpu_seconds = self.cpu_seconds + self.contention.caused_seconds
        return cpu_seconds * self.pace.speed >= self.limit_seconds

    def is_used_up(self) -> bool:
        """Whether nothing is left."""
        return self.is_over_limit or self.wall_seconds >= self.wall_limit_seconds

    def note_near(self) -> None:
        """Begin to find the machine's speed, where the verdict may depend on it."""
        if _NEAR * self.cpu_seconds >= self.limit_seconds:
            self.pace.begin()

    async def settle(self) -> None:
        """Know the machine's speed, where the verdict may depend on it.

        Raises:
            SandboxError: if it cannot be measured.
        """
        self.note_near()
        await self.pace.settle()


async def run_limited(
    kernel: Kernel, work: Coroutine[Any, Any, T], meter: Meter, memory_mib: float
) -> T:
    """Result of `work`, which runs student code in `kernel`, charged to `meter`.

    Work that ends by itself over its limit counts as stopped there: verdicts must not depend on how
    soon somebody looks.

    Raises:
        StoppedError: if a limit was passed.
        KernelDiedError: if the kernel's process ended by itself.
        KernelStarvedError: if it took so long because the machine had no core for it.
        SandboxError: if the machine's speed matters and cannot be measured.
    """
    start, cpu_start = time.monotonic(), kernel.usage().cpu_seconds
    cpu_before, wall_before = meter.cpu_seconds, meter.wall_seconds
    task = asyncio.ensure_future(work)
    try:
        while True:
            await asyncio.wait({task}, timeout=_WATCH_SECONDS)
            if task.done():
                break
            usage = kernel.usage()
            meter.cpu_seconds = max(cpu_before, cpu_before + usage.cpu_seconds - cpu_start)
            meter.wall_seconds = wall_before + time.monotonic() - start
            if usage.memory_mib > memory_mib:
                await _kill(kernel, task)
                raise StoppedError(Outcome.MEMORY_LIMIT, killed=True)
            meter.contention.watch(kernel)
            meter.note_near()
            if meter.is_used_up() and meter.pace.look():
                meter.pace.keep()
                await _check_starved(kernel, task, meter)
                raise StoppedError(Outcome.TIME_LIMIT, killed=await _stop(kernel, task))
    finally:
        if not task.done():
            task.cancel()
        meter.contention.stop(kernel)
        cpu = kernel.usage().cpu_seconds - cpu_start
        meter.cpu_seconds = max(meter.cpu_seconds, cpu_before + cpu)
        meter.wall_seconds = wall_before + time.monotonic() - start
    result = task.result()
    await meter.settle()
    if meter.is_over_limit:
        raise StoppedError(Outcome.TIME_LIMIT, killed=False)
    return result


async def _check_starved(kernel: Kernel, task: asyncio.Future[Any], meter: Meter) -> None:
    """See whether what ran so long could have run.

    Raises:
        KernelStarvedError: if the machine had no core for it.
    """
    meter.contention.stop(kernel)
    if meter.contention.is_starving and not meter.has_had_its_time:
        lost, watched = meter.contention.lost_seconds, meter.contention.watched_seconds
        await _kill(kernel, task)
        raise KernelStarvedError(
            f"for {lost:.0f} of {watched:.0f} s this machine had no core for the student's code; "
            "grade with fewer workers, or when less else runs here"
        )


async def _stop(kernel: Kernel, task: asyncio.Future[Any]) -> bool:
    """Interrupt; kill what does not heed it. Returns whether it was killed.

    Time for which the machine had no core for it does not count, up to a bound. An interrupt can
    be lost, where Python ignores what a destructor or a callback raises: so there is a second one.
    """
    await kernel.interrupt()
    start, grace = time.monotonic(), Contention()
    seconds, repeated = 0.0, False
    while not task.done() and seconds < min(_GRACE_SECONDS + grace.lost_seconds, _MOST_GRACE):
        await asyncio.wait({task}, timeout=_WATCH_SECONDS)
        grace.watch(kernel)
        seconds = time.monotonic() - start
        if not repeated and not task.done() and seconds > _GRACE_SECONDS / 2 + grace.lost_seconds:
            repeated = True
            await kernel.interrupt()
    if task.done():
        return task.exception() is not None
    await _kill(kernel, task)
    return True


async def _kill(kernel: Kernel, task: asyncio.Future[Any]) -> None:
    await kernel.kill()
    await asyncio.wait({task}, timeout=_GRACE_SECONDS)
    if task.done():
        with suppress(KernelDiedError, asyncio.CancelledError):
            task.result()
