"""What a test gets in place of the student's objects: real values, rebuilt models, stand-ins.

A stand-in does its work in the kernel, one request at a time. Comparing stand-ins with `==` never
asks the student's code: it compares identity, so a crafted `__eq__` has nothing to say.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.errors import ForgedError, WireError
from autograder.grade.scorer.eager import call_kernels
from autograder.grade.scorer.link import Ask, MissingNameError, read_reply
from autograder.wire import requests
from autograder.wire.frame import Frame
from autograder.wire.keras_model import NotRebuildableError, rebuild_model
from autograder.wire.values import KIND, Decoder, Encoder


class History:
    """What `fit` recorded, as the student's kernel tells it."""

    def __init__(self, ref: int, epoch: list[int], history: dict[str, list[float]]) -> None:
        self.ref = ref
        self.epoch = epoch
        self.history = history


class Handle:
    """An object that stays in the kernel; attributes, items, calls and iteration go across."""

    def __init__(self, remote: Remote, ref: int, name: str) -> None:
        self._remote = remote
        self._ref = ref
        self.__name__ = name
        remote.hold(ref)
        weakref.finalize(self, remote.let_go, ref).atexit = False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # Python's own protocols ask for these; they stay here
        return self._remote.ask({"op": "attribute", "ref": self._ref, "name": name})

    def __getitem__(self, key: object) -> Any:
        return self._remote.ask_with({"op": "item", "ref": self._ref}, key=key)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Result of calling the student's object, in the kernel, under the time limit."""
        return self._remote.call(self._ref, args, kwargs)

    def __len__(self) -> int:
        return int(self._remote.ask({"op": "length", "ref": self._ref}))

    def __bool__(self) -> bool:
        return bool(self._remote.ask({"op": "truth", "ref": self._ref}))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._remote.ask({"op": "list", "ref": self._ref}))

    def __repr__(self) -> str:
        text = self._remote.ask({"op": "text", "ref": self._ref})
        return text if isinstance(text, str) else "<object>"


class PredictionModel(Handle):
    """A model that cannot be rebuilt here: hidden inputs go to the kernel, predictions return.

    Attributes:
        reason: the class that is not built in.
    """

    def __init__(self, remote: Remote, ref: int, reason: str) -> None:
        super().__init__(remote, ref, "model")
        self.reason = reason

    def predict(self, inputs: Any, **_options: Any) -> Any:
        """Predictions of the student's own model, made in the kernel."""
        return self._remote.ask_with({"op": "predict", "ref": self._ref}, inputs)


