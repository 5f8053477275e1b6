"""The first process of a kernel's container: `python -m autograder.kernel.line`.

It gets its order and the submission's files on its standard input, starts the kernel, and carries
the bytes of Jupyter's sockets to and fro on its standard streams (`wire.packet`): so no folder and
no port of the machine is needed in the container. When the grader's end closes, everything ends.
It holds no secret, and student code can neither signal, stop nor read it (it is the first process
of its namespace, and not dumpable). The engine has put walls around it; those that a kernel puts up
itself, and that are narrower than an engine's, come with the kernel.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import socket
import subprocess
import threading
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from autograder.kernel.walls import landlock, libc, seccomp
from autograder.wire.packet import HEAD, MAX_PACKET_BYTES, Kind, pack

ROOM = Path("/tmp")  # noqa: S108 - the container's only disk, made for this kernel
WORK, HOME, SOCKETS = ROOM / "work", ROOM / "home", ROOM / "line"
_WRITABLE = (str(ROOM), "/dev")
_CONNECT_SECONDS = 180
_MEMORY_LIMITS = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)
_NO_BOUND = 2**60
_NAMESPACES = ("mnt", "pid", "net", "ipc", "uts", "user")


class Line:
    """The two standard streams, kept from the kernel.

    Attributes:
        order: what was ordered.
        kernel: the kernel's process id.
    """

    def __init__(self) -> None:
        self.order: dict[str, Any] = {}
        self.kernel = 0
        self._in, self._out = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        self._reader = os.fdopen(self._in, "rb")
        self._writing = threading.Lock()
        self._connections: dict[int, socket.socket] = {}

    def send(self, kind: Kind, number: int = 0, content: bytes = b"") -> None:
        """Send one packet."""
        packet = memoryview(pack(kind, number, content))
        with self._writing:
            while packet:
                packet = packet[os.write(self._out, packet) :]

    def receive(self) -> tuple[Kind, int, bytes]:
        """The next packet; ends the container where there is none."""
        head = self._reader.read(HEAD.size)
        if len(head) < HEAD.size:
            os._exit(0)
        kind, number, size = HEAD.unpack(head)
        return Kind(kind), number, self._reader.read(size)

    def serve(self) -> None:
        """Do what the grader says, for ever."""
        while True:
            kind, number, content = self.receive()
            if kind == Kind.DATA:
                self._forward(number, content)
            elif kind == Kind.OPEN:
                self._open(number, content.decode())
            elif kind == Kind.CLOSE:
                self._close(number)
            elif kind == Kind.SIGNAL:
                with suppress(ProcessLookupError):
                    os.kill(self.kernel, number)

    def _open(self, number: int, channel: str) -> None:
        port = self.order["connection"][f"{channel}_port"]
        end, self._connections[number] = socket.socketpair()
        try:
            threading.Thread(target=self._join, args=(number, end, port), daemon=True).start()
        except RuntimeError:  # student code uses up all processes
            self.send(Kind.CLOSE, number)

    def _join(self, number: int, near: socket.socket, port: int) -> None:
        """Join a connection with the kernel's socket, once the kernel has made it."""
        far = _connect(f"{SOCKETS}/k-{port}")
        if far is not None:
            threading.Thread(target=_copy, args=(near, far), daemon=True).start()
            with suppress(OSError):
                while content := far.recv(MAX_PACKET_BYTES):
                    self.send(Kind.DATA, number, content)
        self.send(Kind.CLOSE, number)

    def _forward(self, number: int, content: bytes) -> None:
        if number in self._connections:
            with suppress(OSError):
                self._connections[number].sendall(content)

    def _close(self, number: int) -> None:
        connection = self._connections.pop(number, None)
        if connection is not None:
            connection.close()


def _connect(path: str) -> socket.socket | None:
    deadline = time.monotonic() + _CONNECT_SECONDS
    while time.monotonic() < deadline:
        found = socket.socket(socket.AF_UNIX)
        try:
            found.connect(path)
        except OSError:
            found.close()
            time.sleep(0.02)
        else:
            return found
    return None


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(MAX_PACKET_BYTES):
            target.sendall(content)
        target.shutdown(socket.SHUT_RDWR)


def describe_walls() -> dict[str, Any]:
    """What the walls look like from inside: plain facts, which the grader judges."""
    status = dict(
        line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines()
    )
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return {
        "uid": os.getuid(),
        "pid": os.getpid(),
        "status": {name: status.get(name, "") for name in ("CapBnd", "CapEff", "NoNewPrivs")},
        "seccomp": status.get("Seccomp", ""),
        "landlock": landlock.find_version(),
        "routes": len(Path("/proc/net/route").read_text().splitlines()) - 1,
        "read_only": bool(os.statvfs("/").f_flag & os.ST_RDONLY),
        "open_files": files,
        "memory_bounded": any(map(_is_bounded, _MEMORY_LIMITS)),
        "namespaces": {name: _read_link(f"/proc/self/ns/{name}") for name in _NAMESPACES},
    }


def _is_bounded(path: str) -> bool:
    with suppress(OSError, ValueError):  # version 2 says `max` where there is no bound
        return int(Path(path).read_text()) < _NO_BOUND
    return False


def _read_link(path: str) -> str:
    with suppress(OSError):
        return str(Path(path).readlink())
    return ""


def start_kernel(order: dict[str, Any], files: bytes) -> int:
    """Start the ordered kernel in its working folder; returns its process id."""
    for folder in (WORK, HOME, SOCKETS):
        folder.mkdir(mode=0o700, parents=True)
    with zipfile.ZipFile(io.BytesIO(files)) as archive:
        archive.extractall(WORK)
    (SOCKETS / "k.json").write_text(json.dumps(order["connection"]))
    path = order["environment"].get("PATH", os.environ.get("PATH", os.defpath))
    process = subprocess.Popen(
        order["command"],
        cwd=WORK,
        env={**order["environment"], "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=close_in,  # noqa: PLW1509 - no thread is running yet
    )
    return process.pid


def close_in() -> None:
    """Walls of the process that becomes the kernel.

    It changes its own files only, and reaches neither the machine's rarer calls nor the process
    that started it.

    Raises:
        OSError: if a wall that this machine has cannot be put up; there is no kernel then.
    """
    if landlock.find_version():
        landlock.restrict(("/",), _WRITABLE, ports=True)  # in a network of its own
    if seccomp.is_supported():
        seccomp.install_filter(network=True, messages=True)


def wait_for(kernel: int) -> int:
    """Status that the kernel ends with; takes leave of every orphan meanwhile."""
    while True:
        process, status = os.wait()
        if process == kernel:
            return abs(os.waitstatus_to_exitcode(status))


def main() -> NoReturn:
    """Run one kernel; the container ends when the grader's end of the line closes."""
    libc.set_process(libc.PR_SET_DUMPABLE, 0)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the grader says when to end
    line = Line()
    line.send(Kind.READY, content=json.dumps(describe_walls()).encode())
    _, _, order = line.receive()
    line.order = json.loads(order)
    _, _, files = line.receive()
    line.kernel = start_kernel(line.order, files)
    threading.Thread(target=line.serve, daemon=True).start()
    line.send(Kind.EXIT, wait_for(line.kernel))
    while True:  # until the grader has looked at what the kernel has used
        signal.pause()


if __name__ == "__main__":
    main()
