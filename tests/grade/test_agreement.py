"""Two runs of a notebook agree where every common question was answered alike."""

from __future__ import annotations

import io

import numpy as np
import pytest

from autograder.grade.agreement import depends_on_order, takes_too_long, told_the_same
from autograder.grade.checking import CellFailure
from autograder.grade.transcript import (
    KeptExchange,
    KeptFrame,
    KeptTraining,
)
from autograder.grade.verdict import TrainingVerdict
from autograder.schema import Outcome
from tests.grade.keeping import keep_run


def npy(values, dtype="float32"):
    stream = io.BytesIO()
    np.save(stream, np.asarray(values, dtype))
    return stream.getvalue()


def exchange(request, value, buffers=(), section="q1-1", acts=False):
    reply = KeptFrame(head={"value": value}, buffers=buffers)
    return KeptExchange(
        section=section, request=request, reply=reply, cpu_seconds=0, wall_seconds=0, acts=acts
    )


FORM = {"$": "handle", "ref": 4, "name": "<a at 0x7f01>"}


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (keep_run(exchange("r", 1)), keep_run(exchange("r", 1)), True),
        (keep_run(exchange("r", 1)), keep_run(exchange("r", 2)), False),
        (keep_run(exchange("r", 1)), keep_run(exchange("s", 2)), True),
        (keep_run(exchange("r", 1), exchange("r", 2)), keep_run(exchange("r", 1)), True),
        (
            keep_run(exchange("r", 1), exchange("r", 2)),
            keep_run(exchange("r", 1), exchange("r", 3)),
            False,
        ),
        (keep_run(exchange("r", FORM)), keep_run(exchange("r", {**FORM, "ref": 9})), True),
        (
            keep_run(exchange("r", FORM)),
            keep_run(exchange("r", {**FORM, "name": "<a at 0x55>"})),
            True,
        ),
        (keep_run(exchange("r", FORM)), keep_run(exchange("r", {**FORM, "name": "b"})), False),
        (keep_run(exchange("r", {"ref": 4})), keep_run(exchange("r", {"ref": 9})), False),
        (keep_run(), keep_run(reached=False), False),
        (
            keep_run(),
            keep_run(failures=(CellFailure(number=1, source="", stopped=Outcome.ERROR),)),
            False,
        ),
    ],
)
def test_answers_are_compared_by_what_they_say(one, other, agree):
    assert told_the_same(one, other) is agree


@pytest.mark.parametrize(
    ("first", "second", "agree"),
    [
        (npy([1, 2]), npy([1, 2]), True),
        (npy([1, 2]), npy([1, 2.00001]), True),
        (npy([1, np.nan]), npy([1, np.nan * 2]), True),
        (npy([1, 2]), npy([1, 2.1]), False),
        (npy([1, 2]), npy([[1, 2]]), False),
        (npy([1, 2]), npy([1, 2], "float64"), False),
        (npy([1, 2], "int64"), npy([1, 3], "int64"), False),
        (b"\x93NUMPY broken", b"\x93NUMPY breken", False),
    ],
)
def test_arrays_agree_up_to_rounding(first, second, agree):
    one = keep_run(exchange("r", "array", (0,)), buffers=[first])
    other = keep_run(exchange("r", "array", (1,)), buffers=[b"", second])
    assert told_the_same(one, other) is agree


def test_the_order_matters_where_something_acts_or_answers_otherwise():
    def asks(*exchanges):
        return depends_on_order(keep_run(*exchanges).questions[0])

    assert not asks(exchange("r", 1), exchange("r", 1), exchange("s", 2))
    assert not asks(exchange("r", FORM), exchange("r", {**FORM, "ref": 9}))
    assert asks(exchange("r", 1), exchange("r", 2))
    assert asks(exchange("r", None, acts=True))
    assert not asks(exchange("r", None, acts=True, section="training"))


def training(seconds):
    verdict = TrainingVerdict(outcome=Outcome.PASSED)
    return KeptTraining(key="", verdict=verdict, seconds=seconds)


@pytest.mark.parametrize(("tests", "late"), [(1.0, False), (3.0, True)])
def test_a_run_whose_trainings_were_given_back_may_have_been_too_slow_with_them(tests, late):
    kept = keep_run(training=training(6.0), cpu_seconds=7.5)
    again = keep_run(training=training(0.1), cell_cpu_seconds=0.2, cpu_seconds=0.3 + tests)
    assert takes_too_long(again, kept) is late


@pytest.mark.parametrize(("speed", "late"), [(1.0, False), (2.0, True)])
def test_what_was_taken_counts_in_reference_seconds(speed, late):
    kept = keep_run(training=training(4.0), cpu_seconds=5.0).model_copy(update={"speed": speed})
    again = keep_run(training=training(0.1), cell_cpu_seconds=0.2, cpu_seconds=0.4)
    assert takes_too_long(again, kept) is late
