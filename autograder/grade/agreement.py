"""Whether two runs of a notebook told the same, and whether the order of questions mattered in one.

Numbers of references and addresses in texts differ from run to run and do not count; arrays agree
up to the rounding that another number of threads brings.
"""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.grade.tape import TRAINING_SECTION
from autograder.grade.transcript import KeptExchange, KeptQuestion, Transcript
from autograder.wire.frame import Buffer, Frame
from autograder.wire.values import KIND

_ADDRESS = re.compile(r"0x[0-9a-f]+")
_CLOSE = 1e-4


def told_the_same(one: Transcript, other: Transcript) -> bool:
    """Whether what was asked in both runs was answered alike, and cells ended alike.

    The n-th answer to a request is compared with the n-th; a question of one run alone says
    nothing.
    """
    known = {question.name: question for question in other.questions}
    pairs = [(new, known[new.name]) for new in one.questions if new.name in known]
    return all(
        _name_ends(new) == _name_ends(old) and _answers_agree((one, new), (other, old))
        for new, old in pairs
    )


def takes_too_long(again: Transcript, kept: Transcript) -> bool:
    """Whether `again` would have passed a limit, had it repeated the trainings of `kept`."""
    known = {question.name: question for question in kept.questions}
    return any(
        _estimate_seconds((again, new), (kept, known[new.name])) >= new.limit_seconds
        for new in again.questions
        if new.name in known
    )


def _estimate_seconds(
    again: tuple[Transcript, KeptQuestion], kept: tuple[Transcript, KeptQuestion]
) -> float:
    """Reference seconds of cells and training as they were, and of tests as they are."""
    (run_now, now), (run_then, then) = again, kept
    trained = (then.training and then.training.seconds) or 0.0
    given_back = (now.training and now.training.seconds) or 0.0
    tests = now.cpu_seconds - now.cell_cpu_seconds - given_back
    return (then.cell_cpu_seconds + trained) * run_then.speed + tests * run_now.speed


def depends_on_order(question: KeptQuestion) -> bool:
    """Whether a test may have changed what a later one saw.

    So it is where a call gave nothing, a method was called (both change something, as a rule), or
    the same was asked twice and answered otherwise. Left out, for nobody can see it from here:
    functions that count their calls and are never asked the same twice.
    """
    seen: dict[str, object] = {}
    for item in question.exchanges:
        if item.section == TRAINING_SECTION:
            continue
        reply = _name_reply(item.reply.head), item.reply.buffers
        if item.acts or seen.setdefault(item.request, reply) != reply:
            return True
    return False


def _name_ends(question: KeptQuestion) -> list[object]:
    ends = [
        (item.number, item.error and item.error.name, item.stopped) for item in question.failures
    ]
    return [question.reached, *ends]


def _answers_agree(
    one: tuple[Transcript, KeptQuestion], other: tuple[Transcript, KeptQuestion]
) -> bool:
    known = _group(other[1].exchanges)
    for request, items in _group(one[1].exchanges).items():
        for new, old in zip(items, known.get(request, ()), strict=False):
            if not _replies_agree(one[0].frame(new.reply), other[0].frame(old.reply)):
                return False
    return True


def _group(exchanges: Sequence[KeptExchange]) -> dict[str, list[KeptExchange]]:
    groups: defaultdict[str, list[KeptExchange]] = defaultdict(list)
    for item in exchanges:
        groups[item.request].append(item)
    return groups


def _replies_agree(one: Frame, other: Frame) -> bool:
    if _name_reply(one.head) != _name_reply(other.head):
        return False
    same_number = len(one.buffers) == len(other.buffers)
    return same_number and all(map(_buffers_agree, one.buffers, other.buffers))


def _name_reply(head: dict[str, Any]) -> str:
    """Text of a reply without what differs from run to run."""
    text = json.dumps(_drop_references(head), sort_keys=True, ensure_ascii=False)
    return _ADDRESS.sub("0x", text)


def _drop_references(form: Any) -> Any:
    if isinstance(form, list):
        return [_drop_references(item) for item in form]
    if not isinstance(form, dict):
        return form
    dropped = ("ref",) if KIND in form else ()
    return {key: _drop_references(value) for key, value in form.items() if key not in dropped}


def _buffers_agree(one: Buffer, other: Buffer) -> bool:
    if one == other:
        return True
    first, second = _read_array(one), _read_array(other)
    if first is None or second is None:
        return False
    if (first.shape, first.dtype) != (second.shape, second.dtype) or first.dtype.kind != "f":
        return False
    return bool(np.allclose(first, second, rtol=_CLOSE, atol=_CLOSE / 100, equal_nan=True))


def _read_array(buffer: Buffer) -> np.ndarray[Any, Any] | None:
    try:
        array: np.ndarray[Any, Any] = np.load(io.BytesIO(bytes(buffer)), allow_pickle=False)
    except (ValueError, EOFError):
        return None
    return array
