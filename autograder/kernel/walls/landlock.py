"""Landlock: which files student code may reach, and that it reaches no port, socket or process.

It holds whatever the user id, and is the only wall around files where no mounts are permitted.
Constants: Linux, `include/uapi/linux/landlock.h`.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from autograder.kernel.walls import libc

_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_WRITE_FILE, _TRUNCATE, _DEVICE_CONTROL = 1 << 1, 1 << 14, 1 << 15
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FOR_FILES = _EXECUTE | _READ_FILE | _WRITE_FILE | _TRUNCATE | _DEVICE_CONTROL
_ALL_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_PORTS = 0b11  # binding and connecting TCP
_SCOPES = 0b11  # abstract unix sockets, signals
_PORTS_SINCE, _SCOPES_SINCE = 4, 6
_ASK_VERSION = 1
_PATH_BENEATH = 1


def find_version() -> int:
    """Landlock's version on this machine, 0 where there is none."""
    with suppress(OSError):
        return libc.system_call("landlock_create_ruleset", None, 0, _ASK_VERSION)
    return 0


def restrict(readable: Sequence[str], writable: Sequence[str], *, ports: bool) -> None:
    """Restrict this thread, and all that it will start, for good.

    Args:
        readable: files and folders that may be read and executed, with all below.
        writable: those that may be changed too.
        ports: whether TCP ports may be used.

    Raises:
        OSError: if this machine has no Landlock.
    """
    version = find_version()
    if version < 1:
        raise OSError("this Linux has no Landlock (it needs 5.13 or later, and lsm=landlock)")
    rights = _ALL_BY_VERSION[max(known for known in _ALL_BY_VERSION if known <= version)]
    closed_ports = _PORTS if version >= _PORTS_SINCE and not ports else 0
    scopes = _SCOPES if version >= _SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", rights, closed_ports, scopes)[: _size_for(version)]
    rules = libc.system_call("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        for path in readable:
            _allow(rules, path, _READ & rights)
        for path in writable:
            _allow(rules, path, rights)
        libc.system_call("landlock_restrict_self", rules, 0)
    finally:
        os.close(rules)


def _size_for(version: int) -> int:
    if version < _PORTS_SINCE:
        return 8
    return 16 if version < _SCOPES_SINCE else 24


def _allow(rules: int, path: str, rights: int) -> None:
    if not Path(path).exists():
        return
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = rights if Path(path).is_dir() else rights & _FOR_FILES
        rule = struct.pack("=Qi", allowed, descriptor)
        libc.system_call("landlock_add_rule", rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
