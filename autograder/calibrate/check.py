"""Holds a calibration against fresh runs: does what it promised come true?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.calibrate.bounds import bound_rate, compare_rate
from autograder.calibrate.remarks import remark_luck, remark_patience
from autograder.schema.calibration import (
    RIGHT_ROLES,
    WRONG_ROLES,
    QuestionCalibration,
    Series,
    Thresholds,
)

_SIGNIFICANT = 0.05


@dataclass(frozen=True)
class CheckedAnswer:
    """Fresh runs of one right answer.

    Attributes:
        name: `solution`, or that of a reference in `full_score/`.
        runs: of it, those that gave no value among them.
        missed: how many of them missed full marks, by the metric or by a test case.
        bound: rate of misses that they leave open, with 95 % confidence.
        is_broken: whether so many misses are unlikely under the rate that is promised: p < 0.05,
            divided by the number of answers that are looked at (Bonferroni).
    """

    name: str
    runs: int
    missed: int
    bound: float
    is_broken: bool


@dataclass(frozen=True)
class Checked:
    """Fresh runs of one question against its thresholds.

    Attributes:
        promised: rate of misses that the calibration states.
        answers: the right ones, the solution first.
        wrong_runs: of references in `partial/` and `failed/`, those apart whose label says
            `baseline = []`.
        passed: how many of these got full marks, by reference.
        remarks: test cases whose verdict on one of them depends on the seed.
    """

    question: str
    promised: float
    answers: tuple[CheckedAnswer, ...]
    wrong_runs: int
    passed: dict[str, int]
    remarks: tuple[str, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether the promise is, by one of the right answers."""
        return any(item.is_broken for item in self.answers)


def check_question(found: QuestionCalibration, series: Sequence[Series]) -> Checked | None:
    """Fresh `series`, the solution's first, against what was found; None where nothing trains."""
    thresholds = found.thresholds
    if thresholds is None:
        return None
    right = [item for item in series if item.role in RIGHT_ROLES and item.runs]
    wrong = [item for item in series if item.role in WRONG_ROLES and not item.excused]
    passed = {item.name: count_full_marks(item, thresholds) for item in wrong}
    remarks = [text for item in right for text in remark_patience(item)]
    remarks += [text for item in wrong if passed[item.name] for text in remark_luck(item)]
    return Checked(
        question=found.name,
        promised=thresholds.false_fail_rate,
        answers=tuple(_check_answer(item, thresholds, len(right)) for item in right),
        wrong_runs=sum(len(item.runs) for item in wrong),
        passed={name: count for name, count in passed.items() if count},
        remarks=tuple(remarks),
    )


def _check_answer(series: Series, thresholds: Thresholds, answers: int) -> CheckedAnswer:
    runs = len(series.runs)
    missed = runs - count_full_marks(series, thresholds)
    p_value = compare_rate(missed, runs, thresholds.false_fail_rate)
    return CheckedAnswer(
        name=series.name,
        runs=runs,
        missed=missed,
        bound=bound_rate(missed, runs),
        is_broken=p_value < _SIGNIFICANT / answers,
    )


def count_missed(series: Series, thresholds: Thresholds) -> int:
    """Runs that miss the training's full mark, those without a value among them."""
    return len(series.runs) - sum(reaches_full(value, thresholds) for value in series.values)


def count_full_marks(series: Series, thresholds: Thresholds) -> int:
    """Runs that get full marks for their training and fail no test case of the question."""
    return sum(
        run.value is not None and reaches_full(run.value, thresholds) and not run.failed
        for run in series.runs
    )


def reaches_full(value: float, thresholds: Thresholds) -> bool:
    """Whether a value of the metric earns full marks."""
    if thresholds.lower_is_better:
        return value <= thresholds.full_marks_at
    return value >= thresholds.full_marks_at
