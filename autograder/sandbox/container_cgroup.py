"""The control group that an engine made for a container, found from the machine's side."""

from __future__ import annotations

from contextlib import suppress

from autograder.sandbox.cgroup import Cgroup, find_hierarchies, read_groups

_WANTED = ("memory", "cpuacct")


def find_container_cgroup(pid: int) -> Cgroup | None:
    """Control group of the container whose first process is `pid`; None where it is not readable.

    Version 1 has a folder per controller, version 2 one for all (`unified`).
    """
    with suppress(OSError, ValueError):
        own = read_groups(pid)
        places = {
            name: mount / own[name].lstrip("/")
            for name, (mount, _) in find_hierarchies().items()
            if name in own and own[name] != "/"
        }
        wanted = _WANTED if set(_WANTED) <= set(places) else ("unified",)
        folders = {name: places[name] for name in wanted if name in places}
        if folders and all(folder.is_dir() for folder in folders.values()):
            return Cgroup(folders)
    return None
