"""Judges the result of grading the master itself: less than full marks is an authoring error."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.assign.place import Place
from autograder.errors import AuthoringError, Problem
from autograder.schema import Bundle, Outcome, QuestionResult, Result, TestCaseResult

_FIXES = {
    Outcome.TIME_LIMIT: "raise `time_limit`, or train for fewer epochs",
    Outcome.MEMORY_LIMIT: "raise `memory_mib` in assessment.toml, or use less",
    Outcome.ERROR: "mend the solution or the test",
    Outcome.NOT_REACHED: "mend the cell that ends the kernel",
    Outcome.FORGED: "return plain values, arrays or Keras models to the test",
}
_FAILED = "correct the solution, or the test and its saved output"
_WALL = "test values, arrays, Keras models or calls only, or write `isolation: shared`"
_TRAINING = "lower `full_marks_at`, or train the solution better"


def check_master_result(bundle: Bundle, result: Result) -> None:
    """Make sure that the master got full marks from the real grader.

    Raises:
        AuthoringError: naming every test case and question below its points.
    """
    problems = list(_find_problems(bundle, result))
    if problems:
        raise AuthoringError(problems)


def _find_problems(bundle: Bundle, result: Result) -> Iterator[Problem]:
    if result.outcome == "grader_error":
        what = f"the master could not be graded: {result.staff_message or result.message}"
        yield Place(bundle.notebook_name).problem(
            what, "mend the fault named above, then run `autograder assign` again"
        )
        return
    graded = {question.name: question for question in result.questions}
    for question in bundle.questions:
        found = graded.get(question.name)
        place = Place(bundle.notebook_name, question=question.name)
        if found is None:
            yield place.problem("the master's result does not hold it", "build it again")
        elif not question.manual:
            yield from _question_problems(place, found)


def _question_problems(place: Place, question: QuestionResult) -> Iterator[Problem]:
    short = [case for case in question.test_cases if _is_short(case)]
    yield from (_case_problem(place, case) for case in short)
    if not short and (question.score is None or question.score < question.points):
        score = "no score" if question.score is None else f"{question.score:g}"
        error = f": {question.error.name}: {question.error.text}" if question.error else ""
        what = f"the master gets {score} of {question.points:g}, {question.outcome}{error}"
        detail = f" ({question.message})" if question.message else ""
        yield place.problem(what + detail, _FIXES.get(question.outcome, _FAILED))


def _is_short(case: TestCaseResult) -> bool:
    return case.outcome != Outcome.PASSED or case.score is None or case.score < case.points


def _case_problem(place: Place, case: TestCaseResult) -> Problem:
    score = "no score" if case.score is None else f"{case.score:g}"
    said = case.staff_message or case.message
    what = f"the master gets {score} of {case.points:g} in {case.name}, {case.outcome}"
    return place.problem(what + (f": {said}" if said else ""), _fix_for(case))


def _fix_for(case: TestCaseResult) -> str:
    if case.outcome in (Outcome.FAILED, Outcome.PARTIAL) and case.name.endswith("-training"):
        return _TRAINING
    if case.outcome in (Outcome.FORGED, Outcome.GRADER_ERROR):
        return _WALL
    return _FIXES.get(case.outcome, _FAILED)
