"""Says what a regrade changes for one student, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.schema import QuestionResult, Result, TestCaseResult, name_training_case
from autograder.store import Change


@dataclass(frozen=True)
class Difference:
    """What changes for one submission.

    Attributes:
        points: score after less score before.
        reasons: test cases and trainings that are judged otherwise, each in a few words.
    """

    submission: str
    before: float
    after: float
    reasons: tuple[str, ...]

    @property
    def points(self) -> float:
        """See above."""
        return round(self.after - self.before, 6)


def compare_results(change: Change) -> Difference:
    """What `change` does to its submission."""
    before, after = change.before, change.after
    reasons = [reason for pair in _pair(before, after) for reason in _explain(*pair)]
    if before.points != after.points:
        reasons.append(f"points {before.points:g} → {after.points:g}")
    return Difference(after.submission, before.score or 0.0, after.score or 0.0, tuple(reasons))


def _pair(
    before: Result, after: Result
) -> Iterator[tuple[QuestionResult | None, QuestionResult | None]]:
    old = {question.name: question for question in before.questions}
    new = {question.name: question for question in after.questions}
    for name in dict.fromkeys([*new, *old]):
        yield old.get(name), new.get(name)


def _explain(old: QuestionResult | None, new: QuestionResult | None) -> Iterator[str]:
    if old is None or new is None:
        question, word = (new, "new") if old is None else (old, "gone")
        yield f"{question.name} is {word}" if question else word
        return
    cases = {case.name: case for case in old.test_cases}
    for case in new.test_cases:
        reason = _explain_case(cases.get(case.name), case)
        if reason:
            yield f"{case.name}: {reason}{_name_metric(case, old, new)}"
    for name in sorted(cases.keys() - {case.name for case in new.test_cases}):
        yield f"{name} is gone"
    if old.outcome != new.outcome and old.score == new.score:
        yield f"{new.name}: {old.outcome.value} → {new.outcome.value}"


def _explain_case(old: TestCaseResult | None, new: TestCaseResult) -> str:
    if old is None:
        return f"new, {new.outcome.value}"
    if old.outcome != new.outcome:
        return f"{old.outcome.value} → {new.outcome.value}"
    if old.score != new.score:
        return f"{_write(old.score)} → {_write(new.score)} points"
    return ""


def _name_metric(case: TestCaseResult, old: QuestionResult, new: QuestionResult) -> str:
    """The metric, where a training is judged otherwise."""
    if case.name != name_training_case(new.name) or old.training is None or new.training is None:
        return ""
    was, now = old.training, new.training
    if was.value != now.value:
        return f" ({now.metric} {_write(was.value)} → {_write(now.value)})"
    return f" ({now.metric} {_write(now.value)}, full marks at {now.full_marks_at:g})"


def _write(value: float | None) -> str:
    return "–" if value is None else f"{round(value, 4):g}"
