"""Points and outcomes: from verdicts on test cases to the verdict on a question."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.schema.bundle import Question
from autograder.schema.outcome import Outcome
from autograder.schema.result import QuestionResult, TestCaseResult

_DECIMALS = 6
_TOTAL_DECIMALS = 4
_WORST_FIRST = (
    Outcome.GRADER_ERROR,
    Outcome.FORGED,
    Outcome.MEMORY_LIMIT,
    Outcome.TIME_LIMIT,
    Outcome.ERROR,
    Outcome.NOT_REACHED,
)


def add_scores(question: Question, cases: Sequence[TestCaseResult]) -> float | None:
    """Score of a question: the sum of its cases', or nothing where one must cost all.

    None where one case is a failure of ours: then nobody knows the score.
    """
    scores = [case.score for case in cases]
    if any(score is None for score in scores):
        return None
    if question.all_or_nothing and any(case.outcome is not Outcome.PASSED for case in cases):
        return 0.0
    return round(sum(score for score in scores if score is not None), _DECIMALS)


def add_question_scores(questions: Sequence[QuestionResult]) -> float | None:
    """Score of a submission; None where that of one question is not known."""
    scores = [question.score for question in questions]
    if any(score is None for score in scores):
        return None
    return round(sum(score for score in scores if score is not None), _TOTAL_DECIMALS)


def combine_outcomes(outcomes: Sequence[Outcome], score: float | None, points: float) -> Outcome:
    """Outcome of a question from those of its cases and cells."""
    for worst in _WORST_FIRST:
        if worst in outcomes and not (worst is Outcome.ERROR and score == points):
            return worst
    if all(outcome is Outcome.PASSED for outcome in outcomes):
        return Outcome.PASSED
    return Outcome.PARTIAL if score else Outcome.FAILED
