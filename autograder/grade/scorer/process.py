"""The grader's side of the scorer: starts it warm, gives orders, passes its questions on."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from autograder.errors import ScorerError
from autograder.wire.frame import MAX_FRAME_BYTES, Frame, pack_frame, unpack_frame

AskKernel = Callable[[Frame], Awaitable[Frame]]
_MODULE = "autograder.grade.scorer.main"


class ScorerTimeoutError(ScorerError):
    """The scorer took longer than it may; where a student's model made it slow, that is theirs."""


class Scorer:
    """One submission's scorer process.

    Args:
        process: the forked process.
        line: our end of the line to it.
    """

    def __init__(self, process: Any, line: Any) -> None:
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
            ScorerError: if the process died or failed.
        """
        await asyncio.to_thread(self._line.send_bytes, pack_frame(Frame(head)))
        while True:
            message = await self._receive(seconds)
            if message.head.get("say") == "ask":
                reply = await ask_kernel(Frame(message.head["request"], message.buffers))
                await asyncio.to_thread(self._line.send_bytes, pack_frame(reply))
                continue
            result: dict[str, Any] = message.head["result"]
            if "fault" in result:
                raise ScorerError(f"the scorer failed:\n{result['fault']}")
            return result

    async def _receive(self, seconds: float) -> Frame:
        try:
            if not await asyncio.to_thread(self._line.poll, seconds):
                self.kill()
                raise ScorerTimeoutError(f"the scorer was silent for {seconds:.0f} s")
            return unpack_frame(await asyncio.to_thread(self._line.recv_bytes, MAX_FRAME_BYTES))
        except (EOFError, OSError) as error:
            raise ScorerError("the scorer process died") from error

    def kill(self) -> None:
        """End the process now."""
        self._process.kill()

    def close(self) -> None:
        """End the process and free what it holds."""
        self._line.close()
        self._process.join(timeout=2)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


class Scorers:
    """Starts scorers as forks of one warm process, which loads TensorFlow once per run.

    The warm process belongs to the grader and never sees a student's code.
    """

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([_MODULE])

    @asynccontextmanager
    async def open(self, bundle: Path) -> AsyncIterator[Scorer]:
        """A fresh scorer for one submission, gone when the context ends."""
        scorer = await asyncio.to_thread(self._start)
        try:
            yield scorer
        finally:
            await asyncio.to_thread(scorer.close)

    def _start(self) -> Scorer:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=run_child, args=(theirs,), daemon=True)
        try:
            process.start()
        except OSError as error:
            raise ScorerError(f"no scorer process could be started: {error}") from error
        theirs.close()
        return Scorer(process, ours)


def run_child(line: Any) -> None:
    """Entry point of the forked process; imports the child's side only there."""
    from autograder.grade.scorer.main import serve  # noqa: PLC0415 - it loads TensorFlow

    serve(line)
