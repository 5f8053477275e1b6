"""The learning curves of a whole class in one drawing: thin lines, and their median in bold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.chart import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    Numbers,
    Tick,
    draw_path,
    find_ticks,
    fit_axis,
    keep_numbers,
    label_tick,
)
from autograder.report.clean import shorten
from autograder.report.curves import is_metric, mark_epochs, trace_curve
from autograder.report.wording import Wording

MOST_LINES = 300
MOST_POINTS = 12_000  # of all lines of a drawing together
_FEWEST = 3  # students a median is taken of
_SHARE = 0.25

History = Mapping[str, Numbers]
Curve = tuple[str, str, Numbers]


@dataclass(frozen=True)
class BundleLine:
    """One student's curve: colour family, SVG path, and whose it is."""

    tone: str
    path: str
    text: str


@dataclass(frozen=True)
class CurveBundle:
    """The curves of one quantity over the epochs, as a drawing.

    Attributes:
        lines: one per student; bad ones first, so that they do not hide the others.
        median: path of the median, over epochs that a quarter of the students reached.
    """

    name: str
    lines: tuple[BundleLine, ...]
    median: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    logarithmic: bool
    title: str
    sentence: str


def draw_bundles(runs: Sequence[tuple[str, str, History]], wording: Wording) -> list[CurveBundle]:
    """Drawings of the loss and of the commonest other metric; validation where most have it.

    Args:
        runs: name of the student, tone, and what `fit` recorded.
        wording: for words.
    """
    recorded = Counter(name for *_, history in runs for name in history)
    others = [(-count, name) for name, count in recorded.items() if is_metric(name)]
    names = ["loss"] * ("loss" in recorded) + [name for _, name in sorted(others)[:1]]
    bundles = []
    for name in names:
        validated = 2 * recorded[f"val_{name}"] >= recorded[name]
        key = f"val_{name}" if validated else name
        curves = [(who, tone, history[key]) for who, tone, history in runs if key in history]
        bundle = _draw_bundle(name, curves, wording, validated=validated)
        if bundle is not None:
            bundles.append(bundle)
    return bundles


def _draw_bundle(
    name: str, curves: Sequence[Curve], wording: Wording, *, validated: bool
) -> CurveBundle | None:
    kept = [curve for curve in curves if keep_numbers(curve[2])][:MOST_LINES]
    if not kept:
        return None
    epochs = max(len(values) for *_, values in kept)
    x_axis = Axis(1, max(2, epochs), LEFT + 6, WIDTH - RIGHT - 6)
    y_axis = _fit_heights([values for *_, values in kept])
    order = sorted(kept, key=lambda curve: ("bad", "warn", "good").index(curve[1]))
    most = max(2, MOST_POINTS // len(kept))
    median = find_median([values for *_, values in kept])
    short = shorten(name, 40)
    message = "{name} (validation)" if validated else "{name} (training)"
    return CurveBundle(
        name=wording(message, name=short),
        lines=tuple(
            BundleLine(tone, draw_path(trace_curve(values, x_axis, y_axis, most)), who)
            for who, tone, values in order
        ),
        median=draw_path(trace_curve(median, x_axis, y_axis, 200)),
        x_ticks=mark_epochs(x_axis, epochs),
        y_ticks=tuple(Tick(y_axis.place(at), label_tick(at)) for at in find_ticks(y_axis)),
        logarithmic=y_axis.logarithmic,
        title=wording("{name} of every student, epoch by epoch", name=short),
        sentence=wording(
            "{n} curves; the bold line is the median of those that reached the epoch.",
            n=len(kept),
        ),
    )


def _fit_heights(curves: Sequence[Numbers]) -> Axis:
    """Vertical axis for all but the furthest 2 % of the values; those go to its ends."""
    numbers = np.array([value for values in curves for value in keep_numbers(values)])
    low, high = (float(value) for value in np.percentile(numbers, (1, 98)))
    return fit_axis([low, high], HEIGHT - BOTTOM, TOP + 8, floor=0)


def find_median(curves: Sequence[Numbers]) -> list[float | None]:
    """Median in each epoch over the curves that have a number there; None where too few do."""
    enough = max(min(_FEWEST, len(curves)), _SHARE * len(curves))
    medians: list[float | None] = []
    for epoch in range(max(map(len, curves), default=0)):
        values = keep_numbers([curve[epoch] for curve in curves if epoch < len(curve)])
        medians.append(float(np.median(values)) if len(values) >= enough else None)
    return medians
