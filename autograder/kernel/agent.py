"""Answers the scorer's requests from inside the student's kernel, over a Jupyter comm.

It holds no secret: no test, no label, no threshold. It runs beside the student's code and can be
tampered with, so nothing it says is trusted; see `wire.requests` for what may be asked.
"""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

from autograder.errors import WireError
from autograder.kernel.fits import FitLog
from autograder.kernel.objects import ObjectTable
from autograder.kernel.tracebacks import describe_exception
from autograder.wire import requests
from autograder.wire.frame import Frame, clean_head
from autograder.wire.values import Decoder, Encoder

Shell = Any  # IPython's, which has no types
Comm = Any  # Jupyter's
Handler = Callable[["Agent", dict[str, Any], Decoder, Encoder], dict[str, Any]]


class Agent:
    """Answers requests about the objects in one namespace.

    Args:
        namespace: the student's global names.
        fits: notes of what was trained.

    Attributes:
        seed_offset: added to every seed; the grader says it once, before student code.
    """

    def __init__(self, namespace: dict[str, Any], fits: FitLog | None = None) -> None:
        self.seed_offset = 0
        self.namespace = namespace
        self.table = ObjectTable()
        self.fits = fits or FitLog()

    def answer(self, request: Frame) -> Frame:
        """Reply to one request; a failure of the student's code is a reply too."""
        try:
            return self._answer(request)
        except WireError as error:
            return Frame(clean_head({"refused": str(error)}))
        except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt is how a time limit ends
            return Frame(clean_head({"error": describe_exception(error)}))

    def _answer(self, request: Frame) -> Frame:
        self.table.free(request.head.get("free"))
        encoder = Encoder(self.table.encode_other)
        decoder = Decoder(request, self.table.decode_other)
        handler = _HANDLERS.get(str(request.head.get("op")), _refuse)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            head = handler(self, request.head, decoder, encoder)
        return encoder.frame(clean_head(head))


def _refuse(
    _agent: Agent, head: dict[str, Any], _decoder: Decoder, _encoder: Encoder
) -> dict[str, Any]:
    raise WireError(f"{head.get('op')!r} is not in the protocol")


def _get(agent: Agent, head: dict[str, Any], _decoder: Decoder, encoder: Encoder) -> dict[str, Any]:
    if head["name"] not in agent.namespace:
        return {"missing": head["name"]}
    return {"value": encoder.encode(agent.namespace[head["name"]])}


def _read(
    agent: Agent, head: dict[str, Any], _decoder: Decoder, encoder: Encoder
) -> dict[str, Any]:
    return {"value": encoder.encode(agent.table.find(head["ref"]))}


def _call(agent: Agent, head: dict[str, Any], decoder: Decoder, encoder: Encoder) -> dict[str, Any]:
    function = agent.table.find(head["ref"])
    args = [decoder.decode(form) for form in head.get("args", [])]
    kwargs = {str(name): decoder.decode(form) for name, form in head.get("kwargs", {}).items()}
    before = [arg.tobytes() if type(arg) is np.ndarray else None for arg in args]
    result = function(*args, **kwargs)
    changed = {
        str(number): encoder.encode(arg)
        for number, (arg, old) in enumerate(zip(args, before, strict=True))
        if old is not None and arg.tobytes() != old
    }
    if head.get("keep"):
        return {"value": {"$": requests.HANDLE, "ref": agent.table.keep(result), "name": ""}}
    return {"value": encoder.encode(result), "changed": changed}


def _attribute(
    agent: Agent, head: dict[str, Any], _decoder: Decoder, encoder: Encoder
) -> dict[str, Any]:
    return {"value": encoder.encode(getattr(agent.table.find(head["ref"]), str(head["name"])))}


def _item(agent: Agent, head: dict[str, Any], decoder: Decoder, encoder: Encoder) -> dict[str, Any]:
    return {"value": encoder.encode(agent.table.find(head["ref"])[decoder.decode(head["key"])])}


