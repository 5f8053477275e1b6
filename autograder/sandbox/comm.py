"""Asks the kernel's agent over a Jupyter comm, and checks that a reply is one."""

from __future__ import annotations

import queue
import uuid
from collections.abc import Iterable
from typing import Any

import zmq

from autograder.errors import ForgedError, WireError
from autograder.sandbox.base import KernelDiedError
from autograder.wire.frame import MAX_FRAME_BYTES, Buffer, Frame, clean_head
from autograder.wire.requests import COMM_TARGET

KernelClient = Any  # jupyter_client's, which have no types here
KernelManager = Any
_POLL_SECONDS = 0.5
_MAX_STRAY_MESSAGES = 100_000


class AgentComm:
    """One comm to the agent of one kernel.

    Args:
        client: the kernel's asynchronous Jupyter client.
        manager: the kernel's manager, asked whether the process is alive.
    """

    def __init__(self, client: KernelClient, manager: KernelManager) -> None:
        self._client = client
        self._manager = manager
        self._comm_id = uuid.uuid4().hex
        self._requests = 0

    def open(self) -> None:
        """Open the comm; the agent registered its target before any student code ran."""
        self._send("comm_open", {"target_name": COMM_TARGET, "data": {}})

    async def ask(self, request: Frame) -> Frame:
        """Reply to `request`.

        Raises:
            KernelDiedError: if the kernel's process ends first, or floods the line.
            ForgedError: if the request was finished without a reply in the protocol's form.
        """
        self._client.allowance.value_is_due = True
        try:
            reply: Frame = await self._client.watch(self._ask(request))
        finally:
            self._client.allowance.value_is_due = False
        return reply

    async def _ask(self, request: Frame) -> Frame:
        self._requests += 1
        number = self._requests
        data = {"id": number, "request": request.head}
        sent = self._send("comm_msg", {"data": data}, list(request.buffers))
        for _ in range(_MAX_STRAY_MESSAGES):
            message = await self._next_message()
            reply = self._match(message, number)
            if reply is not None:
                return reply
            if _is_idle(message, sent):
                raise ForgedError("the kernel's agent was silenced")
        raise ForgedError("the kernel sent messages without end")

    async def _next_message(self) -> dict[str, Any]:
        while True:
            try:
                message: dict[str, Any] = await self._client.get_iopub_msg(timeout=_POLL_SECONDS)
            except queue.Empty:
                if not await self._manager.is_alive():
                    raise KernelDiedError("the kernel ended during a call") from None
            else:
                return message

    def _match(self, message: dict[str, Any], number: int) -> Frame | None:
        content = message["content"]
        if message["msg_type"] != "comm_msg" or content.get("comm_id") != self._comm_id:
            return None
        data = content.get("data")
        if not isinstance(data, dict) or not isinstance(data.get("reply"), dict):
            raise ForgedError("a reply of the kernel is not in the protocol's form")
        if data.get("id") != number:
            return None  # the late reply to a request that was given up
        return _make_reply(data["reply"], message.get("buffers", ()))

    def _send(self, kind: str, content: dict[str, Any], buffers: list[Buffer] | None = None) -> str:
        session = self._client.session
        message = session.msg(kind, {"comm_id": self._comm_id, **content})
        try:
            session.send(self._client.shell_channel.socket, message, buffers=buffers or [])
        except zmq.Again as error:
            raise KernelDiedError("the kernel takes no message any more") from error
        return str(message["header"]["msg_id"])


def _make_reply(head: dict[str, Any], buffers: Iterable[memoryview]) -> Frame:
    try:
        reply = Frame(clean_head(head), tuple(buffers))
    except WireError as error:
        raise ForgedError(f"a reply of the kernel is {error}") from error
    if "stopped" in reply.head:
        raise ForgedError("a reply of the kernel claims to be the grader's own")
    if reply.buffer_bytes > MAX_FRAME_BYTES:
        raise ForgedError("a reply of the kernel is too large")
    return reply


def _is_idle(message: dict[str, Any], sent: str) -> bool:
    return (
        message["msg_type"] == "status"
        and message["content"].get("execution_state") == "idle"
        and message["parent_header"].get("msg_id") == sent
    )
