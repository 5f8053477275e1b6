"""What is kept of a training of the solution."""

from __future__ import annotations

from autograder.schema import Outcome, QuestionResult, TestCaseResult, TrainingResult
from autograder.variants.trial import read_run

TRAINING = TrainingResult(
    metric="accuracy",
    value=0.9,
    full_marks_at=0.8,
    no_marks_below=0.5,
    limit_seconds=20,
    seconds=2.0,
)


def read(**outcomes: Outcome):
    cases = [
        TestCaseResult(name=f"q4-{name}", outcome=outcome, score=None, points=1)
        for name, outcome in outcomes.items()
    ]
    question = QuestionResult(
        name="q4",
        score=None,
        points=3,
        outcome=Outcome.PASSED,
        reference_seconds=5.0,
        test_cases=cases,
        training=TRAINING,
    )
    return read_run(question, TRAINING, 3)


def test_the_tests_that_failed_are_kept_but_not_that_of_the_training():
    run = read(first=Outcome.PASSED, second=Outcome.FAILED, training=Outcome.PARTIAL)
    assert (run.question, run.seed, run.value, run.seconds) == ("q4", 3, 0.9, 2.0)
    assert run.failed == ("q4-second",)


def test_where_our_grader_failed_nothing_is_said_and_it_is_done_again():
    run = read(first=Outcome.GRADER_ERROR, second=Outcome.FAILED)
    assert run.value is None
    assert run.failed == ()
