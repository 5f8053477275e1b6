"""Waits until a kernel answers, without the fixed pauses of Jupyter's own wait.

Left out: whether the process lives; whoever launched it knows first.
"""

from __future__ import annotations

import queue
import time
from typing import Any

KernelClient = Any  # jupyter_client's, which has no types here
_ASK_AGAIN_SECONDS = 0.25


async def wait_until_ready(client: KernelClient, manager: Any, seconds: float) -> None:
    """Return once the kernel answers, and what it publishes arrives here.

    A subscription takes a moment to reach the kernel, so the question is asked until the end of
    its answer is heard on that channel too.

    Raises:
        TimeoutError: if that takes longer than `seconds`.
        RuntimeError: if the kernel ends first.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        asked = client.kernel_info()
        if await _hear_end(client, asked):
            await _take_reply(client, asked)
            return
        if not await manager.is_alive():
            raise RuntimeError("it ended before it answered")
    raise TimeoutError(f"no answer in {seconds:.0f} s")


async def _hear_end(client: KernelClient, asked: str) -> bool:
    deadline = time.monotonic() + _ASK_AGAIN_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        try:
            message = await client.get_iopub_msg(timeout=left)
        except queue.Empty:
            return False
        ends = message["content"].get("execution_state") == "idle"
        if ends and message["parent_header"].get("msg_id") == asked:
            return True
    return False


async def _take_reply(client: KernelClient, asked: str) -> None:
    """Take the answers off the shell channel, so that the next one there is a new one."""
    while True:
        message = await client.get_shell_msg(timeout=_ASK_AGAIN_SECONDS)
        if message["parent_header"].get("msg_id") == asked:
            return
