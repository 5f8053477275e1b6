"""The machine before and after an attack: processes, mounts, cgroups, files, memory.

Other programs run on the machine too, so only what can be the attack's is compared: descendants of
this process (which adopts their orphans), names with the attacks' mark, our own temporary folder.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_MIB = 2**20
_WAIT_SECONDS = 6.0
_PLACES = ("/tmp", "/dev/shm", "/var/tmp", "/run", "/dev/mqueue", "/etc", "/root", "/", "/home")
_SYSVIPC = ("shm", "sem", "msg")
MOST_GRADER_MIB = 2048  # above its usual size; two copies of the largest frame are half of it
MOST_LEFT_MIB = 300


@contextmanager
def adopted_orphans() -> Iterator[None]:
    """Let whatever loses its parent below this process become its child, and so be seen.

    Only for a time: a daemon that a later test of this process starts is no child of it.
    """
    set_process = ctypes.CDLL(None).prctl
    set_process(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        set_process(_PR_SET_CHILD_SUBREAPER, 0)


@dataclass(frozen=True)
class MachineState:
    """What an attack may have changed."""

    processes: frozenset[tuple[int, float]]
    mounts: frozenset[str]
    cgroups: frozenset[str]
    temporary: frozenset[str]
    packages: tuple[object, ...]
    ipc: tuple[str, ...]
    memory_mib: float


def read_state(temporary: Path) -> MachineState:
    """The state now."""
    gc.collect()
    return MachineState(
        processes=frozenset(_list_descendants()),
        mounts=frozenset(_list_mounts()),
        cgroups=frozenset(_list_cgroups()),
        temporary=frozenset(path.name for path in temporary.iterdir()),
        packages=tuple(_describe_packages()),
        ipc=tuple(_list_ipc()),
        memory_mib=psutil.Process().memory_info().rss / _MIB,
    )


def list_changes(before: MachineState, temporary: Path, mark: str) -> list[str]:
    """What differs from `before`; what is still being cleaned up gets a few seconds."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while changes := _compare(before, read_state(temporary), mark):
        if time.monotonic() > deadline:
            return changes
        time.sleep(0.3)
    return []


def _compare(before: MachineState, now: MachineState, mark: str) -> list[str]:
    changes = []
    left = [pid for pid, _ in now.processes - before.processes]
    if left:
        changes.append(f"processes left: {[_describe(pid) for pid in left[:5]]} ({len(left)})")
    for name in ("mounts", "cgroups", "temporary"):
        new = getattr(now, name) - getattr(before, name)
        if new:
            changes.append(f"{name} left: {sorted(new)[:5]}")
    if now.packages != before.packages:
        changes.append("installed packages were changed")
    if set(now.ipc) - set(before.ipc):
        changes.append("System V IPC left")
    if files := list(find_marked(mark)):
        changes.append(f"files left: {files[:5]}")
        for file in files:
            with suppress(OSError):
                Path(file).unlink()
    if now.memory_mib > before.memory_mib + MOST_LEFT_MIB:
        changes.append(f"{now.memory_mib - before.memory_mib:.0f} MiB more in the grader")
    return changes


def _describe(pid: int) -> str:
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return f"{pid} {process.status()} {' '.join(process.cmdline())[:80] or process.name()}"
    return str(pid)


def _list_descendants() -> Iterator[tuple[int, float]]:
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                yield process.pid, process.create_time()
            elif process.ppid() == os.getpid() and process.name() != "python":
                with suppress(ChildProcessError):
                    os.waitpid(process.pid, os.WNOHANG)


def _list_mounts() -> Iterator[str]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        place, kind = before.split(" ")[4], after.split(" ")[0]
        if kind not in ("overlay", "nsfs") and "/containers/" not in place:  # engines beside us
            yield place


def _list_cgroups() -> Iterator[str]:
    """Control groups that this process made: they carry its id.

    `os.walk` goes on where a group of another process vanishes meanwhile.
    """
    for folder, names, _ in os.walk("/sys/fs/cgroup"):
        for name in names:
            if name.startswith(f"autograder-{os.getpid()}-"):
                yield str(Path(folder, name))


def _describe_packages() -> Iterator[tuple[str, int]]:
    for place in (Path(sysconfig.get_paths()["purelib"]), Path(sys.prefix) / "bin"):
        yield str(place), sum(path.name != "__pycache__" for path in place.iterdir())


def _list_ipc() -> Iterator[str]:
    """What lies in the machine's own System V tables and has no living owner.

    A segment whose maker lives is that program's: other tests run a database at the same time, and
    a process that an attack left behind is told of by itself.
    """
    for kind in _SYSVIPC:
        with suppress(OSError):
            head, *lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()
            for line in lines:
                row = dict(zip(head.split(), line.split(), strict=False))
                if "cpid" not in row or not psutil.pid_exists(int(row["cpid"])):
                    yield f"{kind} {line.split()[1]}"


def find_marked(mark: str) -> Iterator[str]:
    """Files anywhere an attack may have left one, by the mark in its name."""
    places = {*_PLACES, str(Path.home()), str(Path.cwd()), sysconfig.get_paths()["purelib"]}
    for place in sorted(places):
        with suppress(OSError):
            for path in Path(place).iterdir():
                if mark in path.name and not path.name.endswith(("-shm", "-token", "-home")):
                    yield str(path)


class GraderMemory:
    """Watches how much memory the grader and its scorers take while an attack runs."""

    def __init__(self, scorers: object) -> None:
        self._scorers = scorers
        self._most = 0.0
        self._stopped = threading.Event()

    def __enter__(self) -> GraderMemory:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # the peak counts from now on
        self._start = psutil.Process().memory_info().rss / _MIB
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(0.2):
            process = getattr(self._scorers, "_process", None)
            if process is not None:
                with suppress(psutil.Error):
                    children = psutil.Process(process.pid).children()
                    sizes = [child.memory_info().rss / _MIB for child in children]
                    self._most = max([self._most, *sizes])

    @property
    def extra_mib(self) -> float:
        """The most that the grader grew by, or that a scorer took."""
        status = Path("/proc/self/status").read_text()
        peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
        return max(peak - self._start, self._most)