class Remote:
    """Asks for objects of one kernel, and turns replies into what tests get.

    Args:
        ask: sends a request and returns the reply.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._refs: dict[int, tuple[Any, int]] = {}  # id of a rebuilt model -> (model, ref)
        self._held: Counter[int] = Counter()  # stand-ins, by reference
        self._freed: list[int] = []
        self.models_rebuilt = 0

    def hold(self, ref: int) -> None:
        """Take note of one more stand-in for object `ref`."""
        self._held[ref] += 1

    def let_go(self, ref: int) -> None:
        """Take note that a stand-in is gone; with the last one the kernel may free the object."""
        self._held[ref] -= 1
        if not self._held[ref]:
            del self._held[ref]
            self._freed.append(ref)

    def _send(self, frame: Frame) -> Frame:
        free = [ref for ref in self._freed if ref not in self._held]
        self._freed.clear()
        return read_reply(self._ask(Frame({**frame.head, "free": free}, frame.buffers)))

    def get(self, name: str) -> Any:
        """Value of a global name of the notebook."""
        return self.ask({"op": "get", "name": name})

    def get_ref(self, name: str) -> int:
        """Reference to the function `name` of the notebook.

        Raises:
            MissingNameError: if there is none, or it is no function.
        """
        value = self.get(name)
        if not isinstance(value, Handle):
            raise MissingNameError(name)
        self.hold(value._ref)  # noqa: SLF001 - the stand-in is ours, and goes; its number stays
        return value._ref  # noqa: SLF001 - the stand-in is ours

    def ask(self, head: dict[str, Any]) -> Any:
        """Value that a request without arguments gives."""
        return self._decode(self._send(Frame(head)))

    def ask_kind(self, head: dict[str, Any]) -> str:
        """Kind and name of the object that a request without arguments gives, left where it is.

        Cheaper than `ask` for a model, which would be rebuilt.
        """
        form = self._send(Frame(head)).head["value"]
        if not isinstance(form, dict):
            return type(form).__name__
        kind = str(form.get(KIND, ""))[:200]
        return str(form.get("name") or kind)[:200] if kind != requests.MODEL else kind

    def ask_with(self, head: dict[str, Any], *args: Any, **extra: Any) -> Any:
        """Value that a request with arguments (`args`), or with encoded `extra` keys, gives."""
        encoder = Encoder(self._encode_other)
        full = {**head, **{name: encoder.encode(value) for name, value in extra.items()}}
        if args:
            full["args"] = [encoder.encode(arg) for arg in args]
        return self._decode(self._send(encoder.frame(full)))

    def call(self, ref: int, args: Any, kwargs: dict[str, Any], *, keep: bool = False) -> Any:
        """Result of calling object `ref`; changed array arguments are changed here too.

        With `keep` the result stays in the kernel and a handle comes back.
        """
        encoder = Encoder(self._encode_other)
        head = {
            "op": "call",
            "ref": ref,
            "args": [encoder.encode(arg) for arg in args],
            "kwargs": {name: encoder.encode(value) for name, value in kwargs.items()},
            "keep": keep,
        }
        reply = self._send(encoder.frame(head))
        self._copy_back(reply, args)
        return self._decode(reply)

    def _copy_back(self, reply: Frame, args: Any) -> None:
        changed = reply.head.get("changed")
        targets = {str(number): arg for number, arg in enumerate(args)}
        for number, form in changed.items() if isinstance(changed, dict) else ():
            target, source = targets.get(number), self._decode_form(form, reply)
            if type(target) is np.ndarray and type(source) is np.ndarray:
                is_same = (target.shape, target.dtype) == (source.shape, source.dtype)
                if not is_same or not target.flags.writeable:
                    raise ForgedError("a changed argument has another shape or dtype")
                target[...] = source

    def _decode(self, reply: Frame) -> Any:
        return self._decode_form(reply.head["value"], reply)

    def _decode_form(self, form: Any, reply: Frame) -> Any:
        try:
            return Decoder(reply, self._decode_other).decode(form)
        except ForgedError:
            raise
        except WireError as error:
            raise ForgedError(str(error)) from error

    def _decode_other(self, form: dict[str, Any], decoder: Decoder) -> object:
        kind, ref = form.get(KIND), form.get("ref")
        if kind == requests.TENSOR:
            import tensorflow as tf  # noqa: PLC0415 - only where a tensor arrives

            return tf.convert_to_tensor(decoder.array(form.get("buffer")))
        if type(ref) is not int:
            raise WireError(f"{kind!r} is not in the protocol")
        if kind in (requests.MODEL, requests.HISTORY):
            self.hold(ref)  # for good: they are passed back by number
        if kind == requests.MODEL:
            return self._decode_model(form, ref, decoder)
        if kind == requests.HISTORY:
            return _decode_history(form, ref, decoder)
        if kind in (requests.CALLABLE, requests.HANDLE):
            return Handle(self, ref, str(form.get("name", ""))[:200])
        raise WireError(f"{kind!r} is not in the protocol")

    def _decode_model(self, form: dict[str, Any], ref: int, decoder: Decoder) -> Any:
        description, numbers = form.get("description"), form.get("weights")
        if not isinstance(description, dict) or not isinstance(numbers, list):
            raise WireError("a model is not in the protocol's form")
        call_kernels()
        try:
            model = rebuild_model(description, [decoder.array(number) for number in numbers])
        except NotRebuildableError as error:
            return PredictionModel(self, ref, str(error))
        self._refs[id(model)] = (model, ref)
        self.models_rebuilt += 1
        return model

    def _encode_other(self, value: object, encoder: Encoder) -> dict[str, Any]:
        if isinstance(value, Handle):
            return {KIND: requests.REF, "ref": value._ref}  # noqa: SLF001 - the stand-in is ours
        if isinstance(value, History):
            return {KIND: requests.REF, "ref": value.ref}
        if id(value) in self._refs:
            return {KIND: requests.REF, "ref": self._refs[id(value)][1]}
        if hasattr(value, "numpy") and hasattr(value, "dtype"):
            array = np.asarray(value.numpy())
            return {KIND: requests.TENSOR, "buffer": encoder.add_array(array)}
        raise WireError(f"a {type(value).__name__} of a test cannot cross to the student's kernel")


def _decode_history(form: dict[str, Any], ref: int, decoder: Decoder) -> History:
    epoch, history = decoder.decode(form.get("epoch")), decoder.decode(form.get("history"))
    if not isinstance(epoch, list) or not isinstance(history, dict) or len(history) > 100:
        raise WireError("a history is not in the protocol's form")
    return History(ref, epoch, history)
