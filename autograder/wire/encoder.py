"""Writes plain values as JSON forms and buffers.

Types are matched exactly: a subclass of `float` or `ndarray` with methods of its own never arrives
as the plain type it pretends to be. Left out: what has no plain form (references, models); each
side passes in an `encode_other` for that.
"""

from __future__ import annotations

import io
import math
import sys
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from types import EllipsisType, SimpleNamespace
from typing import Any

import numpy as np

from autograder.errors import WireError
from autograder.wire.bounds import (
    ARRAY_KINDS,
    KIND,
    MAX_ARRAY_BYTES,
    MAX_DEPTH,
    MAX_INT_BITS,
    MAX_NODES,
    MAX_TEXT,
    NUMPY_TYPES,
    PLAIN_TYPES,
    Json,
    PlainValue,
    Table,
)
from autograder.wire.frame import MAX_BUFFERS, MAX_FRAME_BYTES, MAX_HEAD_BYTES, Frame

EncodeOther = Callable[[object, "Encoder"], Json]


class Encoder:
    """Writes values into one frame.

    Args:
        encode_other: called for every value that has no plain form; returns its JSON form.
    """

    def __init__(self, encode_other: EncodeOther) -> None:
        self.buffers: list[bytes] = []
        self._other = encode_other
        self._nodes = 0
        self._bytes = 0

    def frame(self, head: dict[str, Json]) -> Frame:
        """Frame of `head` and all buffers written so far."""
        return Frame(head, tuple(self.buffers))

    def add_buffer(self, content: bytes) -> int:
        """Number of a new buffer holding `content`.

        Raises:
            WireError: if that makes more buffers, or more bytes, than a frame may have.
        """
        self._bytes += len(content)
        if len(self.buffers) + 1 >= MAX_BUFFERS or self._bytes > MAX_FRAME_BYTES - MAX_HEAD_BYTES:
            raise WireError("a value of so many arrays, or of such large ones, cannot cross")
        self.buffers.append(content)
        return len(self.buffers) - 1

    def add_array(self, array: np.ndarray[Any, Any]) -> int:
        """Number of a new buffer holding `array` in `.npy` form.

        Raises:
            WireError: for object or structured dtypes, and arrays over the size bound.
        """
        if array.dtype.kind not in ARRAY_KINDS:
            raise WireError(f"an array of dtype {array.dtype} cannot cross; make it numeric")
        if array.nbytes > MAX_ARRAY_BYTES:
            raise WireError(f"an array of {array.nbytes} bytes is over {MAX_ARRAY_BYTES}")
        file = io.BytesIO()
        np.save(file, np.asarray(array), allow_pickle=False)
        return self.add_buffer(file.getvalue())

    def encode(self, value: object, depth: int = 0) -> Json:
        """JSON form of `value`.

        Raises:
            WireError: if it is too deep, too large, or of a kind that is refused.
        """
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError(f"a value of over {MAX_NODES} parts or {MAX_DEPTH} levels cannot cross")
        writer = _WRITERS.get(type(value))
        if writer is not None:
            return writer(self, value, depth)
        return self._encode_by_library(value, depth)

    def _encode_by_library(self, value: object, depth: int) -> Json:
        if isinstance(value, np.generic) and type(value).__module__ == "numpy":
            return _write_scalar(value)
        if isinstance(value, np.dtype) and value.kind in ARRAY_KINDS:
            return {KIND: "dtype", "name": value.str}
        if isinstance(value, type):
            return self._encode_type(value)
        table = _encode_table(self, value, depth)
        return self._other(value, self) if table is None else table

    def _encode_type(self, value: type) -> Json:
        if PLAIN_TYPES.get(value.__name__) is value:
            return {KIND: "type", "name": value.__name__}
        if NUMPY_TYPES.get(value.__name__) is value:
            return {KIND: "numpy_type", "name": value.__name__}
        return self._other(value, self)

    def encode_items(self, kind: str, values: PlainValue, depth: int) -> Json:
        """JSON form of a container that is not a JSON list."""
        return {KIND: kind, "items": [self.encode(item, depth + 1) for item in values]}


def _write_int(_encoder: Encoder, value: PlainValue, _depth: int) -> Json:
    if value.bit_length() > MAX_INT_BITS:
        raise WireError(f"an integer of {value.bit_length()} bits cannot cross")
    return value if value.bit_length() <= 53 else {KIND: "int", "hex": hex(value)}


