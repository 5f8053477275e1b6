"""Another submission under way at the same time: a kernel with a secret in it, kept open."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AsyncExitStack
from typing import Any

from autograder.sandbox.base import Kernel, KernelRequest, Sandbox
from tests.hostile.bundles import LIMITS

_WAIT_SECONDS = 60


class Neighbour:
    """A kernel beside the attacks, in a thread of its own."""

    def __init__(self, sandbox: Sandbox, secret: str) -> None:
        self._secret = secret
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        request = KernelRequest({"mine.txt": secret.encode()}, LIMITS)
        self._kernel: Kernel = self._wait(
            self._stack.enter_async_context(sandbox.open_kernel(request))
        )
        self._run(f"import os\nsecret = {secret!r}\nos.environ['SECRET'] = secret")
        self.folder = self._run("import os; print(os.getcwd(), os.getpid(), os.getuid())")

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_WAIT_SECONDS)

    def _run(self, source: str) -> str:
        run = self._wait(self._kernel.run_cell(source))
        return "".join(str(output.get("text", output)) for output in run.outputs).strip()

    def list_harms(self) -> list[str]:
        """What an attack did to it."""
        try:
            found = self._run("print(secret, open('mine.txt').read(), *sorted(os.listdir()))")
        except Exception as error:
            return [f"the submission graded at the same time was ended: {error!r}"]
        expected = f"{self._secret} {self._secret} mine.txt"
        return [] if found == expected else [f"the submission beside it was changed: {found[:200]}"]

    def close(self) -> None:
        """End the kernel and the thread."""
        self._wait(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()
