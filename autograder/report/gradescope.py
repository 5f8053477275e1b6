"""Gradescope's `results.json`: the same verdict in that platform's words.

Three rules of the platform shape it: there is no top-level `max_score`; a test case with a
visibility other than `visible` hides the student's total while it holds; and a file without any
score counts as a failed run, which staff can start again, and which is what a grader error is.
"""

from __future__ import annotations

import math
from typing import Any

from autograder.report.clean import clean_text, clip_text, find_cause, shorten
from autograder.report.exposure import (
    ExposedCase,
    count_withheld,
    expose_cases,
    find_training_case,
)
from autograder.report.wording import Wording, name_outcome
from autograder.schema import Outcome, QuestionResult, Result, TestCaseResult, Visibility
from autograder.schema.assessment import VisibilityConfig


def make_gradescope_results(result: Result, visibility: VisibilityConfig) -> dict[str, Any]:
    """The content of `results.json` for `result`.

    Each question is an entry without points (what happened, next step, the student's error),
    followed by one entry per test case with its score. Hidden test cases have the visibility of
    the configuration and no text but their `message`, which is their `failure_message`. Where
    `visibility.score` is false, test cases tell only whether they passed, and one hidden entry
    keeps the total from the student. All text is plain: nothing in it is read as HTML.
    """
    wording = Wording(result.language)
    content: dict[str, Any] = {
        "execution_time": _bound(result.wall_seconds),
        "output": _write_output(result, wording),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": _keep_origin(result),
        "tests": [],
    }
    if result.outcome == "grader_error" or result.score is None:
        return content
    content["score"] = _bound(result.score)
    for number, question in enumerate(result.questions, start=1):
        content["tests"] += _list_entries(question, number, visibility, wording)
    if not visibility.score:
        content["tests"].append(_hide_total(result, wording))
    return content


def _write_output(result: Result, wording: Wording) -> str:
    parts = [result.message, *result.notices]
    if result.outcome == "grader_error":
        parts = [
            wording(
                "This is our fault, not yours. Your submission will be graded again; you need to "
                "do nothing, and it costs you no attempt."
            )
        ]
    return _join(*parts)


def _keep_origin(result: Result) -> dict[str, Any]:
    """What makes the grading traceable; the next run's student code may read it."""
    return {
        "schema_version": result.schema_version,
        "assessment": result.assessment,
        "attempt": result.attempt,
        "bundle": result.bundle,
        "notebook": result.notebook,
        "graded_at": result.graded_at.isoformat(),
    }


def _list_entries(
    question: QuestionResult, number: int, config: VisibilityConfig, wording: Wording
) -> list[dict[str, Any]]:
    cases = expose_cases(question, config)
    entries = [_enter_question(question, number, cases, wording)]
    for i, one in enumerate(cases, start=1):
        message = (
            "{question}, hidden check {number}" if one.hidden else "{question}, check {number}"
        )
        name = wording(message, question=shorten(question.name, 40), number=one.number)
        entry = _enter_case(one.case, name, one.visibility, config)
        entries.append({**entry, "number": f"{number}.{i}"})
    training = find_training_case(question)
    if training:
        name = wording("{question}, training", question=shorten(question.name, 40))
        entry = _enter_case(training, name, Visibility.VISIBLE, config)
        entries.append({**entry, "number": f"{number}.{len(cases) + 1}"})
    return entries


def _enter_question(
    question: QuestionResult, number: int, cases: list[ExposedCase], wording: Wording
) -> dict[str, Any]:
    error = ""
    if question.error:
        summary = f"{question.error.name}: {find_cause(question.error.text)}"
        error = _join(clip_text(summary, lines=8, characters=1200)[0], question.error.traceback)
    run, missed = count_withheld(cases)
    hidden = ""
    if missed:
        hidden = wording("Hidden checks not passed: {missed} of {run}.", missed=missed, run=run)
    word = wording("Graded by a person") if question.manual else None
    passed = question.outcome is Outcome.PASSED
    return {
        "name": wording.question(question.name, question.title),
        "name_format": "text",
        "number": str(number),
        "status": "passed" if passed or question.manual else "failed",
        "output": _join(
            word or name_outcome(wording, question.outcome),
            question.message,
            question.next_step,
            hidden,
            error,
        ),
        "output_format": "text",
        "visibility": "visible",
    }


def _enter_case(
    case: TestCaseResult, name: str, visibility: Visibility, config: VisibilityConfig
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": name,
        "name_format": "text",
        "status": "passed" if case.outcome is Outcome.PASSED else "failed",
        "output": _join(case.message),
        "output_format": "text",
        "visibility": visibility.value,
    }
    if config.score:
        entry["score"] = _bound(case.score or 0.0)
        entry["max_score"] = _bound(case.points)
    return entry


def _hide_total(result: Result, wording: Wording) -> dict[str, Any]:
    return {
        "name": wording("Total, for staff"),
        "name_format": "text",
        "status": "passed",
        "score": _bound(result.score or 0.0),
        "max_score": _bound(result.points),
        "output": "",
        "output_format": "text",
        "visibility": Visibility.HIDDEN.value,
    }


def _join(*parts: str) -> str:
    """The parts that say something, cleaned and bounded, with an empty line between them."""
    cleaned = (clip_text(clean_text(part[-100_000:]).strip("\n"))[0] for part in parts)
    return "\n\n".join(part for part in cleaned if part.strip())


def _bound(value: float) -> float:
    """`value` as JSON can hold it; NaN and infinity are not numbers there."""
    return round(value, 6) if math.isfinite(value) else 0.0
