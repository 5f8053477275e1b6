"""Small sites, importable wherever a worker runs."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Square:
    """Squares numbers."""

    @contextmanager
    def open(self, threads):
        yield square


def square(number):
    if number == "unlucky":
        raise LookupError(f"item {number}")
    return number * number


@dataclass(frozen=True)
class Threads:
    """Says with how many threads an item may compute."""

    @contextmanager
    def open(self, threads):
        yield lambda _: threads


@dataclass(frozen=True)
class Diary:
    """Writes down when it is opened and closed, and each item that begins and ends."""

    folder: Path
    seconds: float = 0.0

    @contextmanager
    def open(self, threads):
        self.write("open", os.getpid())
        try:
            yield self.work
        finally:
            self.write("close", os.getpid())

    def work(self, item):
        self.write("begin", item)
        time.sleep(self.seconds)
        self.write("end", item)
        return item

    def write(self, word, what):
        (self.folder / f"{time.time_ns()}-{uuid.uuid4().hex}.txt").write_text(f"{word} {what}")

    def read(self, word):
        """What was written with `word`, in its order."""
        lines = [path.read_text() for path in sorted(self.folder.glob("*.txt"))]
        return [line.partition(" ")[2] for line in lines if line.split(" ")[0] == word]


@dataclass(frozen=True)
class Deadly:
    """Kills the process that does the item `poison`; others take a moment."""

    diary: Diary

    @contextmanager
    def open(self, threads):
        yield self.work

    def work(self, item):
        self.diary.write("begin", item)
        if item == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.3)
        return item


@dataclass(frozen=True)
class Closed:
    """Cannot be opened."""

    @contextmanager
    def open(self, threads):
        raise OSError("no room for warm kernels")
        yield


@dataclass(frozen=True)
class Unsendable:
    """Gives results that do not pickle."""

    @contextmanager
    def open(self, threads):
        yield lambda _: threading.Lock()


@dataclass(frozen=True)
class Large:
    """A site with much content, which says how large items are."""

    content: bytes

    @contextmanager
    def open(self, threads):
        yield len


@dataclass(frozen=True)
class Kernels:
    """Runs each item as a cell of a kernel behind walls."""

    @contextmanager
    def open(self, threads):
        from autograder.sandbox.base import SandboxOptions
        from autograder.sandbox.fork import ForkSandbox

        with closing(ForkSandbox(SandboxOptions(threads, ()))) as sandbox:
            yield lambda source: asyncio.run(run_cell(sandbox, source))


async def run_cell(sandbox, source):
    from autograder.sandbox.base import KernelRequest
    from autograder.schema import Limits

    async with sandbox.open_kernel(KernelRequest({}, Limits())) as kernel:
        run = await kernel.run_cell(source)
    return "".join(output.get("text", "") for output in run.outputs)
