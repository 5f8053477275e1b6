"""The scorer's child side: answers the grader's orders until the line closes.

Imported once in a warm process (with Keras loaded, but no operation run; or light, without it),
then forked for every submission.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import tempfile
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from autograder.grade.scorer import cases
from autograder.grade.scorer.light import KerasAskedError, has_keras, watch_for_keras
from autograder.grade.scorer.scope import Scope, describe_versions
from autograder.schema.bundle import read_bundle
from autograder.wire.frame import Buffer, Frame, pack_frame, unpack_frame


class Child:
    """One submission's scorer.

    Args:
        line: to the grader.
    """

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._scope: Scope | None = None
        self._watch = watch_for_keras()

    def serve(self) -> None:
        """Answer orders until the line closes."""
        while True:
            try:
                order = unpack_frame(self._line.recv_bytes()).head
            except EOFError:
                return
            self._send({"say": "done", "result": self._obey(order)})

    def _obey(self, order: dict[str, Any]) -> dict[str, Any]:
        try:
            result = self._carry_out(order)
        except (Exception, KerasAskedError):  # noqa: BLE001 - a fault of ours is told, not died of
            result = {"fault": traceback.format_exc()[-8_000:]}
        if self._watch is not None and self._watch.asked:
            return {"needs": "keras"}
        return result

    def _carry_out(self, order: dict[str, Any]) -> dict[str, Any]:
        if order["do"] == "open":
            folder = read_bundle(Path(order["bundle"]))
            limit_memory(folder.bundle.config.limits.memory_mib)
            self._scope = Scope(folder, self._ask)
            return describe_versions() if has_keras() else {}
        scope = self._scope
        if scope is None:
            raise RuntimeError("the scorer was not opened")
        if order["do"] == "forget":
            scope.forget_kernel()
            return {}
        seed_everything()
        question = scope.find_question(order["question"])
        if order["do"] == "training" and question.training is not None:
            from autograder.grade.scorer import training  # noqa: PLC0415 - loads Keras

            measure = bool(order.get("measure", True))
            verdict = training.run_training(question.training, scope, measure=measure)
            return verdict.model_dump(mode="json")
        case = question.test_cases[order["case"]]
        return cases.run_case(case, scope).model_dump(mode="json")

    def _ask(self, request: Frame) -> Frame:
        self._send({"say": "ask", "request": request.head}, request.buffers)
        return unpack_frame(self._line.recv_bytes())

    def _send(self, head: dict[str, Any], buffers: tuple[Buffer, ...] = ()) -> None:
        self._line.send_bytes(pack_frame(Frame(head, buffers)))


def limit_memory(memory_mib: int) -> None:
    """Let a model that is rebuilt here take no more than the student's own code may.

    Counts from what the warm process had already; beyond it allocations fail, which is a verdict.
    """
    if not sys.platform.startswith("linux"):
        return
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    held_kib = next(int(line.split()[1]) for line in status.splitlines() if "VmData" in line)
    most = held_kib * 1024 + memory_mib * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def seed_everything() -> None:
    """The same random numbers for the same test, whatever ran before it."""
    random.seed(0)
    np.random.seed(0)
    if has_keras():
        import keras  # noqa: PLC0415 - loaded, where this is reached

        keras.utils.set_random_seed(0)


def serve(line: Connection) -> None:
    """Entry point of a fork."""
    with tempfile.TemporaryDirectory(prefix="ag-scorer-") as folder:
        os.chdir(folder)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        Child(line).serve()
