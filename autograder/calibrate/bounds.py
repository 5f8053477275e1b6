"""What some measured values say about the next one: tolerance bounds, and how sure they are.

Every quantile and test is SciPy's. Left out: which values are compared with which (`judge`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SHARE = 0.99  # of values that a bound leaves on its good side
CONFIDENCE = 0.95  # that it does
LEAST_VALUES = 3
_LEAST_TESTED = 8  # fewer say nothing about normality, and their order statistics promise nothing
_RATE = 0.01  # 1 - SHARE
_FAR = 100.0  # standard errors, where all is certain; SciPy's search does not end at a million
_SUSPICIOUS = 0.05  # p-value of the normality test below which nothing is taken for normal


@dataclass(frozen=True)
class Bound:
    """A value that few others lie beyond.

    Attributes:
        value: the bound.
        rate: share of values beyond it, at most, with `CONFIDENCE`.
        factor: how many SD it is away from the mean; None where no normal distribution is assumed.
        normality: p-value of the normality test; None where nothing could be tested.
    """

    value: float
    rate: float
    factor: float | None
    normality: float | None


def compute_tolerance_factor(
    count: int, share: float = SHARE, confidence: float = CONFIDENCE
) -> float:
    """One-sided tolerance factor k of `count` normal values.

    With `confidence`, at least `share` of the distribution lies above mean - k * SD. k is the
    quantile of Student's noncentral t over the root of n (Owen 1968; ISO 16269-6, 7.2).

    Raises:
        ValueError: if there are fewer than two values.
    """
    from scipy import stats  # noqa: PLC0415 - takes a second

    if count < 2:
        raise ValueError("a tolerance factor needs two values")
    root = math.sqrt(count)
    shift = root * stats.norm.ppf(share)
    return float(stats.nct.ppf(confidence, count - 1, shift) / root)


def bound_share_below(
    factor: float, count: int, freedom: int, confidence: float = CONFIDENCE
) -> float:
    """Highest share of normal values `factor` SD or more below a mean of `count` of them.

    What `compute_tolerance_factor` turns a share into a factor by, the other way round, for an SD
    of any degrees of `freedom`.
    """
    from scipy import special, stats  # noqa: PLC0415 - takes a second

    root = math.sqrt(count)
    distance = min(max(root * factor, -_FAR), _FAR)
    shift = special.nctdtrinc(freedom, confidence, distance)
    return float(stats.norm.sf(shift / root))


def compare_rate(failures: int, count: int, rate: float) -> float:
    """p-value of so many failures, or more, where the true rate is `rate` (exact, one-sided)."""
    from scipy import stats  # noqa: PLC0415 - takes a second

    return float(stats.binomtest(failures, count, rate, alternative="greater").pvalue)


def bound_rate(failures: int, count: int, confidence: float = CONFIDENCE) -> float:
    """Highest rate of failures that `failures` of `count` runs leave open, one-sided.

    The exact binomial bound (Clopper and Pearson 1934): 0 of 10 leave 25.9 %, 0 of 300 leave 1.0 %.
    """
    from scipy import stats  # noqa: PLC0415 - takes a second

    test = stats.binomtest(failures, count, alternative="less")
    return float(test.proportion_ci(confidence, method="exact").high)


def count_runs(rate: float, confidence: float = CONFIDENCE) -> int:
    """Runs without a failure that bound the rate of failures at `rate`, whatever the values do."""
    from scipy import stats  # noqa: PLC0415 - takes a second

    return int(stats.geom.ppf(confidence, rate))


def compute_binomial_sd(rate: float, examples: int) -> float:
    """SD of the share right among `examples` drawn at random: 0.0095 at 0.90 and 1,000."""
    from scipy import stats  # noqa: PLC0415 - takes a second

    return float(stats.binom.std(examples, min(max(rate, 0.0), 1.0)) / examples)


def compute_sd(values: Sequence[float]) -> float:
    """Sample SD (n - 1)."""
    import numpy as np  # noqa: PLC0415 - not needed for help

    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def find_normality(values: Sequence[float]) -> float | None:
    """p-value of Shapiro and Wilk's test; None where all values are equal, or there are too few.

    Of the usual tests it is the strongest against skew and two humps at 10 to 50 values
    (Razali and Wah 2011); Anderson and Darling's has no p-value beyond its tables.
    """
    from scipy import stats  # noqa: PLC0415 - takes a second

    if len(values) < LEAST_VALUES or not max(values) > min(values):
        return None
    return float(stats.shapiro(values).pvalue)


def bound_below(values: Sequence[float], other_sd: float = 0.0) -> Bound:
    """A value that at least `SHARE` of further values are above, with `CONFIDENCE`.

    Where the normality test lets the values pass, and where they are too few for it: mean - k * SD.
    Where it rejects, and where all are equal, the order statistic that needs no assumption; its
    `rate` is then what so many values can promise: more than 1 - `SHARE` for fewer than 299.

    Args:
        values: at least `LEAST_VALUES`.
        other_sd: of a source of error that the values do not show; variances are added.

    Raises:
        ValueError: if there are too few values.
    """
    from scipy import stats  # noqa: PLC0415 - takes a second

    count = len(values)
    if count < LEAST_VALUES:
        raise ValueError(f"a bound needs {LEAST_VALUES} values")
    normality = find_normality(values)
    if normality is not None and (normality >= _SUSPICIOUS or count < _LEAST_TESTED):
        factor = compute_tolerance_factor(count)
        sd = math.hypot(compute_sd(values), other_sd)
        return Bound(sum(values) / count - factor * sd, _RATE, factor, normality)
    rank = max(1, int(stats.binom.ppf(1 - CONFIDENCE, count, 1 - SHARE)))
    value = sorted(values)[rank - 1] - stats.norm.ppf(SHARE) * other_sd
    return Bound(float(value), bound_rate(rank - 1, count), None, normality)


def bound_above(values: Sequence[float], other_sd: float = 0.0) -> Bound:
    """A value that at least `SHARE` of further values are below; see `bound_below`."""
    found = bound_below([-value for value in values], other_sd)
    return Bound(-found.value, found.rate, found.factor, found.normality)
