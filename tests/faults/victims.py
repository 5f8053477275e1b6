"""Finds the processes of a grader that faults are done to, by what they are.

grader ── ancestor ─┬─ warm kernels (zygote) ── process 1 of a kernel ── the kernel
                    └─ warm scorers ── a scorer
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ANCESTOR = "autograder.warmth"
ZYGOTE, SCORERS = "ag-kernels", "ag-scorers"  # names of processes
KINDS = ("ancestor", "zygote", "first", "kernel", "scorers", "scorer")


@dataclass(frozen=True)
class Victim:
    """A process, and what it is to the grader."""

    kind: str
    process: psutil.Process

    def kill(self) -> bool:
        """End it as nobody can prevent; False where it had ended by itself."""
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if self.process.is_running():  # not another one with its number by now
                os.kill(self.process.pid, signal.SIGKILL)
                return True
        return False


def find_victims(grader: int) -> list[Victim]:
    """All of them below process `grader`."""
    found = []
    for child in _list_children(grader):
        if _read_module(child) == ANCESTOR:
            found.append(Victim("ancestor", child))
            for fork in _list_children(child.pid):
                found += _find_forks(fork)
    return found


def _find_forks(warm: psutil.Process) -> list[Victim]:
    """A warm process, and what was forked from it."""
    name = _read_name(warm)
    if name == SCORERS:
        scorers = [Victim("scorer", scorer) for scorer in _list_children(warm.pid)]
        return [Victim("scorers", warm), *scorers]
    if name != ZYGOTE:
        return []  # just forked, or just leaving
    found = [Victim("zygote", warm)]
    for first in _list_children(warm.pid):
        found.append(Victim("first", first))
        found += [Victim("kernel", kernel) for kernel in _list_children(first.pid)[:1]]
    return found


def find_kind(grader: int, kind: str) -> list[Victim]:
    """Those of one kind."""
    return [victim for victim in find_victims(grader) if victim.kind == kind]


def _list_children(parent: int) -> list[psutil.Process]:
    """Those that are no zombies; read from where Linux lists them, which costs little."""
    found = []
    for task in Path(f"/proc/{parent}/task").glob("[0-9]*/children"):
        with suppress(OSError):
            for word in task.read_text().split():
                with suppress(psutil.NoSuchProcess):
                    process = psutil.Process(int(word))
                    if process.status() != psutil.STATUS_ZOMBIE:
                        found.append(process)
    return found


def _read_module(process: psutil.Process) -> str:
    """The module that a Python process was started with; empty where there is none."""
    with suppress(psutil.Error):
        words = process.cmdline()
        if "-m" in words[:-1]:
            return words[words.index("-m") + 1]
    return ""


def _read_name(process: psutil.Process) -> str:
    """What a process calls itself; empty where there is none."""
    with suppress(psutil.Error):
        return process.name()
    return ""
