"""The grader's side of the scorer: starts it warm, gives orders, passes its questions on."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from multiprocessing.connection import Connection
from typing import IO, Any

import psutil

from autograder.errors import ScorerError, ScorerLostError
from autograder.wire.frame import MAX_FRAME_BYTES, Frame, pack_frame, unpack_frame

_CLOSE_SECONDS = 1.0
AskKernel = Callable[[Frame], Awaitable[Frame]]
PROCESS_ID = struct.Struct("<q")


class ScorerTimeoutError(ScorerError):
    """The scorer took longer than it may; where a student's model made it slow, that is theirs."""


class Scorer:
    """One submission's scorer process.

    Args:
        process: id of the forked process.
        line: our end of the line to it.
    """

    def __init__(self, process: int, line: Connection) -> None:
        self._process = process
        self._line = line

    async def order(
        self, head: dict[str, Any], ask_kernel: AskKernel, seconds: float
    ) -> dict[str, Any]:
        """Result of one order; the scorer's questions go to `ask_kernel` meanwhile.

        Args:
            head: `do` (`open`, `case`, `training`, `forget`) and what it needs.
            ask_kernel: answers requests to the student's kernel, within limits of its own.
            seconds: how long the scorer itself may be silent.

        Raises:
            ScorerTimeoutError: if it was; the scorer is gone then.
            ScorerError: if it failed.
            ScorerLostError: if the process died.
        """
        await self._send(Frame(head))
        while True:
            message = await self._receive(seconds)
            if message.head.get("say") == "ask":
                reply = await ask_kernel(Frame(message.head["request"], message.buffers))
                await self._send(reply)
                continue
            result: dict[str, Any] = message.head["result"]
            if "fault" in result:
                raise ScorerError(f"the scorer failed:\n{result['fault']}")
            return result

    async def _send(self, message: Frame) -> None:
        try:
            await asyncio.to_thread(self._line.send_bytes, pack_frame(message))
        except OSError as error:
            raise ScorerLostError("the scorer process died") from error

    async def _receive(self, seconds: float) -> Frame:
        try:
            if not await asyncio.to_thread(self._line.poll, seconds):
                self.kill()
                raise ScorerTimeoutError(f"the scorer was silent for {seconds:.0f} s")
            return unpack_frame(await asyncio.to_thread(self._line.recv_bytes, MAX_FRAME_BYTES))
        except (EOFError, OSError) as error:
            raise ScorerLostError("the scorer process died") from error

    def kill(self) -> None:
        """End the process now."""
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)

    def close(self) -> None:
        """Close the line, which ends the process; kill it if it is too busy to notice."""
        self._line.close()
        if not _wait_for_end(self._process, _CLOSE_SECONDS):
            self.kill()


def _wait_for_end(process: int, seconds: float) -> bool:
    """Whether the process, which is no child of ours, ended within `seconds`."""
    if hasattr(os, "pidfd_open"):
        try:
            descriptor = os.pidfd_open(process)
        except ProcessLookupError:
            return True
        except OSError:  # an old machine, or one without room for a descriptor
            pass
        else:
            with closing(open(descriptor, closefd=True)) as ended:  # noqa: PTH123 - a descriptor
                return bool(select.select([ended], [], [], seconds)[0])
    deadline = time.monotonic() + seconds
    while psutil.pid_exists(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


class Scorers:
    """Starts scorers as forks of one warm process, which loads Keras once per run.

    The warm process belongs to the grader and never sees a student's code. It ends with this
    object, or with the grader.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._log: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None  # of scorers that were killed

    def __enter__(self) -> Scorers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the warm process; scorers that still run end with their own lines."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(timeout=2)
            except subprocess.TimeoutExpired:  # still loading
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Scorer]:
        """A fresh scorer for one submission, gone when the context ends.

        Raises:
            ScorerLostError: if none can be started; the next call starts another warm process.
        """
        scorer = await asyncio.to_thread(self._fork)
        try:
            yield scorer
        finally:
            await asyncio.to_thread(scorer.close)

    def _fork(self) -> Scorer:
        ours, theirs = multiprocessing.Pipe()
        with self._lock, closing(theirs):
            control = self._control or self._start()
            try:
                socket.send_fds(control, [b"f"], [theirs.fileno()])
                answer = control.recv(PROCESS_ID.size)
            except OSError:
                answer = b""
            if len(answer) != PROCESS_ID.size:
                word = self._read_log()
                ours.close()
                self.close()
                raise ScorerLostError(f"the warm scorer ended: {word}")
        return Scorer(PROCESS_ID.unpack(answer)[0], ours)

    def _start(self) -> socket.socket:
        self._control, theirs = socket.socketpair()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._folder = tempfile.TemporaryDirectory(prefix="ag-scorers-", ignore_cleanup_errors=True)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.grade.scorer", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "TMPDIR": self._folder.name},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                start_new_session=True,
            )
        return self._control

    def _read_log(self) -> str:
        if self._log is None:
            return "it left no word"
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2_000:]
