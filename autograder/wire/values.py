"""Plain values across the wall: scalars, containers, arrays, tables, histories.

Both sides use this module; each adds what only it knows (references, models) through the
`encode_other` and `decode_other` functions it passes in. Types are matched exactly: a subclass of
`float` or `ndarray` with methods of its own never arrives as the plain type it pretends to be.

Left out: Keras models (`keras_model`), and anything whose form is code.
"""

from __future__ import annotations

import builtins
import io
import math
import sys
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from types import EllipsisType, SimpleNamespace
from typing import Any

import numpy as np

from autograder.errors import WireError
from autograder.wire.frame import Frame

MAX_DEPTH = 40
MAX_NODES = 500_000
MAX_TEXT = 5_000_000
MAX_INT_BITS = 65_536
MAX_ARRAY_BYTES = 256 * 2**20
KIND = "$"
_ARRAY_KINDS = frozenset("biufcSUmM")
_TYPES: dict[str, type] = {
    name: getattr(builtins, name)
    for name in ("bool", "int", "float", "complex", "str", "bytes", "list", "tuple", "dict", "set")
}

Json = Any
EncodeOther = Callable[[object, "Encoder"], Json]
DecodeOther = Callable[[dict[str, Any], "Decoder"], object]


class Encoder:
    """Writes values into one frame.

    Args:
        encode_other: called for every value that has no plain form; returns its JSON form.
    """

    def __init__(self, encode_other: EncodeOther) -> None:
        self.buffers: list[bytes] = []
        self._other = encode_other
        self._nodes = 0

    def frame(self, head: dict[str, Json]) -> Frame:
        """Frame of `head` and all buffers written so far."""
        return Frame(head, tuple(self.buffers))

    def add_buffer(self, content: bytes) -> int:
        """Number of a new buffer holding `content`."""
        self.buffers.append(content)
        return len(self.buffers) - 1

    def add_array(self, array: np.ndarray[Any, Any]) -> int:
        """Number of a new buffer holding `array` in `.npy` form.

        Raises:
            WireError: for object or structured dtypes, and arrays over the size bound.
        """
        if array.dtype.kind not in _ARRAY_KINDS:
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
            return {KIND: "scalar", "buffer": self.add_array(np.asarray(value))}
        if isinstance(value, np.dtype):
            return {KIND: "dtype", "name": value.str}
        if isinstance(value, type) and value in _TYPES.values():
            return {KIND: "type", "name": value.__name__}
        if isinstance(value, type) and issubclass(value, np.generic):
            return {KIND: "numpy_type", "name": value.__name__}
        table = _encode_table(self, value, depth)
        return self._other(value, self) if table is None else table

    def encode_items(self, kind: str, values: Any, depth: int) -> Json:
        """JSON form of a container that is not a JSON list."""
        return {KIND: kind, "items": [self.encode(item, depth + 1) for item in values]}


def _write_int(_encoder: Encoder, value: Any, _depth: int) -> Json:
    if value.bit_length() > MAX_INT_BITS:
        raise WireError(f"an integer of {value.bit_length()} bits cannot cross")
    return value if value.bit_length() <= 53 else {KIND: "int", "hex": hex(value)}


def _write_float(_encoder: Encoder, value: Any, _depth: int) -> Json:
    return value if math.isfinite(value) else {KIND: "float", "text": repr(value)}


def _write_text(_encoder: Encoder, value: Any, _depth: int) -> Json:
    if len(value) > MAX_TEXT:
        raise WireError(f"a text of {len(value)} characters cannot cross")
    return value.encode("utf-8", "replace").decode("utf-8")


def _write_mapping(encoder: Encoder, value: Any, depth: int) -> Json:
    pairs = [
        [encoder.encode(key, depth + 1), encoder.encode(item, depth + 1)]
        for key, item in value.items()
    ]
    return {KIND: "dict", "items": pairs}


def _write_range(encoder: Encoder, value: Any, depth: int) -> Json:
    return encoder.encode_items("range", (value.start, value.stop, value.step), depth)


def _write_slice(encoder: Encoder, value: Any, depth: int) -> Json:
    return encoder.encode_items("slice", (value.start, value.stop, value.step), depth)


def _write_namespace(encoder: Encoder, value: Any, depth: int) -> Json:
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


def _encode_table(encoder: Encoder, value: object, depth: int) -> Json | None:
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


