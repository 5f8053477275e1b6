"""What a kernel's container is told: the kernel's command, connection and environment, its files.

Places are those inside the container, as `kernel.line` makes them.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from autograder.errors import SandboxError
from autograder.sandbox.environment import make_environment

_CONNECTION_FILE, _SOCKETS = "/tmp/line/k.json", "/tmp/line/k"  # noqa: S108
_HOME, _TEMPORARY = "/tmp/home", "/tmp"  # noqa: S108
_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


def make_order(
    command: list[str], path: str, connection: dict[str, Any], environment: dict[str, str]
) -> dict[str, Any]:
    """What the container's first process needs to know.

    Args:
        command: the kernel's command line, as Jupyter made it for this machine.
        path: Jupyter's connection file, on this machine.
        connection: what is in it.
        environment: the kernel's.
    """
    inside = {name: number for number, name in enumerate(_PORTS, start=1)}
    if not command or not path:
        raise SandboxError("a kernel without a command or a connection file cannot be started")
    program = "python" if command[0] == sys.executable else command[0]
    return {
        "command": [program, *(part.replace(path, _CONNECTION_FILE) for part in command[1:])],
        "environment": environment,
        "connection": {**connection, **inside, "transport": "ipc", "ip": _SOCKETS},
    }


def pack_folder(name: str | Path) -> bytes:
    """The files of a folder as a zip, not compressed: it stays on this machine."""
    folder = Path(name)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return content.getvalue()


def make_container_environment(threads: int) -> dict[str, str]:
    """The whole environment of student code; the search path is the image's own."""
    environment = make_environment(_HOME, _TEMPORARY, threads=threads)
    del environment["PATH"]
    return environment | {"USER": "student", "LOGNAME": "student"}  # its id is in no list of users


def read_connection(path: str) -> dict[str, Any]:
    """Jupyter's connection information from its file."""
    connection: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return connection
