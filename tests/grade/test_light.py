"""Tests of plain values are scored again without Keras, those that ask for it with it: alike."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from autograder.grade.regrade import Way
from autograder.grade.scorer.light import KerasAskedError, watch_for_keras
from autograder.grade.scorer.process import LightScorers, Scorers
from autograder.schema.outcome import Outcome
from tests.grade.conftest import question, submit
from tests.grade.judge import Judge, hidden, replace_source, with_cases

ANSWER = "def double(x):\n    return 2 * x"
OF_VALUES = "def test_it(double, hidden):\n    assert (double(hidden.x) < 10).all()"
OF_A_TENSOR = (
    "def test_it(double, hidden):\n"
    "    import tensorflow as tf\n"
    "    assert tf.reduce_max(double(hidden.x)) < 10"
)
OF_WHAT_IS_INSTALLED = (
    "def test_it(double, hidden):\n"
    "    try:\n"
    "        import keras\n"
    "    except BaseException:\n"
    "        keras = None\n"
    "    assert keras is not None and (double(hidden.x) < 10).all()"
)
TESTS = {"values": OF_VALUES, "tensor": OF_A_TENSOR, "installed": OF_WHAT_IS_INSTALLED}


class CountingScorers(Scorers):
    """Counts how many were started."""

    started = 0

    def _fork(self):
        self.started += 1
        return super()._fork()


class CountingLightScorers(CountingScorers, LightScorers):
    """Those without Keras."""


@pytest.fixture(scope="module")
def crews(ancestor):
    with (
        CountingLightScorers() as light,
        CountingScorers(ancestor, light) as heavy,
    ):
        yield heavy, light


@pytest.fixture(scope="module")
def judge(tmp_path_factory, sandbox, crews):
    return Judge(tmp_path_factory.mktemp("light"), sandbox, crews[0])


def _make(source):
    return {
        "questions": [question("q1", hidden(source))],
        "hidden": {"x": np.arange(4.0)},
        "imports": {"np": "numpy"},
    }


def _regrade(judge, source, *, least="3"):
    """Regrade after the test's bound changed; the judge compares it with grading anew."""
    old = _make(source)
    new = with_cases(old, replace_source("< 10", f"< {least}"))
    return judge.regrade(submit(ANSWER, 'grader.check("q1")'), old, new)


@pytest.mark.parametrize("name", TESTS)
def test_a_regrade_without_keras_gives_what_grading_anew_gives(judge, name):
    for least, outcome in (("7", Outcome.PASSED), ("5", Outcome.FAILED)):
        done = _regrade(judge, TESTS[name], least=least)
        assert done.way is Way.REPLAYED
        assert done.graded.result.questions[0].outcome is outcome


def test_plain_values_need_no_scorer_with_keras(judge, crews):
    heavy, light = crews
    before = heavy.started, light.started
    _regrade(judge, OF_VALUES)
    assert light.started == before[1] + 1
    assert heavy.started == before[0] + 2  # of the two gradings that it is compared with


def test_what_asked_for_keras_once_is_not_tried_without_again(judge, crews):
    _, light = crews
    before = light.started
    _regrade(judge, OF_A_TENSOR)
    assert light.started == before + 1
    assert not light.may_do(f"sha256:{judge.bundles}", "q1")
    assert light.may_do(f"sha256:{judge.bundles}", "q2")


def test_a_watch_names_what_asks_for_keras(monkeypatch):
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    watch = watch_for_keras()
    assert watch is sys.meta_path[0]
    assert watch.find_spec("numpy.random") is None
    assert watch.find_spec("kerasify") is None
    assert not watch.asked
    with pytest.raises(KerasAskedError):
        watch.find_spec("keras.layers")
    assert watch.asked


def test_a_process_with_keras_has_no_watch(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    assert watch_for_keras() is None
