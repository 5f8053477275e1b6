"""Seconds to a kernel that has answered, and the memory one keeps for itself.

A start is the time from `open_kernel` to the answer of a first cell, `import keras`, from a kernel
behind its walls: of the `fork` sandbox, and of `process`, which starts cold. They take turns in one
run, so that whatever else the machine does meets both. Memory is what an idle kernel shares with
nobody: the private pages of all its processes, while two others like it are open. The warm process
that kernels are forked from is started before, and its seconds are told but not counted.

Run with `make bench NAME=kernel_start`.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import psutil

from autograder.sandbox.base import Kernel, KernelRequest, Sandbox
from autograder.sandbox.fork import ForkSandbox
from autograder.sandbox.process import ProcessSandbox
from autograder.schema.assessment import Limits
from benchmarks.figures import report

REQUEST = KernelRequest({}, Limits(), preload=("keras",))
FIRST_CELL = "import keras"
IDLE_KERNELS = 3  # one to measure, and two that it may share with
SETTLE_SECONDS = 2.0


async def open_answering(stack: AsyncExitStack, sandbox: Sandbox) -> Kernel:
    """A kernel that has run the first cell; closed with `stack`."""
    kernel = await stack.enter_async_context(sandbox.open_kernel(REQUEST))
    run = await kernel.run_cell(FIRST_CELL)
    if run.error is not None:
        raise RuntimeError(f"{FIRST_CELL} failed in {sandbox.name}: {run.error.text}")
    return kernel


async def measure_start(sandbox: Sandbox) -> tuple[float, tuple[str, ...]]:
    """Seconds from the request to the first answer, and the walls that held."""
    async with AsyncExitStack() as stack:
        start = time.perf_counter()
        kernel = await open_answering(stack, sandbox)
        return time.perf_counter() - start, kernel.walls


async def measure_memory(sandbox: Sandbox) -> tuple[float, float]:
    """Private and resident MiB of one idle kernel (medians of three that are open at once)."""
    async with AsyncExitStack() as stack:
        kernels = []
        for _ in range(IDLE_KERNELS):
            before = set(list_descendants())
            await open_answering(stack, sandbox)
            kernels.append([pid for pid in list_descendants() if pid not in before])
        await asyncio.sleep(SETTLE_SECONDS)
        private = [sum(read_mib(pid, "Private_") for pid in pids) for pids in kernels]
        resident = [sum(read_mib(pid, "Rss:") for pid in pids) for pids in kernels]
        return statistics.median(private), statistics.median(resident)


def list_descendants() -> Iterator[int]:
    """Ids of all processes below this one."""
    return (process.pid for process in psutil.Process().children(recursive=True))


def read_mib(pid: int, kind: str) -> float:
    """MiB of the pages of process `pid` whose kind begins so; `Private_`: in no other process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = [int(line.split()[1]) for line in lines if line.startswith(kind)]
    return sum(sizes[:2]) / 1024  # private clean and dirty; a third line is huge pages in reserve


def main() -> None:
    """Start kernels of both sandboxes in turn, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="cold starts; three forks each")
    options = parser.parse_args()
    seconds: dict[str, list[float]] = {"fork": [], "process": []}
    walls: dict[str, set[str]] = {"fork": set(), "process": set()}
    with closing(ForkSandbox()) as fork, closing(ProcessSandbox()) as process:
        warm_up, _ = asyncio.run(measure_start(fork))
        print(f"first fork, start of the warm process included: {warm_up:.2f} s (not counted)")
        for _ in range(options.rounds):
            for sandbox in (fork, process, fork, fork):
                taken, held = asyncio.run(measure_start(sandbox))
                seconds[sandbox.name].append(taken)
                walls[sandbox.name].add(", ".join(held))
        memory = {item.name: asyncio.run(measure_memory(item)) for item in (fork, process)}
    for name, sets in walls.items():
        print(f"walls around {name}: {' | '.join(sorted(sets))}")
    for name, values in seconds.items():
        spread = f"{min(values):.3f} to {max(values):.3f} s in {len(values)} starts"
        print(f"{name}: {spread}; idle: {memory[name][0]:.0f} MiB of {memory[name][1]:.0f} private")
    fork_median, process_median = (statistics.median(seconds[name]) for name in seconds)
    print(f"median seconds: fork {fork_median:.3f}, process {process_median:.3f}")
    report("kernel_start", "fork_seconds", fork_median, "<= 0.3")
    report("kernel_start", "process_to_fork", process_median / fork_median, ">= 15")
    report("kernel_start", "fork_private_mib", memory["fork"][0], "<= 80")


if __name__ == "__main__":
    main()
