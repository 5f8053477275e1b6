"""What a fresh kernel is told about itself, and what it answers, before any student code runs.

One line of JSON each way at a time, on a socket that the kernel closes before student code runs.
Its first process, out of student code's reach, keeps it to say how the kernel ended. Nothing in an
order is a secret from student code: it says where the kernel lives and how it is reached.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any, Literal

from pydantic import Field

from autograder.errors import WireError
from autograder.schema.base import Value

_SIZE = struct.Struct("<I")
_MAX_BYTES = 2**24
SHOWN_UID = 1000  # who a kernel is to itself, in a user namespace of its own

Namespaces = Literal["machine", "user", "none"]


class View(Value):
    """The root folder that a kernel gets instead of the machine's.

    Attributes:
        staging: an empty folder to build it on.
        readable: folders and files of the machine that it shows read-only, at the same place.
        copied: small files of the machine that it gets a copy of.
        given: folder whose content the working folder begins with.
        runtime_source: folder for Jupyter's sockets, on the machine.
        runtime: the same as the kernel sees it.
        home, work: home and working folder, as the kernel sees them.
        disk_mib: room for all that student code may write, in MiB.
    """

    staging: str
    readable: tuple[str, ...]
    copied: tuple[str, ...]
    given: str
    runtime_source: str
    runtime: str
    home: str
    work: str
    disk_mib: int


class KernelOrder(Value):
    """What one kernel is to be.

    Attributes:
        arguments: of the kernel's command line, without the connection file.
        connection: Jupyter's connection information as the kernel needs it.
        connection_file: where the kernel keeps it.
        environment: the whole environment.
        folder: its working folder.
        resource_limits: name of a `resource.RLIMIT_*` to its value.
        namespaces: those it was forked into: by the machine's administrator, by an ordinary user
            in a user namespace, or none.
        view: its root folder; None where it has no mounts of its own.
        uid: user id that it takes on, as it counts them; None to stay who it is.
        readable, writable: what it may reach, for Landlock.
        network: whether it may reach the machine's networks.
    """

    arguments: tuple[str, ...]
    connection: dict[str, Any]
    connection_file: str
    environment: dict[str, str]
    folder: str
    resource_limits: dict[str, int]
    namespaces: Namespaces
    view: View | None
    uid: int | None
    readable: tuple[str, ...]
    writable: tuple[str, ...]
    network: bool


class KernelWord(Value):
    """What a kernel says on its way.

    Attributes:
        say: `map` (it is in a new user namespace and waits for its user id), `ready` (all walls
            that can be are up, student code may come), `failed` (it cannot go on), `ended` (the
            last word); and to it, `go`.
        walls: those that hold.
        missing: name of a wall to why it does not hold.
        status: what the kernel ended with: an exit code, or minus a signal.
    """

    say: Literal["map", "ready", "failed", "go", "ended"]
    walls: tuple[str, ...] = ()
    missing: dict[str, str] = Field(default_factory=dict)
    status: int = 0

    @property
    def reason(self) -> str:
        """Why it cannot go on, in a line: the end of a traceback, if it is one."""
        return " ".join(self.missing.values()).strip().splitlines()[-1]


def send_value(line: socket.socket, value: Value) -> None:
    """Send one value."""
    content = value.model_dump_json().encode()
    line.sendall(_SIZE.pack(len(content)) + content)


def receive_value(line: socket.socket) -> dict[str, Any]:
    """The other side's next value, not yet checked.

    Raises:
        WireError: if the line is closed, or what comes is no value.
    """
    head = _receive(line, _SIZE.size)
    (size,) = _SIZE.unpack(head)
    if size > _MAX_BYTES:
        raise WireError("a kernel's word is too long")
    value = json.loads(_receive(line, size))
    if not isinstance(value, dict):
        raise WireError("a kernel's word is no object")
    return value


def _receive(line: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = line.recv(size - len(content))
        if not part:
            raise WireError("the line to a fresh kernel was closed")
        content += part
    return content
