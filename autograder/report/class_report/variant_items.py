"""How hard variants turned out to be in use: the whole of each, and each question of it.

Students are given variants by a keyed hash, which is as good as by lot, so the groups differ by
chance alone and a randomisation test needs no other assumption. A question that is harder in one
variant *for students who are equally good elsewhere* has differential item functioning (DIF).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autograder.report.class_report.grid import Grid
from autograder.report.class_report.item_analysis import FEWEST_STUDENTS, Array, is_constant

Groups = NDArray[np.bool_]  # whether each student is of it
UNLIKELY = 0.05  # of a chance that is corrected for all contrasts of the class
_WHOLE = -1  # the column of the whole assessment


@dataclass(frozen=True)
class Contrast:
    """Students of one variant against all the others, in one question or the whole assessment.

    Attributes:
        students: of the variant that count.
        facility: their mean share of the points, from 0 to 1.
        difference: their share less the others', from -1 to 1; of a question, at equal points in
            the other questions. None where it cannot be told.
        chance: probability of so large a difference where there is none (two-sided), corrected
            for all contrasts of the class; None with `difference`.
    """

    students: int
    facility: float
    difference: float | None = None
    chance: float | None = None


@dataclass(frozen=True)
class VariantItems:
    """One variant: its whole, and its questions in the order of the grid."""

    name: str
    students: int
    whole: Contrast | None
    questions: tuple[Contrast | None, ...]


def measure_variants(grid: Grid) -> list[VariantItems]:
    """Each variant that at least `FEWEST_STUDENTS` handed in, against the other students.

    The most telling contrast is found first. If it
    stands, its question no longer says how good a student is elsewhere (the criterion is
    "purified", Holland & Thayer 1988), and nobody is compared with its students there: one
    broken question must not make all else look too easy. Then the next, at one contrast less
    (Holm 1979): a class of equally hard variants is suspected of anything in 5 % of the cases.
    """
    names = np.array([result.variant for result in grid.results], dtype=object)
    own, counts = np.unique(names[names != ""].astype(str), return_counts=True)
    judged = [str(name) for name, n in zip(own, counts, strict=True) if n >= FEWEST_STUDENTS]
    settled = _settle(grid, {name: names == name for name in judged})
    sizes = dict(zip(map(str, own), map(int, counts), strict=True))
    return [
        VariantItems(
            name,
            sizes[name],
            settled[name, _WHOLE],
            tuple(settled[name, column] for column in range(len(grid.names))),
        )
        for name in judged
    ]


def _settle(grid: Grid, groups: dict[str, Groups]) -> dict[tuple[str, int], Contrast | None]:
    """Every contrast, by variant and column; the telling ones one after the other."""
    left = [(name, column) for name in groups for column in (_WHOLE, *range(len(grid.names)))]
    settled: dict[tuple[str, int], Contrast | None] = {}
    least = 0.0
    while left:
        made = {place: _contrast(grid, place, groups, settled) for place in left}
        ranked = sorted(
            (contrast.chance, place)
            for place, contrast in made.items()
            if contrast is not None and contrast.chance is not None
        )
        if not ranked or max(least, len(ranked) * ranked[0][0]) >= UNLIKELY:
            for rank, (chance, place) in enumerate(ranked):
                least = min(1.0, max(least, (len(ranked) - rank) * chance))
                made[place] = _with_chance(made[place], least)
            return {**settled, **made}
        chance, place = ranked[0]
        least = max(least, len(ranked) * chance)
        settled[place] = _with_chance(made[place], least)
        left.remove(place)
    return settled


def _with_chance(contrast: Contrast | None, chance: float) -> Contrast | None:
    return replace(contrast, chance=chance) if contrast else None


def _contrast(
    grid: Grid,
    place: tuple[str, int],
    groups: dict[str, Groups],
    settled: Collection[tuple[str, int]],
) -> Contrast | None:
    """One contrast, without what was found to be different before."""
    name, column = place
    scores = grid.shares * grid.points
    if column == _WHOLE:
        shares = scores.sum(axis=1) / max(grid.points.sum(), 1e-12)
        rests = np.zeros(len(shares))
    else:
        told = {column, *(where for _, where in settled)}
        shares = grid.shares[:, column]
        rests = scores[:, [i for i in range(len(grid.names)) if i not in told]].sum(axis=1)
    for other, where in settled:
        if where == column:
            shares = np.where(groups[other], np.nan, shares)
    return contrast_group(shares, rests, groups[name])


def contrast_group(shares: Array, rests: Array, group: Groups) -> Contrast | None:
    """One group against the others, at equal `rests`.

    What the regression of the shares on the rests leaves is compared (analysis of covariance); its
    difference is judged by the variance that it has when groups are drawn by lot: that of a mean
    of m out of n values without replacement (Cochran 1977, ch. 2), residuals as in Freedman & Lane
    (1983). So a variant in which everybody fails has a figure, too.

    Args:
        shares: of the points, per student; NaN where there is none.
        rests: points in the other questions; NaN leaves the student out.
        group: whether the student is of the group.

    Returns:
        None for a group in which nobody has a share.
    """
    known = np.isfinite(shares) & np.isfinite(rests)
    inside = group & known
    n, m = int(known.sum()), int(inside.sum())
    if m == 0:
        only = group & np.isfinite(shares)
        return Contrast(int(only.sum()), float(shares[only].mean())) if only.any() else None
    facility = float(shares[inside].mean())
    if m < FEWEST_STUDENTS or n - m < FEWEST_STUDENTS:
        return Contrast(m, facility)
    left = _leave_residuals(shares[known], rests[known])
    mean = float(left[group[known]].mean())
    error = math.sqrt(float(left.var(ddof=1)) * (1 - m / n) / m)
    difference = mean * n / (n - m)
    if is_constant(left):
        return Contrast(m, facility, 0.0, 1.0)
    return Contrast(m, facility, difference, math.erfc(abs(mean) / error / math.sqrt(2)))


def _leave_residuals(shares: Array, rests: Array) -> Array:
    """What is left of `shares` once a straight line over `rests` is taken off."""
    centred = shares - shares.mean()
    if is_constant(rests):
        return centred
    spread = rests - rests.mean()
    left: Array = centred - spread * (spread @ centred) / (spread @ spread)
    return left
