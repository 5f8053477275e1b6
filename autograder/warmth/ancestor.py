"""The grader's side of the ancestor: starts it when needed, or before; orders forks of it.

Left out: what goes on in the ancestor (`__main__`), and in the warm processes that it becomes
(`kernel.zygote`, `grade.scorer.warm`).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from typing import IO

from autograder.errors import AncestorLostError
from autograder.warmth.environment import make_library_environment
from autograder.warmth.forked import ForkedProcess
from autograder.warmth.log import read_last_words
from autograder.warmth.program import PROCESS_ID, REHEARSE, Program, pack_program

KERAS_MODULES = ("keras", "tensorflow", "numpy", "pandas", "sklearn")
LIGHT_MODULES = ("numpy",)  # of an ancestor that is there in a tenth of the time
_CLOSE_SECONDS = 2.0


class Ancestor:
    """One process that has imported `modules`, and forks of it, for all that one grader keeps warm.

    It is started with the first fork or by `launch`, and again where something has ended it.

    Args:
        modules: imported once, before the first fork.
        rehearses: whether the first use of Keras, too, is gone through once (`rehearsal`): only
            where forks are to compute in one thread.
    """

    def __init__(
        self, modules: tuple[str, ...] = KERAS_MODULES, *, rehearses: bool = False
    ) -> None:
        self.modules = modules
        self._rehearses = rehearses
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._has_orders = False
        self._process: subprocess.Popen[bytes] | None = None
        self._owned = ExitStack()
        self._log: IO[bytes] | None = None

    def __enter__(self) -> Ancestor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def launch(self) -> None:
        """Begin with the import, where that is not done or under way, and do not wait for it.

        Raises:
            OSError: if it cannot be started.
        """
        with self._lock:
            if self._control is None:
                self._start()

    def start(
        self, program: Program, log: IO[bytes] | None = None
    ) -> tuple[ForkedProcess, socket.socket]:
        """A fork that becomes `program`, and the line to it.

        Waits for the import, where that is still under way.

        Args:
            program: what it is to be.
            log: where its errors go.

        Raises:
            AncestorLostError: if the ancestor cannot be started, or may not fork.
        """
        ours, theirs = socket.socketpair()
        with ExitStack() as stack:
            stack.enter_context(ours)
            descriptors = [theirs.fileno(), *([log.fileno()] if log else [])]
            with theirs, self._lock:
                answer = self._order(pack_program(program), descriptors)
            if answer <= 0:
                raise AncestorLostError(f"no warm process can be forked: {os.strerror(-answer)}")
            process = ForkedProcess(answer)
            stack.pop_all()
        return process, ours

    def _order(self, order: bytes, descriptors: list[int]) -> int:
        """The answer to one order; an ancestor that something ended meanwhile is replaced."""
        was_there = self._control is not None
        answer = self._ask(order, descriptors)
        if answer is None and was_there:
            self.close()
            answer = self._ask(order, descriptors)
        if answer is None:
            word = read_last_words(self._log)
            self.close()
            raise AncestorLostError(f"the process that warm ones are forked from ended: {word}")
        return answer

    def _ask(self, order: bytes, descriptors: list[int]) -> int | None:
        control = self._control or self._start()
        self._has_orders = True
        try:
            socket.send_fds(control, [order], descriptors)
            answer = control.recv(PROCESS_ID.size, socket.MSG_WAITALL)
        except OSError:
            return None
        if len(answer) < PROCESS_ID.size:
            return None
        number: int = PROCESS_ID.unpack(answer)[0]
        return number

    def _start(self) -> socket.socket:
        folder = self._owned.enter_context(
            tempfile.TemporaryDirectory(prefix="ag-warm-", ignore_cleanup_errors=True)
        )  # libraries' caches
        log = self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._owned.callback(log.close)
        control, theirs = socket.socketpair()
        self._control = control  # which may be closed by another thread meanwhile
        self._has_orders = False
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "autograder.warmth"),
                    *(str(theirs.fileno()), ",".join(self.modules)),
                    *([REHEARSE] if self._rehearses else []),
                ],
                pass_fds=[theirs.fileno()],
                env=make_library_environment(folder, folder),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                start_new_session=True,
            )
        return control

    def close(self) -> None:
        """End it, and with it every warm process that is still there."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            if not self._has_orders:  # and no forks: nothing in it is worth waiting for
                self._process.kill()
            try:
                self._process.wait(timeout=_CLOSE_SECONDS)
            except subprocess.TimeoutExpired:  # still loading
                self._process.kill()
                self._process.wait()
            self._process = None
        self._log = None
        self._owned.close()
