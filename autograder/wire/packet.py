"""Packets: how a container's one pair of streams carries a kernel's five Jupyter sockets.

A packet is a kind, the number of a connection (or another number) and bytes. Left out: who sends
what (`kernel.line` inside the container, `sandbox.line` outside).
"""

from __future__ import annotations

import struct
from enum import IntEnum

HEAD = struct.Struct("<BII")
MAX_PACKET_BYTES = 2**16
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


class Kind(IntEnum):
    """What a packet says."""

    READY = 1  # inside → outside: JSON, what the walls look like from inside
    ORDER = 2  # outside → inside: JSON, the kernel's command, environment and connection
    FILES = 3  # outside → inside: a zip with the working folder's content; the kernel starts
    OPEN = 4  # outside → inside: a connection to the channel that the bytes name
    DATA = 5  # both: bytes of a connection
    CLOSE = 6  # both: a connection has ended
    SIGNAL = 7  # outside → inside: the number is a signal for the kernel
    EXIT = 8  # inside → outside: the kernel has ended with this status


def pack(kind: Kind, number: int = 0, content: bytes = b"") -> bytes:
    """One packet as bytes."""
    return HEAD.pack(kind, number, len(content)) + content
