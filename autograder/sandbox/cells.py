"""Runs single cells with nbclient, keeping no more output than allowed."""

from __future__ import annotations

from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from autograder import notebook
from autograder.sandbox.base import CellError, CellRun, KernelDiedError

_TRACEBACK_CHARACTERS = 8_000


class BoundedClient(NotebookClient):
    """An nbclient that drops outputs once a submission has written more than its share."""

    output_bytes = 2_000_000
    _kept = 0

    def output(self, outs: list[Any], msg: Any, display_id: str, cell_index: int) -> Any:
        """Keep one output message, or drop it when the bound is reached."""
        self._kept += _size(msg["content"])
        if self._kept > self.output_bytes:
            return None
        return super().output(outs, msg, display_id, cell_index)


def _size(content: Any) -> int:
    if isinstance(content, dict):
        return sum(_size(value) for value in content.values())
    if isinstance(content, list):
        return sum(_size(value) for value in content)
    return len(content) if isinstance(content, str) else 8


def make_client(manager: Any, output_bytes: int) -> BoundedClient:
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
            trace = "\n".join(str(line) for line in output.get("traceback", []))
            return CellError(
                name=str(output.get("ename", "")),
                text=str(output.get("evalue", "")),
                traceback=trace[-_TRACEBACK_CHARACTERS:],
            )
    return None
