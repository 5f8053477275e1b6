"""How much a kernel may say to the grader, message by message and in all.

Output beyond its share is left out, at no cost to the student; everything else beyond its share
cannot come from an honest notebook, and ends the line. The numbers are counted per kernel.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.sandbox.sieve import Room, SeveredError
from autograder.wire.frame import MAX_BUFFERS, MAX_FRAME_BYTES, MAX_HEAD_BYTES

_MIB = 2**20
_JUPYTER_PARTS = 100  # topic, mark, signature, four JSON parts, buffers of a widget


@dataclass(frozen=True)
class Share:
    """What one kind of message may come to.

    Attributes:
        messages: so many of them.
        total_bytes: of all of them.
        room: of one.
    """

    messages: int
    total_bytes: int
    room: Room


# What a notebook shows. Twenty progress bars a second for a quarter of an hour are 18,000 messages;
# each one let through costs the grader a third of a millisecond. What is kept of it in the executed
# notebook is bounded by `Limits.output_bytes`.
OUTPUT = Share(30_000, 64 * _MIB, Room(16 * _MIB, _JUPYTER_PARTS))
# Busy, idle, the source of a cell, an exception: three for every cell and every call of a test.
NOTICE = Share(200_000, 256 * _MIB, Room(16 * _MIB, _JUPYTER_PARTS, severs=True))
# Values that a test asked for: one for every call.
REPLY = Share(
    300_000, 4096 * _MIB, Room(MAX_FRAME_BYTES + MAX_HEAD_BYTES, MAX_BUFFERS + 10, severs=True)
)
# Left out costs the grader a hundredth of a millisecond: ten seconds for a million.
DROPPED = Share(1_000_000, 4096 * _MIB, Room(0, 0))
_NOTICES = (b".status", b".execute_input", b".error")
_NOTHING = Room(0, 0)


class Allowance:
    """What a kernel has used of its shares, over all its channels.

    Attributes:
        dropped_messages: so many were left out.
        value_is_due: whether a value was asked for; only then may one come.
    """

    def __init__(self) -> None:
        self.dropped_messages = 0
        self.value_is_due = False
        self._used: dict[Share, tuple[int, int]] = {}

    def shows(self) -> IopubRule:
        """Rule of the channel on which a kernel tells all it does."""
        return IopubRule(self)

    def answers(self) -> ShellRule:
        """Rule of the channel on which a kernel answers requests."""
        return ShellRule(self)

    def has(self, share: Share) -> bool:
        """Whether anything is left of a share."""
        messages, total = self._used.get(share, (0, 0))
        return messages < share.messages and total < share.total_bytes

    def use(self, share: Share, size: int) -> None:
        """Take a message of `size` bytes from a share."""
        messages, total = self._used.get(share, (0, 0))
        self._used[share] = messages + 1, total + size

    def spend(self, share: Share, size: int, *, dropped: bool) -> None:
        """Take a message from its share, or from what may be left out.

        Raises:
            SeveredError: where nothing is left of what honest kernels never come near to.
        """
        if dropped:
            self.dropped_messages += 1
        spent = DROPPED if dropped else share
        self.use(spent, size)
        if spent is not OUTPUT and not self.has(spent):
            raise SeveredError("too many messages")


class IopubRule:
    """Tells output from values and notices by the topic, which a kernel may forge to its harm."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._share = OUTPUT

    def begin(self, topic: bytes) -> Room:
        """Room of a message on `topic`."""
        if topic.startswith(b"comm-") and self._allowance.value_is_due:
            self._share = REPLY
        else:
            self._share = NOTICE if topic.endswith(_NOTICES) else OUTPUT
        return self._share.room if self._allowance.has(self._share) else _NOTHING

    def end(self, size: int, *, dropped: bool) -> None:
        """Take note of a message."""
        self._allowance.spend(self._share, size, dropped=dropped)


class ShellRule:
    """An answer that is left out would be waited for without end, so a large one ends the line."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance

    def begin(self, _topic: bytes) -> Room:
        """Room of an answer, whatever its first part."""
        return NOTICE.room

    def end(self, size: int, *, dropped: bool) -> None:
        """Take note of an answer."""
        self._allowance.spend(NOTICE, size, dropped=dropped)
