"""Compares what a reference came to with its label, and finds tests that nothing fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from autograder.schema import (
    Bundle,
    Outcome,
    QuestionResult,
    Result,
    TestCaseResult,
    name_training_case,
)
from autograder.verify.reference import Expected, Label, Reference

_ROUNDING = 1e-9
_LOST = (Outcome.FAILED, Outcome.PARTIAL)
_NOT_JUDGED = (Outcome.PASSED, Outcome.NOT_REACHED, Outcome.GRADER_ERROR)


def compare_with_label(reference: Reference, result: Result) -> list[str]:
    """What of `result` differs from the label of `reference`; empty if it is right."""
    if result.score is None:
        return [f"the grader failed: {result.staff_message or result.message or 'no message'}"]
    questions = [question for question in result.questions if not question.manual]
    points = sum(question.points for question in questions)
    complaints = list(_COMPARE[reference.expected](result.score, points, questions))
    return complaints + list(_compare_label(reference.label, result, result.score, questions))


def _compare_full(
    score: float, points: float, questions: Sequence[QuestionResult]
) -> Iterator[str]:
    if score < points - _ROUNDING:
        below = ", ".join(question.name for question in questions if _is_below(question))
        yield f"scores {score:g} of {points:g}, not all; {below} below full marks"


def _compare_partial(score: float, points: float, _: Sequence[QuestionResult]) -> Iterator[str]:
    if not _ROUNDING < score < points - _ROUNDING:
        yield f"scores {score:g} of {points:g}, which is not a part"


def _compare_failed(
    score: float, points: float, questions: Sequence[QuestionResult]
) -> Iterator[str]:
    if score >= points - _ROUNDING:
        yield f"scores all {points:g} points although it is wrong"
    elif not any(question.outcome in _LOST for question in questions):
        outcomes = ", ".join(f"{question.name} {question.outcome}" for question in questions)
        yield f"no question fails a test ({outcomes})"


def _compare_error(_: float, __: float, questions: Sequence[QuestionResult]) -> Iterator[str]:
    yield from _want_outcome(Outcome.ERROR, questions)


def _compare_time(_: float, __: float, questions: Sequence[QuestionResult]) -> Iterator[str]:
    yield from _want_outcome(Outcome.TIME_LIMIT, questions)


def _want_outcome(outcome: Outcome, questions: Sequence[QuestionResult]) -> Iterator[str]:
    if not any(question.outcome == outcome for question in questions):
        found = ", ".join(f"{question.name} {question.outcome}" for question in questions)
        yield f"no question ends as {outcome} ({found})"


def _compare_untouched(
    score: float, _: float, questions: Sequence[QuestionResult]
) -> Iterator[str]:
    earned = [question.name for question in questions if (question.score or 0) > _ROUNDING]
    passed = [question.name for question in questions if question.outcome == Outcome.PASSED]
    if score > _ROUNDING or earned or passed:
        names = ", ".join(dict.fromkeys([*earned, *passed])) or "none by itself"
        yield f"scores {score:g} without an answer ({names})"


def _compare_hostile(_: float, __: float, ___: Sequence[QuestionResult]) -> Iterator[str]:
    yield from ()  # what it may get at most is in its label


_COMPARE: dict[Expected, Callable[[float, float, Sequence[QuestionResult]], Iterator[str]]] = {
    Expected.FULL_SCORE: _compare_full,
    Expected.PARTIAL: _compare_partial,
    Expected.FAILED: _compare_failed,
    Expected.ERROR: _compare_error,
    Expected.TIME_LIMIT: _compare_time,
    Expected.HOSTILE: _compare_hostile,
    Expected.UNTOUCHED: _compare_untouched,
}


def _compare_label(
    label: Label, result: Result, score: float, questions: Sequence[QuestionResult]
) -> Iterator[str]:
    if label.score is not None:
        low, high = label.score
        if not low - _ROUNDING <= score <= high + _ROUNDING:
            yield f"scores {score:g}, not within {low:g} to {high:g}"
    if label.fails is not None:
        below = {question.name for question in questions if _is_below(question)}
        for name in sorted(set(label.fails) - below):
            yield f"{name} gets full marks although it should fail"
        for name in sorted(below - set(label.fails)):
            yield f"{name} loses points although it is right"
    if label.message is not None and not any(label.message in text for text in _messages(result)):
        yield f"no message contains `{label.message}`"


def _is_below(question: QuestionResult) -> bool:
    return question.score is None or question.score < question.points - _ROUNDING


def _messages(result: Result) -> Iterator[str]:
    yield from (result.message, result.staff_message, *result.notices)
    for question in result.questions:
        yield from (question.message, question.next_step)
        if question.error is not None:
            yield f"{question.error.name}: {question.error.text}"
        for case in question.test_cases:
            yield from (case.message, case.staff_message)


def find_untested_cases(bundle: Bundle, results: Iterable[tuple[Reference, Result]]) -> list[str]:
    """Hidden test cases, and trainings, that no wrong reference fails.

    Wrong are the references in `failed/`, and those in `partial/` where a case gives part of its
    points; a question that is merely left out says nothing about its tests.
    """
    failed = {
        case.name
        for reference, result in results
        for question in result.questions
        for case in question.test_cases
        if _shows_mistake(reference, case)
    }
    names = []
    for spec in bundle.questions:
        names += [case.name for case in spec.test_cases if case.hidden]
        names += [name_training_case(spec.name)] if spec.training else []
    return [name for name in names if name not in failed]


def _shows_mistake(reference: Reference, case: TestCaseResult) -> bool:
    if reference.expected is Expected.PARTIAL:
        return case.outcome == Outcome.PARTIAL
    return reference.expected is Expected.FAILED and case.outcome not in _NOT_JUDGED
