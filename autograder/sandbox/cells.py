"""Runs single cells with nbclient, keeping no more output than allowed."""

from __future__ import annotations

from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError

from autograder import notebook
from autograder.sandbox.base import CellError, CellRun, KernelDiedError

KernelManager = Any  # jupyter_client's, which has no types here
Message = Any
_TRACEBACK_CHARACTERS = 8_000

_MESSAGE_BYTES = 200  # what an empty one costs


class BoundedClient(NotebookClient):
    """An nbclient that drops outputs once a submission has written more than its share."""

    output_bytes = 2_000_000
    _kept = 0

    def process_message(self, msg: Message, cell: Message, cell_index: int) -> Message:
        """Take up one message; one that makes no sense is forged, and dropped."""
        try:
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            raise
        except Exception:  # noqa: BLE001 - what a forged message breaks is anybody's guess
            return None

    def output(self, outs: list[Any], msg: Message, display_id: str, cell_index: int) -> Message:
        """Keep one output message, or drop it over the bound; a cell's error is always kept."""
        is_error = msg["msg_type"] == "error"
        if is_error:
            msg = {**msg, "content": _shorten_error(msg["content"])}
        self._kept += _MESSAGE_BYTES + _size(msg["content"])
        if self._kept > self.output_bytes and not (is_error and _find_error(outs) is None):
            return None
        return super().output(outs, msg, display_id, cell_index)


def _shorten_error(content: Message) -> Message:
    trace = "\n".join(map(str, content["traceback"]))[-_TRACEBACK_CHARACTERS:]
    return {
        "ename": str(content["ename"])[:200],
        "evalue": str(content["evalue"])[:_TRACEBACK_CHARACTERS],
        "traceback": trace.split("\n"),
    }


def _size(content: object) -> int:
    if isinstance(content, dict):
        return sum(_size(value) for value in content.values())
    if isinstance(content, list):
        return sum(_size(value) for value in content)
    return len(content) if isinstance(content, str) else 8


def make_client(manager: KernelManager, output_bytes: int) -> BoundedClient:
    """Client that runs cells one at a time in the kernel of `manager`."""
    client = BoundedClient(
        notebook.make_notebook([]),
        km=manager,
        allow_errors=True,
        timeout=None,
        record_timing=False,
        store_widget_state=False,
    )
    client.output_bytes = output_bytes
    client.reset_execution_trackers()
    return client


async def run_cell(client: BoundedClient, source: str) -> CellRun:
    """Run one cell to its end.

    Raises:
        KernelDiedError: if the kernel's process ends meanwhile.
    """
    cell = notebook.make_code_cell(source)
    client.nb.cells.append(cell)
    try:
        await client.async_execute_cell(cell, len(client.nb.cells) - 1)
    except DeadKernelError as error:
        raise KernelDiedError(str(error)) from error
    return CellRun(
        outputs=[dict(output) for output in cell.outputs],
        error=_find_error(cell.outputs),
        stderr="".join(
            str(output.get("text", ""))
            for output in cell.outputs
            if output.get("output_type") == "stream" and output.get("name") == "stderr"
        )[-_TRACEBACK_CHARACTERS:],
    )


def _find_error(outputs: list[Any]) -> CellError | None:
    for output in outputs:
        if output.get("output_type") == "error":
            return CellError(
                name=output["ename"],
                text=output["evalue"],
                traceback="\n".join(output["traceback"]),
            )
    return None
