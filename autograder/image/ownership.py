"""Who a container's process is on this machine, so that what it writes belongs to the caller.

An administrator is not let in as one: where the machine's own /proc can be seen, user id 0 alone is
a power. A service user grades instead, on copies, and the output is handed back at the end.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.sandbox.engine import Engine
from autograder.sandbox.folders import give_tree

SERVICE_UID = 64_000  # nobody's on Debian, Ubuntu and Fedora


@dataclass(frozen=True)
class Caller:
    """The user inside.

    Attributes:
        uid, gid: as this machine counts them.
        options: of the engine's `run`.
        capabilities: it cannot do without.
        is_service: whether it is the service user, who may not read the caller's own files.
    """

    uid: int
    gid: int
    options: tuple[str, ...]
    capabilities: tuple[str, ...] = ()
    is_service: bool = False


def identify_caller(engine: Engine) -> Caller:
    """Who the process inside is, for this engine and this process's user."""
    uid, gid = os.getuid(), os.getgid()
    if engine.rootless and engine.flavour == "podman":
        return Caller(uid, gid, ("--userns", "keep-id", "--user", f"{uid}:{gid}"))
    if engine.rootless:  # Docker: the caller is user 0 in there, and needs a right to map itself
        return Caller(uid, gid, ("--user", "0:0"), ("SETFCAP",))
    if uid == 0:
        user = f"{SERVICE_UID}:{SERVICE_UID}"
        return Caller(SERVICE_UID, SERVICE_UID, ("--user", user), is_service=True)
    return Caller(uid, gid, ("--user", f"{uid}:{gid}"))


def stage_copies(sources: Sequence[Path], scratch: Path, caller: Caller) -> list[Path]:
    """Copies of files and folders in `scratch` that the service user owns, in the same order.

    Raises:
        UsageError: if one cannot be copied.
    """
    copies = []
    for number, source in enumerate(sources):
        copy = scratch / str(number)
        try:
            if source.is_dir():
                shutil.copytree(source, copy, symlinks=True)
            else:
                shutil.copy2(source, copy)
        except (OSError, shutil.Error) as error:
            raise UsageError(f"{source} cannot be copied for the container: {error}") from error
        give_tree(copy, caller.uid, caller.gid)
        copies.append(copy)
    return copies
