from __future__ import annotations

import pytest

from autograder.grade.scoring import add_scores, combine_outcomes
from autograder.grade.verdict import compute_share
from autograder.schema import Outcome, Question, TestCaseResult, TrainingSpec


def _case(outcome, score, points=1.0):
    return TestCaseResult(name="q1-1", outcome=outcome, score=score, points=points)


def test_a_failure_of_ours_leaves_the_question_without_a_score():
    cases = [_case(Outcome.PASSED, 1.0), _case(Outcome.GRADER_ERROR, None)]
    assert add_scores(Question(name="q1", points=2), cases) is None


def test_all_or_nothing_takes_all_for_one_failing_case():
    cases = [_case(Outcome.PASSED, 1.0), _case(Outcome.FAILED, 0.0)]
    assert add_scores(Question(name="q1", points=2, all_or_nothing=True), cases) == 0
    assert add_scores(Question(name="q1", points=2), cases) == 1


@pytest.mark.parametrize(
    ("outcomes", "score", "expected"),
    [
        ([Outcome.PASSED, Outcome.PASSED], 2.0, Outcome.PASSED),
        ([Outcome.PASSED, Outcome.FAILED], 1.0, Outcome.PARTIAL),
        ([Outcome.FAILED, Outcome.FAILED], 0.0, Outcome.FAILED),
        ([Outcome.PASSED, Outcome.ERROR], 1.0, Outcome.ERROR),
        ([Outcome.ERROR, Outcome.TIME_LIMIT], 0.0, Outcome.TIME_LIMIT),
        ([Outcome.TIME_LIMIT, Outcome.GRADER_ERROR], None, Outcome.GRADER_ERROR),
        ([Outcome.PASSED, Outcome.PASSED, Outcome.ERROR], 2.0, Outcome.PARTIAL),
    ],
)
def test_the_worst_outcome_names_the_question(outcomes, score, expected):
    assert combine_outcomes(outcomes, score, 2.0) is expected


@pytest.mark.parametrize(
    ("value", "full", "none", "share"),
    [
        (0.9, 0.85, 0.6, 1.0),
        (0.6, 0.85, 0.6, 0.0),
        (0.725, 0.85, 0.6, 0.5),
        (10.0, 13.0, 40.0, 1.0),
        (26.5, 13.0, 40.0, 0.5),
        (50.0, 13.0, 40.0, 0.0),
        (float("nan"), 0.85, 0.6, 0.0),
        (0.7, 0.7, 0.7, 1.0),
        (0.69, 0.7, 0.7, 0.0),
    ],
)
def test_marks_between_the_thresholds_are_linear_in_either_direction(value, full, none, share):
    spec = TrainingSpec(full_marks_at=full, no_marks_below=none, lower_is_better=full > 1)
    assert compute_share(value, spec) == pytest.approx(share)
