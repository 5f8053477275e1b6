"""Keeps a kernel going for one submission: replaces a dead one, and runs the earlier cells again.

A cell that kills the kernel costs its own question: the new kernel runs all earlier cells but
that one. Whose doing a death is, `losses` says. Every wait has a deadline.
"""

from __future__ import annotations

import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from autograder.errors import ForgedError, KernelLostError
from autograder.grade.losses import Losses
from autograder.grade.meter import Meter, StoppedError, run_limited
from autograder.sandbox.base import (
    CellError,
    CellRun,
    Kernel,
    KernelDiedError,
    KernelRequest,
    Sandbox,
)
from autograder.sandbox.flood import OutputFloodError
from autograder.schema.outcome import Outcome
from autograder.wire.frame import Frame

T = TypeVar("T")
_MAX_KERNELS = 6
_REPLAY_FACTOR = 1.5
_REPLAY_SECONDS = 2.0
_SEED_SECONDS = 30.0
FLOOD = "TooMuchOutput"  # name of the error that a cell or a call ends with which floods the line


@dataclass(frozen=True)
class PastCell:
    """A cell that was run, and what it took."""

    source: str
    cpu_seconds: float


class KernelsSpentError(Exception):
    """The submission has killed so many kernels that the rest is not reached."""


class Session:
    """The kernels of one submission, one at a time.

    Attributes:
        generation: counts kernels; what referred to an earlier one is void.
        walls: those that held around every kernel so far.
    """

    def __init__(
        self, sandbox: Sandbox, request: KernelRequest, losses: Losses | None = None
    ) -> None:
        self.generation = 0
        self.walls: tuple[str, ...] = ()
        self._sandbox = sandbox
        self._request = request
        self._stack = AsyncExitStack()
        self._kernel: Kernel | None = None
        self._losses = losses or Losses()
        self._past: list[PastCell] = []
        self._cells = 0
        self._deadline = time.monotonic() + request.limits.wall_seconds

    async def __aenter__(self) -> Session:
        await self._replace_kernel()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def is_out_of_time(self) -> bool:
        """Whether the submission's wall-clock stop has come."""
        return time.monotonic() > self._deadline

    @property
    def has_kernel(self) -> bool:
        """Whether a kernel is there; else the next request starts one."""
        return self._kernel is not None

    async def run_cell(self, source: str, meter: Meter) -> CellRun | Outcome:
        """What the cell gave, or the outcome that ended it before its end.

        Raises:
            SandboxError: if no kernel can be had.
            KernelLostError: if it died, and not by the student's doing as far as is known.
            KernelStarvedError: if the machine had no core for it.
        """
        kernel = await self._need_kernel()
        self._cells += 1
        before = meter.cpu_seconds
        try:
            run = await self._limited(kernel, kernel.run_cell(source), meter)
        except StoppedError as stop:
            if not stop.killed:
                self._past.append(PastCell(source, meter.cpu_seconds - before))
            await self._drop_if(killed=stop.killed)
            return stop.outcome
        except OutputFloodError as flood:
            await self._drop_if(killed=True)
            return CellRun(error=CellError(FLOOD, str(flood), ""))
        except KernelDiedError:
            outcome = self._read_death(kernel, "cell")
            await self._drop_if(killed=True)
            return outcome
        self._past.append(PastCell(source, meter.cpu_seconds - before))
        return run

    async def ask(self, request: Frame, meter: Meter) -> Frame:
        """Reply of the agent, or a frame that says by what the call was stopped.

        Raises:
            SandboxError: if no kernel can be had.
            KernelLostError: if it died, and not by the student's doing as far as is known.
            KernelStarvedError: if the machine had no core for it.
        """
        if meter.is_used_up():
            return Frame({"stopped": Outcome.TIME_LIMIT.value})
        kernel = await self._need_kernel()
        try:
            return await self._limited(kernel, kernel.ask(request), meter)
        except StoppedError as stop:
            await self._drop_if(killed=stop.killed)
            return Frame({"stopped": stop.outcome.value})
        except OutputFloodError as flood:
            await self._drop_if(killed=True)
            return Frame({"error": {"name": FLOOD, "text": str(flood), "builtins": []}})
        except KernelDiedError:
            outcome = self._read_death(kernel, "call")
            await self._drop_if(killed=True)
            return Frame({"stopped": outcome.value})
        except ForgedError:
            await self._drop_if(killed=True)
            return Frame({"stopped": Outcome.FORGED.value})

    async def _limited(self, kernel: Kernel, work: Coroutine[Any, Any, T], meter: Meter) -> T:
        lost = meter.contention.lost_seconds
        try:
            return await run_limited(kernel, work, meter, self._request.limits.memory_mib)
        finally:
            self._deadline += meter.contention.lost_seconds - lost

    async def _need_kernel(self) -> Kernel:
        if self._kernel is None:
            await self._replace_kernel()
        assert self._kernel is not None
        return self._kernel

    async def _drop_if(self, *, killed: bool) -> None:
        if killed:
            self._kernel = None
            await self._stack.aclose()

    async def _replace_kernel(self) -> None:
        """Open a kernel and run the earlier cells in it; leave out one that kills this one too."""
        while True:
            if self.generation >= _MAX_KERNELS:
                raise KernelsSpentError
            self.generation += 1
            self._kernel = await self._open_kernel()
            walls = self._kernel.walls
            self.walls = walls if self.generation == 1 else _keep_common(self.walls, walls)
            await self._seed(self._kernel)
            killer = await self._replay(self._kernel)
            if killer is None:
                return
            del self._past[killer]
            await self._drop_if(killed=True)

    async def _open_kernel(self) -> Kernel:
        """A fresh kernel; how long that takes, on a busy machine, is no time of the student's."""
        start = time.monotonic()
        try:
            return await self._stack.enter_async_context(self._sandbox.open_kernel(self._request))
        finally:
            self._deadline += time.monotonic() - start

    async def _seed(self, kernel: Kernel) -> None:
        """Say the submission's seed before any of its code runs.

        Raises:
            KernelLostError: if the kernel ends; no student code was in it.
        """
        if self._request.seed == 0:
            return  # a kernel begins with it
        request = Frame({"op": "seed", "seed": 0, "offset": self._request.seed})
        try:
            await self._limited(kernel, kernel.ask(request), Meter(_SEED_SECONDS))
        except (StoppedError, KernelDiedError) as error:
            raise KernelLostError("a kernel ended before any code ran in it") from error

    async def _replay(self, kernel: Kernel) -> int | None:
        """Run the earlier cells again; number of the one that kills this kernel too, or None.

        It is our doing that they run again: their time is not the student's. None may take much
        longer than before, so that a loop that was stopped then is stopped again.
        """
        start = time.monotonic()
        try:
            for number, cell in enumerate(self._past):
                meter = Meter(_REPLAY_FACTOR * cell.cpu_seconds + _REPLAY_SECONDS)
                try:
                    await self._limited(kernel, kernel.run_cell(cell.source), meter)
                except StoppedError as stop:
                    if stop.killed:
                        return number
                except KernelDiedError:
                    self._read_death(kernel, "again")
                    return number
            return None
        finally:
            self._deadline += time.monotonic() - start

    def _read_death(self, kernel: Kernel, work: str) -> Outcome:
        """Why a kernel ended while student code was running in it.

        Raises:
            KernelLostError: if that is not known to be the student's doing.
        """
        if kernel.usage().out_of_memory:
            return Outcome.MEMORY_LIMIT
        death = kernel.read_death()
        if self._losses.is_students(death, (work, self._cells)):
            return Outcome.ERROR
        step = "see whether the machine is short of memory, or somebody ends its processes"
        raise KernelLostError(f"a kernel was ended from outside ({death}, {work}); {step}")


def _keep_common(walls: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(wall for wall in walls if wall in others)
