"""What grading runs with, chosen by name: a sandbox, an executor, scorers.

Left out: what is done with them (`pipeline`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from autograder.executor.base import Executor
from autograder.grade.scorer.process import Scorers
from autograder.machine import count_cores
from autograder.plugins import load_plugin
from autograder.sandbox.base import Sandbox, SandboxOptions
from autograder.sandbox.walls import parse_minimum


@dataclass(frozen=True)
class Services:
    """What grading runs with."""

    sandbox: Sandbox
    executor: Executor
    scorers: Scorers


@contextmanager
def open_services(
    sandbox: str = "", executor: str = "local", workers: int = 0, walls: str | None = None
) -> Iterator[Services]:
    """Services by name, closed when the context ends.

    Args:
        sandbox: empty for the one that fits this machine.
        executor: where gradings run.
        workers: gradings at a time; 0 for as many as fit.
        walls: what must hold around student code, comma-separated (`sandbox.walls`).

    Raises:
        UsageError: if one does not exist.
    """
    runner = load_plugin("executors", executor)(workers=workers)
    options = SandboxOptions(max(1, count_cores() // runner.workers), parse_minimum(walls))
    with closing(open_sandbox(sandbox, options)) as opened, Scorers() as scorers:
        yield Services(opened, runner, scorers)


def open_sandbox(name: str, options: SandboxOptions) -> Sandbox:
    """Sandbox by name; the empty name means the one that fits this machine.

    Raises:
        UsageError: if there is none of that name.
    """
    sandbox: Sandbox = load_plugin("sandboxes", name or choose_sandbox())(options=options)
    return sandbox


def choose_sandbox() -> str:
    """Name of the sandbox that fits this machine: `fork` on Linux, else `process`."""
    return "fork" if sys.platform == "linux" else "process"
