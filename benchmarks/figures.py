"""How benchmarks measure commands and report: a figure a line, with its target, ok or short."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from autograder.sandbox.cgroup import Caps, Cgroup, make_cgroup

ONE_THREAD = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}


def find(command: str) -> str:
    """Path of a command installed beside this Python."""
    return str(Path(sys.executable).parent / command)


def report(name: str, figure: str, value: float, target: str) -> bool:
    """Print one figure; returns whether it meets its target.

    Args:
        name: of the benchmark.
        figure: what was measured, with its unit in the name.
        value: what came out.
        target: such as `<= 1.0` or `>= 2.5`.
    """
    sign, bound = target.split()
    met = value <= float(bound) if sign == "<=" else value >= float(bound)
    print(f"{name} {figure} = {value:.3g} (target {target}) {'ok' if met else 'short'}")
    return met


def measure_command(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> tuple[float, float]:
    """CPU and wall seconds of a whole command, all its processes included.

    Counted by a control group: the machine buries a kernel's process tree itself, so the time of
    its processes is in none of our children's.

    Raises:
        RuntimeError: if the command fails, with the end of what it printed; or if no control group
            may be made.
    """
    group = make_cgroup("bench", Caps(memory_mib=2**20, processes=100_000))
    if group is None:
        raise RuntimeError("this benchmark needs a control group; run it as root")
    inner = Cgroup({str(place): place / "command" for place in group.folders})
    try:
        # One level down: in version 2 a group has processes or further groups, not both.
        for place in inner.folders:
            place.mkdir()
        wall = time_command(command, folder, environment, lambda: inner.add(os.getpid()))
        return group.usage().cpu_seconds, wall
    finally:
        inner.remove()
        group.remove()


def time_command(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    begin: Callable[[], None] | None = None,
) -> float:
    """Wall seconds of a command; see `time_output`."""
    return time_output(command, folder, environment, begin)[0]


def time_output(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    begin: Callable[[], None] | None = None,
) -> tuple[float, str]:
    """Wall seconds of a command, and what it printed.

    Args:
        command: with its arguments.
        folder: where it runs.
        environment: variables beside our own, or in their place.
        begin: called in its process before it starts.

    Raises:
        RuntimeError: if it fails, with the end of what it printed.
    """
    start = time.monotonic()
    run = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=begin,
    )
    wall = time.monotonic() - start
    if run.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{run.stdout[-2000:]}\n{run.stderr[-4000:]}")
    return wall, run.stdout
