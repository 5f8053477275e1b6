"""What staff are told of test cases whose verdict depends on the seed of the training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from autograder.calibrate.bounds import bound_rate
from autograder.schema.calibration import SOLUTION, Series


def name_answer(name: str) -> str:
    """How staff are told of a right answer."""
    return "the solution" if name == SOLUTION else name


def remark_patience(answer: Series) -> Iterator[str]:
    """Test cases that a right answer fails with some seeds."""
    count, right = len(answer.runs), name_answer(answer.name)
    for name, times in _count_failures(answer):
        yield (
            f"{name} fails in {times} of {count} runs of {right}: a right one may fail it in up to "
            f"{bound_rate(times, count):.0%}; make the test more patient"
        )


def remark_luck(wrong: Series) -> Iterator[str]:
    """Test cases that tell a wrong reference apart with some seeds alone.

    Of two students with the same mistake one pays for it and the other does not.
    """
    count = len(wrong.runs)
    for name, times in _count_failures(wrong):
        yield (
            f"{name} fails in {times} of {count} runs of {wrong.name}, which may get full marks "
            "in the others: make the test tell it apart with every seed"
        )


def _count_failures(series: Series) -> list[tuple[str, int]]:
    return sorted(Counter(name for run in series.runs for name in run.failed).items())
