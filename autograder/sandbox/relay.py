"""Stands between a kernel's socket and ours, and passes on what a sieve lets through.

A kernel is sent everything; what comes from it is bounded on the way, so that no message of a
stranger takes more of the grader's memory than its room. Left out: the bounds (`allowance`).

Our side of a line stays open until we close it, whatever becomes of the kernel's: ZeroMQ aborts the
whole process where a peer goes while a message of several parts is being read (`!_more`, fq.cpp).
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.heap import keep_large_blocks_apart
from autograder.sandbox.sieve import SeveredError, Sieve

Transform = Callable[[bytes], bytes]
_CHUNK = 1 << 18
_RETRY_SECONDS = 0.02
_TRICKLE_BYTES = 1 << 15
_TRICKLE_SECONDS = 0.003


class Relay:
    """The lines to one kernel, one for each of its channels.

    Attributes:
        severed: done, with the reason as its result, once a line was cut.
    """

    def __init__(self) -> None:
        keep_large_blocks_apart()
        self.severed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._folder = Path(tempfile.mkdtemp(prefix="ag-line-"))  # only we can enter it
        self._tasks: list[asyncio.Task[None]] = []

    def add_line(self, name: str, kernel_path: str, sieve: Sieve) -> str:
        """Path of a socket that stands for the kernel's at `kernel_path`, for one connection."""
        path = str(self._folder / name)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen(1)
        listener.settimeout(0)
        line = self._run(listener, kernel_path, sieve)
        self._tasks.append(asyncio.get_running_loop().create_task(line))
        return path

    def close(self) -> None:
        """Cut all lines."""
        for task in self._tasks:
            task.cancel()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _run(self, listener: socket.socket, kernel_path: str, sieve: Sieve) -> None:
        with listener:
            ours, _ = await asyncio.get_running_loop().sock_accept(listener)
        with ours:
            theirs = await _connect(kernel_path)
            with theirs:
                await self._carry(ours, theirs, sieve)
            await asyncio.Event().wait()  # until `close`, which comes after ZeroMQ's own sockets

    async def _carry(self, ours: socket.socket, theirs: socket.socket, sieve: Sieve) -> None:
        """Carry bytes both ways until one side closes, or the sieve ends it."""
        ways = {
            asyncio.ensure_future(_pump(ours, theirs, bytes)),
            asyncio.ensure_future(_pump(theirs, ours, sieve.feed)),
        }
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in done:
                error = way.exception()
                if isinstance(error, SeveredError) and not self.severed.done():
                    self.severed.set_result(str(error))
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def _connect(path: str) -> socket.socket:
    """Connection to a kernel's socket, as soon as the kernel has opened it."""
    while True:
        theirs = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        theirs.settimeout(0)
        try:
            await asyncio.get_running_loop().sock_connect(theirs, path)
        except OSError:
            theirs.close()
            await asyncio.sleep(_RETRY_SECONDS)
        except BaseException:
            theirs.close()
            raise
        else:
            return theirs


async def _pump(source: socket.socket, target: socket.socket, transform: Transform) -> None:
    loop = asyncio.get_running_loop()
    with suppress(OSError):
        while data := await loop.sock_recv(source, _CHUNK):
            passed = transform(data)
            if passed:
                await loop.sock_sendall(target, passed)
            # A flood must not keep the grader from its clock; and what is left out anyway is
            # cheaper to read many messages at a time.
            is_trickle = not passed and len(data) < _TRICKLE_BYTES
            await asyncio.sleep(_TRICKLE_SECONDS if is_trickle else 0)
