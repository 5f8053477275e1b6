"""Whose a container is: the grader that started it, so that what dead graders left can be removed.

A container's line ends with its grader, and the container with its line; this is for what an engine
that was itself ended leaves behind.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import psutil

from autograder.errors import SandboxError
from autograder.sandbox.engine import Engine

_PREFIX = "autograder"


def name_grader(pid: int | None = None) -> str:
    """`autograder-<machine>-<process>-<start>`: a process, else this one, on this boot."""
    process = psutil.Process(pid)
    return f"{_PREFIX}-{_name_machine()}-{process.pid}-{int(process.create_time())}"


def _name_machine() -> str:
    """Differs where process ids mean something else: another boot, another container."""
    facts = str(Path("/proc/self/ns/pid").readlink()) if Path("/proc/self/ns/pid").exists() else ""
    with suppress(OSError):
        facts += Path("/proc/sys/kernel/random/boot_id").read_text()
    return hashlib.sha256(f"{facts}{os.uname().nodename}".encode()).hexdigest()[:8]


def is_left_over(container: str) -> bool:
    """Whether the container of that name was started by a grader that is gone."""
    parts = container.split("-")
    if len(parts) != 5 or parts[:2] != [_PREFIX, _name_machine()]:
        return False
    try:
        return int(psutil.Process(int(parts[2])).create_time()) != int(parts[3])
    except (psutil.NoSuchProcess, ValueError):
        return True


def remove_left_over(engine: Engine, label: str) -> list[str]:
    """Remove what dead graders left; returns the names of what was removed."""
    listed = engine.run(["ps", "--all", "--filter", f"label={label}", "--format", "{{.Names}}"])
    left = [name for name in listed.decode().split() if is_left_over(name)]
    for name in left:
        remove_container(engine, name)
    return left


def remove_container(engine: Engine, name: str) -> None:
    """End and remove a container now; nothing happens where there is none."""
    with suppress(SandboxError):
        engine.run(["rm", "--force", name])
