from __future__ import annotations

from datetime import UTC, datetime

import pytest

from autograder.assign import check_master_result
from autograder.errors import AuthoringError
from autograder.schema import (
    Environment,
    Outcome,
    QuestionResult,
    Result,
    StudentError,
    TestCaseResult,
)


def result_of(*questions, outcome="graded"):
    return Result(
        assessment="a01_numbers",
        submission="solution",
        student="solution",
        outcome=outcome,
        score=None,
        points=4,
        staff_message="no kernel",
        questions=questions,
        environment=Environment(sandbox="process"),
        graded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def question(name, points, *cases, score=None, outcome=Outcome.PASSED, **more):
    total = points if score is None else score
    return QuestionResult(
        name=name, score=total, points=points, outcome=outcome, test_cases=cases, **more
    )


def case(name, score, outcome=Outcome.PASSED, **more):
    return TestCaseResult(name=name, outcome=outcome, score=score, points=1.5, **more)


@pytest.fixture
def bundle(course):
    return course.build().bundle


Q1 = question("q1", 3, case("q1-1", 1.5), case("q1-2", 1.5))
Q2 = question("q2", 1)


def problems(bundle, result):
    with pytest.raises(AuthoringError) as caught:
        check_master_result(bundle, result)
    return [str(problem) for problem in caught.value.problems]


def test_full_marks_are_accepted(bundle):
    check_master_result(bundle, result_of(Q1, Q2))


def test_every_case_below_its_points_is_named_with_what_staff_may_see(bundle):
    failed = case("q1-2", 0, Outcome.FAILED, staff_message="0.19 is not 0.2")
    q1 = question("q1", 3, case("q1-1", 1.5), failed, score=1.5, outcome=Outcome.PARTIAL)
    q2 = question("q2", 1, case("q2-1", 0, Outcome.TIME_LIMIT), score=0, outcome=Outcome.TIME_LIMIT)
    assert problems(bundle, result_of(q1, q2)) == [
        (
            "a01_numbers.ipynb (q1): the master gets 0 of 1.5 in q1-2, failed: 0.19 is not 0.2; "
            "correct the solution, or the test and its saved output"
        ),
        (
            "a01_numbers.ipynb (q2): the master gets 0 of 1.5 in q2-1, time_limit; "
            "raise `time_limit`, or train for fewer epochs"
        ),
    ]


def test_a_question_below_its_points_without_a_failed_case_is_named(bundle):
    error = StudentError(name="ValueError", text="bad")
    q2 = question("q2", 1, score=0, outcome=Outcome.ERROR, error=error)
    (problem,) = problems(bundle, result_of(Q1, q2))
    assert "(q2): the master gets 0 of 1, error: ValueError: bad; mend the solution" in problem


@pytest.mark.parametrize(
    ("name", "outcome", "fix"),
    [
        ("q1-training", Outcome.FAILED, "lower `full_marks_at`"),
        ("q1-2", Outcome.GRADER_ERROR, "or write `isolation: shared`"),
        ("q1-2", Outcome.FORGED, "or write `isolation: shared`"),
    ],
)
def test_the_fix_fits_the_outcome(bundle, name, outcome, fix):
    q1 = question("q1", 3, case(name, 0, outcome), score=0, outcome=outcome)
    (problem,) = problems(bundle, result_of(q1, Q2))
    assert fix in problem


def test_a_missing_question_and_a_grader_error_are_named(bundle):
    assert problems(bundle, result_of(Q1)) == [
        "a01_numbers.ipynb (q2): the master's result does not hold it; build it again"
    ]
    (problem,) = problems(bundle, result_of(outcome="grader_error"))
    assert "the master could not be graded: no kernel" in problem
