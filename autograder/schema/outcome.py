"""What became of a question or test case: the words of the verdict, worst last."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Verdict on a question or a test case.

    `GRADER_ERROR` is our own failure: its score is None and it never costs a student anything.
    """

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    ERROR = "error"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    NOT_REACHED = "not_reached"
    FORGED = "forged"
    GRADER_ERROR = "grader_error"


class Visibility(StrEnum):
    """Who sees a test case: in Gradescope's words, which our own reports follow too."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"
