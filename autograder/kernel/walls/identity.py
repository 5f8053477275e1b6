"""Becomes a user of its own, without capabilities and with no way to gain any."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from autograder.kernel.walls import libc

_HEADER = (0x2008_0522).to_bytes(4, "little") + bytes(4)  # version 3, this process
_NO_CAPABILITIES = bytes(24)


def become(uid: int) -> None:
    """Be user and group `uid`, and nobody else any more.

    Raises:
        OSError: if this process may not.
    """
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def leave_groups() -> None:
    """Belong to no further group, where this process may say so."""
    with suppress(PermissionError):
        os.setgroups([])


def drop_capabilities() -> None:
    """Give up every capability, also for programs started later.

    Raises:
        OSError: if that fails.
    """
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        with suppress(PermissionError):  # without the right to do so there is none to lose
            libc.set_process(libc.PR_CAPBSET_DROP, capability)
    libc.system_call("capset", _HEADER, _NO_CAPABILITIES)
    libc.set_process(libc.PR_SET_NO_NEW_PRIVS, 1)
