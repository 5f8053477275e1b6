"""Lets student code run within its limits: interrupt first, then kill the whole tree."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from autograder.sandbox.base import Kernel, KernelDiedError
from autograder.schema.outcome import Outcome

T = TypeVar("T")
_GRACE_SECONDS = 3.0
_WATCH_SECONDS = 0.2
_LEAST_WALL_SECONDS = 30.0
_WALL_FACTOR = 3.0


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
        limit_seconds: CPU seconds of the kernel's process tree.
        wall_limit_seconds: protects the worker from code that waits; far above the CPU limit.
    """

    limit_seconds: float
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0

    @property
    def wall_limit_seconds(self) -> float:
        """At least three times the limit, and half a minute."""
        return max(_WALL_FACTOR * self.limit_seconds, _LEAST_WALL_SECONDS)

    def is_used_up(self) -> bool:
        """Whether nothing is left."""
        return (
            self.cpu_seconds >= self.limit_seconds or self.wall_seconds >= self.wall_limit_seconds
        )


async def run_limited(
    kernel: Kernel, work: Coroutine[Any, Any, T], meter: Meter, memory_mib: float
) -> T:
    """Result of `work`, which runs student code in `kernel`, charged to `meter`.

    Raises:
        StoppedError: if a limit was passed.
        KernelDiedError: if the kernel's process ended by itself.
    """
    start, cpu_start = time.monotonic(), kernel.usage().cpu_seconds
    cpu_before, wall_before = meter.cpu_seconds, meter.wall_seconds
    task = asyncio.ensure_future(work)
    try:
        while True:
            await asyncio.wait({task}, timeout=_WATCH_SECONDS)
            if task.done():
                return task.result()
            usage = kernel.usage()
            meter.cpu_seconds = max(cpu_before, cpu_before + usage.cpu_seconds - cpu_start)
            meter.wall_seconds = wall_before + time.monotonic() - start
            if usage.memory_mib > memory_mib:
                await _kill(kernel, task)
                raise StoppedError(Outcome.MEMORY_LIMIT, killed=True)
            if meter.is_used_up():
                raise StoppedError(Outcome.TIME_LIMIT, killed=await _stop(kernel, task))
    finally:
        if not task.done():
            task.cancel()
        cpu = kernel.usage().cpu_seconds - cpu_start
        meter.cpu_seconds = max(meter.cpu_seconds, cpu_before + cpu)
        meter.wall_seconds = wall_before + time.monotonic() - start


async def _stop(kernel: Kernel, task: asyncio.Future[Any]) -> bool:
    """Interrupt; kill what does not heed it. Returns whether it was killed."""
    await kernel.interrupt()
    await asyncio.wait({task}, timeout=_GRACE_SECONDS)
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
