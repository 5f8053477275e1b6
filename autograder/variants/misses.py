"""How often a right solution loses points by luck: misses a training's full mark, or fails a test.

A threshold is measured on one variant. Equally hard within a margin is not the same as equally
likely to reach it: this says what is left. Runs are taken for normal, with one spread on all
variants, so that a few runs of each will do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.calibrate.bounds import bound_rate, bound_share_below
from autograder.variants.record import Run

_CONSTANT = 1e-12  # spread below which runs count as equal


@dataclass(frozen=True)
class Misses:
    """One variant in one question.

    Attributes:
        mean: of the solution's runs.
        full_marks_at: what they have to reach.
        rate: share of runs that miss it, as estimated.
        bound: share that misses it at most, with 95 % confidence.
    """

    variant: str
    question: str
    mean: float
    full_marks_at: float
    rate: float
    bound: float


@dataclass(frozen=True)
class FailedTests:
    """One question's trainings of the solution, on all variants together.

    Attributes:
        failed: trainings that failed some test case of the question.
        runs: of them all.
        bound: share of trainings that do so at most, with 95 % confidence.
    """

    question: str
    failed: int
    runs: int
    bound: float


def bound_failed_tests(runs: Iterable[Run]) -> list[FailedTests]:
    """How often the solution fails a test case, by question; `runs` are of all variants."""
    by_question: dict[str, list[Run]] = {}
    for run in runs:
        if run.value is not None:  # one that was not judged says nothing
            by_question.setdefault(run.question, []).append(run)
    counts = {name: sum(bool(run.failed) for run in own) for name, own in by_question.items()}
    return [
        FailedTests(name, counts[name], len(own), bound_rate(counts[name], len(own)))
        for name, own in by_question.items()
    ]


def bound_misses(
    question: str,
    runs: Mapping[str, Sequence[float]],
    full_marks_at: float,
    *,
    lower_is_better: bool = False,
) -> list[Misses]:
    """The rate of misses on each variant.

    The mark is k pooled SD below a variant's mean, and k a tolerance factor with the degrees of
    freedom of all runs.

    Args:
        question: its name.
        runs: metric by variant, at least two of each.
        full_marks_at: of the question.
        lower_is_better: whether the metric is one of which less is better.
    """
    means = {name: math.fsum(values) / len(values) for name, values in runs.items()}
    freedom = sum(len(values) - 1 for values in runs.values())
    squares = [(value - means[name]) ** 2 for name, values in runs.items() for value in values]
    sd = math.sqrt(math.fsum(squares) / freedom)
    sign = -1 if lower_is_better else 1
    found = []
    for name, values in runs.items():
        above = sign * (means[name] - full_marks_at)
        rates = _find_rates(above, sd, len(values), freedom)
        found.append(Misses(name, question, means[name], full_marks_at, *rates))
    return found


def _find_rates(above: float, sd: float, count: int, freedom: int) -> tuple[float, float]:
    """Estimated rate and its bound, for a mean of `count` runs so far above the mark."""
    from scipy import stats  # noqa: PLC0415 - takes a second

    if sd < _CONSTANT:
        return (0.0, 0.0) if above >= 0 else (1.0, 1.0)
    factor = above / sd
    return float(stats.norm.sf(factor)), bound_share_below(factor, count, freedom)
