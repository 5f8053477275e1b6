"""Runs single cells with nbclient, keeping no more output than allowed."""

from __future__ import annotations

from typing import Any

import zmq
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError

from autograder import notebook
from autograder.sandbox.base import CellError, CellRun, KernelDiedError
from autograder.sandbox.outputs import OutputRoom, join_streams, make_cut_note

KernelManager = Any  # jupyter_client's, which has no types here
Message = Any
_TRACEBACK_CHARACTERS = 8_000
_COMM = (
    "comm"  # widgets: nothing shows them here, and what is asked of the agent goes past nbclient
)


class BoundedClient(NotebookClient):
    """An nbclient that drops outputs once a submission has written more than its share.

    Attributes:
        room: for the outputs of all its cells.
    """

    room = OutputRoom(0)

    def process_message(self, msg: Message, cell: Message, cell_index: int) -> Message:
        """Take up one message; one that makes no sense is forged, and dropped."""
        try:
            return self._process(msg, cell, cell_index)
        except CellExecutionComplete:
            raise
        except Exception:  # noqa: BLE001 - what a forged message breaks is anybody's guess
            return None

    def _process(self, msg: Message, cell: Message, cell_index: int) -> Message:
        kind, content = msg["msg_type"], msg["content"]
        if kind.startswith(_COMM):
            return None
        if kind == "update_display_data" and not self.room.take_update(content):
            return None
        return super().process_message(msg, cell, cell_index)

    def output(self, outs: list[Any], msg: Message, display_id: str, cell_index: int) -> Message:
        """Keep one output message, or drop it over the bound; a cell's error is always kept."""
        kind, content = msg["msg_type"], msg["content"]
        if kind == "stream" and not self.clear_before_next_output:
            self.room.add_text(outs, _name_stream(content), str(content["text"]))
            return None
        if kind == "error":
            msg = {**msg, "content": _shorten_error(content)}
        if self.clear_before_next_output:
            self.room.give_back(outs)
        fits = self.room.take(msg["content"])
        if not fits and (kind != "error" or _find_error(outs) is not None):
            return None
        return super().output(outs, msg, display_id, cell_index)

    def clear_output(self, outs: list[Any], msg: Message, cell_index: int) -> None:
        """Clear a cell's outputs, now or before the next one."""
        if not msg["content"].get("wait"):
            self.room.give_back(outs)
        super().clear_output(outs, msg, cell_index)


def _name_stream(content: Message) -> str:
    return "stderr" if content.get("name") == "stderr" else "stdout"


def _shorten_error(content: Message) -> Message:
    trace = "\n".join(map(str, content["traceback"]))[-_TRACEBACK_CHARACTERS:]
    return {
        "ename": str(content["ename"])[:200],
        "evalue": str(content["evalue"])[:_TRACEBACK_CHARACTERS],
        "traceback": trace.split("\n"),
    }


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
    client.room = OutputRoom(output_bytes)
    client.reset_execution_trackers()
    return client


async def run_cell(client: BoundedClient, source: str) -> CellRun:
    """Run one cell to its end.

    Raises:
        KernelDiedError: if the kernel's process ends meanwhile, or floods the line.
    """
    cell = notebook.make_code_cell(source)
    client.nb.cells.append(cell)
    client.room.open_cell()
    dropped = client.kc.allowance.dropped_messages
    try:
        await client.kc.watch(client.async_execute_cell(cell, len(client.nb.cells) - 1))
    except (DeadKernelError, zmq.Again) as error:
        raise KernelDiedError(str(error)) from error
    outputs = join_streams([dict(output) for output in cell.outputs])
    was_cut = client.room.was_cut or client.kc.allowance.dropped_messages > dropped
    return CellRun(
        outputs=[*outputs, make_cut_note()] if was_cut else outputs,
        error=_find_error(outputs),
        stderr="".join(
            str(output.get("text", ""))
            for output in outputs
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
