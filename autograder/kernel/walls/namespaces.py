"""Forks into namespaces of its own: processes, network, mounts, messages, host name.

Python's own fork cannot do this without one more process in between, so the system call is made
here, with the same care before and after it that `os.fork` takes.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import signal
import socket
import struct
from pathlib import Path

from autograder.kernel.walls import libc

NEW_MOUNTS = 0x0002_0000
NEW_GROUPS = 0x0200_0000
NEW_NAME = 0x0400_0000
NEW_MESSAGES = 0x0800_0000
NEW_USERS = 0x1000_0000
NEW_PROCESSES = 0x2000_0000
NEW_NETWORK = 0x4000_0000
ALL_BUT_USERS = NEW_MOUNTS | NEW_GROUPS | NEW_NAME | NEW_MESSAGES | NEW_PROCESSES | NEW_NETWORK
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_HOST_NAME = "student"


def fork_into(namespaces: int) -> int:
    """Fork; the child is the first process of `namespaces`. Returns as `os.fork` does.

    Only for a process with a single thread.

    Raises:
        OSError: if this process may not have such namespaces.
    """
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    if threads > 1:  # a lock that one of them holds would never be let go in the child
        raise OSError(errno.EDEADLK, f"the warm process has {threads} threads")
    if not namespaces:
        return os.fork()
    number = libc.number_of("clone")
    library = ctypes.PyDLL(None, use_errno=True)  # keeps Python's lock, as `os.fork` does
    flags = ctypes.c_ulong(namespaces | signal.SIGCHLD)
    ctypes.pythonapi.PyOS_BeforeFork()
    process: int = library.syscall(number, flags, None, None, None, None)
    if process == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    error = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if process < 0:
        raise OSError(error, f"namespaces: {os.strerror(error)}")
    return process


def enter_user_namespace() -> None:
    """Leave the users of the machine behind: from here on no privilege reaches outside.

    Raises:
        OSError: if this machine allows none.
    """
    libc.call("unshare", NEW_USERS)


def furnish_namespaces(*, own_network: bool) -> None:
    """Give the new namespaces what programs expect: a host name, a loopback that is up."""
    socket.sethostname(_HOST_NAME)
    if not own_network:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        answer = fcntl.ioctl(control, _SIOCGIFFLAGS, request)
        flags = struct.unpack("16sH14s", answer)[1] | _IFF_UP
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", flags, b""))