def _encode_column(encoder: Encoder, column: Any, depth: int) -> Json:
    array = column.to_numpy()
    if array.dtype.kind in _ARRAY_KINDS:
        return encoder.encode(array, depth + 1)
    return encoder.encode(list(array), depth + 1)


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

    def buffer(self, number: object) -> bytes:
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
        content = io.BytesIO(self.buffer(number))
        try:
            version = np.lib.format.read_magic(content)
            if version != (1, 0):
                raise WireError(f"an array of .npy version {version} is not in the protocol")
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(content)
        except (ValueError, TypeError, OSError, EOFError, SyntaxError, OverflowError) as error:
            raise WireError(f"not an array: {type(error).__name__}") from error
        if dtype.kind not in _ARRAY_KINDS or dtype.hasobject:
            raise WireError("not an array of a plain dtype")
        data = content.read()
        if math.prod(shape) * dtype.itemsize != len(data) or min(shape, default=0) < 0:
            raise WireError("an array does not have the size that its shape says")
        array = np.frombuffer(data, dtype=dtype) if data else np.empty(0, dtype)
        return array.reshape(shape, order="F" if fortran else "C").copy()

    def decode(self, form: Json, depth: int = 0) -> Any:
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


def _read_int(_decoder: Decoder, form: Any, _depth: int) -> int:
    text = form.get("hex")
    if not isinstance(text, str) or len(text) > MAX_INT_BITS // 4 + 3:
        raise WireError("not an integer")
    try:
        return int(text, 16)
    except ValueError as error:
        raise WireError("not an integer") from error


def _read_float(_decoder: Decoder, form: Any, _depth: int) -> float:
    if form.get("text") not in ("nan", "inf", "-inf"):
        raise WireError("not a float")
    return float(form["text"])


def _read_dict(decoder: Decoder, form: Any, depth: int) -> dict[Any, Any]:
    pairs = decoder.items(form, depth)
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise WireError("a dict has an item that is no pair")
    try:
        return {key: value for key, value in pairs}  # noqa: C416 - a TypeError names the bad key
    except TypeError as error:
        raise WireError("a dict has a key that is no key") from error


def _read_hashed(kind: type) -> Callable[[Decoder, Any, int], Any]:
    def read(decoder: Decoder, form: Any, depth: int) -> Any:
        try:
            return kind(decoder.items(form, depth))
        except TypeError as error:
            raise WireError("a set has an item that is no key") from error

    return read


def _read_numbers(kind: Callable[..., Any], count: int) -> Callable[[Decoder, Any, int], Any]:
    def read(decoder: Decoder, form: Any, depth: int) -> Any:
        items = decoder.items(form, depth)
        if len(items) != count:
            raise WireError(f"{kind} takes {count} parts")
        try:
            return kind(*items)
        except (TypeError, ValueError) as error:
            raise WireError(f"not a {kind}") from error

    return read


def _read_namespace(decoder: Decoder, form: Any, depth: int) -> SimpleNamespace:
    values = _read_dict(decoder, form, depth)
    if not all(isinstance(name, str) for name in values):
        raise WireError("a namespace has a name that is no text")
    return SimpleNamespace(**values)


def _read_type(_decoder: Decoder, form: Any, _depth: int) -> type:
    name = form.get("name")
    found = _TYPES.get(name) if isinstance(name, str) else None
    if found is None:
        raise WireError("not a type of the protocol")
    return found


def _read_numpy_type(_decoder: Decoder, form: Any, _depth: int) -> type:
    found = np.sctypeDict.get(form.get("name")) if isinstance(form.get("name"), str) else None
    if found is None or found is np.object_:
        raise WireError("not a NumPy type of the protocol")
    return found


def _read_dtype(_decoder: Decoder, form: Any, _depth: int) -> np.dtype[Any]:
    name = form.get("name")
    if not isinstance(name, str) or len(name) > 16 or "O" in name:
        raise WireError("not a dtype of the protocol")
    try:
        return np.dtype(name)
    except TypeError as error:
        raise WireError("not a dtype of the protocol") from error


def _read_scalar(decoder: Decoder, form: Any, _depth: int) -> Any:
    array = decoder.array(form.get("buffer"))
    if array.shape != ():
        raise WireError("a scalar has a shape")
    return array[()]


def _read_frame(decoder: Decoder, form: Any, depth: int) -> Any:
    import pandas as pd  # noqa: PLC0415 - only where a table arrives

    columns = [decoder.decode(pair, depth + 1) for pair in form.get("columns") or []]
    try:
        data = {name: values for name, values in columns}  # noqa: C416
        return pd.DataFrame(data, index=decoder.decode(form.get("index"), depth + 1))
    except (TypeError, ValueError) as error:
        raise WireError(f"not a table: {error}") from error


def _read_series(decoder: Decoder, form: Any, depth: int) -> Any:
    import pandas as pd  # noqa: PLC0415 - only where a table arrives

    values, index = (decoder.decode(form.get(key), depth + 1) for key in ("values", "index"))
    try:
        return pd.Series(values, index=index, name=decoder.decode(form.get("name"), depth + 1))
    except (TypeError, ValueError) as error:
        raise WireError(f"not a table column: {error}") from error


_READERS: dict[str, Callable[[Decoder, Any, int], Any]] = {
    "int": _read_int,
    "float": _read_float,
    "ellipsis": lambda _decoder, _form, _depth: ...,
    "bytes": lambda decoder, form, _depth: decoder.buffer(form.get("buffer")),
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
