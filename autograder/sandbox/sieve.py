"""Reads ZeroMQ messages as they stream past, and lets each through whole or not at all.

Needed because ZeroMQ itself takes in a message of any number of parts before anybody can look at
it: its `MAXMSGSIZE` bounds one part, its high-water mark counts whole messages (measured: 2 GB in
the grader's memory from one message of 500 small parts). The framing is ZMTP 3
(https://rfc.zeromq.org/spec/23/). Left out: what a message says, and which may pass (`allowance`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

_GREETING_BYTES = 64
_MORE, _LONG, _COMMAND = 1, 2, 4
_GREETS: dict[int, Callable[[int], bool]] = {
    0: lambda value: value == 0xFF,
    9: lambda value: bool(value & 1),
    10: lambda version: version >= 3,
}
_TOPIC_BYTES = 255  # of a first part that may be a topic; a larger one is none
_COMMAND_BYTES = 65_536
_STREAMED_FROM = 1 << 20


class SeveredError(Exception):
    """The line carries what no honest kernel sends, and is cut; the text says why."""


@dataclass(frozen=True)
class Room:
    """What one message may be.

    Attributes:
        most_bytes: of all its parts together.
        most_parts: of them.
        severs: whether a larger one ends the line; it is left out otherwise.
    """

    most_bytes: int
    most_parts: int
    severs: bool = False


class Rule(Protocol):
    """Decides which messages may pass."""

    def begin(self, topic: bytes) -> Room:
        """Room of a message that begins with `topic` (empty where that is no topic)."""

    def end(self, size: int, *, dropped: bool) -> None:
        """Take note of a message of `size` bytes.

        Raises:
            SeveredError: where there were too many.
        """


class Sieve:
    """One direction of one ZeroMQ connection.

    Args:
        rule: decides which messages pass.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._unread = b""  # part of a header
        self._greeted = 0  # bytes of the greeting so far
        self._is_ready = False  # whether the one command that a kernel sends has come
        self._left = 0  # of the body of the frame being read
        self._flags: int | None = None  # of that frame; None between frames
        self._passed: list[bytes] = []
        self._start_message()

    def _start_message(self) -> None:
        self._held = bytearray()  # of the message being read, while it may still be dropped
        self._topic = bytearray()
        self._room: Room | None = None
        self._size = self._parts = 0
        self._dropped = False

    def feed(self, data: bytes) -> bytes:
        """What may pass of all that came so far and was not given yet.

        Raises:
            SeveredError: if this is no ZMTP 3, or the rule ends the line.
        """
        self._passed = []
        data = self._unread + data
        view = memoryview(data)
        place = self._read_greeting(view) if self._greeted < _GREETING_BYTES else 0
        while place < len(view):
            before = place
            if self._left:
                place = self._read_body(view, place)
            elif self._flags is None and not self._held and not self._parts:
                place = self._read_whole(data, place) or self._read_header(view, place)
            else:
                place = self._read_header(view, place)
            if place == before:
                break  # the rest of a header is still to come
        self._unread = bytes(view[place:])
        self._stream()
        return b"".join(self._passed)

    def _read_greeting(self, view: memoryview) -> int:
        """Pass on the greeting as it comes: each side waits for parts of the other's."""
        part = bytes(view[: _GREETING_BYTES - self._greeted])
        for place, value in enumerate(part, start=self._greeted):
            if place in _GREETS and not _GREETS[place](value):
                raise SeveredError("not the protocol")
        self._passed.append(part)
        self._greeted += len(part)
        return len(part)

    def _read_whole(self, data: bytes, start: int) -> int:
        """End of the message at `start`; 0 where it is no message, or not all of it is here.

        Nearly all messages are: ten times as fast as part by part, which a flood makes felt.
        """
        place, size, parts, topic, flags = start, 0, 0, b"", _MORE
        while flags & _MORE:
            header = data[place : place + 9]
            if len(header) < 9 and (len(header) < 2 or header[0] & _LONG):
                return 0
            flags = header[0]
            length = int.from_bytes(header[1:], "big") if flags & _LONG else header[1]
            place += (9 if flags & _LONG else 2) + length
            if flags > _MORE | _LONG or place > len(data):
                return 0
            if not parts and length <= _TOPIC_BYTES:
                topic = data[place - length : place]
            size += length
            parts += 1
        self._decide(data, slice(start, place), topic, size, parts)
        return place

    def _decide(self, data: bytes, whole: slice, topic: bytes, size: int, parts: int) -> None:
        room = self._rule.begin(topic)
        fits = size <= room.most_bytes and parts <= room.most_parts
        if room.severs and not fits:
            raise SeveredError("a message that is too large")
        self._rule.end(size, dropped=not fits)
        if fits:
            self._passed.append(data[whole])

    def _read_header(self, view: memoryview, place: int) -> int:
        flags = view[place]
        width = 8 if flags & _LONG else 1
        start = place + 1 + width
        if start > len(view):
            return place
        if flags > _MORE | _LONG | _COMMAND:
            raise SeveredError("not the protocol")
        self._flags = flags
        self._left = int.from_bytes(view[place + 1 : start], "big")
        self._admit(flags)
        if not self._dropped:
            self._held += view[place:start]
        if not self._left:
            self._end_frame()
        return start

    def _admit(self, flags: int) -> None:
        """Make up one's mind about the frame whose header was read."""
        if flags & _COMMAND:
            if self._left > _COMMAND_BYTES:
                raise SeveredError("a command that is too large")
            if self._is_ready:  # a wrong one would end the line within a message: see `relay`
                raise SeveredError("not the protocol")
            self._is_ready = True
            return
        self._parts += 1
        self._size += self._left
        if self._room is None and self._left > _TOPIC_BYTES:
            self._room = self._rule.begin(b"")
        self._judge()

    def _judge(self) -> None:
        room = self._room
        if room is None or self._dropped:
            return
        if self._size > room.most_bytes or self._parts > room.most_parts:
            if room.severs:
                raise SeveredError("a message that is too large")
            self._dropped = True
            self._held.clear()

    def _read_body(self, view: memoryview, place: int) -> int:
        end = min(place + self._left, len(view))
        if not self._dropped:
            self._held += view[place:end]
        if self._room is None and not self._is_command():
            self._topic += view[place:end]
        self._left -= end - place
        if not self._left:
            self._end_frame()
        return end

    def _is_command(self) -> bool:
        return bool((self._flags or 0) & _COMMAND)

    def _end_frame(self) -> None:
        flags, self._flags = self._flags or 0, None
        if self._room is None and not flags & _COMMAND:
            self._room = self._rule.begin(bytes(self._topic))
            self._judge()
        if flags & _COMMAND:
            self._rule.end(0, dropped=False)
        elif not flags & _MORE:
            self._rule.end(self._size, dropped=self._dropped)
        if not flags & _MORE and (not flags & _COMMAND or not self._parts):
            self._passed.append(bytes(self._held))
            self._start_message()

    def _stream(self) -> None:
        """Pass on the beginning of a large message that is not going to be dropped."""
        if self._room is not None and self._room.severs and len(self._held) >= _STREAMED_FROM:
            self._passed.append(bytes(self._held))
            self._held.clear()
