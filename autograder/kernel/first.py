"""The first process of a kernel: puts up the walls, starts the kernel behind them, waits for it.

With a process tree of its own it is that tree's process 1, and outlives nothing: when the kernel
ends, it ends, and the machine ends all that the kernel left running. Without one it becomes the
kernel itself.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

from autograder.errors import WireError
from autograder.kernel.__main__ import main as run_kernel
from autograder.kernel.ports import avoid_ports
from autograder.kernel.walls import identity, landlock, libc, namespaces, seccomp
from autograder.kernel.walls.view import enter_view, seal_folder
from autograder.wire.launch import (
    SHOWN_UID,
    KernelOrder,
    KernelWord,
    receive_value,
    send_value,
)

_FIRST_DESCRIPTOR = 3


class Walls:
    """Walls put up so far, and why others are not."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.missing: dict[str, str] = {}

    def put_up(self, name: str, work: Callable[[], None]) -> bool:
        """Put up one wall; where that fails, note why."""
        try:
            work()
        except OSError as error:
            self.missing[name] = str(error)
            return False
        self.held.append(name)
        return True


def run(line: socket.socket) -> NoReturn:
    """Be the first process of one kernel; never returns."""
    try:
        line = _keep_only(line)
        order = KernelOrder.model_validate(receive_value(line))
        _start(line, order)
    except BaseException:  # noqa: BLE001 - told to the grader, whatever it is
        with suppress(Exception):
            reason = {"start": traceback.format_exc()[-4_000:]}
            send_value(line, KernelWord(say="failed", missing=reason))
    os._exit(1)


def _keep_only(line: socket.socket) -> socket.socket:
    """Close every descriptor but standard streams and the line."""
    kept = _FIRST_DESCRIPTOR
    if line.fileno() != kept:
        os.dup2(line.detach(), kept, inheritable=False)
    os.closerange(kept + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return line if line.fileno() == kept else socket.socket(fileno=kept)


def _start(line: socket.socket, order: KernelOrder) -> None:
    libc.set_process(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(order.environment)
    walls = Walls()
    _separate(line, order, walls)
    _limit(order, walls)
    if order.namespaces == "none":
        libc.set_process(libc.PR_SET_CHILD_SUBREAPER, 1)  # what detaches itself stays in its tree
        _become_kernel(line, order, walls)
    kernel = os.fork()
    if kernel == 0:
        _become_kernel(line, order, walls)
    _seal(line, order)
    _drop_privileges(walls)
    libc.set_process(libc.PR_SET_DUMPABLE, 0)  # no business of the kernel's
    _wait_for(kernel, line)


def _separate(line: socket.socket, order: KernelOrder, walls: Walls) -> None:
    """Leave the machine's processes, networks, files and users behind, as far as ordered."""
    identity.leave_groups()
    if order.namespaces == "user":
        _take_identity(line, order, walls)
    if order.view is not None:
        _furnish(order, walls)
    if order.namespaces == "machine":
        _leave_users(line, order, walls)
    elif order.namespaces == "none":
        _change_user(order, walls)


def _furnish(order: KernelOrder, walls: Walls) -> None:
    assert order.view is not None
    own = SHOWN_UID if order.namespaces == "user" else order.uid
    namespaces.furnish_namespaces(own_network=not order.network)
    enter_view(order.view, owner=os.getuid() if own is None else own, shown_uid=SHOWN_UID)
    walls.held += ["mount", "pid", "ipc", "uts", *(() if order.network else ("network",))]


def _take_identity(line: socket.socket, order: KernelOrder, walls: Walls) -> None:
    """Be given a user id by the grader, in the user namespace that this process is in."""
    send_value(line, KernelWord(say="map"))
    receive_value(line)
    identity.become(SHOWN_UID)
    walls.held += ["user"] if order.uid is None else ["uid", "user"]


def _leave_users(line: socket.socket, order: KernelOrder, walls: Walls) -> None:
    if walls.put_up("user", namespaces.enter_user_namespace):
        send_value(line, KernelWord(say="map"))
        receive_value(line)
        identity.become(SHOWN_UID)
        walls.held.append("uid")
    else:
        _change_user(order, walls)


def _change_user(order: KernelOrder, walls: Walls) -> None:
    """Without a user namespace: be another of the machine's own users, where one was given."""
    if order.uid is not None:
        walls.put_up("uid", partial(identity.become, order.uid))


def _limit(order: KernelOrder, walls: Walls) -> None:
    for name, value in order.resource_limits.items():
        kind = getattr(resource, name)
        ceiling = resource.getrlimit(kind)[1]
        lower = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(kind, (lower, lower))
    walls.held.append("rlimits")


def _drop_privileges(walls: Walls) -> None:
    walls.put_up("capabilities", identity.drop_capabilities)
    # Lost with the change of user:
    libc.set_process(libc.PR_SET_PDEATHSIG, signal.SIGKILL)


def _seal(line: socket.socket, order: KernelOrder) -> None:
    """Once the kernel's sockets are there, let nothing more be written where they lie.

    That is a folder of the machine's own disk. (Whoever has a user id of its own cannot write
    there once the grader has taken the folder back.)
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(WireError, OSError):
        receive_value(line)
        if order.view is not None and order.namespaces == "user":
            seal_folder(order.view.runtime)


def _become_kernel(line: socket.socket, order: KernelOrder, walls: Walls) -> NoReturn:
    code = 1
    try:
        os.setsid()
        _drop_privileges(walls)
        libc.set_process(libc.PR_SET_DUMPABLE, 1)  # or it could not look at itself in /proc
        os.chdir(order.folder)
        Path(order.connection_file).write_text(json.dumps(order.connection), encoding="utf-8")
        own_network = order.view is not None or order.network
        walls.put_up(
            "landlock",
            lambda: landlock.restrict(order.readable, order.writable, ports=own_network),
        )
        walls.put_up(
            "seccomp",
            lambda: seccomp.install_filter(network=own_network, messages=order.view is not None),
        )
        if not own_network:
            avoid_ports()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        send_value(line, KernelWord(say="ready", walls=tuple(walls.held), missing=walls.missing))
        run_kernel(["-f", order.connection_file, *order.arguments], before_start=line.close)
        code = 0
    except BaseException:  # noqa: BLE001 - told to the grader, if it still listens
        with suppress(Exception):
            reason = {"start": traceback.format_exc()[-4_000:]}
            send_value(line, KernelWord(say="failed", missing=reason))
    finally:
        os._exit(code)


def _wait_for(kernel: int, line: socket.socket) -> NoReturn:
    """Wait for the kernel, burying its orphans and passing on the stop button; say its end."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.killpg(kernel, signal.SIGINT)

    signal.signal(signal.SIGINT, interrupt)
    while True:
        with suppress(ChildProcessError):
            ended, status = os.waitpid(-1, 0)
            if ended != kernel:
                continue
            code = os.waitstatus_to_exitcode(status)
            with suppress(OSError):
                send_value(line, KernelWord(say="ended", status=code))
            os._exit(code & 0xFF)
        os._exit(1)
