"""Looks at and ends a whole process tree, from outside."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from autograder.sandbox.base import Usage

GONE = (  # what psutil raises of a process that ended, or is another user's by now
    psutil.NoSuchProcess,
    psutil.AccessDenied,
    psutil.ZombieProcess,
)
_ROUNDS = 10


def kill_tree(pid: int, token: str) -> None:
    """End all processes of kernel `pid` marked `token`, those they start meanwhile included."""
    for _ in range(_ROUNDS):
        found = list_tree(pid, token)
        if not found:
            return
        kill_processes(found)


def list_tree(pid: int, token: str) -> list[psutil.Process]:
    """Live processes of kernel `pid`: its session's, those that carry `token`, all descendants.

    A daemon that detached itself stays a descendant while the kernel lives (which adopts orphans),
    and afterwards its environment still names the kernel it came from. (One that left the session
    without starting a program, of a kernel that then ended by itself, escapes here; the walls of
    the other sandboxes hold it.)
    """
    roots = [
        process.pid
        for process in psutil.process_iter()
        if _is_in_session(process.pid, pid) or _carries(process, token)
    ]
    found = []
    for member in dict.fromkeys(member for root in roots for member in list_descendants(root)):
        with suppress(*GONE):
            process = psutil.Process(member)
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _is_in_session(pid: int, session: int) -> bool:
    with suppress(OSError):
        return os.getsid(pid) == session
    return False


def _carries(process: psutil.Process, token: str) -> bool:
    with suppress(*GONE, OSError):
        return token in process.environ().values()
    return False


def measure_tree(pid: int) -> Usage:
    """CPU seconds and memory of process `pid` and its descendants, finished ones included."""
    cpu_seconds = memory = 0.0
    for member in list_descendants(pid):
        with suppress(*GONE):
            process = psutil.Process(member)
            with process.oneshot():
                times = process.cpu_times()
                cpu_seconds += times.user + times.system
                cpu_seconds += times.children_user + times.children_system
                memory += process.memory_info().rss
    return Usage(cpu_seconds, memory / 2**20)


def list_descendants(pid: int) -> list[int]:
    """Ids of process `pid` and its descendants.

    By the kernel's own lists: a hundred times cheaper than looking through all processes, and this
    is asked for several times a second.
    """
    if not Path(f"/proc/{pid}/task/{pid}/children").exists():
        with suppress(*GONE):
            return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
        return [pid]
    found = [pid]
    for member in found:  # grows while it is read: children of children
        with suppress(OSError):
            for task in Path(f"/proc/{member}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def kill_processes(processes: Iterable[psutil.Process]) -> None:
    """End processes now: all are stopped first, so that none can start another meanwhile."""
    targets = [process for process in processes if process.pid != os.getpid()]
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for process in targets:
            with suppress(*GONE):
                process.send_signal(number)
    psutil.wait_procs(targets, timeout=5)
