"""The table of students: score, outcome of each question, attempt, time, link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.report.class_report.roster import Sign, find_share
from autograder.report.clean import shorten
from autograder.report.wording import Wording, find_tone, name_outcome
from autograder.schema import QuestionResult, Result

MOST_SIGNS = 40


@dataclass(frozen=True)
class StudentRow:
    """One submission in the table.

    Attributes:
        href: None where there is no page to link to.
        signs: the outcome of each question, the first `MOST_SIGNS`; empty where none was graded.
        more: number of questions left out.
        message: about the submission as a whole.
    """

    student: str
    submission: str
    href: str | None
    score: str
    share: float | None
    attempt: int
    late: bool
    failed: bool
    signs: tuple[Sign, ...]
    more: int
    message: str
    seconds: str


def view_student(result: Result, links: Mapping[str, str], wording: Wording) -> StudentRow:
    """The row of `result`."""
    failed = result.outcome == "grader_error"
    score = f"{wording.number(result.score)} / {wording.number(result.points)}"
    return StudentRow(
        student=shorten(result.student, 80),
        submission=shorten(result.submission, 80),
        href=links.get(result.submission),
        score="–" if failed else score,
        share=None if failed else find_share(result.score, result.points),
        attempt=result.attempt,
        late=result.late,
        failed=failed,
        signs=tuple(_view_sign(one, wording) for one in result.questions[:MOST_SIGNS]),
        more=max(0, len(result.questions) - MOST_SIGNS),
        message=shorten(result.message, 80),
        seconds=wording.seconds(result.wall_seconds),
    )


def view_students(
    results: Sequence[Result], links: Mapping[str, str], wording: Wording
) -> list[StudentRow]:
    """One row per submission, in the order of `results`."""
    return [view_student(result, links, wording) for result in results]


def _view_sign(question: QuestionResult, wording: Wording) -> Sign:
    name = shorten(question.name, 40)
    if question.manual:
        return Sign("manual", "calm", f"{name}: {wording('Graded by a person')}")
    word = name_outcome(wording, question.outcome)
    return Sign(question.outcome.value, find_tone(question.outcome), f"{name}: {word}")
