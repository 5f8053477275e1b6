"""Frames: a JSON head plus binary buffers, the one form in which anything crosses the wall.

On the kernel's side a frame is a Jupyter comm message; between grader and scorer it is one block
of bytes, packed here. Nothing is pickled on either way. Left out: what the head means (`values`).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

from autograder.errors import WireError
from autograder.schema.json_size import MAX_JSON_MARKS, has_too_many_parts

# A model of the most parameters that is rebuilt (`keras_model`) has 200 MB of weights. A frame is
# held twice by the grader and twice by its scorer (measured), so two workers that meet the largest
# one at once need 2 GB for it.
MAX_FRAME_BYTES = 256 * 2**20
# The largest value without arrays has 500,000 parts (`bounds`): 20 MB as text, and no more than
# four marks a part, which is within what any JSON may have (`schema.json_size`).
MAX_HEAD_BYTES = 32 * 2**20
MAX_HEAD_MARKS = 4_000_000
MAX_BUFFERS = 100_000
_MARKS = (b",", b":", b"[", b"{")
_COUNT = struct.Struct("<I")
_SIZE = struct.Struct("<Q")


Buffer = bytes | memoryview  # a view where copying it would double a large array


@dataclass(frozen=True)
class Frame:
    """One message: `head` is JSON, `buffers` hold arrays and bytes that `head` numbers."""

    head: dict[str, Any]
    buffers: tuple[Buffer, ...] = ()

    @property
    def buffer_bytes(self) -> int:
        """Size of all buffers together, in bytes."""
        return sum(len(buffer) for buffer in self.buffers)


def clean_head(head: dict[str, Any]) -> dict[str, Any]:
    """`head` as every side can write it again: without NaN, and with text that is valid Unicode.

    Raises:
        WireError: if it is no JSON object, or over the wire's bound.
    """
    cleaned: dict[str, Any] = json.loads(_write_head(head))
    return cleaned


def _write_head(head: dict[str, Any]) -> bytes:
    try:
        text = json.dumps(head, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise WireError(f"not a head: {type(error).__name__}") from error
    content = text.encode("utf-8", "replace")
    if len(content) > MAX_HEAD_BYTES:
        raise WireError(f"a head of {len(content)} bytes is over {MAX_HEAD_BYTES}")
    return content


def check_json(content: bytes) -> None:
    """Refuse JSON that would take far more memory than its text, before it is parsed.

    Raises:
        WireError: if it is too long, or has too many parts.
    """
    if len(content) > MAX_HEAD_BYTES:
        raise WireError(f"a head of {len(content)} bytes is over {MAX_HEAD_BYTES}")
    if has_too_many_parts(content):
        raise WireError(f"a head of over {MAX_JSON_MARKS} parts")


def pack_frame(frame: Frame) -> bytes:
    """Bytes of `frame`: count of parts, their sizes, the JSON head, the buffers.

    Raises:
        WireError: if the head is no JSON object, or over the wire's bound.
    """
    parts = (_write_head(frame.head), *frame.buffers)
    sizes = b"".join(_SIZE.pack(len(part)) for part in parts)
    return b"".join((_COUNT.pack(len(parts)), sizes, *parts))


def unpack_frame(content: bytes) -> Frame:
    """Frame packed by `pack_frame`.

    Raises:
        WireError: if the bytes are not such a frame, or larger than the wire's bounds.
    """
    if len(content) > MAX_FRAME_BYTES:
        raise WireError(f"a frame of {len(content)} bytes is over {MAX_FRAME_BYTES}")
    try:
        (count,) = _COUNT.unpack_from(content)
        if not 1 <= count <= MAX_BUFFERS:
            raise WireError(f"a frame of {count} parts is over {MAX_BUFFERS}")
        sizes = [_SIZE.unpack_from(content, _COUNT.size + i * _SIZE.size)[0] for i in range(count)]
        parts = _split(content, _COUNT.size + count * _SIZE.size, sizes)
        text = bytes(parts[0])
        check_json(text)
        head = json.loads(text)
    except (struct.error, ValueError, RecursionError) as error:
        raise WireError(f"not a frame: {error}") from error
    if not isinstance(head, dict):
        raise WireError("not a frame: its head is no object")
    return Frame(head, tuple(parts[1:]))


def _split(content: bytes, start: int, sizes: list[int]) -> list[memoryview]:
    if start + sum(sizes) != len(content):
        raise WireError("not a frame: its parts do not add up")
    parts = []
    view = memoryview(content)
    for size in sizes:
        parts.append(view[start : start + size])
        start += size
    return parts
