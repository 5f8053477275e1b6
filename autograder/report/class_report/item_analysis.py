"""Item analysis: how hard and how telling questions are, and how far a score can be trusted.

Only numbers: words and pictures are in the sections. Every figure describes this class on this
day; with fewer than `FEWEST_STUDENTS` students none of them is worth telling, and functions give
None instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FEWEST_STUDENTS = 10
GROUP_SHARE = 0.27
_TINY = 1e-12


@dataclass(frozen=True)
class Item:
    """Figures of one item, which is a question or a test case.

    Attributes:
        students: with a share of this item and a criterion.
        facility: mean share of the points, from 0 to 1; None without a student.
        discrimination: correlation with the criterion, from -1 to 1.
        chance: probability of so low a correlation where there is none (one-sided).
        upper_lower: mean share of the best 27 % less that of the weakest 27 %, from -1 to 1.
    """

    students: int
    facility: float | None
    discrimination: float | None = None
    chance: float | None = None
    upper_lower: float | None = None


@dataclass(frozen=True)
class Reliability:
    """How far the whole assessment gives consistent scores.

    Attributes:
        alpha: Cronbach's.
        low: lower end of its 95 % confidence interval.
        high: upper end.
        standard_error: of measurement of one score, in points.
        alpha_without: alpha if that item were left out, by item; None where one item remains.
        students: rows that were used.
    """

    alpha: float
    low: float
    high: float
    standard_error: float
    alpha_without: tuple[float | None, ...]
    students: int


def measure_item(shares: Array, criterion: Array) -> Item:
    """Figures of one item against a criterion that does not hold it (the rest of the score).

    Facility is the mean share (Crocker & Algina 1986, ch. 14). Discrimination is the corrected
    item-total correlation: Pearson's r of the item with the rest (Henrysson 1963), which for an
    item of two values is the point-biserial correlation. `upper_lower` is the index of Kelley
    (1939) and Johnson (1951) over the best and weakest 27 %.

    Args:
        shares: of the points, per student; NaN where there is none.
        criterion: per student; NaN leaves the student out of all but the facility.
    """
    known = np.isfinite(shares)
    facility = float(shares[known].mean()) if known.any() else None
    both = known & np.isfinite(criterion)
    students = int(both.sum())
    if students < FEWEST_STUDENTS:
        return Item(students, facility)
    item, rest = shares[both], criterion[both]
    discrimination, chance = correlate(item, rest)
    return Item(students, facility, discrimination, chance, compare_groups(item, rest))


def correlate(first: Array, second: Array) -> tuple[float | None, float | None]:
    """Pearson's r and the one-sided probability of one so low; None where one does not vary.

    Of independent normal values, (1 + r) / 2 follows the beta distribution whose two shapes are
    n/2 - 1 (Fisher 1915): what `scipy.stats.pearsonr` gives, without its import.
    """
    if is_constant(first) or is_constant(second):
        return None, None
    from scipy import special  # noqa: PLC0415 - seldom needed, and takes a while

    r = float(np.clip(np.corrcoef(first, second)[0, 1], -1.0, 1.0))
    shape = len(first) / 2 - 1
    return r, float(special.betainc(shape, shape, (1 + r) / 2))


def compare_groups(item: Array, criterion: Array) -> float | None:
    """Mean share of the upper less that of the lower 27 %; None where all have one criterion."""
    if is_constant(criterion):
        return None
    lower, _, upper = weigh_groups(criterion)
    return float(np.average(item, weights=upper) - np.average(item, weights=lower))


def weigh_groups(criterion: Array) -> tuple[Array, Array, Array]:
    """How far each student belongs to the weakest 27 %, to the middle and to the best 27 %.

    Students who are equal at the edge of a group share its remaining places, so that no order
    of equals matters. The three weights of a student sum to one.
    """
    size = max(1.0, GROUP_SHARE * len(criterion))
    lower, upper = _weigh_lowest(criterion, size), _weigh_lowest(-criterion, size)
    return lower, 1.0 - lower - upper, upper


def _weigh_lowest(values: Array, size: float) -> Array:
    edge = np.sort(values)[max(0, math.ceil(size - _TINY) - 1)]
    below, equal = values < edge, values == edge
    weights = below.astype(np.float64)
    weights[equal] = (size - below.sum()) / equal.sum()
    return weights


def estimate_reliability(scores: Array) -> Reliability | None:
    """Cronbach's alpha of the items, its 95 % interval, and the standard error of measurement.

    Alpha is Cronbach (1951): k/(k-1) · (1 - Σ var(item) / var(total)), with n-1 in variances.
    The interval is Feldt (1965): (1-α)/(1-α̂) follows F(n-1, (n-1)(k-1)); it takes items for
    equally precise and scores for normal, so read its ends as rough. The standard error is
    SD(total) · √(1-α̂) (Lord & Novick 1968, ch. 3). Alpha bounds reliability from below only
    where errors of items are independent; questions that build on each other raise it.

    Args:
        scores: in points, one row per student and one column per item, without NaN.

    Returns:
        None for fewer than two items or ten students, or where all totals are equal.
    """
    students, items = scores.shape
    if students < FEWEST_STUDENTS or items < 2 or is_constant(scores.sum(axis=1)):
        return None
    from scipy import special  # noqa: PLC0415 - seldom needed, and takes a while

    alpha, without = find_alphas(scores)
    freedom = (students - 1, (students - 1) * (items - 1))
    low, high = (1 - (1 - alpha) * special.fdtri(*freedom, share) for share in (0.975, 0.025))
    spread = float(scores.sum(axis=1).std(ddof=1))
    error = spread * math.sqrt(max(0.0, 1 - alpha))
    return Reliability(alpha, float(low), float(high), error, without, students)


def find_alphas(scores: Array) -> tuple[float, tuple[float | None, ...]]:
    """Cronbach's alpha of all items, and of all but each one."""
    items = scores.shape[1]
    total = scores.sum(axis=1)
    variances = scores.var(axis=0, ddof=1)
    variance = float(total.var(ddof=1))
    with_total = (scores - scores.mean(axis=0)).T @ (total - total.mean()) / (len(total) - 1)
    rest = variance - 2 * with_total + variances
    without = tuple(
        _find_alpha(items - 1, float(variances.sum() - own), float(left))
        for own, left in zip(variances, rest, strict=True)
    )
    return _find_alpha(items, float(variances.sum()), variance) or 0.0, without


def _find_alpha(items: int, summed: float, variance: float) -> float | None:
    if items < 2 or variance <= _TINY * max(1.0, summed):
        return None
    return items / (items - 1) * (1 - summed / variance)


def is_constant(values: Array) -> bool:
    """Whether all `values` are the same, but for rounding."""
    return bool(np.ptp(values) <= 1e-9 * max(1.0, float(np.abs(values).max())))
