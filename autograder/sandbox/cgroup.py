"""A control group per kernel: memory, processes and CPU time, held and measured by the machine.

Works with both versions of Linux' control groups, wherever this process may make one: below its
own group, or below the nearest one above it that lets it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.base import Usage
from autograder.sandbox.proc import read_proc

_MIB = 2**20
_REMOVE_SECONDS = 3.0
_PREFIX = "autograder-"
_UNSEEN = 0  # what version 2 shows for a process of another namespace; a signal to it meets us all
_LARGEST_STEP = 4 * _MIB  # by which a group that meets its limit may stay below it


@dataclass(frozen=True)
class Caps:
    """What a kernel's processes may use together.

    Attributes:
        memory_mib: memory, files in memory included, in MiB.
        processes: processes and threads.
    """

    memory_mib: int
    processes: int


class Cgroup:
    """One control group: a folder per controller in version 1, one for all in version 2.

    Args:
        folders: controller (`memory`, `pids`, `cpuacct`; `unified` for all) to its folder.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)
        self._last = Usage(0.0, 0.0)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Its folders, each once."""
        return tuple(dict.fromkeys(self._folders.values()))

    def add(self, pid: int) -> None:
        """Take in process `pid`, and with it all that it will start.

        Raises:
            OSError: if it has ended, or may not be moved.
        """
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def usage(self) -> Usage:
        """CPU time and memory of all its processes, ended ones included; the last known at its end.

        Memory is what programs hold; what the machine caches of files does not count.
        """
        with suppress(OSError, ValueError, KeyError):
            self._last = Usage(self._cpu_seconds(), self._memory_mib(), self._is_out_of_memory())
        return self._last

    def _cpu_seconds(self) -> float:
        if "cpuacct" in self._folders:
            return int(read_proc(f"{self._folders['cpuacct']}/cpuacct.usage")) / 1e9
        return _read_number(f"{self._folders['unified']}/cpu.stat", "usage_usec") / 1e6

    def _memory_mib(self) -> float:
        if "memory" in self._folders:
            return _read_number(f"{self._folders['memory']}/memory.stat", "total_rss") / _MIB
        return _read_number(f"{self._folders['unified']}/memory.stat", "anon") / _MIB

    def _is_out_of_memory(self) -> bool:
        return self._has_lost_processes() and self._has_met_limit()

    def was_thinned(self) -> bool:
        """Whether the machine ended a process of it for want of memory elsewhere: not its fault."""
        with suppress(OSError, ValueError):
            return self._has_lost_processes() and not self._has_met_limit()
        return False

    def _has_lost_processes(self) -> bool:
        """Whether the machine ended one for want of memory, wherever it was wanting."""
        if "memory" in self._folders:
            events = f"{self._folders['memory']}/memory.oom_control"
        else:
            events = f"{self._folders['unified']}/memory.events"
        with suppress(KeyError):  # older machines do not count them
            return _read_number(events, "oom_kill") > 0
        return False

    def _has_met_limit(self) -> bool:
        """Whether it ever met its own limit of memory; yes where the machine does not say."""
        with suppress(FileNotFoundError, KeyError):
            folder = self._folders.get("memory")
            if folder is not None:  # its count of failures stays 0 on newer machines
                most = int((folder / "memory.max_usage_in_bytes").read_text())
                limit = int((folder / "memory.limit_in_bytes").read_text())
                return most > limit - _LARGEST_STEP
            return _read_number(f"{self._folders['unified']}/memory.events", "oom") > 0
        return True

    def kill(self) -> None:
        """End every process in it now."""
        for folder in self.folders:
            switch = folder / "cgroup.kill"
            if switch.exists():
                with suppress(OSError):
                    switch.write_text("1")
        for pid in self.list_processes():
            with suppress(ProcessLookupError):
                os.kill(pid, 9)

    def list_processes(self) -> Iterator[int]:
        """Ids of the processes in it now; those that this process cannot see are left out."""
        return (pid for pid in self._read_ids() if pid != _UNSEEN)

    def holds_unseen(self) -> bool:
        """Whether it holds processes of a container or namespace beside ours."""
        return _UNSEEN in self._read_ids()

    def _read_ids(self) -> Iterator[int]:
        for folder in self.folders[:1]:
            with suppress(OSError):
                yield from map(int, (folder / "cgroup.procs").read_text().split())

    def remove(self) -> None:
        """Remove it, once its last process is gone."""
        self.usage()
        deadline = time.monotonic() + _REMOVE_SECONDS
        for folder in self.folders:
            while not _remove_folder(folder) and time.monotonic() < deadline:
                self.kill()
                time.sleep(0.005)


def _remove_folder(folder: Path) -> bool:
    with suppress(FileNotFoundError):
        try:
            folder.rmdir()
        except FileNotFoundError:
            raise
        except OSError:
            return False
    return True


def _read_number(path: str, name: str) -> int:
    """The number on the line `name number` of a file; asked for many times a second.

    Raises:
        KeyError: if there is no such line.
    """
    _, found, rest = f"\n{read_proc(path)}".partition(f"\n{name} ")
    if not found:
        raise KeyError(name)
    return int(rest.partition("\n")[0])


def make_cgroup(name: str, caps: Caps) -> Cgroup | None:
    """A control group called `autograder-<our pid>-<name>`, or None where none may be made."""
    hierarchies = find_hierarchies()
    if {"memory", "pids", "cpuacct"} <= set(hierarchies):
        wanted = {key: hierarchies[key] for key in ("memory", "pids", "cpuacct")}
        made = {key: _make_below(*place, name, ()) for key, place in wanted.items()}
        _share_cores(hierarchies, name, made)
    elif "unified" in hierarchies:
        made = {"unified": _make_below(*hierarchies["unified"], name, ("memory", "pids"))}
    else:
        return None
    folders = {key: folder for key, folder in made.items() if folder is not None}
    cgroup = Cgroup(folders)
    if len(folders) < len(made) or not _set_caps(folders, caps):
        cgroup.remove()
        return None
    return cgroup


def _share_cores(
    hierarchies: Mapping[str, tuple[Path, Path]], name: str, made: dict[str, Path | None]
) -> None:
    """Let all processes of the group together have the share of one, however many they are."""
    folder = _make_below(*hierarchies["cpu"], name, ()) if "cpu" in hierarchies else None
    if folder is not None:
        made["cpu"] = folder


def read_groups(pid: int | str) -> dict[str, str]:
    """Controller to the path of process `pid`'s group in its hierarchy.

    Raises:
        OSError: if there is no such process.
    """
    groups = {}
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(",") if controllers else ("unified",):
            groups[controller] = path
    return groups


def find_hierarchies() -> dict[str, tuple[Path, Path]]:
    """Controller to (mount of its hierarchy, our own group in it); `unified` is version 2."""
    own = read_groups("self")
    found = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, mount = before.split()[3:5]
        names = {"cgroup2": ["unified"], "cgroup": options.split(",")}.get(kind, [])
        for controller in names:
            if controller in own:
                inside = os.path.relpath(own[controller], root)
                inside = "." if inside.startswith("..") else inside
                found[controller] = (Path(mount), Path(mount, inside))
    return found


def _make_below(mount: Path, own: Path, name: str, controllers: tuple[str, ...]) -> Path | None:
    """A new group below our own one or the nearest above it that permits it."""
    for parent in (own, *own.parents):
        if parent != mount and mount not in parent.parents:
            break
        folder = parent / f"{_PREFIX}{os.getpid()}-{name}"
        with suppress(OSError):
            _remove_stale(parent)
            _offer(parent, mount, controllers)
            folder.mkdir()
            if all((folder / f"{controller}.max").exists() for controller in controllers):
                return folder
            folder.rmdir()
    return None


def _offer(parent: Path, mount: Path, controllers: tuple[str, ...]) -> None:
    """Let groups below `parent` use `controllers` (version 2)."""
    if not controllers:
        return
    switch = parent / "cgroup.subtree_control"
    with suppress(OSError):
        switch.write_text("+cpu")  # the group has the share of one process, however many it holds
    missing = [name for name in controllers if name not in switch.read_text().split()]
    if not missing:
        return
    words = " ".join(f"+{name}" for name in missing)
    try:
        switch.write_text(words)
    except OSError:  # a group may have processes or offer controllers, not both
        if parent != mount:
            raise
        _move_all(parent, parent / f"{_PREFIX}grader")  # in a container all of them are ours
        switch.write_text(words)


def _move_all(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for pid in (source / "cgroup.procs").read_text().split():
        with suppress(ProcessLookupError):
            (target / "cgroup.procs").write_text(pid)


def _remove_stale(parent: Path) -> None:
    """Remove groups of graders that are gone."""
    for folder in parent.glob(f"{_PREFIX}[0-9]*-*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        group = Cgroup({"any": folder})
        # The grader of a group with processes that we cannot see lives where we cannot see it.
        if not Path("/proc", pid).exists() and not group.holds_unseen():
            group.kill()
            _remove_folder(folder)


def _set_caps(folders: Mapping[str, Path], caps: Caps) -> bool:
    size = str(caps.memory_mib * _MIB)
    try:
        if "unified" in folders:
            (folders["unified"] / "memory.max").write_text(size)
            (folders["unified"] / "pids.max").write_text(str(caps.processes))
            for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
                with suppress(OSError):
                    (folders["unified"] / name).write_text(value)
        else:
            (folders["memory"] / "memory.limit_in_bytes").write_text(size)
            with suppress(OSError):  # not there without an account of swap
                (folders["memory"] / "memory.memsw.limit_in_bytes").write_text(size)
            (folders["pids"] / "pids.max").write_text(str(caps.processes))
    except OSError:
        return False
    return True
