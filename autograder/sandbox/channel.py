"""Channels to a kernel that drop whatever is no Jupyter message, and take in no more than allowed.

Student code knows its kernel's sockets and signing key, and can write anything to them. Left out:
what a well-formed message claims; that is checked where it is read.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import zmq
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

from autograder.sandbox.allowance import Allowance
from autograder.sandbox.flood import OutputFloodError
from autograder.sandbox.relay import Relay
from autograder.sandbox.sieve import Sieve
from autograder.wire.frame import check_json

T = TypeVar("T")
Socket = Any  # ZeroMQ's
_OBJECTS = ("header", "parent_header", "metadata", "content")
_MARK = b"<IDS|MSG>"
_JSON_PARTS = slice(1, 5)  # after the mark and the signature
_SEND_MILLISECONDS = 10_000
_WAITING_MESSAGES = 50  # more stay on the kernel's side


class GuardedChannel(AsyncZMQSocketChannel):
    """A channel whose `get_msg` gives well-formed messages only."""

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # noqa: ASYNC109
        """Next well-formed message.

        Raises:
            queue.Empty: if none arrives within `timeout` seconds.
        """
        while True:
            await asyncio.sleep(0)  # a flood must not keep the grader from its clock
            try:
                message = await self._next_message(timeout)
            except (queue.Empty, zmq.ZMQError, AssertionError):
                raise  # nothing came, or the channel is closed
            except Exception:  # noqa: BLE001, S112 - reading forged bytes may raise anything
                continue
            if is_well_formed(message):
                return message

    async def _next_message(self, timeout: float | None) -> dict[str, Any]:  # noqa: ASYNC109
        assert self.socket is not None
        if self.socket.get(zmq.EVENTS) & zmq.POLLIN:
            return await self._recv()  # it is there already: waiting for it costs ten times as much
        message: dict[str, Any] = await super().get_msg(timeout)
        return message

    async def _recv(self, **options: Any) -> dict[str, Any]:
        """Next message, if all its JSON is small enough to be parsed."""
        assert self.socket is not None
        parts = await self.socket.recv_multipart(**options)
        _, signed = self.session.feed_identities(parts)
        for part in signed[_JSON_PARTS]:
            check_json(part)
        message: dict[str, Any] = self.session.deserialize(signed)
        return message


def is_well_formed(message: dict[str, Any]) -> bool:
    """Whether all parts of a message have the type that Jupyter's protocol gives them."""
    if not all(isinstance(message.get(part), dict) for part in _OBJECTS):
        return False
    kind = message.get("msg_type")
    if not isinstance(kind, str):
        return False
    return not kind.endswith("_reply") or isinstance(message["content"].get("status"), str)


class GuardedClient(AsyncKernelClient):
    """A client of a kernel that may lie and flood. Only two channels are opened at all.

    Attributes:
        allowance: what the kernel has said so far.
    """

    shell_channel_class = Type(GuardedChannel)
    iopub_channel_class = Type(GuardedChannel)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.allowance = Allowance()
        self._relay: Relay | None = None

    def start_channels(self, *_: bool, **__: bool) -> None:
        """Open the channels on which cells are run; the others are of no use here."""
        self._relay = Relay()
        super().start_channels(stdin=False, hb=False, control=False)

    def stop_channels(self) -> None:
        """Close the channels."""
        for channel in (self._shell_channel, self._iopub_channel):
            if channel is not None:
                channel.stop()
        if self._created_context and not self.context.closed:
            self.context.destroy(linger=0)
        if self._relay is not None:
            self._relay.close()

    def _create_connected_socket(self, channel: str, identity: bytes | None = None) -> Socket:
        assert self._relay is not None
        shows = channel == "iopub"
        rule = self.allowance.shows() if shows else self.allowance.answers()
        kernel_path = self._make_url(channel).removeprefix("ipc://")
        path = self._relay.add_line(channel, kernel_path, Sieve(rule))
        socket = self.context.socket(zmq.SUB if shows else zmq.DEALER)
        socket.linger = 1000
        socket.sndtimeo = _SEND_MILLISECONDS  # nobody is there any more: waiting would be for ever
        socket.rcvhwm = _WAITING_MESSAGES
        socket.reconnect_ivl = -1
        socket.handshake_ivl = 0  # ZeroMQ's 30 s are too few to start in where much else runs
        if identity:
            socket.identity = identity
        socket.connect(f"ipc://{path}")
        return socket

    async def watch(self, work: Coroutine[Any, Any, T]) -> T:
        """Result of `work`, which waits for what the kernel says.

        Raises:
            OutputFloodError: if the line to the kernel is or was cut.
        """
        assert self._relay is not None
        severed = self._relay.severed
        task = asyncio.ensure_future(work)
        either: set[asyncio.Future[Any]] = {task, severed}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise OutputFloodError(severed.result())
        finally:
            if not task.done():
                task.cancel()
                with suppress(BaseException):
                    await task
