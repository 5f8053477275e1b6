"""The system calls that student code may not make: a filter that the kernel runs at each call.

Refused is what reaches for the machine (mounts, namespaces, modules, clocks, keys, other
processes' memory) or has been the way out of sandboxes before (`io_uring`, `bpf`, `userfaultfd`).
A call that is newer than this list does not exist here, so programs fall back on older ones.

A kernel that sends itself `SIGKILL` ends by `SIGSYS` instead: so its own doing can be told from
that of somebody outside, who is not filtered.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import socket
import struct

from autograder.kernel.walls import libc

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NEWEST_KNOWN = 462  # mseal
_LOAD, _IF_EQUAL, _IF_ANY, _IF_GREATER, _RETURN = 0x20, 0x15, 0x45, 0x25, 0x06
_ALLOW, _REFUSE, _END = 0x7FFF_0000, 0x0005_0000, 0x8000_0000
_LARGEST = 0x7FFF_FFFF  # what is more is negative: a group of processes, or all
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND, _THIRD = 0, 4, 16, 24, 32
_NAMESPACES = 0x7E02_0080  # every CLONE_NEW* flag
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # typing into a terminal that is not one's own
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

# x86_64, aarch64; None where the machine has no such call. Source: Linux's own call tables.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "io_setup": (206, 0),
    "io_submit": (209, 2),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
}
_ABSENT = {"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "clone3": 435}
# System V's and POSIX' messages outlive a process where it has no namespace for them.
_LASTING: dict[str, tuple[int | None, int | None]] = {
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
_CHECKED = {
    "clone": (56, 220),
    "socket": (41, 198),
    "ioctl": (16, 29),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
}


def is_supported() -> bool:
    """Whether the calls of this machine's processor are known here."""
    return platform.machine() in _ARCHITECTURES


def install_filter(*, network: bool, messages: bool) -> None:
    """Filter the calls of this process, the kernel, and of all that it will start, for good.

    Args:
        network: whether sockets of the internet may be made (one's own network, or a real one).
        messages: whether System V's and POSIX' messages may be used (in a namespace of one's own).

    Raises:
        OSError: if this machine has no filters.
    """
    program = make_program(network=network, messages=messages)
    code = ctypes.create_string_buffer(program, len(program))
    described = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    )
    libc.call("prctl", _PR_SET_SECCOMP, _MODE_FILTER, described, 0, 0)


def make_program(*, network: bool, messages: bool) -> bytes:
    """The filter's instructions for this machine, 8 bytes each."""
    column = list(_ARCHITECTURES).index(platform.machine())
    refused = dict(_REFUSED) | ({} if messages else _LASTING)
    program = [
        _step(_LOAD, _ARCHITECTURE),
        *_return_unless(_IF_EQUAL, _ARCHITECTURES[platform.machine()], errno.ENOSYS),
        _step(_LOAD, _NUMBER),
        *_return_if(_IF_GREATER, _NEWEST_KNOWN, errno.ENOSYS),  # x32's numbers are greater too
    ]
    for numbers in refused.values():
        number = numbers[column]
        if number is not None:
            program += _return_if(_IF_EQUAL, number, errno.EPERM)
    for number in _ABSENT.values():
        program += _return_if(_IF_EQUAL, number, errno.ENOSYS)
    for name, check in (
        ("clone", _check_clone()),
        ("socket", _check_socket(network=network)),
        ("ioctl", _check_ioctl()),
        ("kill", _check_signal(_SECOND, _FIRST)),
        ("tkill", _check_signal(_SECOND)),  # a thread, which may be one of the kernel's own
        ("tgkill", _check_signal(_THIRD, _FIRST)),
        ("rt_sigqueueinfo", _check_signal(_SECOND, _FIRST)),
        ("rt_tgsigqueueinfo", _check_signal(_THIRD, _FIRST)),
        ("pidfd_send_signal", _check_signal(_SECOND, answer=_REFUSE | errno.EPERM)),
    ):
        body = [*check, _step(_RETURN, _ALLOW)]
        program += [_step(_IF_EQUAL, _CHECKED[name][column], 0, len(body)), *body]
    return b"".join([*program, _step(_RETURN, _ALLOW)])


def _check_clone() -> list[bytes]:
    return [_step(_LOAD, _FIRST), *_return_if(_IF_ANY, _NAMESPACES, errno.EPERM)]


def _check_socket(*, network: bool) -> list[bytes]:
    families = [socket.AF_UNIX]
    if network:
        families += [socket.AF_INET, socket.AF_INET6]
    allowed = [
        step
        for family in families
        for step in (_step(_IF_EQUAL, family, 0, 1), _step(_RETURN, _ALLOW))
    ]
    refuse = _step(_RETURN, _REFUSE | errno.EACCES)
    if not network:
        return [_step(_LOAD, _FIRST), *allowed, refuse]
    routes = [  # of the netlink families only the one that lists one's own addresses
        _step(_IF_EQUAL, socket.AF_NETLINK, 0, 3),
        _step(_LOAD, _THIRD),
        _step(_IF_EQUAL, 0, 0, 1),
        _step(_RETURN, _ALLOW),
    ]
    return [_step(_LOAD, _FIRST), *allowed, *routes, refuse]


def _check_ioctl() -> list[bytes]:
    return [
        _step(_LOAD, _SECOND),
        *_return_if(_IF_EQUAL, _TIOCSTI, errno.EPERM),
        *_return_if(_IF_EQUAL, _TIOCLINUX, errno.EPERM),
    ]


def _check_signal(signal_at: int, target_at: int | None = None, answer: int = _END) -> list[bytes]:
    """`answer` to `SIGKILL` for this process, for a group, or for whom the call does not tell."""
    ends = [_step(_RETURN, answer)]
    if target_at is not None:
        ends = [
            _step(_LOAD, target_at),
            _step(_IF_EQUAL, os.getpid(), 2, 0),
            _step(_IF_EQUAL, 0, 1, 0),
            _step(_IF_GREATER, _LARGEST, 0, 1),
            _step(_RETURN, answer),
        ]
    return [_step(_LOAD, signal_at), _step(_IF_EQUAL, signal.SIGKILL, 0, len(ends)), *ends]


def _return_if(test: int, value: int, error: int) -> list[bytes]:
    return [_step(test, value, 0, 1), _step(_RETURN, _REFUSE | error)]


def _return_unless(test: int, value: int, error: int) -> list[bytes]:
    return [_step(test, value, 1, 0), _step(_RETURN, _REFUSE | error)]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
