"""What attacks are led to: secrets they must not read, and things they must not touch or reach.

Everything is the runner's own, so that an attack that gets through harms nobody.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from multiprocessing import shared_memory
from pathlib import Path

import psutil

_VICTIM = (
    "import signal, sys; [signal.signal(n, signal.SIG_DFL) for n in (2, 15)]; sys.stdin.read()"
)


def make_secret(kind: str) -> str:
    """A word that is nowhere else; attacks look for its form, the runner for itself."""
    return f"secret-{kind}-{secrets.token_hex(16)}"


class Canaries:
    """Secrets, a victim process, listeners and a folder, all of the grader's user.

    Attributes:
        secrets: by what they lie in.
        mark: what attacks put into the name of whatever they leave anywhere.
        targets: what attacks are told.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        kinds = ("test", "file", "home", "env", "memory", "shm", "neighbour", "public")
        self.secrets = {kind: make_secret(kind) for kind in kinds}
        self.mark = f"hm-{secrets.token_hex(4)}"
        self.folder = folder / "canaries"
        self.folder.mkdir()
        self._stack = ExitStack()
        os.environ["HOSTILE_SECRET"] = self.secrets["env"]
        self._stack.callback(os.environ.pop, "HOSTILE_SECRET", None)
        self._file = folder / "answers.txt"
        self._file.write_text(self.secrets["file"])
        self._home = home / f".{self.mark}-token"
        self._home.write_text(self.secrets["home"])
        self._stack.callback(self._home.unlink, missing_ok=True)
        self.victim = self._start_victim()
        self._listeners = self._listen(folder)
        self._memory = self._share_memory()
        self.held = ctypes.create_string_buffer(self.secrets["memory"].encode())

    def close(self) -> None:
        """Let go of everything."""
        self._stack.close()

    def _start_victim(self) -> subprocess.Popen[bytes]:
        victim = subprocess.Popen(
            [sys.executable, "-S", "-c", _VICTIM, self.mark],
            stdin=subprocess.PIPE,
            env={"VICTIM_SECRET": self.secrets["env"]},
            cwd=self.folder,
        )
        self._stack.callback(_end, victim)
        return victim

    def _listen(self, folder: Path) -> list[socket.socket]:
        kinds = [
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.mark}"),
            (socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "s")),
        ]
        listeners = []
        for family, kind, address in kinds:
            listener = self._stack.enter_context(socket.socket(family, kind))
            listener.bind(address)
            if kind == socket.SOCK_STREAM:
                listener.listen()
            listener.settimeout(0)
            listeners.append(listener)
        return listeners

    def _share_memory(self) -> shared_memory.SharedMemory:
        memory = shared_memory.SharedMemory(f"{self.mark}-shm", create=True, size=4096)
        content = self.secrets["shm"].encode()
        memory.buf[: len(content)] = content
        self._stack.callback(memory.unlink)
        self._stack.callback(memory.close)
        return memory

    @property
    def targets(self) -> dict[str, object]:
        """Names and numbers of everything."""
        tcp, udp, _, path = self._listeners
        return {
            "mark": self.mark,
            "canaries": str(self.folder),
            "secret_file": str(self._file),
            "home_secret": str(self._home),
            "victim": self.victim.pid,
            "grader": os.getpid(),
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "abstract": self.mark,
            "unix": path.getsockname(),
            "shm": f"/dev/shm/{self.mark}-shm",
            "uid": os.getuid(),
        }

    def list_harms(self) -> list[str]:
        """What an attack did to them."""
        harms = [f"a connection to {name}" for name in self._accept()]
        if any(self.folder.iterdir()):
            harms.append(f"files in the canary folder: {sorted(map(str, self.folder.iterdir()))}")
            for file in self.folder.iterdir():
                file.unlink()
        if self._file.read_text() != self.secrets["file"] or not self._home.exists():
            harms.append("a file of the grader was changed")
        with suppress(psutil.NoSuchProcess):
            status = psutil.Process(self.victim.pid).status()
            if self.victim.poll() is None and status not in (
                psutil.STATUS_STOPPED,
                psutil.STATUS_TRACING_STOP,
            ):
                return harms
        _end(self.victim)
        self.victim = self._start_victim()
        return [*harms, "the grader's other process was signalled or traced"]

    def _accept(self) -> list[str]:
        reached = []
        for name, listener in zip(("tcp", "udp", "abstract", "unix"), self._listeners, strict=True):
            with suppress(BlockingIOError):
                if name == "udp":
                    listener.recvfrom(1)
                else:
                    listener.accept()[0].close()
                reached.append(name)
        return reached


def _end(victim: subprocess.Popen[bytes]) -> None:
    victim.kill()
    victim.wait()
    if victim.stdin is not None:
        victim.stdin.close()
