"""The grader's processes and the machine, in numbers, between two gradings.

Others work on the machine too. So what they may own is not counted: control groups of other
graders, files and mounts in other temporary folders, mounts of container engines, what no kernel of
ours can have left in `/dev/shm`. Whatever loses its parent below this process becomes its child,
and is counted with it.
"""

from __future__ import annotations

import ctypes
import gc
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

FIRST_KERNEL_UID = 0x7000_0000
PR_SET_CHILD_SUBREAPER = 36
ANCESTOR = "autograder.warmth"
WARM = {"ancestor": ANCESTOR, "kernels": "ag-kernels", "scorer": "ag-scorers"}
PARTS = ("mib", "fds", "threads", "children")
MACHINE = ("kernel_processes", "mounts", "cgroups", "files", "shm")
OTHERS = ("/var/lib/", "/run/", "/tmp/", "/var/tmp/")  # where container engines and tests mount
SETTLE_SECONDS = 5.0

State = Mapping[str, float]


def adopt_orphans() -> None:
    """Let whatever loses its parent below this process become its child."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def is_memory(name: str) -> bool:
    """Whether a figure of a state is a size; all others are counts."""
    return name.endswith("_mib")


def read_settled_state(folder: Path, mark: str, earlier: State | None) -> State:
    """The state now; where a count is above an earlier one, what just ends gets some seconds."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        state = read_state(folder, mark)
        more = earlier and any(state[key] > earlier[key] for key in earlier if not is_memory(key))
        if not more or time.monotonic() > deadline:
            return state
        time.sleep(0.2)


def read_state(folder: Path, mark: str) -> State:
    """Figures by name.

    Args:
        folder: the temporary folder of this run.
        mark: in the names of what its hostile submissions leave.
    """
    gc.collect()
    grader = psutil.Process()
    groups = {"grader": [grader], **find_warm_processes()}
    return {
        **{
            f"{name}_{part}": value
            for name, members in groups.items()
            for part, value in zip(PARTS, _add_up(members), strict=True)
        },
        "kernel_processes": sum(_is_kernel(child) for child in grader.children(recursive=True)),
        "mounts": sum(1 for _ in _list_mounts(folder)),
        "cgroups": sum(1 for _ in _list_cgroups()),
        "files": sum(1 for path in folder.iterdir() if path.name.startswith("ag-")),
        "shm": sum(_is_ours(path, mark) for path in Path("/dev/shm").iterdir()),
    }


def find_warm_processes() -> dict[str, list[psutil.Process]]:
    """The warm processes: what kernels and scorers are forked from, and what those are."""
    found: dict[str, list[psutil.Process]] = {name: [] for name in WARM}
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            if ANCESTOR in child.cmdline():
                found["ancestor"].append(child)
                for fork in child.children():
                    for name, shown in WARM.items():
                        if fork.name() == shown:
                            found[name].append(fork)
    return found


def _add_up(members: list[psutil.Process]) -> Iterator[float]:
    yield sum(member.memory_info().rss for member in members) / 2**20
    yield sum(member.num_fds() for member in members)
    yield sum(member.num_threads() for member in members)
    yield sum(len(member.children()) for member in members)


def _is_kernel(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.uids().real >= FIRST_KERNEL_UID
    return False


def _list_mounts(folder: Path) -> Iterator[str]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place = line.split()[4]
        if place.startswith(str(folder)) or not place.startswith(OTHERS):
            yield place


def _list_cgroups() -> Iterator[Path]:
    """Those that this process made: they carry its id."""
    for folder, names, _ in os.walk("/sys/fs/cgroup"):
        for name in names:
            if name.startswith(f"autograder-{os.getpid()}-"):
                yield Path(folder, name)


def _is_ours(path: Path, mark: str) -> bool:
    with suppress(OSError):
        return mark in path.name or path.lstat().st_uid >= FIRST_KERNEL_UID
    return False
