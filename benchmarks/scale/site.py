"""A site that gives every submission the same grading at once: what is left is everything else.

Each gets its own name, its own notebook's hash, and its own pattern of failed questions. The
transcript is everybody's, and kept once: 10,000 of a megabyte each would fill the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autograder.grade.submission import Graded, hash_bytes
from autograder.schema import Outcome, QuestionResult, Result, Submission
from autograder.sites import GradeJob, Job


@dataclass(frozen=True)
class TemplateSite:
    """Grades by copying.

    Attributes:
        template: a grading of a submission that passed everything.
    """

    template: Graded

    @contextmanager
    def open(self, threads: int) -> Iterator[Callable[[Job[Any]], Graded]]:  # noqa: ARG002 - none
        """See `executor.base.Site`."""
        yield self._grade

    def _grade(self, job: Job[Any]) -> Graded:
        if not isinstance(job, GradeJob):
            raise TypeError(f"{job} is no grading")
        result = rename(self.template.result, job.submission)
        return Graded(result, self.template.executed, self.template.transcript)


def rename(result: Result, submission: Submission) -> Result:
    """`result` as that of `submission`, with some of its questions failed."""
    draws = hashlib.sha256(submission.name.encode()).digest()
    questions = tuple(
        _fail(question) if draw < 64 else question
        for question, draw in zip(result.questions, draws, strict=False)
    )
    update = {
        "submission": submission.name,
        "student": submission.student,
        "notebook": hash_bytes(submission.notebook or b""),
        "questions": questions,
        "score": round(sum(question.score or 0.0 for question in questions), 4),
        "graded_at": datetime.now(UTC),
    }
    return result.model_copy(update=update)


def _fail(question: QuestionResult) -> QuestionResult:
    cases = tuple(
        case.model_copy(update={"outcome": Outcome.FAILED, "score": 0.0})
        for case in question.test_cases
    )
    update = {"outcome": Outcome.FAILED, "score": 0.0, "test_cases": cases}
    return question.model_copy(update=update)
