"""A bundle of three questions with its notebooks, and results to compare with labels."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from autograder.notebook import (
    NotebookNode,
    make_code_cell,
    make_markdown_cell,
    make_notebook,
)
from autograder.schema import (
    AssessmentConfig,
    Bundle,
    Environment,
    Outcome,
    Question,
    QuestionResult,
    Result,
    TestCase,
    TestCaseResult,
    TrainingSpec,
)


def _case(name: str, *, hidden: bool) -> TestCase:
    return TestCase(name=name, style="ok", source="assert x", hidden=hidden, points=1)


@pytest.fixture
def bundle() -> Bundle:
    training = TrainingSpec(full_marks_at=0.9, no_marks_below=0.5, points=2)
    questions = (
        Question(
            name="q1",
            points=2,
            test_cases=(_case("q1-1", hidden=False), _case("q1-2", hidden=True)),
        ),
        Question(name="q2", points=2, training=training),
        Question(name="q3", points=5, manual=True),
    )
    return Bundle(
        assessment="a01",
        title="A",
        config=AssessmentConfig(),
        notebook_name="a01.ipynb",
        questions=questions,
    )


def _cell(source: str, question: str | None, role: str) -> NotebookNode:
    return make_code_cell(source, autograder={"question": question, "role": role})


def _notebook(q1: str, q1b: str, q2: str) -> NotebookNode:
    cells = [
        _cell("import numpy as np", None, "setup"),
        _cell(q1, "q1", "answer"),
        make_markdown_cell("text between"),
        _cell(q1b, "q1", "answer"),
        _cell('grader.check("q1")', "q1", "check"),
        _cell(q2, "q2", "answer"),
        _cell('grader.check("q2")', "q2", "check"),
    ]
    return make_notebook(cells)


@pytest.fixture
def solution() -> NotebookNode:
    return _notebook("a = 1", "b = 2", "c = 3")


@pytest.fixture
def student() -> NotebookNode:
    return _notebook("a = ...", "b = ...", "c = ...")


def _case_result(name: str, outcome: Outcome, points: float) -> TestCaseResult:
    score = points if outcome is Outcome.PASSED else 0.0
    return TestCaseResult(
        name=name, outcome=outcome, score=score, points=points, message=f"m-{name}"
    )


def _result(
    q1: str = "passed", q2: str = "passed", q1_score: float = 2, q2_score: float = 2
) -> Result:
    first, second = Outcome(q1), Outcome(q2)
    questions = (
        QuestionResult(
            name="q1",
            score=q1_score,
            points=2,
            outcome=first,
            test_cases=(
                _case_result("q1-1", Outcome.PASSED, 1),
                _case_result("q1-2", first, 1),
            ),
        ),
        QuestionResult(
            name="q2",
            score=q2_score,
            points=2,
            outcome=second,
            test_cases=(_case_result("q2-training", second, 2),),
            next_step="다시 훈련하십시오",
        ),
        QuestionResult(name="q3", score=None, points=5, outcome=Outcome.NOT_REACHED, manual=True),
    )
    return Result(
        assessment="a01",
        submission="x",
        student="x",
        outcome="graded",
        score=q1_score + q2_score,
        points=9,
        questions=questions,
        environment=Environment(sandbox="process"),
        graded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def make() -> SimpleNamespace:
    """Maker of results: outcome and score of q1 and q2; q3 is manual."""
    return SimpleNamespace(result=_result)
