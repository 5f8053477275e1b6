"""Forks of a warm process (`kernel.zygote`): a kernel in 0.2 s instead of seven.

Left out: what goes on in the warm process and its forks, what a fork is told (`launch`), and what
the warm process is itself forked from (`warmth`).
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import ExitStack

from autograder.errors import AncestorLostError, KernelLostError
from autograder.warmth.ancestor import Ancestor
from autograder.warmth.forked import ForkedProcess
from autograder.warmth.program import PROCESS_ID, Program
from autograder.wire.launch import Namespaces

_LETTERS: dict[Namespaces, bytes] = {"machine": b"m", "user": b"u", "none": b"n"}
_CLOSE_SECONDS = 1.0


class WarmKernels:
    """One warm process, and forks of it.

    Args:
        ancestor: what it is a fork of itself.
        modules: imported once, before the first fork, beside those of the ancestor.
    """

    def __init__(self, ancestor: Ancestor, modules: tuple[str, ...]) -> None:
        self._ancestor = ancestor
        self._program = Program("ag-kernels", "autograder.kernel.zygote", modules)
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: ForkedProcess | None = None

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
        try:
            self._process, self._control = self._ancestor.start(self._program)
        except AncestorLostError as error:
            raise KernelLostError(str(error)) from error
        return self._control

    def close(self) -> None:
        """End the warm process, and with it every fork that still runs."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.end(_CLOSE_SECONDS)
            self._process = None