def _list(
    agent: Agent, head: dict[str, Any], _decoder: Decoder, encoder: Encoder
) -> dict[str, Any]:
    items = []
    for number, item in enumerate(agent.table.find(head["ref"])):
        if number >= requests.MAX_LIST:
            raise WireError(f"an iteration of over {requests.MAX_LIST} items")
        items.append(item)
    return {"value": encoder.encode(items)}


def _plain(function: Callable[[Any], object]) -> Handler:
    def handler(
        agent: Agent, head: dict[str, Any], _decoder: Decoder, encoder: Encoder
    ) -> dict[str, Any]:
        return {"value": encoder.encode(function(agent.table.find(head["ref"])))}

    return handler


def _predict(
    agent: Agent, head: dict[str, Any], decoder: Decoder, encoder: Encoder
) -> dict[str, Any]:
    model = agent.table.find(head["ref"])
    (inputs,) = (decoder.decode(form) for form in head["args"])
    return {"value": encoder.encode(np.asarray(model.predict(inputs, verbose=0)))}


def _seed(
    agent: Agent, head: dict[str, Any], _decoder: Decoder, _encoder: Encoder
) -> dict[str, Any]:
    agent.seed_offset = int(head.get("offset", agent.seed_offset))
    seed_everything(int(head["seed"]) + agent.seed_offset)
    return {"value": None}


def _bindings(
    agent: Agent, head: dict[str, Any], _decoder: Decoder, encoder: Encoder
) -> dict[str, Any]:
    found = {str(name): id(agent.namespace.get(name)) for name in head["names"]}
    return {"value": encoder.encode(found)}


def _shared_test(
    agent: Agent, head: dict[str, Any], _decoder: Decoder, encoder: Encoder
) -> dict[str, Any]:
    """Run a test that its author allowed to share the kernel with the student's code."""
    from autograder.wire.test_code import run_test_code  # noqa: PLC0415 - seldom needed

    output = run_test_code(str(head["source"]), str(head["style"]), agent.namespace.__getitem__)
    return {"value": encoder.encode(output)}


def _fits(
    agent: Agent, _head: dict[str, Any], _decoder: Decoder, encoder: Encoder
) -> dict[str, Any]:
    return {"value": encoder.encode(agent.fits.notes())}


def _restore(
    agent: Agent, head: dict[str, Any], decoder: Decoder, _encoder: Encoder
) -> dict[str, Any]:
    agent.fits.give(decoder.decode(head["fits"]))
    return {"value": None}


_HANDLERS: dict[str, Handler] = {
    "get": _get,
    "read": _read,
    "call": _call,
    "attribute": _attribute,
    "item": _item,
    "list": _list,
    "length": _plain(len),
    "truth": _plain(bool),
    "text": _plain(repr),
    "predict": _predict,
    "seed": _seed,
    "bindings": _bindings,
    "fits": _fits,
    "restore": _restore,
    "shared_test": _shared_test,
}


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and, where they were imported, TensorFlow and Keras."""
    random.seed(seed)
    np.random.seed(seed)  # students use the global generator
    keras = sys.modules.get("keras")
    if keras is not None and hasattr(keras, "utils"):
        keras.utils.set_random_seed(seed)


def install_agent(shell: Shell) -> None:
    """Register the comm target in a running IPython kernel's shell."""
    fits = FitLog()
    agent = Agent(shell.user_ns, fits)
    fits.hook()

    def on_open(comm: Comm, _message: dict[str, Any]) -> None:
        def on_message(message: dict[str, Any]) -> None:
            data = message["content"]["data"]
            buffers = tuple(message.get("buffers", ()))
            reply = agent.answer(Frame(data["request"], buffers))
            comm.send({"id": data["id"], "reply": reply.head}, buffers=list(reply.buffers))

        comm.on_msg(on_message)

    shell.kernel.comm_manager.register_target(requests.COMM_TARGET, on_open)

    def before_cell(*_: object) -> None:
        fits.hook()  # Keras may have been imported by the last one
        seed_everything(agent.seed_offset)

    shell.events.register("pre_run_cell", before_cell)
