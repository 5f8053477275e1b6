"""How benchmarks report: one line per figure, `<name> <figure> = <value> (target …) ok|short`."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


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

    Raises:
        RuntimeError: if the command fails; with the end of what it printed.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = os.times().elapsed
    run = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    wall = os.times().elapsed - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{run.stdout[-2000:]}\n{run.stderr[-4000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall
