"""The grader's side of the scorer: starts it warm, gives orders, passes its questions on."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, closing
from multiprocessing.connection import Connection
from typing import IO, Any, Self

from autograder.errors import AncestorLostError, KerasNeededError, ScorerError, ScorerLostError
from autograder.schema.base import Value
from autograder.warmth.ancestor import LIGHT_MODULES, Ancestor
from autograder.warmth.environment import choose_computation
from autograder.warmth.forked import ForkedProcess
from autograder.warmth.log import read_last_words
from autograder.warmth.program import PROCESS_ID, Program
from autograder.wire.frame import MAX_FRAME_BYTES, Frame, pack_frame, unpack_frame
from autograder.wire.launch import send_value

_CLOSE_SECONDS = 1.0
_WARM_CLOSE_SECONDS = 2.0
_WARM = Program("ag-scorers", "autograder.grade.scorer.warm")
AskKernel = Callable[[Frame], Awaitable[Frame]]


class ScorerTimeoutError(ScorerError):
    """The scorer took longer than it may; where a student's model made it slow, that is theirs."""


class Scorer:
    """One submission's scorer process.

    Args:
        process: the forked process.
        line: our end of the line to it.
    """

    def __init__(self, process: ForkedProcess, line: Connection) -> None:
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
            KerasNeededError: if it has no Keras, and was asked for it.
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
            if "needs" in result:
                raise KerasNeededError("a test asked for Keras in a scorer without")
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
        self._process.kill()

    def close(self) -> None:
        """Close the line, which ends the process; kill it if it is too busy to notice."""
        self._line.close()
        self._process.end(_CLOSE_SECONDS)


class ScorerEnvironment(Value):
    """The whole environment that the warm process takes on, its bytes as Latin-1."""

    variables: dict[str, str]


class Scorers:
    """Starts scorers as forks of one warm process, which is a fork of `ancestor` itself.

    The warm process belongs to the grader and never sees a student's code. It ends with this
    object, or with the grader.

    Args:
        ancestor: has Keras loaded; whoever made it ends it.
        light: for what needs no Keras; whoever made them closes them.
    """

    def __init__(self, ancestor: Ancestor, light: LightScorers | None = None) -> None:
        self.light = light
        self._ancestor = ancestor
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._log: IO[bytes] | None = None
        self._process: ForkedProcess | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None  # of scorers that were killed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the warm process; scorers that still run end with their own lines."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.end(_WARM_CLOSE_SECONDS)
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
        with ExitStack() as stack, self._lock, closing(theirs):
            stack.enter_context(ours)
            try:
                control = self._control or self._start()
                socket.send_fds(control, [b"f"], [theirs.fileno()])
                answer = control.recv(PROCESS_ID.size, socket.MSG_WAITALL)
            except OSError:
                answer = b""
            if len(answer) != PROCESS_ID.size:
                word = read_last_words(self._log)
                self.close()
                raise ScorerLostError(f"the warm scorer ended: {word}")
            process = ForkedProcess(PROCESS_ID.unpack(answer)[0])
            stack.pop_all()
        return Scorer(process, ours)

    def _start(self) -> socket.socket:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._folder = tempfile.TemporaryDirectory(prefix="ag-scorers-", ignore_cleanup_errors=True)
        try:
            self._process, self._control = self._ancestor.start(_WARM, self._log)
        except AncestorLostError as error:
            self.close()
            raise ScorerLostError(str(error)) from error
        send_value(self._control, _make_environment(self._folder.name))
        return self._control


class LightScorers(Scorers):
    """Scorers without Keras, which start at once, and what they have been too light for.

    Their ancestor is their own, for nothing else is forked from one with NumPy alone.
    """

    def __init__(self) -> None:
        super().__init__(Ancestor(LIGHT_MODULES))
        self._too_much: set[tuple[str, str]] = set()

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._ancestor.close()

    def may_do(self, bundle: str, question: str) -> bool:
        """Whether the tests of a question have not asked for Keras so far.

        Args:
            bundle: hash of its content.
            question: its name.
        """
        return (bundle, question) not in self._too_much

    def leave(self, bundle: str, question: str) -> None:
        """Take note that they have: the next submission does not try."""
        self._too_much.add((bundle, question))


def _make_environment(temporary: str) -> ScorerEnvironment:
    """The grader's own, for the tests of staff; numbers are computed as in kernels, if it is mute.

    What was read at the import (such as `TF_ENABLE_ONEDNN_OPTS`) is no longer to be changed by it.
    """
    known = {**choose_computation(), **os.environ, "TMPDIR": temporary}
    return ScorerEnvironment(
        variables={_read_bytes(name): _read_bytes(value) for name, value in known.items()}
    )


def _read_bytes(text: str) -> str:
    return os.fsencode(text).decode("latin-1")
