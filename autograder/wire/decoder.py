"""Reads plain values from a frame that a stranger may have written.

Everything is checked before memory of its claimed size is taken. Left out: what has no plain form
(references, models); each side passes in a `decode_other` for that.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograder.errors import WireError
from autograder.wire.bounds import (
    ARRAY_KINDS,
    DTYPE_NAME,
    KIND,
    MAX_DEPTH,
    MAX_INT_BITS,
    MAX_NODES,
    NUMPY_TYPES,
    PLAIN_TYPES,
    Json,
    PlainValue,
    Table,
)
from autograder.wire.frame import MAX_FRAME_BYTES, Buffer, Frame

_HEADER_BYTES = 70_000  # of an `.npy` file of version 1, at most
DecodeOther = Callable[[dict[str, Any], "Decoder"], object]


def _read_header(content: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(content)
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(content)
    except Exception as error:  # its reader evaluates a literal, and raises whatever that raises
        raise WireError(f"not an array: {type(error).__name__}") from error
    if version != (1, 0) or dtype.kind not in ARRAY_KINDS or dtype.itemsize == 0:
        raise WireError("not an array of a plain dtype")
    return shape, fortran, dtype


def _read_flat(data: Buffer, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    if not len(data):
        return np.empty(0, dtype)
    flat = np.frombuffer(data, dtype=dtype)
    return flat.view(np.uint8) != 0 if dtype.kind == "b" else flat  # a byte of 2 would count as two


class Decoder:
    """Reads values from one frame that a stranger may have written.

    Args:
        frame: what arrived.
        decode_other: called for every kind that is not plain; returns the value.
    """

    def __init__(self, frame: Frame, decode_other: DecodeOther) -> None:
        self._frame = frame
        self._other = decode_other
        self._nodes = 0
        self._unpacked = 0

    def buffer(self, number: object) -> Buffer:
        """Buffer `number`.

        Raises:
            WireError: if there is none.
        """
        buffers = self._frame.buffers
        if type(number) is not int or not 0 <= number < len(buffers):
            raise WireError(f"there is no buffer {number!r}")
        return buffers[number]

    def array(self, number: object) -> np.ndarray[Any, Any]:
        """Array in buffer `number`, checked before anything of its claimed size is allocated.

        Raises:
            WireError: if it is no `.npy` array of a plain dtype within the bounds.
        """
        view = memoryview(self.buffer(number))
        start = io.BytesIO(view[:_HEADER_BYTES])
        shape, fortran, dtype = _read_header(start)
        data = view[start.tell() :]
        if math.prod(shape) * dtype.itemsize != len(data) or min(shape, default=0) < 0:
            raise WireError("an array does not have the size that its shape says")
        self._unpacked += len(data)
        if self._unpacked > MAX_FRAME_BYTES:
            raise WireError("the same buffer is unpacked too often")
        try:
            return (
                _read_flat(data, dtype)
                .reshape(shape, order="F" if fortran else "C")
                .copy(order="K")
            )
        except (ValueError, OverflowError) as error:
            raise WireError(f"an array cannot have the shape {shape}"[:200]) from error

    def decode(self, form: Json, depth: int = 0) -> PlainValue:
        """Value of the JSON form `form`.

        Raises:
            WireError: if it is not in the protocol's form or over its bounds.
        """
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError(f"a value of over {MAX_NODES} parts or {MAX_DEPTH} levels arrived")
        if form is None or isinstance(form, bool | int | float):
            return form
        if isinstance(form, str):
            return form
        if isinstance(form, list):
            return [self.decode(item, depth + 1) for item in form]
        if not isinstance(form, dict):
            raise WireError(f"{type(form).__name__} is not in the protocol")
        reader = _READERS.get(str(form.get(KIND)))
        return reader(self, form, depth) if reader else self._other(form, self)

    def items(self, form: Mapping[str, Json], depth: int) -> list[Any]:
        """Values of the container `form`."""
        items = form.get("items")
        if not isinstance(items, list):
            raise WireError("a container has no items")
        return [self.decode(item, depth + 1) for item in items]


def _read_int(_decoder: Decoder, form: Json, _depth: int) -> int:
    text = form.get("hex")
    if not isinstance(text, str) or len(text) > MAX_INT_BITS // 4 + 3:
        raise WireError("not an integer")
    try:
        return int(text, 16)
    except ValueError as error:
        raise WireError("not an integer") from error


def _read_float(_decoder: Decoder, form: Json, _depth: int) -> float:
    if form.get("text") not in ("nan", "inf", "-inf"):
        raise WireError("not a float")
    return float(form["text"])


def _read_dict(decoder: Decoder, form: Json, depth: int) -> dict[Any, Any]:
    pairs = decoder.items(form, depth)
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise WireError("a dict has an item that is no pair")
    try:
        return {key: value for key, value in pairs}  # noqa: C416 - a TypeError names the bad key
    except TypeError as error:
        raise WireError("a dict has a key that is no key") from error


def _read_hashed(kind: type) -> Callable[[Decoder, Any, int], Any]:
    def read(decoder: Decoder, form: Json, depth: int) -> PlainValue:
        try:
            return kind(decoder.items(form, depth))
        except TypeError as error:
            raise WireError("a set has an item that is no key") from error

    return read


def _read_numbers(kind: type, count: int) -> Callable[[Decoder, Any, int], Any]:
    def read(decoder: Decoder, form: Json, depth: int) -> PlainValue:
        items = decoder.items(form, depth)
        if len(items) != count:
            raise WireError(f"a {kind.__name__} takes {count} parts")
        try:
            return kind(*items)
        except (TypeError, ValueError, OverflowError) as error:
            raise WireError(f"not a {kind.__name__}") from error

    return read


def _read_namespace(decoder: Decoder, form: Json, depth: int) -> SimpleNamespace:
    values = _read_dict(decoder, form, depth)
    if not all(isinstance(name, str) for name in values):
        raise WireError("a namespace has a name that is no text")
    return SimpleNamespace(**values)


def _read_type(_decoder: Decoder, form: Json, _depth: int) -> type:
    name = form.get("name")
    found = PLAIN_TYPES.get(name) if isinstance(name, str) else None
    if found is None:
        raise WireError("not a type of the protocol")
    return found


def _read_numpy_type(_decoder: Decoder, form: Json, _depth: int) -> type:
    name = form.get("name")
    found = NUMPY_TYPES.get(name) if isinstance(name, str) else None
    if found is None:
        raise WireError("not a NumPy type of the protocol")
    return found


def _read_dtype(_decoder: Decoder, form: Json, _depth: int) -> np.dtype[Any]:
    return _find_dtype(form.get("name"))


def _find_dtype(name: object) -> np.dtype[Any]:
    if not isinstance(name, str) or not DTYPE_NAME.fullmatch(name):
        raise WireError("not a dtype of the protocol")
    try:
        return np.dtype(name)
    except (TypeError, ValueError) as error:
        raise WireError("not a dtype of the protocol") from error


def _read_scalar(_decoder: Decoder, form: Json, _depth: int) -> PlainValue:
    dtype, text = _find_dtype(form.get("dtype")), form.get("hex")
    try:
        data = bytes.fromhex(text)
    except (TypeError, ValueError) as error:
        raise WireError("not a scalar") from error
    if len(data) != dtype.itemsize or not data:
        raise WireError("a scalar does not have the size that its dtype says")
    return _read_flat(data, dtype)[0]


def _read_frame(decoder: Decoder, form: Json, depth: int) -> Table:
    import pandas as pd  # noqa: PLC0415 - only where a table arrives

    index = _read_column(decoder, form.get("index"), depth)
    columns = decoder.items({"items": form.get("columns")}, depth)
    try:
        for _, values in columns:
            _check_column(values, index)
        return pd.DataFrame(dict(columns), index=index)
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"not a table: {type(error).__name__}") from error


def _read_series(decoder: Decoder, form: Json, depth: int) -> Table:
    import pandas as pd  # noqa: PLC0415 - only where a table arrives

    values, index = (_read_column(decoder, form.get(key), depth) for key in ("values", "index"))
    _check_column(values, index)
    name = decoder.decode(form.get("name"), depth + 1)
    try:
        return pd.Series(values, index=index, name=name)
    except Exception as error:
        raise WireError(f"not a table column: {type(error).__name__}") from error


def _read_column(decoder: Decoder, form: Json, depth: int) -> PlainValue:
    values = decoder.decode(form, depth + 1)
    _check_column(values, values)
    return values


def _check_column(values: PlainValue, index: PlainValue) -> None:
    """A single value, or a range as the index, would be spread to any length by pandas."""
    if not isinstance(values, list | np.ndarray) or getattr(values, "ndim", 1) != 1:
        raise WireError("a table column is no list of values")
    if len(values) != len(index):
        raise WireError("a table column has another length than the table")


_READERS: dict[str, Callable[[Decoder, Any, int], Any]] = {
    "int": _read_int,
    "float": _read_float,
    "ellipsis": lambda _decoder, _form, _depth: ...,
    "bytes": lambda decoder, form, _depth: bytes(decoder.buffer(form.get("buffer"))),
    "tuple": lambda decoder, form, depth: tuple(decoder.items(form, depth)),
    "set": _read_hashed(set),
    "frozenset": _read_hashed(frozenset),
    "dict": _read_dict,
    "complex": _read_numbers(complex, 2),
    "range": _read_numbers(range, 3),
    "slice": _read_numbers(slice, 3),
    "namespace": _read_namespace,
    "array": lambda decoder, form, _depth: decoder.array(form.get("buffer")),
    "scalar": _read_scalar,
    "type": _read_type,
    "numpy_type": _read_numpy_type,
    "dtype": _read_dtype,
    "frame": _read_frame,
    "series": _read_series,
}
