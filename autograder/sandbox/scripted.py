"""The `scripted` sandbox: runs nothing and answers from a script, for tests of what uses a sandbox.

Left out: time. A scripted kernel answers at once; how much it says it used is scripted too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from autograder.sandbox.base import (
    CellRun,
    Death,
    Kernel,
    KernelDiedError,
    KernelRequest,
    Usage,
)
from autograder.wire.frame import Frame

Runs = Mapping[str, CellRun | Exception]
Replies = Callable[[Frame], Frame]


def reply_missing(request: Frame) -> Frame:
    """Reply of a notebook that defines no name at all."""
    return Frame({"missing": str(request.head.get("name", ""))})


class ScriptedKernel:
    """A kernel that follows a script; see `base.Kernel`.

    Attributes:
        request: what it was opened with.
        sources: cells it was given, in order.
        requests: what it was asked, in order.
        interrupts: how often it was interrupted.
        killed: whether it was killed; it answers no more then.
        death: by whom it is ended where the script lets it die.
        delay_seconds: for which its threads had no core.
        carrying_seconds: of CPU that its messages took outside it.
    """

    def __init__(
        self, request: KernelRequest, runs: Runs, replies: Replies, usages: Sequence[Usage]
    ) -> None:
        self.request = request
        self.sources: list[str] = []
        self.requests: list[Frame] = []
        self.interrupts = 0
        self.killed = False
        self.death = Death.OWN
        self.delay_seconds = 0.0
        self.carrying_seconds = 0.0
        self.walls: tuple[str, ...] = ()
        self._runs = runs
        self._replies = replies
        self._usages = list(usages)

    async def run_cell(self, source: str) -> CellRun:
        """What the script has for this source, an empty run where it has nothing; or raise it."""
        self._check_alive()
        self.sources.append(source)
        run = self._runs.get(source, CellRun())
        if isinstance(run, Exception):
            raise run
        return run

    async def ask(self, request: Frame) -> Frame:
        """What the script replies."""
        self._check_alive()
        self.requests.append(request)
        return self._replies(request)

    async def interrupt(self) -> None:
        """Count the interrupt."""
        self.interrupts += 1

    async def kill(self) -> None:
        """Answer no more."""
        self.killed = True

    def usage(self) -> Usage:
        """The next usage of the script; the last one stays."""
        return self._usages.pop(0) if len(self._usages) > 1 else self._usages[0]

    def read_delay(self) -> float:
        """What was set."""
        return self.delay_seconds

    def read_carrying(self) -> float:
        """What was set."""
        return self.carrying_seconds

    def read_death(self) -> Death:
        """What the script says."""
        return self.death

    def _check_alive(self) -> None:
        if self.killed:
            raise KernelDiedError("the scripted kernel was killed")


class ScriptedSandbox:
    """Kernels that follow a script.

    Args:
        runs: what a cell gives, by its source; an exception is raised instead.
        replies: called for every request to the agent.
        usages: what each call of `usage` gives, in order; nothing used where it is empty.
        deaths: by whom each kernel is ended, in order; the last one stays.

    Attributes:
        kernels: all kernels opened so far.
    """

    name = "scripted"

    def __init__(
        self,
        runs: Runs | None = None,
        replies: Replies = reply_missing,
        usages: Sequence[Usage] = (),
        deaths: Sequence[Death] = (Death.OWN,),
    ) -> None:
        self.kernels: list[ScriptedKernel] = []
        self._runs = dict(runs or {})
        self._replies = replies
        self._usages = tuple(usages) or (Usage(0.0, 0.0),)
        self._deaths = tuple(deaths)

    def open_kernel(self, request: KernelRequest) -> AbstractAsyncContextManager[Kernel]:
        """A fresh kernel at the start of the script."""
        return self._open(request)

    def close(self) -> None:
        """Nothing is kept warm."""

    @asynccontextmanager
    async def _open(self, request: KernelRequest) -> AsyncIterator[Kernel]:
        kernel = ScriptedKernel(request, self._runs, self._replies, self._usages)
        kernel.death = self._deaths[min(len(self.kernels), len(self._deaths) - 1)]
        self.kernels.append(kernel)
        try:
            yield kernel
        finally:
            kernel.killed = True
