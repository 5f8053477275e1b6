"""What a student may see of a question's test cases: the one place that decides it.

`[visibility]` decides as it stands when the report is made, so that staff can open what was
withheld without grading again: `hidden_tests` for hidden test cases, `public_tests` for the
others. A test case that was graded as not visible without being marked hidden gets the stricter
of the two. A page is a file that cannot know when it will be read, so there `after_due_date` and
`after_published` withhold as `hidden` does, until staff make the page again. A withheld test case
only counts: its name and message stay with staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.schema import (
    Outcome,
    QuestionResult,
    TestCaseResult,
    Visibility,
    name_training_case,
)
from autograder.schema.assessment import VisibilityConfig

_STRICTEST_LAST = (
    Visibility.VISIBLE,
    Visibility.AFTER_DUE_DATE,
    Visibility.AFTER_PUBLISHED,
    Visibility.HIDDEN,
)
_UNDECIDED = (Outcome.NOT_REACHED, Outcome.GRADER_ERROR)


@dataclass(frozen=True)
class ExposedCase:
    """A test case with the visibility that holds for it.

    Attributes:
        case: as graded.
        number: from 1, among the question's public or among its hidden test cases.
        hidden: whether it is a hidden test.
        visibility: who may see it.
    """

    case: TestCaseResult
    number: int
    hidden: bool
    visibility: Visibility

    @property
    def shown(self) -> bool:
        """Whether a page that may be read at any time shows it."""
        return self.visibility is Visibility.VISIBLE


def expose_cases(question: QuestionResult, config: VisibilityConfig) -> list[ExposedCase]:
    """The question's test cases, without the training's own, with their visibility."""
    exposed: list[ExposedCase] = []
    counts = {True: 0, False: 0}
    for case in question.test_cases:
        if is_training_case(question, case):
            continue
        hidden = case.hidden or case.visibility is not Visibility.VISIBLE
        counts[hidden] += 1
        exposed.append(ExposedCase(case, counts[hidden], hidden, decide_visibility(case, config)))
    return exposed


def decide_visibility(case: TestCaseResult, config: VisibilityConfig) -> Visibility:
    """Who may see `case` under `config`."""
    if case.hidden:
        return config.hidden_tests
    if case.visibility is Visibility.VISIBLE:
        return config.public_tests
    return max(config.hidden_tests, config.public_tests, key=_STRICTEST_LAST.index)


def find_training_case(question: QuestionResult) -> TestCaseResult | None:
    """The test case that stands for the question's training; its page section is the training's."""
    return next((case for case in question.test_cases if is_training_case(question, case)), None)


def is_training_case(question: QuestionResult, case: TestCaseResult) -> bool:
    """Whether `case` stands for the question's training."""
    return case.name == name_training_case(question.name)


def count_withheld(cases: Sequence[ExposedCase]) -> tuple[int, int]:
    """Number of withheld test cases that were run, and of those among them not passed."""
    run = [one.case for one in cases if not one.shown and one.case.outcome not in _UNDECIDED]
    return len(run), sum(case.outcome is not Outcome.PASSED for case in run)
