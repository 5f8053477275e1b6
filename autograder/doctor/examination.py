"""Tries every wall from inside a kernel, and tells which held.

A wall that a kernel says it has, and that a probe walked through, is the worst finding there is;
it is told as `broken`.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from autograder.doctor import probes
from autograder.errors import SandboxError
from autograder.sandbox.base import CellRun, Kernel, KernelDiedError, KernelRequest, Sandbox
from autograder.sandbox.walls import ADVICE, list_missing
from autograder.schema.assessment import Limits
from autograder.schema.base import Value

_CELL_SECONDS = 60
_NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts")


class Finding(Value):
    """What became of one wall.

    Attributes:
        wall: its name.
        held: whether it stopped the probe.
        claimed: whether the kernel said that it has it.
        met: what the probe met.
        advice: what to install or switch on where it does not hold.
    """

    wall: str
    held: bool
    claimed: bool
    met: str
    advice: str = ""

    @property
    def broken(self) -> bool:
        """Whether it was claimed and did not hold."""
        return self.claimed and not self.held


class Examination(Value):
    """What was found of one sandbox.

    Attributes:
        sandbox: its name.
        findings: one per wall.
        missing: what of the minimum does not hold.
        failure: why no kernel could be opened at all; empty where one could.
        training_seconds: of a small fixed training in a kernel; None where there was none.
        keras: Keras' version in a kernel.
    """

    sandbox: str
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()
    failure: str = ""
    training_seconds: float | None = None
    keras: str = ""


def examine(sandbox: Sandbox, minimum: tuple[str, ...]) -> Examination:
    """Run into every wall of `sandbox`.

    Args:
        sandbox: opened without a minimum, so that what is missing is seen and not refused.
        minimum: walls and protections that have to hold.
    """
    try:
        findings = asyncio.run(_run_into_walls(sandbox))
    except SandboxError as error:
        return Examination(sandbox=sandbox.name, failure=str(error), missing=minimum)
    held = [item.wall for item in findings if item.held]
    missing = tuple(list_missing(minimum, held))
    examined = Examination(sandbox=sandbox.name, findings=findings, missing=missing)
    with suppress(SandboxError, KernelDiedError, ValueError):
        seconds, version = asyncio.run(_train(sandbox))
        return examined.model_copy(update={"training_seconds": seconds, "keras": version})
    return examined


async def _run_into_walls(sandbox: Sandbox) -> tuple[Finding, ...]:
    limits = Limits(memory_mib=probes.HOG_MEMORY_MIB, disk_mib=16)
    with _stand_outside() as told:
        async with sandbox.open_kernel(KernelRequest({}, limits)) as kernel:
            claimed = kernel.walls
            await _run(kernel, probes.SETUP.format(told=told))
            met = {name: _read(await _run(kernel, code)) for name, code in probes.PROBES.items()}
    met["cgroup"] = await _try_limits(sandbox)
    return tuple(
        Finding(
            wall=name,
            held=held,
            claimed=name in claimed,
            met=text,
            advice="" if held else ADVICE[name],
        )
        for name, (held, text) in sorted(met.items(), key=lambda item: list(ADVICE).index(item[0]))
    )


@contextmanager
def _stand_outside() -> Iterator[str]:
    """What probes look for outside: a file for everybody, a listener, the grader itself."""
    with tempfile.TemporaryDirectory(prefix="ag-doctor-") as folder, socket.socket() as listener:
        Path(folder).chmod(0o755)
        canary = Path(folder, "canary.txt")
        canary.write_text("seen", encoding="utf-8")
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        namespaces = {}
        for kind in _NAMESPACES:
            with suppress(OSError):
                namespaces[kind] = str(Path("/proc/self/ns", kind).readlink())
        ours = {"pid": os.getpid(), "uid": os.geteuid(), "namespaces": namespaces}
        yield json.dumps([ours, str(canary), listener.getsockname()[1]])


async def _run(kernel: Kernel, source: str) -> CellRun:
    return await asyncio.wait_for(kernel.run_cell(source), _CELL_SECONDS)


def _read(run: CellRun) -> tuple[bool, str]:
    try:
        held, met = json.loads(_text(run).splitlines()[-1])
    except (IndexError, ValueError):
        return False, f"{run.error.name}: {run.error.text}" if run.error else "no answer"
    return bool(held), str(met)


def _text(run: CellRun) -> str:
    return "".join(str(output.get("text", "")) for output in run.outputs)


async def _try_limits(sandbox: Sandbox) -> tuple[bool, str]:
    """Take more threads and more memory than allowed."""
    limits = Limits(memory_mib=probes.HOG_MEMORY_MIB, disk_mib=16, processes=probes.CROWD_PROCESSES)
    async with sandbox.open_kernel(KernelRequest({}, limits)) as kernel:
        started = int(_text(await _run(kernel, probes.CROWD)) or 0)
        with suppress(KernelDiedError, TimeoutError):
            run = await _run(kernel, probes.HOG)
            told: Any = run.error.name if run.error else "it got all of it"
            return False, f"{started} threads; 3200 MiB of {probes.HOG_MEMORY_MIB}: {told}"
        ended = kernel.usage().out_of_memory
    text = f"{started} threads of {probes.CROWD_PROCESSES}; ended for its memory: {ended}"
    return ended and started < probes.CROWD_PROCESSES, text


async def _train(sandbox: Sandbox) -> tuple[float, str]:
    async with sandbox.open_kernel(KernelRequest({}, Limits(), ("keras",))) as kernel:
        seconds, version = _text(await _run(kernel, probes.SPEED)).split()
    return float(seconds), version
