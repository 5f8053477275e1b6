"""Forks of a warm process (`kernel.zygote`): a kernel in 0.2 s instead of seven.

Left out: what goes on in the warm process and its forks, and what a fork is told (`launch`).
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress

from autograder.errors import KernelLostError
from autograder.wire.launch import PROCESS_ID, Namespaces

_LETTERS: dict[Namespaces, bytes] = {"machine": b"m", "user": b"u", "none": b"n"}


class ForkedProcess:
    """A fork that is no child of ours, with the methods of `subprocess.Popen` that Jupyter uses.

    Attributes:
        pid: its process id.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor: int | None = None
        with suppress(ProcessLookupError):
            self._descriptor = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """0 once it has ended (its status is not ours to know), None while it runs."""
        if self._descriptor is None:
            return 0
        ready, _, _ = select.select([self._descriptor], [], [], 0)
        if ready:
            self._close()
        return 0 if ready else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: if it has not ended in `timeout` seconds.
        """
        if self._descriptor is not None:
            ready, _, _ = select.select([self._descriptor], [], [], timeout)
            if not ready:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            self._close()
        return 0

    def send_signal(self, number: int) -> None:
        """Send it a signal; nothing happens where it has ended."""
        if self._descriptor is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        """End it now."""
        self.send_signal(signal.SIGKILL)

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class WarmKernels:
    """One warm process, and forks of it.

    Args:
        modules: imported once, before the first fork.
        environment: the whole environment of the warm process; nothing of the grader's.
    """

    def __init__(self, modules: tuple[str, ...], environment: dict[str, str]) -> None:
        self._modules = modules
        self._environment = environment
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(self, namespaces: Namespaces, *, network: bool) -> tuple[ForkedProcess, socket.socket]:
        """A fork, and the line to it.

        Args:
            namespaces: those it is forked into (`wire.launch`).
            network: whether it stays in the machine's network.

        Raises:
            KernelLostError: if the warm process is gone; the next call starts another.
            OSError: if the machine refuses these namespaces.
        """
        ours, theirs = socket.socketpair()
        letter = _LETTERS[namespaces].upper() if network else _LETTERS[namespaces]
        with ExitStack() as stack:
            stack.enter_context(ours)
            with theirs, self._lock:
                answer = self._order(letter, theirs)
            if answer <= 0:
                raise OSError(-answer, os.strerror(-answer))
            stack.pop_all()
        return ForkedProcess(answer), ours

    def _order(self, letter: bytes, line: socket.socket) -> int:
        control = self._control or self._start()
        try:
            socket.send_fds(control, [letter], [line.fileno()])
            answer = control.recv(PROCESS_ID.size, socket.MSG_WAITALL)
        except OSError:
            answer = b""
        if len(answer) < PROCESS_ID.size:
            self.close()
            raise KernelLostError("the warm process that kernels are forked from has ended")
        number: int = PROCESS_ID.unpack(answer)[0]
        return number

    def _start(self) -> socket.socket:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "autograder.kernel.zygote"),
                    *(str(theirs.fileno()), ",".join(self._modules)),
                ],
                pass_fds=[theirs.fileno()],
                env=self._environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._control

    def close(self) -> None:
        """End the warm process, and with it every fork that still runs."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
