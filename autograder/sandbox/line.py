"""The grader's end of a line to a container: Jupyter's sockets, carried by two streams.

Student code may have written any byte that comes out of a container; here it is only cut into
packets of bounded size and handed to Jupyter's client, which guards itself (`channel`). The other
end is `kernel.line`.
"""

from __future__ import annotations

import asyncio
import json
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from autograder.errors import SandboxError
from autograder.wire.packet import CHANNELS, HEAD, MAX_PACKET_BYTES, Kind, pack

_READY_SECONDS = 90
_CLOSE_SECONDS = 2
_LAST_WORDS_BYTES = 4000


class Line:
    """The line to one container.

    Args:
        process: the engine's `run`, attached to the container.
        at_end: called once when the kernel has ended, before the container is let go.

    Attributes:
        status: what the kernel ended with; None while it runs.
        ended: set when it has ended.
        was_cut: whether the container went without a word of the kernel's end.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, at_end: Callable[[], None] = lambda: None
    ) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.status: int | None = None
        self.ended = asyncio.Event()
        self.was_cut = False
        self._process = process
        self._in: StreamWriter = process.stdin
        self._out: StreamReader = process.stdout
        self._at_end = at_end
        self._writing = asyncio.Lock()
        self._clients: dict[int, StreamWriter] = {}
        self._opened = 0
        self._carrier: asyncio.Task[None] | None = None
        self._accepted: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    async def wait_until_ready(self) -> dict[str, Any]:
        """What the container says of its walls, before any student code is in it.

        Raises:
            SandboxError: if it does not come up; says what the engine said.
        """
        try:
            kind, _, content = await asyncio.wait_for(self._receive(), _READY_SECONDS)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise SandboxError(f"a container did not start: {await self._last_words()}") from None
        except TimeoutError:
            raise SandboxError(f"a container did not start in {_READY_SECONDS} s") from None
        if kind != Kind.READY:
            raise SandboxError("a container did not say that it is ready; is the image ours?")
        facts: dict[str, Any] = json.loads(content)
        return facts

    async def start(self, order: dict[str, Any], files: bytes) -> None:
        """Send the order and the files (a zip); from here on packets are carried."""
        await self._send(Kind.ORDER, content=json.dumps(order).encode())
        await self._send(Kind.FILES, content=files)
        self._carrier = asyncio.create_task(self._carry())

    async def listen(self, connection: dict[str, Any]) -> None:
        """Offer Jupyter's client the sockets that its connection information names."""
        for channel in CHANNELS:
            port = connection[f"{channel}_port"]
            accept = self._make_acceptor(channel)
            if connection["transport"] == "ipc":
                server = await asyncio.start_unix_server(accept, f"{connection['ip']}-{port}")
            else:
                server = await asyncio.start_server(accept, connection["ip"], port)
            self._servers.append(server)

    def send_signal(self, number: int) -> None:
        """Send the kernel a signal; nothing happens where it has ended."""
        if self._listens():
            with suppress(OSError, RuntimeError):
                self._in.write(pack(Kind.SIGNAL, number))

    def stop(self) -> None:
        """Take the kernel for ended: it is being removed."""
        self._end(None)

    async def close(self) -> None:
        """Let go of the container, which ends by itself then."""
        for server in self._servers:
            server.close()
        if self._carrier is not None:
            self._carrier.cancel()
        for client in list(self._clients.values()):
            client.close()
        if self._accepted:  # each ends by itself now that its client is closed
            await asyncio.wait(self._accepted, timeout=_CLOSE_SECONDS)
        self._end(None)

    def _make_acceptor(self, channel: str) -> Any:
        async def accept(reader: StreamReader, writer: StreamWriter) -> None:
            task: asyncio.Task[Any] | None = asyncio.current_task()
            if task is not None:
                self._accepted.add(task)
                task.add_done_callback(self._accepted.discard)
            self._opened += 1
            number = self._opened
            self._clients[number] = writer
            await self._send(Kind.OPEN, number, channel.encode())
            with suppress(OSError):
                while content := await reader.read(MAX_PACKET_BYTES):
                    await self._send(Kind.DATA, number, content)
            del self._clients[number]
            writer.close()
            await self._send(Kind.CLOSE, number)

        return accept

    async def _carry(self) -> None:
        try:
            while True:
                kind, number, content = await self._receive()
                client = self._clients.get(number)
                if kind == Kind.EXIT:
                    self._end(number)
                elif client is None or client.is_closing():
                    continue
                elif kind == Kind.DATA:
                    with suppress(OSError):
                        client.write(content)
                        await client.drain()
                elif kind == Kind.CLOSE:
                    client.close()
        except (asyncio.IncompleteReadError, OSError, ValueError):
            self.was_cut = not self.ended.is_set()
            self._end(1)  # the container has ended, or speaks nonsense: its end, too

    def _end(self, status: int | None) -> None:
        if self.ended.is_set():
            return
        self._at_end()
        self.status = 1 if status is None else status
        self.ended.set()
        self._in.close()

    async def _receive(self) -> tuple[Kind, int, bytes]:
        kind, number, size = HEAD.unpack(await self._out.readexactly(HEAD.size))
        if size > MAX_PACKET_BYTES:
            raise ValueError("a packet over the bound")
        return Kind(kind), number, await self._out.readexactly(size)

    def _listens(self) -> bool:
        """Whether anybody is there; asyncio complains in the terminal of what is sent to nobody."""
        return not (self.ended.is_set() or self._in.is_closing())

    async def _send(self, kind: Kind, number: int = 0, content: bytes = b"") -> None:
        async with self._writing:
            if not self._listens():
                return
            with suppress(OSError, RuntimeError):
                self._in.write(pack(kind, number, content))
                await self._in.drain()

    async def _last_words(self) -> str:
        words = b""
        if self._process.stderr is not None:
            with suppress(TimeoutError):
                words = await asyncio.wait_for(self._process.stderr.read(_LAST_WORDS_BYTES), 5)
        return " ".join(words.decode("utf-8", "replace").split()) or "the engine said nothing"
