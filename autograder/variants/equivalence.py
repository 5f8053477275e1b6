"""Whether variants are equally hard: two one-sided tests of each against all others.

Schuirmann's procedure (1987): a variant is equivalent where its mean is shown, at 5 %, to be less
than the margin below that of the others, and less than the margin above. That is the same as its
90 % interval lying within the margin. A variant that is not shown to be equivalent is none, be it
that it differs or that it was measured too rarely. Each must pass by itself, so there is nothing
to correct for many tests. Tests are Welch's, which does not take spreads to be equal.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

LEVEL = 0.05
LEAST_SEEDS = 3
_CONSTANT = 1e-9  # spread, as a share of the margin, below which runs count as equal


@dataclass(frozen=True)
class Measure:
    """Something that must be alike in all variants.

    Attributes:
        name: such as `q4 accuracy`.
        margin: how far a variant may be from the others.
        runs: values by variant, at least two of each.
        is_ratio: whether values are logarithms, so that differences are ratios.
    """

    name: str
    margin: float
    runs: Mapping[str, Sequence[float]]
    is_ratio: bool = False


@dataclass(frozen=True)
class Compared:
    """A variant compared with the others, in one measure.

    Attributes:
        mean: of its runs.
        difference: of its mean from that of the others.
        low, high: ends of the 90 % interval of the difference.
        p_value: of the two one-sided tests, the larger.
        equivalent: whether the interval lies within the margin.
    """

    variant: str
    measure: Measure
    mean: float
    difference: float
    low: float
    high: float
    p_value: float

    @property
    def equivalent(self) -> bool:
        """See above."""
        return self.p_value < LEVEL

    @property
    def distance(self) -> float:
        """How far it is from the others, in margins."""
        return abs(self.difference) / self.measure.margin

    @property
    def is_unclear(self) -> bool:
        """Whether more runs might show that it is equivalent after all."""
        return not self.equivalent and self.distance < 1


@dataclass(frozen=True)
class Equivalence:
    """What came of it.

    Attributes:
        rows: every variant in every measure, against those that stay.
        dropped: the measure for which each was dropped, in that order.
    """

    rows: tuple[Compared, ...]
    dropped: Mapping[str, Compared]

    def group_rows(self) -> list[list[Compared]]:
        """The rows of each measure."""
        return [list(rows) for _, rows in itertools.groupby(self.rows, lambda row: row.measure)]

    def is_good(self, row: Compared) -> bool:
        """Whether a variant is as hard as the others in a measure, and in use."""
        return row.equivalent and row.variant not in self.dropped


def find_equivalent(measures: Sequence[Measure]) -> Equivalence:
    """Compare variants, and drop the one that is furthest off until all that stay are equivalent.

    One after the other, because an outlier moves the mean of the others, too. Of two that differ,
    none can be told to be the one that is wrong: both are dropped.

    Args:
        measures: of the same variants, two or more.
    """
    names = list(measures[0].runs) if measures else []
    staying, dropped = list(names), dict[str, Compared]()
    while len(staying) > 1:
        bad = [row for row in _compare_all(measures, staying, staying) if not row.equivalent]
        if not bad:
            break
        if len(staying) == 2:
            dropped |= {row.variant: row for row in bad}
            break
        worst = max(bad, key=lambda row: row.distance)
        dropped[worst.variant] = worst
        staying.remove(worst.variant)
    rows = _compare_all(measures, names, staying) if len(staying) > 1 else []
    return Equivalence(tuple(rows), dropped)


def _compare_all(
    measures: Sequence[Measure], names: Sequence[str], pool: Sequence[str]
) -> list[Compared]:
    return [
        compare(measure, name, [other for other in pool if other != name])
        for measure in measures
        for name in names
    ]


def compare(measure: Measure, name: str, others: Sequence[str]) -> Compared:
    """One variant against all runs of others."""
    own = np.asarray(measure.runs[name], dtype=float)
    rest = np.concatenate([np.asarray(measure.runs[other], dtype=float) for other in others])
    difference = float(own.mean() - rest.mean())
    low, high, p_value = _test(own, rest, difference, measure.margin)
    return Compared(name, measure, float(own.mean()), difference, low, high, p_value)


def _test(
    own: np.ndarray, rest: np.ndarray, difference: float, margin: float
) -> tuple[float, float, float]:
    """Ends of the 90 % interval of the difference, and the p-value of both tests."""
    if max(own.std(), rest.std()) <= _CONSTANT * margin:  # nothing is random
        return difference, difference, 0.0 if abs(difference) < margin else 1.0
    from scipy.stats import ttest_ind  # noqa: PLC0415 - takes half a second

    with warnings.catch_warnings():  # of one side without spread, which is as it should be
        warnings.simplefilter("ignore", RuntimeWarning)
        above = ttest_ind(own + margin, rest, equal_var=False, alternative="greater")
        below = ttest_ind(own - margin, rest, equal_var=False, alternative="less")
        interval = ttest_ind(own, rest, equal_var=False).confidence_interval(1 - 2 * LEVEL)
    p_value = max(float(above.pvalue), float(below.pvalue))
    return float(interval.low), float(interval.high), p_value


def explain(row: Compared) -> str:
    """Why a variant was dropped, for staff."""
    measure = row.measure
    if measure.is_ratio:
        low, high = (f"{math.exp(end):.2f}" for end in (row.low, row.high))
        within = f"{math.exp(-measure.margin):.2f} to {math.exp(measure.margin):.2f}"
        found = f"{math.exp(row.difference):.2f} times that of the others ({low} to {high})"
    else:
        found = f"{row.difference:+.4g} from the others ({row.low:+.4g} to {row.high:+.4g})"
        within = f"±{measure.margin:.4g}"
    fix = "; measure with more --seeds, or widen the margin" if row.is_unclear else ""
    return f"{measure.name}: {found}, not shown to be within {within}{fix}"