def _write_float(_encoder: Encoder, value: PlainValue, _depth: int) -> Json:
    return value if math.isfinite(value) else {KIND: "float", "text": repr(value)}


def _write_text(_encoder: Encoder, value: PlainValue, _depth: int) -> Json:
    if len(value) > MAX_TEXT:
        raise WireError(f"a text of {len(value)} characters cannot cross")
    return value.encode("utf-8", "replace").decode("utf-8")


def _write_mapping(encoder: Encoder, value: PlainValue, depth: int) -> Json:
    pairs = [
        [encoder.encode(key, depth + 1), encoder.encode(item, depth + 1)]
        for key, item in value.items()
    ]
    return {KIND: "dict", "items": pairs}


def _write_range(encoder: Encoder, value: PlainValue, depth: int) -> Json:
    return encoder.encode_items("range", (value.start, value.stop, value.step), depth)


def _write_slice(encoder: Encoder, value: PlainValue, depth: int) -> Json:
    return encoder.encode_items("slice", (value.start, value.stop, value.step), depth)


def _write_scalar(value: np.generic) -> Json:
    """In the head, not in a buffer: a list of losses holds thousands of these."""
    if value.dtype.kind not in ARRAY_KINDS or value.nbytes > MAX_TEXT:
        raise WireError(f"a value of dtype {value.dtype} cannot cross")
    return {KIND: "scalar", "dtype": value.dtype.str, "hex": value.tobytes().hex()}


def _write_namespace(encoder: Encoder, value: PlainValue, depth: int) -> Json:
    return {KIND: "namespace", "items": _write_mapping(encoder, vars(value), depth)["items"]}


_WRITERS: dict[type, Callable[[Encoder, Any, int], Json]] = {
    type(None): lambda _encoder, value, _depth: value,
    bool: lambda _encoder, value, _depth: value,
    EllipsisType: lambda _encoder, _value, _depth: {KIND: "ellipsis"},
    int: _write_int,
    float: _write_float,
    complex: lambda encoder, value, depth: encoder.encode_items(
        "complex", (value.real, value.imag), depth
    ),
    str: _write_text,
    bytes: lambda encoder, value, _depth: {KIND: "bytes", "buffer": encoder.add_buffer(value)},
    bytearray: lambda encoder, value, _depth: {
        KIND: "bytes",
        "buffer": encoder.add_buffer(bytes(value)),
    },
    list: lambda encoder, value, depth: [encoder.encode(item, depth + 1) for item in value],
    tuple: lambda encoder, value, depth: encoder.encode_items("tuple", value, depth),
    set: lambda encoder, value, depth: encoder.encode_items("set", value, depth),
    frozenset: lambda encoder, value, depth: encoder.encode_items("frozenset", value, depth),
    dict: _write_mapping,
    OrderedDict: _write_mapping,
    defaultdict: _write_mapping,
    Counter: _write_mapping,
    range: _write_range,
    slice: _write_slice,
    SimpleNamespace: _write_namespace,
    np.ndarray: lambda encoder, value, _depth: {KIND: "array", "buffer": encoder.add_array(value)},
}


def _encode_table(encoder: Encoder, value: Table, depth: int) -> Json | None:
    pandas = sys.modules.get("pandas")  # a table exists only where pandas was imported
    if pandas is None:
        return None
    if type(value) is pandas.DataFrame:
        columns = [
            [encoder.encode(name, depth + 1), _encode_column(encoder, value[name], depth)]
            for name in value.columns
            if not isinstance(value[name], pandas.DataFrame)  # two columns of one name
        ]
        return {KIND: "frame", "columns": columns, "index": _encode_column(encoder, value.index, 0)}
    if type(value) is pandas.Series:
        return {
            KIND: "series",
            "name": encoder.encode(value.name, depth + 1),
            "values": _encode_column(encoder, value, depth),
            "index": _encode_column(encoder, value.index, depth),
        }
    return None


def _encode_column(encoder: Encoder, column: Table, depth: int) -> Json:
    array = column.to_numpy()
    if array.dtype.kind in ARRAY_KINDS:
        return encoder.encode(array, depth + 1)
    return encoder.encode(list(array), depth + 1)
