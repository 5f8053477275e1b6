"""What mutants came to, and what that says of an assessment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from autograder.errors import AuthoringError, Problem
from autograder.schema import Outcome, QuestionResult, Result
from autograder.verify.mutants.allowed import ALLOWED_FILE
from autograder.verify.mutants.mutant import Kind, Mutant

_ROUNDING = 1e-9
_PLACE = f"reference/{ALLOWED_FILE}"
_NOT_JUDGED = (Outcome.NOT_REACHED, Outcome.GRADER_ERROR)


class Fate(StrEnum):
    """What a mutant came to.

    `KILLED` lost points of its question; `SURVIVED` got them all; so did `ALLOWED`, and staff call
    it right; `NOT_GRADED` is our failure.
    """

    KILLED = "killed"
    SURVIVED = "survived"
    ALLOWED = "allowed"
    NOT_GRADED = "not_graded"


@dataclass(frozen=True)
class Tried:
    """What one mutant came to.

    Attributes:
        outcome: of its question.
        killed_by: test cases, and the training, that it did not pass.
        message: why it was not graded.
    """

    mutant: Mutant
    fate: Fate
    score: float | None
    points: float
    outcome: Outcome
    killed_by: tuple[str, ...] = ()
    message: str = ""

    @property
    def advice(self) -> str:
        """What staff can do about one that survived."""
        if self.mutant.kind is Kind.STUB:
            return "add a test that needs an answer"
        if self.mutant.kind is Kind.RETURN:
            return "add a test of what is returned"
        return f"add a test that tells them apart, or, where both are right, say so in {_PLACE}"


@dataclass(frozen=True)
class Trial:
    """What the mutants of an assessment came to.

    Attributes:
        left_out: how many of each question were not tried.
    """

    tried: Sequence[Tried]
    left_out: Mapping[str, int]

    @property
    def killed_share(self) -> float | None:
        """See `share_killed`."""
        return share_killed(self.tried)

    @property
    def questions(self) -> tuple[str, ...]:
        """Questions that have mutants, in their order."""
        return tuple(dict.fromkeys(item.mutant.question for item in self.tried))

    def of_question(self, name: str) -> list[Tried]:
        """What those of one question came to."""
        return [item for item in self.tried if item.mutant.question == name]

    def with_fate(self, fate: Fate) -> Iterator[Tried]:
        """Those that came to `fate`."""
        return (item for item in self.tried if item.fate is fate)


def share_killed(tried: Sequence[Tried]) -> float | None:
    """Killed among those that were graded and are no right answers; None where there were none."""
    mistakes = [item for item in tried if item.fate in (Fate.KILLED, Fate.SURVIVED)]
    if not mistakes:
        return None
    return sum(item.fate is Fate.KILLED for item in mistakes) / len(mistakes)


def judge_mutant(mutant: Mutant, result: Result) -> Tried:
    """What `mutant` came to, by the result of its question alone."""
    question = _find(mutant.question, result)
    if question is None or question.score is None:
        message = result.staff_message or result.message or "the grader gave no score"
        return Tried(mutant, Fate.NOT_GRADED, None, 0.0, Outcome.GRADER_ERROR, (), message)
    fate = _find_fate(mutant, question.score, question.points)
    cases = tuple(case.name for case in question.test_cases if _failed(case.outcome))
    return Tried(mutant, fate, question.score, question.points, question.outcome, cases)


def _find_fate(mutant: Mutant, score: float, points: float) -> Fate:
    if score < points - _ROUNDING:
        return Fate.KILLED
    return Fate.ALLOWED if mutant.allowed else Fate.SURVIVED


def _failed(outcome: Outcome) -> bool:
    return outcome is not Outcome.PASSED and outcome not in _NOT_JUDGED


def _find(name: str, result: Result) -> QuestionResult | None:
    return next((item for item in result.questions if item.name == name), None)


def read_solved(results: Mapping[str, Result], assessment: str) -> dict[str, QuestionResult]:
    """What the solution came to in each question, each graded by itself.

    Raises:
        AuthoringError: with every question in which it did not get all points: mutants would say
            nothing about such.
    """
    solved, problems = {}, []
    for name, result in results.items():
        question = _find(name, result)
        if question is None or question.score is None:
            what = result.staff_message or "could not be graded"
        elif question.score < question.points - _ROUNDING:
            what = f"the solution gets {question.score:g} of {question.points:g}"
        else:
            solved[name] = question
            continue
        fix = f"build it again with `autograder assign {assessment}`"
        problems.append(Problem(f"{assessment} ({name})", what, fix))
    if problems:
        raise AuthoringError(problems)
    return solved
