"""System calls that Python has no function for, with their failures as `OSError`."""

from __future__ import annotations

import ctypes
import os
import platform

_LIBC = ctypes.CDLL(None, use_errno=True)
_NUMBERS = {
    "x86_64": {"clone": 56, "pivot_root": 155, "capset": 126},
    "aarch64": {"clone": 220, "pivot_root": 41, "capset": 91},
}
_SHARED_NUMBERS = {  # new calls have one number on every machine
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

Argument = int | bytes | None | ctypes.Array[ctypes.c_char]


def number_of(name: str) -> int:
    """Number of a system call on this machine.

    Raises:
        OSError: on a machine whose numbers are not known here.
    """
    numbers = _NUMBERS.get(platform.machine())
    if numbers is None:
        raise OSError(f"system calls of {platform.machine()} are not known")
    return {**_SHARED_NUMBERS, **numbers}[name]


def call(name: str, *arguments: Argument) -> int:
    """Result of a function of the C library.

    Raises:
        OSError: if it fails.
    """
    return _check(name, getattr(_LIBC, name)(*map(_convert, arguments)))


def system_call(name: str, *arguments: Argument) -> int:
    """Result of a system call by its name.

    Raises:
        OSError: if it fails, or does not exist on this machine.
    """
    return _check(name, _LIBC.syscall(number_of(name), *map(_convert, arguments)))


def set_process(option: int, value: int) -> None:
    """`prctl(option, value)`.

    Raises:
        OSError: if it fails.
    """
    call("prctl", option, value, 0, 0, 0)


def _convert(argument: Argument) -> object:
    return ctypes.c_ulong(argument) if isinstance(argument, int) else argument


def _check(name: str, result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result
