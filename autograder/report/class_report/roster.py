"""What every section of the class page shares: who a result belongs to, and what kind it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.chart import is_number
from autograder.report.clean import shorten
from autograder.schema import Outcome, QuestionResult, Result


@dataclass(frozen=True)
class Person:
    """A student by name, with the address of the feedback page, or None where there is none."""

    name: str
    href: str | None


@dataclass(frozen=True)
class Sign:
    """An outcome as icon and word: of how many students, or of which question."""

    icon: str
    tone: str
    word: str
    count: int = 1


def name_person(result: Result, links: Mapping[str, str]) -> Person:
    """The student of `result`."""
    return Person(shorten(result.student or result.submission, 60), links.get(result.submission))


def is_unreadable(result: Result) -> bool:
    """Whether there was no notebook to grade: nothing was reached, and a message says why."""
    ran = any(one.outcome is not Outcome.NOT_REACHED for one in result.questions)
    return result.outcome == "graded" and bool(result.message) and not ran


def keep_read(results: Iterable[Result]) -> list[Result]:
    """Results that say something about the questions: graded, of a notebook that was read."""
    return [one for one in results if one.outcome == "graded" and not is_unreadable(one)]


def group_questions(results: Iterable[Result]) -> dict[str, list[tuple[Result, QuestionResult]]]:
    """Each question's results over the class, in the order in which questions are first met."""
    groups: dict[str, list[tuple[Result, QuestionResult]]] = {}
    for result in results:
        for question in result.questions:
            groups.setdefault(question.name, []).append((result, question))
    return groups


def find_share(score: float | None, points: float) -> float | None:
    """Share of the points, from 0 to 1; None where it is no number."""
    if score is None or not is_number(score) or not points > 0 or not is_number(points):
        return None
    return min(1.0, max(0.0, score / points))


def keep_scores(results: Sequence[Result]) -> list[tuple[Result, float]]:
    """Results with a score that is a number, and that score."""
    return [
        (result, result.score)
        for result in results
        if result.score is not None and is_number(result.score)
    ]
