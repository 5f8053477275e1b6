"""Names of the walls, what each protects, and what to do where one is missing.

A wall is one mechanism of the machine; a protection is what staff care about, and holds if one of
several walls does. Left out: putting walls up (`kernel.walls`), and trying them (`doctor`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.errors import UsageError

ADVICE = {
    "uid": "run the grader as root",
    "user": "allow user namespaces: sysctl user.max_user_namespaces=15000 (Ubuntu 24.04: also "
    "kernel.apparmor_restrict_unprivileged_userns=0); in a container see docs/containers.md",
    "mount": "needs `user`, or root outside a container",
    "pid": "needs `user`, or root outside a container",
    "network": "needs `user`, or root outside a container",
    "ipc": "needs `user`, or root outside a container",
    "uts": "needs `user`, or root outside a container",
    "landlock": "Linux 5.13 or later, with `landlock` in the kernel's lsm= list",
    "seccomp": "a Linux built with seccomp filters, on x86-64 or ARM64",
    "capabilities": "a Linux on x86-64 or ARM64",
    "rlimits": "Linux",
    "container": "grade with `--sandbox container`",
    "cgroup": "run as root, or in a delegated group: systemd-run --user --scope -p Delegate=yes …; "
    "in a container mount /sys/fs/cgroup writable",
}
NAMES = tuple(ADVICE)


@dataclass(frozen=True)
class Protection:
    """What staff care about.

    Attributes:
        name: in a word.
        of: what is protected, in a sentence.
        walls: any one of these is enough.
    """

    name: str
    of: str
    walls: tuple[str, ...]


PROTECTIONS = (
    Protection("files", "hidden tests, other submissions and homes", ("mount", "landlock")),
    Protection("processes", "the grader and other submissions", ("pid", "uid", "landlock")),
    Protection("network", "this machine's networks and the internet", ("network", "seccomp")),
    Protection("kernel", "the machine's own calls", ("seccomp",)),
    Protection("privileges", "rights of an administrator", ("capabilities",)),
    Protection("resources", "memory, processes, file sizes", ("cgroup", "rlimits")),
)
DEFAULT_MINIMUM = tuple(item.name for item in PROTECTIONS)


def list_unprotected(walls: Collection[str]) -> list[Protection]:
    """Protections that none of `walls` gives."""
    return [item for item in PROTECTIONS if not set(item.walls) & set(walls)]


def parse_minimum(text: str | None) -> tuple[str, ...]:
    """Walls and protections named in a comma-separated list; the empty text means none.

    Without a text, one wall for every protection.

    Raises:
        UsageError: naming all that are unknown, and what there is.
    """
    if text is None:
        return DEFAULT_MINIMUM
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    known = (*NAMES, *(item.name for item in PROTECTIONS))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"unknown walls: {', '.join(unknown)}; there are {', '.join(known)}")
    return names


def list_missing(minimum: Sequence[str], walls: Collection[str]) -> list[str]:
    """What of `minimum` does not hold behind `walls`."""
    open_ones = {item.name for item in list_unprotected(walls)}
    protections = {item.name for item in PROTECTIONS}
    return [
        name
        for name in minimum
        if (name in open_ones if name in protections else name not in walls)
    ]
