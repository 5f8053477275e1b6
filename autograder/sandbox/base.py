"""The sandbox seam: where student code runs.

A `Sandbox` opens kernels; a `Kernel` runs cells and answers requests. What student code does
(raise, hang, exit, flood) comes back as a value: `CellRun`, a reply frame, `KernelDied`. Only a
failure of ours (the kernel does not start, the machine is out of processes) is a `SandboxError`.
Time limits are the caller's: it watches `usage()` and calls `interrupt()` and then `kill()`.
"""

from __future__ import annotations

import signal
from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from autograder.sandbox.walls import DEFAULT_MINIMUM
from autograder.schema.assessment import Limits
from autograder.warmth.ancestor import Ancestor
from autograder.wire.frame import Frame


@dataclass(frozen=True)
class SandboxOptions:
    """What whoever opens a sandbox may say, whichever it is.

    Attributes:
        threads: threads of one training.
        minimum: walls and protections (`sandbox.walls`) without which no kernel is opened.
        ancestor: what warm processes with its modules are forked from, and others with them; None
            where a sandbox keeps its own.
    """

    threads: int = 1
    minimum: tuple[str, ...] = DEFAULT_MINIMUM
    ancestor: Ancestor | None = None


DEFAULT_OPTIONS = SandboxOptions()


@dataclass(frozen=True)
class KernelRequest:
    """What a kernel is opened with.

    Attributes:
        files: content of the working folder at the start, by relative path.
        limits: what the submission may use.
        preload: modules imported before any student code.
        seed: added to every seed that is set in the kernel; another one trains another model.
    """

    files: Mapping[str, bytes]
    limits: Limits
    preload: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Usage:
    """What a kernel's process tree has used, measured from outside.

    Attributes:
        cpu_seconds: user and system time of all its processes since the start.
        memory_mib: memory now.
        out_of_memory: whether the machine ended a process of it for passing its memory limit; one
            that was ended because the machine itself had none left does not count.
    """

    cpu_seconds: float
    memory_mib: float
    out_of_memory: bool = False


@dataclass(frozen=True)
class CellError:
    """The exception a cell ended with, as the kernel told it."""

    name: str
    text: str
    traceback: str


@dataclass(frozen=True)
class CellRun:
    """What running one cell gave.

    Attributes:
        outputs: in nbformat's form, bounded by `Limits.output_bytes`.
        error: the exception it ended with, or None.
        stderr: what it wrote to stderr (a magic that is not found ends a cell so, silently).
    """

    outputs: list[dict[str, Any]] = field(default_factory=list)
    error: CellError | None = None
    stderr: str = ""


class KernelDiedError(Exception):
    """The kernel's process ended while student code was running: the student's doing, or ours.

    It is not an `AutograderError`: the grader decides whose failure it is, by `Kernel.read_death`.
    """


class Death(StrEnum):
    """By whom a kernel was ended, as far as can be told from outside."""

    OWN = "own"  # by the code in it: it left, or crashed, or answers no more
    KILLED = "killed"  # by a signal that the code in it may have sent, or anybody else
    HARDLY_OWN = "hardly_own"  # by one that its walls keep it from sending itself in any usual way
    OUTSIDE = "outside"  # by somebody or something beyond its walls


_SENT_BY_ANYBODY = (signal.SIGKILL, signal.SIGTERM)  # by administrators, and at a shutdown


def read_status(status: int, walls: Collection[str] = ()) -> Death:
    """By whom a kernel behind `walls` was ended, by its exit code or minus the signal."""
    if -status == signal.SIGKILL and "seccomp" in walls:
        return Death.HARDLY_OWN  # its filter ends it in another way (`kernel.walls.seccomp`)
    return Death.KILLED if -status in _SENT_BY_ANYBODY else Death.OWN


class Kernel(Protocol):
    """A running kernel with the student's code in it."""

    @property
    def walls(self) -> tuple[str, ...]:
        """Names of the walls that hold around it (`sandbox.walls`)."""

    async def run_cell(self, source: str) -> CellRun:
        """Run one cell to its end.

        Raises:
            KernelDiedError: if the process ends meanwhile.
        """

    async def ask(self, request: Frame) -> Frame:
        """Reply of the agent to one request (`wire.requests`).

        Raises:
            KernelDiedError: if the process ends meanwhile.
            ForgedError: if the reply breaks the protocol.
        """

    async def interrupt(self) -> None:
        """Interrupt what runs, as Jupyter's stop button does."""

    async def kill(self) -> None:
        """End the process and all its descendants now."""

    def usage(self) -> Usage:
        """What the process tree has used so far."""

    def read_delay(self) -> float:
        """Seconds for which its threads were ready to run and had no core, summed over them.

        Never goes back; 0 where the machine does not say.
        """

    def read_carrying(self) -> float:
        """CPU seconds that carrying its messages has taken outside its own processes.

        This thread's are among them: ask in the one that waits for the kernel and for no other.
        """

    def read_death(self) -> Death:
        """By whom it was ended, once it has died; asked once."""


class Sandbox(Protocol):
    """Opens kernels behind walls. Made with `options=SandboxOptions(…)`, or nothing.

    Attributes:
        name: as in results: `fork`, `container`, `process`.
    """

    name: str

    def open_kernel(self, request: KernelRequest) -> AbstractAsyncContextManager[Kernel]:
        """A fresh kernel in a fresh folder; both are gone when the context ends.

        Raises:
            SandboxError: if no kernel can be started.
        """

    def close(self) -> None:
        """Let go of what is kept warm between kernels."""
