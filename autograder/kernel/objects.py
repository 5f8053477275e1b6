"""Turns the student's objects into wire forms and back: values, models, references.

A reference is a number in a table that keeps the object alive. Left out: running anything
(`agent`).
"""

from __future__ import annotations

import itertools
import sys
import types
from typing import Any

import numpy as np

from autograder.errors import WireError
from autograder.wire import requests
from autograder.wire.keras_model import describe_model
from autograder.wire.values import KIND, Decoder, Encoder

StudentObject = Any


class ObjectTable:
    """Objects of the student that the scorer refers to by number."""

    def __init__(self) -> None:
        self._objects: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self._next = itertools.count(1)

    def keep(self, value: object) -> int:
        """Number of `value`; the same object keeps its number.

        Raises:
            WireError: if too many are kept already.
        """
        number = self._numbers.get(id(value))
        if number is None:
            if len(self._objects) >= requests.MAX_KEPT:
                raise WireError(f"a test cannot use over {requests.MAX_KEPT} objects at once")
            number = next(self._next)
            self._objects[number] = value
            self._numbers[id(value)] = number
        return number

    def free(self, numbers: object) -> None:
        """Let go of objects, so that a test that makes many does not fill the student's memory."""
        for number in numbers if isinstance(numbers, list) else ():
            value = self._objects.pop(number, None)
            self._numbers.pop(id(value), None)

    def find(self, number: object) -> StudentObject:
        """Object `number`.

        Raises:
            WireError: if there is none.
        """
        if number not in self._objects:
            raise WireError(f"there is no object {number!r}")
        return self._objects[number]

    def encode_other(self, value: object, encoder: Encoder) -> dict[str, Any]:
        """Wire form of a value that has no plain form."""
        tensor = _as_array(value)
        if tensor is not None:
            return {KIND: requests.TENSOR, "buffer": encoder.add_array(tensor)}
        if _is_keras(value, "callbacks", "History"):
            return self._encode_history(value, encoder)
        if _is_keras(value, "Model"):
            return self._encode_model(value, encoder)
        kind = requests.CALLABLE if _is_function(value) else requests.HANDLE
        name = getattr(value, "__qualname__", type(value).__qualname__)
        return {KIND: kind, "ref": self.keep(value), "name": str(name)[:200]}

    def _encode_model(self, model: StudentObject, encoder: Encoder) -> dict[str, Any]:
        description = describe_model(model)
        weights = [encoder.add_array(np.asarray(weight)) for weight in model.get_weights()]
        ref = self.keep(model)
        return {KIND: requests.MODEL, "ref": ref, "weights": weights, "description": description}

    def _encode_history(self, history: StudentObject, encoder: Encoder) -> dict[str, Any]:
        plain = {
            str(name): [float(value) for value in values]
            for name, values in history.history.items()
        }
        return {
            KIND: requests.HISTORY,
            "ref": self.keep(history),
            "epoch": encoder.encode([int(epoch) for epoch in history.epoch]),
            "history": encoder.encode(plain),
        }

    def decode_other(self, form: dict[str, Any], decoder: Decoder) -> object:
        """Value of a form that is not plain: a reference to an object here, or a tensor."""
        kind = form.get(KIND)
        if kind == requests.REF:
            return self.find(form.get("ref"))
        if kind == requests.TENSOR:
            import tensorflow as tf  # noqa: PLC0415 - only where a tensor arrives

            return tf.convert_to_tensor(decoder.array(form.get("buffer")))
        raise WireError(f"{kind!r} is not in the protocol")


def _is_keras(value: object, *path: str) -> bool:
    """Whether `value` is an instance of the Keras class at `path`, if Keras was imported at all."""
    found: Any = sys.modules.get("keras")
    for name in path:
        found = getattr(found, name, None)
    return isinstance(found, type) and isinstance(value, found)


def _as_array(value: object) -> np.ndarray[Any, Any] | None:
    tensorflow = sys.modules.get("tensorflow")
    tensors = (getattr(tensorflow, "Tensor", None), getattr(tensorflow, "Variable", None))
    is_tensor = any(isinstance(kind, type) and isinstance(value, kind) for kind in tensors)
    if not is_tensor and not _is_keras(value, "Variable"):
        return None
    array = np.asarray(value.numpy())  # type: ignore[attr-defined]
    return array.astype(np.float32) if array.dtype.kind == "V" else array  # bfloat16


def _is_function(value: object) -> bool:
    kinds = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type, np.ufunc)
    return isinstance(value, kinds) or type(value).__name__ == "_lru_cache_wrapper"
