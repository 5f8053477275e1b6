"""A regrade gives what grading anew gives: over students and over changes of the bundle.

Compared is all but what cannot be equal: times, and the time of grading.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder import notebook
from autograder.grade.regrade import regrade_submission
from autograder.grade.submission import grade_submission
from autograder.grade.transcript import pack_transcript, unpack_transcript
from autograder.schema import AssessmentConfig, Submission
from autograder.schema.assessment import VisibilityConfig
from autograder.schema.bundle import ReleasedCell
from autograder.schema.outcome import Visibility
from tests.grade.conftest import case, question, submit
from tests.grade.judge import (
    Judge,
    Parts,
    compared,
    hidden,
    replace_source,
    with_cases,
    with_questions,
)


@pytest.fixture(scope="module")
def judge(tmp_path_factory, sandbox, scorers):
    return Judge(tmp_path_factory.mktemp("judge"), sandbox, scorers)


RIGHT = "def test_it(double):\n    assert double(3) == 6"
ARRAY = (
    "def test_it(double, hidden):\n    np.testing.assert_allclose(double(hidden.x), 2 * hidden.x)"
)
OK = ">>> double(4)\n"
NAMES = ("right", "wrong", "raises", "missing", "unfilled", "cell_error", "changes_arguments")


def _tests(name: str) -> list[Any]:
    return [
        hidden(RIGHT.replace("double", name), question=name),
        hidden(ARRAY.replace("double", name), question=name, number=2, points=2.0),
        case(
            f"assert {name}(1) is not None\n{name}(4)", question=name, number=3, style="ok",
            expected_output="8",
        ),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def plain() -> Parts:
    """One question per kind of student, three tests each."""
    return {
        "questions": [question(name, *_tests(name), title={"en": name}) for name in NAMES],
        "public": {"x": np.arange(3.0)},
        "hidden": {"x": np.arange(4.0)},
        "imports": {"np": "numpy"},
        "cells": (
            ReleasedCell(source="#@title Setup\ntests = 'old'", role="setup"),
            ReleasedCell(source="unfilled = ...", role="answer", question="unfilled"),
        ),
    }


ANSWERS = {
    "right": "def right(x):\n    return 2 * x",
    "wrong": "def wrong(x):\n    return 2 + x",
    "raises": "def raises(x):\n    return [1, 2][int(np.max(x)) + 5]",
    "missing": "pass",
    "unfilled": "unfilled = ...",
    "cell_error": "def cell_error(x):\n    return x * factor\nprint(undefined)",
    "changes_arguments": "def changes_arguments(x):\n    x *= 2\n    return x",
}


@pytest.fixture(scope="module")
def everyone() -> Submission:
    cells = [
        f"{source}\n# {name}" if name != "unfilled" else source for name, source in ANSWERS.items()
    ]
    checked = [
        text
        for cell, name in zip(cells, ANSWERS, strict=True)
        for text in (cell, f'grader.check("{name}")')
    ]
    return submit("#@title Setup\ntests = 'old'", "import numpy as np", *checked)


def update(**fields: Any) -> Callable[..., Any]:
    def change(cases: list[Any], _name: str) -> list[Any]:
        return [one.model_copy(update=fields) for one in cases]

    return change


def add(source: str) -> Callable[..., Any]:
    def change(cases: list[Any], name: str) -> list[Any]:
        return [hidden(source.replace("double", name), question=name), *cases]

    return change


CASES = {
    "nothing": (lambda cases, _: cases, "kept"),
    "source, same calls": (replace_source("== 6", "in (5, 6)"), "replayed"),
    "source, a new call": (replace_source("(3) == 6", "(5) == 10"), "restored"),
    "expected output": (update(expected_output="6"), "replayed"),
    "points": (update(points=3.0), "kept"),
    "messages": (update(success_message="well done", failure_message="look again"), "kept"),
    "hidden to public": (update(hidden=False), "restored"),  # hidden data is no public name
    "reordered": (lambda cases, _: cases[::-1], "kept"),
    "removed": (lambda cases, _: cases[1:], "kept"),
    "all removed but one": (lambda cases, _: cases[:1], "kept"),
    "added, same calls": (add("def test_it(double):\n    assert double(3) > 0"), "replayed"),
    "added, a new call": (add("def test_it(double):\n    assert double(-1) < 0"), "restored"),
    "twice the same": (lambda cases, _: [*cases, *cases], "kept"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_changed_test_cases(name, judge, plain, everyone):
    change, way = CASES[name]
    assert judge.regrade(everyone, plain, with_cases(plain, change)).way == way


def _config(**fields: Any) -> AssessmentConfig:
    return AssessmentConfig(**{"language": "en", **fields})


LIMITS = AssessmentConfig(language="en").limits
QUESTIONS = {
    "all or nothing": (lambda q: q.model_copy(update={"all_or_nothing": True}), "kept"),
    "title": (lambda q: q.model_copy(update={"title": {"en": "new"}}), "kept"),
    "more time": (lambda q: q.model_copy(update={"time_limit_seconds": 99.0}), "kept"),
    "less time": (lambda q: q.model_copy(update={"time_limit_seconds": 5.0}), "kept"),
    "shared": (lambda q: q.model_copy(update={"isolation": "shared"}), "graded"),
    "manual": (lambda q: q.model_copy(update={"manual": q.name == "wrong"}), "graded"),
    "renamed": (lambda q: q.model_copy(update={"name": q.name.replace("missing", "double")}), "graded"),
    "prompt": (lambda q: q.model_copy(update={"prompts": ("unfilled = ...",) if q.name == "unfilled" else ()}), "graded"),
}  # fmt: skip
PARTS = {
    "hidden data": ({"hidden": {"x": np.arange(5.0)}}, "restored"),
    "hidden data added": ({"hidden": {"x": np.arange(4.0), "z": np.ones(2)}}, "replayed"),
    "imports": ({"imports": {"np": "numpy", "math": "math"}}, "replayed"),
    "given data": ({"public": {"x": np.arange(7.0)}}, "graded"),
    "memory limit": ({"config": _config(limits=LIMITS.model_copy(update={"memory_mib": 3000}))}, "graded"),
    "visibility": ({"config": _config(visibility=VisibilityConfig(hidden_tests=Visibility.VISIBLE))}, "kept"),
    "language": ({"config": _config(language="ko")}, "kept"),
    "public test in the first cell": ({"cells": (
        ReleasedCell(source="#@title Setup\ntests = 'new'", role="setup"),
        ReleasedCell(source="unfilled = ...", role="answer", question="unfilled"),
    )}, "kept"),
    "try-out": ({"cells": (ReleasedCell(source="import numpy as np", role="try_out"),)}, "graded"),
    "setup": ({"cells": (ReleasedCell(source="import numpy as np", role="setup"),)}, "graded"),
}  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
def test_changed_questions(name, judge, plain, everyone):
    change, way = QUESTIONS[name]
    assert judge.regrade(everyone, plain, with_questions(plain, change)).way == way


@pytest.mark.parametrize("name", PARTS)
def test_changed_parts(name, judge, plain, everyone):
    change, way = PARTS[name]
    assert judge.regrade(everyone, plain, {**plain, **change}).way == way


@pytest.mark.parametrize("change", ["added", "removed", "reordered"])
def test_other_questions(change, judge, plain, everyone):
    first, *rest = plain["questions"]
    extra = question(
        "extra", hidden("def test_it(right):\n    assert right(1) == 2", question="extra")
    )
    questions = {"added": [first, *rest, extra], "removed": rest, "reordered": [*rest, first]}
    assert judge.regrade(everyone, plain, {**plain, "questions": questions[change]}).way == "graded"


def test_the_language_of_the_edition_stays(judge, plain):
    made = notebook.make_notebook([notebook.make_code_cell(ANSWERS["wrong"])])
    made.metadata["autograder"] = {"edition": "ko"}
    submission = Submission(name="kim", student="kim", notebook=notebook.serialize_notebook(made))
    parts = {**plain, "questions": plain["questions"][1:2]}
    done = judge.regrade(submission, parts, with_cases(parts, CASES["source, same calls"][0]))
    assert done.graded.result.language == "ko"
    assert done.way == "replayed"


# What may leave a doubt: each with the tests that it is about.
COUNTS = "n = 0\ndef count():\n    global n\n    n += 1\n    return n"
ACCOUNT = (
    "class Account:\n    balance = 0\n    def add(self, much):\n        self.balance += much\n"
    "def open_account():\n    return Account()"
)
ADDS = "def test_it(open_account):\n    a = open_account()\n    a.add(5)\n    assert a.balance == 5"
GENERATES = "def numbers():\n    yield from range(3)\nlast = numbers()"
LOOPS = "def loop():\n    while True: pass\ndef fine():\n    return 1"
DIES = "import os\ndef die():\n    os._exit(3)\ndef fine():\n    return 1"
FINE = "def test_it(fine):\n    assert fine() == 1"
REBINDS = "def f(x):\n    return x + 1", 'grader.check("q1")', "def f(x):\n    return 2 * x"
DOUBTS = {
    "counts, reordered": (
        [COUNTS], ["def test_it(count):\n    assert count() == 1", "def test_it(count):\n    assert count() == 2"],
        lambda c, _: c[::-1], "restored",
    ),
    "counts, the first removed": (
        [COUNTS], ["def test_it(count):\n    assert count() == 1", "def test_it(count):\n    assert count() == 2"],
        lambda c, _: c[1:], "restored",
    ),
    "counts, asked more often": (
        [COUNTS], ["def test_it(count):\n    assert count() == 1"],
        replace_source("== 1", "== 1 and count() == 2"), "restored",
    ),
    "a method that changes its object": (
        [ACCOUNT], [ADDS], replace_source("a.add(5)\n    assert a.balance == 5", "a.add(5); a.add(5)\n    assert a.balance == 10"), "graded",
    ),
    "a generator, listed again": (
        [GENERATES], ["def test_it(numbers):\n    assert list(numbers()) == [0, 1, 2]"],
        replace_source("== [0", "!= [1] and list(numbers()) == [0"), "restored",
    ),
    "a generator that is used up": (
        [GENERATES], ["def test_it(last):\n    assert list(last) == [0, 1, 2]", "def test_it(last):\n    assert list(last) == []"],
        lambda c, _: c[::-1], "restored",
    ),
    "rebound, and the test changes": (
        REBINDS, ["def test_it(f):\n    assert f(3) == 6"], replace_source("6", "4"), "graded",
    ),
    "rebound, and still right": (
        REBINDS, ["def test_it(f):\n    assert f(3) == 6", "def test_it(f):\n    assert f(1) == 2"],
        lambda c, _: c[1:], "kept",
    ),
    "rebound, untouched": (REBINDS, ["def test_it(f):\n    assert f(3) == 4"], lambda c, _: c, "kept"),
    "a call that never ends is removed": (
        [LOOPS], ["def test_it(loop):\n    loop()", FINE], lambda c, _: c[1:], "graded",
    ),
    "a call that never ends, unchanged": (
        [LOOPS], ["def test_it(loop):\n    loop()", FINE], update(points=4.0), "kept",
    ),
    "a call that ends the kernel is removed": (
        [DIES], ["def test_it(die):\n    die()", FINE], lambda c, _: c[1:], "graded",
    ),
    "a cell that ends the kernel": (
        ["import os\nos._exit(3)", "def fine():\n    return 1"], [FINE], replace_source("== 1", "== 2"), "replayed",
    ),
    "an object": (
        ["import numpy as np\nclass A:\n    size = 3\na = A()"], ["def test_it(a):\n    assert a.size == 3"],
        replace_source("== 3", "> 3"), "replayed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTS)
def test_what_may_leave_a_doubt(name, judge):
    cells, sources, change, way = DOUBTS[name]
    cases = [hidden(source, number=number) for number, source in enumerate(sources, 1)]
    parts = {"questions": [question("q1", *cases, time_limit_seconds=1.0)]}
    assert judge.regrade(submit(*cells), parts, with_cases(parts, change)).way == way


@pytest.mark.parametrize(("limit", "way"), [(1.6, "graded"), (0.5, "graded"), (0.8, "kept")])
def test_another_time_limit_where_time_ran_out(limit, way, judge):
    source = LOOPS if way == "graded" else LOOPS.replace("while True: pass", "return 1")
    parts = {
        "questions": [
            question(
                "q1", hidden("def test_it(loop):\n    assert loop() == 1"), time_limit_seconds=0.9
            )
        ]
    }
    changed = with_questions(parts, lambda q: q.model_copy(update={"time_limit_seconds": limit}))
    assert judge.regrade(submit(source), parts, changed).way == way


def test_names_bound_anew_where_hidden_data_changed(judge):
    """The first check was full and stood; with other data the second one is the better."""
    cells = "def f(x):\n    return 2 * x", 'grader.check("q1")', "def f(x):\n    return 3 * x"
    asked = question("q1", hidden("def test_it(f, hidden):\n    assert f(1) == hidden.y[0]"))
    old = {"questions": [asked], "hidden": {"y": np.array([2])}}
    done = judge.regrade(submit(*cells), old, {**old, "hidden": {"y": np.array([3])}})
    assert done.graded.result.score == 1


def test_what_was_never_run_is_graded_anew(judge, plain):
    broken = Submission(name="kim", student="kim", notebook=b'{"cells": [')
    assert judge.regrade(broken, plain, with_cases(plain, CASES["points"][0])).way == "graded"


def test_a_damaged_transcript_is_no_loss(judge, plain, everyone):
    judge.regrade(everyone, plain, plain)
    first, _ = judge.known[everyone.notebook, id(plain)]
    damaged = first.transcript.model_copy(update={"buffers": ()})
    bundle = judge.write(with_cases(plain, CASES["source, same calls"][0]))
    done = regrade_submission(everyone, first.result, damaged, bundle, judge.services)
    assert done.way == "graded"
    assert done.graded.result.outcome == "graded"
    assert unpack_transcript(pack_transcript(first.transcript)[:-9]) is None


def test_regrades_follow_each_other(judge, plain, everyone):
    """Each from the transcript that the one before left, and back to the first bundle."""
    judge.regrade(everyone, plain, plain)
    first, _ = judge.known[everyone.notebook, id(plain)]
    graded, ways = first, []
    for name in ("source, a new call", "reordered", "source, same calls", "nothing"):
        bundle = judge.write(with_cases(plain, CASES[name][0]))
        done = regrade_submission(
            everyone, graded.result, graded.transcript, bundle, judge.services
        )
        anew = grade_submission(everyone, bundle, *judge.services)
        assert compared(done.graded.result) == compared(anew.result), name
        graded = done.graded
        ways.append(str(done.way))
    assert ways == ["restored", "restored", "replayed", "replayed"]
    assert compared(graded.result) == compared(first.result)
