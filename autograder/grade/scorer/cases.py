"""Runs one test case in the scorer and says what became of it."""

from __future__ import annotations

import traceback

from autograder.errors import ForgedError, WireError
from autograder.grade.scorer.link import CallStopped, MissingNameError, RefusedError, StudentRaised
from autograder.grade.scorer.scope import NotFilledError, Scope
from autograder.grade.verdict import CaseVerdict
from autograder.schema.bundle import TestCase
from autograder.schema.outcome import Outcome
from autograder.wire.test_code import FILE_NAME, output_matches, run_test_code

_MAX_DETAIL = 2_000


def run_case(case: TestCase, scope: Scope) -> CaseVerdict:
    """Verdict on `case`; whatever the test or the student's code does becomes part of it."""
    try:
        return _run_case(case, scope)
    except CallStopped as stop:  # also while an object of the student's is shown in a message
        return CaseVerdict(outcome=stop.outcome, reason="stopped")


def _run_case(case: TestCase, scope: Scope) -> CaseVerdict:
    find_name = scope.find_hidden_name if case.hidden else scope.find_public_name
    try:
        printed = run_test_code(case.source, case.style, find_name)
    except CallStopped:
        raise
    except MemoryError:
        return CaseVerdict(outcome=Outcome.MEMORY_LIMIT, reason="stopped")
    except BaseException as error:  # noqa: BLE001 - pytest.fail raises no Exception
        return _judge_exception(error, case)
    if case.style == "ok" and not output_matches(case.expected_output, printed):
        return _judge_output(case, printed)
    return CaseVerdict(outcome=Outcome.PASSED)


def _judge_output(case: TestCase, printed: str) -> CaseVerdict:
    expected, given = case.expected_output.strip(), printed.strip()[:_MAX_DETAIL]
    detail = f"expected: {expected}\ngiven: {given}"
    return CaseVerdict(outcome=Outcome.FAILED, reason="output", detail=detail, staff_message=detail)


def _judge_exception(error: BaseException, case: TestCase) -> CaseVerdict:
    line = _failing_line(error, case.source)
    text = _read_text(error)
    staff = f"{type(error).__name__}: {text}"[:_MAX_DETAIL] + (f"\nat: {line}" if line else "")
    if isinstance(error, StudentRaised):
        return CaseVerdict(
            outcome=Outcome.ERROR, reason="student_error", error=error.error, staff_message=staff
        )
    if isinstance(error, ForgedError):
        return CaseVerdict(outcome=Outcome.FORGED, reason="refused", staff_message=staff)
    if isinstance(error, MissingNameError):
        return _failed("missing_name", text, staff)
    if isinstance(error, NotFilledError):
        return _failed("not_filled", text, staff)
    if isinstance(error, RefusedError | WireError):
        return _failed("refused", text, staff)
    if isinstance(error, AssertionError) or not isinstance(error, Exception):
        return _failed("assertion", text or line, staff)
    return _failed("exception", staff, staff)


def _read_text(error: BaseException) -> str:
    """Text of an exception; objects of the student's in it may raise whatever they like."""
    try:
        return str(error)
    except CallStopped:
        raise
    except BaseException:  # noqa: BLE001
        return ""


def _failed(reason: str, detail: str, staff: str) -> CaseVerdict:
    return CaseVerdict.model_validate(
        {
            "outcome": Outcome.FAILED,
            "reason": reason,
            "detail": detail[:_MAX_DETAIL],
            "staff_message": staff,
        }
    )


def _failing_line(error: BaseException, source: str) -> str:
    lines = source.splitlines()
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == FILE_NAME and frame.lineno and frame.lineno <= len(lines):
            return lines[frame.lineno - 1].strip()
    return ""
