"""Holds a calibration against fresh runs: does what it promised come true?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.calibrate.bounds import bound_rate
from autograder.schema.calibration import QuestionCalibration, Series, Thresholds

_SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Checked:
    """Fresh runs of one question against its thresholds.

    Attributes:
        runs: of the solution, those that gave no value among them.
        missed: how many of them missed the full mark.
        bound: rate of misses that they leave open, with 95 % confidence.
        promised: rate that the calibration states.
        is_broken: whether so many misses are unlikely (p < 0.05) under that rate.
        wrong_runs: of wrong references that the training has to tell apart.
        passed: how many of these reached the full mark, by reference.
    """

    question: str
    runs: int
    missed: int
    bound: float
    promised: float
    is_broken: bool
    wrong_runs: int
    passed: dict[str, int]


def check_question(found: QuestionCalibration, series: Sequence[Series]) -> Checked | None:
    """Fresh `series`, the solution's first, against what was found; None where nothing trains."""
    from scipy import stats  # noqa: PLC0415 - takes a second

    thresholds = found.thresholds
    if thresholds is None:
        return None
    runs = series[0].runs
    missed = len(runs) - _count_full(series[0], thresholds)
    promised = thresholds.false_fail_rate
    test = stats.binomtest(missed, len(runs), promised, alternative="greater")
    wrong = [item for item in series if item.bounds]
    passed = {item.name: _count_full(item, thresholds) for item in wrong}
    return Checked(
        question=found.name,
        runs=len(runs),
        missed=missed,
        bound=bound_rate(missed, len(runs)) if missed < len(runs) else 1.0,
        promised=promised,
        is_broken=bool(test.pvalue < _SIGNIFICANT),
        wrong_runs=sum(len(item.runs) for item in wrong),
        passed={name: count for name, count in passed.items() if count},
    )


def _count_full(series: Series, thresholds: Thresholds) -> int:
    return sum(reaches_full(value, thresholds) for value in series.values)


def reaches_full(value: float, thresholds: Thresholds) -> bool:
    """Whether a value of the metric earns full marks."""
    if thresholds.lower_is_better:
        return value <= thresholds.full_marks_at
    return value >= thresholds.full_marks_at
