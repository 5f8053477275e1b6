"""The training section of a question: metric against thresholds, budgets, curves, mistakes."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from autograder.chart import (
    WIDTH,
    Axis,
    Histogram,
    Mark,
    Tick,
    draw_bars,
    find_ticks,
    is_number,
    keep_numbers,
    label_tick,
    place_mark,
)
from autograder.report.clean import shorten
from autograder.report.curves import CurveChart, draw_curves, read_curves
from autograder.report.wording import Wording
from autograder.schema import Confusion, Residuals, TrainingResult

MOST_CLASSES = 20  # a larger heat map cannot be read; the commonest mix-ups still are
_MOST_BINS = 200


@dataclass(frozen=True)
class Zone:
    """A stretch of the metric's scale: `none`, `some` or `full` marks; pixels."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True)
class Bullet:
    """The metric against the two thresholds, as a drawing.

    Attributes:
        zones: stretches of no, some and full marks, from the left.
        ticks: the two thresholds.
        marker: place of the measured value, in pixels; None where there is none.
        beyond: `left` or `right` where the value lies outside the scale, else empty.
        sentence: what it says, in words.
        tone: `good`, `warn` or `bad`.
    """

    zones: tuple[Zone, ...]
    ticks: tuple[Mark, ...]
    marker: float | None
    beyond: str
    sentence: str
    tone: str


@dataclass(frozen=True)
class Budget:
    """Something used of something allowed: `share` of the bar, from 0 to 1."""

    label: str
    text: str
    share: float
    over: bool


@dataclass(frozen=True)
class Cell:
    """A square of the heat map: pixels, count, how strong its colour is, and what it says."""

    x: float
    y: float
    count: int
    strength: float
    right: bool
    text: str


@dataclass(frozen=True)
class HeatMap:
    """A confusion matrix as a drawing; `size` is a cell's side in pixels."""

    cells: tuple[Cell, ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    size: float
    left: float
    top: float
    width: float
    height: float
    turned: bool


@dataclass(frozen=True)
class TrainingView:
    """All that the training section shows; None or empty where there is nothing to show."""

    metric: str
    value: str
    bullet: Bullet | None
    budgets: tuple[Budget, ...]
    curves: tuple[CurveChart, ...]
    reading: str
    heat_map: HeatMap | None
    mix_ups: tuple[str, ...]
    residuals: Histogram | None
    note: str
    reference: str
    trials: str


def view_training(training: TrainingResult, wording: Wording) -> TrainingView:
    """The training section's content for `training`."""
    confusion = training.confusion
    heat_map = None
    if confusion and 2 <= len(confusion.labels) <= MOST_CLASSES:
        heat_map = draw_confusion(confusion, wording)
    by_predictions = training.evaluated == "predictions"
    return TrainingView(
        metric=shorten(training.metric, 60),
        value=wording.measure(training.value),
        bullet=draw_bullet(training, wording),
        budgets=tuple(_list_budgets(training, wording)),
        curves=tuple(draw_curves(training.history, wording)),
        reading=read_curves(training.history, wording),
        heat_map=heat_map,
        mix_ups=find_mix_ups(confusion, wording) if confusion else (),
        residuals=draw_residuals(training.residuals, wording) if training.residuals else None,
        note=wording(
            "The grader could not rebuild your model from its layers, so it scored the "
            "predictions of your own code on the hidden data."
        )
        if by_predictions
        else "",
        reference=_tell_reference(training, wording),
        trials=_tell_trials(training, wording),
    )


def _tell_reference(training: TrainingResult, wording: Wording) -> str:
    spread = training.spread
    if spread is None:
        return ""
    return wording(
        "The full mark was measured: the reference solution reaches {mean} on average (standard "
        "deviation {sd}, {n} trainings with different random numbers).",
        mean=wording.measure(spread.mean),
        sd=wording.measure(spread.sd, 2),
        n=wording.number(spread.runs),
    )


def _tell_trials(training: TrainingResult, wording: Wording) -> str:
    if len(training.trials) < 2:
        return ""
    return wording(
        "A first training came so close to full marks that chance could decide. It was repeated "
        "with other random numbers: {values}. The best run counts.",
        values=", ".join(wording.measure(trial.value) for trial in training.trials),
    )


def draw_bullet(training: TrainingResult, wording: Wording) -> Bullet | None:
    """The metric's value against the thresholds; None if the thresholds are no numbers."""
    none, full = training.no_marks_below, training.full_marks_at
    if not (is_number(none) and is_number(full)):
        return None
    axis = _fit_bullet(training)
    value = training.value if is_number(training.value) else None
    left, right = sorted((axis.place(none), axis.place(full)))
    kinds = ["full", "some", "none"] if full < none else ["none", "some", "full"]
    stops = [axis.start, left, right, axis.end]
    zones = tuple(Zone(kind, a, b - a) for kind, a, b in zip(kinds, stops, stops[1:], strict=False))
    beyond = "" if value is None else "left" if value < axis.low else ""
    beyond = "right" if value is not None and value > axis.high else beyond
    sentence, tone = _judge_metric(training, wording)
    return Bullet(
        zones=zones,
        ticks=_name_thresholds(axis, none, full, wording),
        marker=None if value is None else axis.place(value),
        beyond=beyond,
        sentence=sentence,
        tone=tone,
    )


def _fit_bullet(training: TrainingResult) -> Axis:
    none, full = training.no_marks_below, training.full_marks_at
    low, high = min(none, full), max(none, full)
    room = 0.6 * (high - low) or 0.1 * abs(high) or 1.0
    value = training.value
    near = [value] if value is not None and low - 2 * room <= value <= high + 2 * room else []
    first, last = min(low - room, *near, low), max(high + room, *near, high)
    if low >= 0 and (not near or near[0] >= 0):
        first = max(0.0, first)
    if high <= 1 and (not near or near[0] <= 1) and not training.lower_is_better:
        last = min(1.0, last)
    return Axis(first, max(last, first + 1e-9 * abs(first) + 1e-12), 8, WIDTH - 8)


def _name_thresholds(axis: Axis, none: float, full: float, wording: Wording) -> tuple[Mark, ...]:
    """Names of both thresholds, each turned away from the other."""
    none_side, full_side = ("end", "start") if none <= full else ("start", "end")
    places = [(none, "no marks: {value}", none_side), (full, "full marks: {value}", full_side)]
    marks = []
    for value, message, side in places:
        x = axis.place(value)
        text = wording(message, value=wording.measure(value))
        marks.append(Mark(x, text, _turn_inwards(side, x)))
    return tuple(marks)


def _turn_inwards(side: str, x: float) -> str:
    """`side`, changed where a name at `x` would leave the drawing on that side."""
    if side == "end" and x < 90:
        return "start" if x < 30 else "middle"
    if side == "start" and x > WIDTH - 90:
        return "end" if x > WIDTH - 30 else "middle"
    return side


def _judge_metric(training: TrainingResult, wording: Wording) -> tuple[str, str]:
    value, full, none = training.value, training.full_marks_at, training.no_marks_below
    if value is None or not is_number(value):
        return wording("Nothing could be measured on the hidden data."), "bad"
    sign = -1 if training.lower_is_better else 1
    places = {"full": wording.measure(full), "none": wording.measure(none)}
    places["gap"] = wording.measure(abs(full - value))
    if sign * value >= sign * full:
        return wording("Enough for full marks (from {full}).", full=places["full"]), "good"
    if sign * value > sign * none:
        message = "Between the two thresholds: part of the marks. {gap} more would be full marks."
        lower = "Between the two thresholds: part of the marks. {gap} less would be full marks."
        return wording(lower if sign < 0 else message, gap=places["gap"]), "warn"
    return wording(
        "Not yet beyond {none}, where marks begin. Full marks are at {full}.",
        none=places["none"],
        full=places["full"],
    ), "bad"


def _list_budgets(training: TrainingResult, wording: Wording) -> list[Budget]:
    budgets = []
    if training.seconds is not None and is_number(training.seconds):
        budgets.append(
            make_budget(
                wording("Training time"), training.seconds, training.limit_seconds, "time", wording
            )
        )
    if training.parameters is not None and training.max_parameters:
        budgets.append(
            make_budget(
                wording("Parameters"),
                training.parameters,
                training.max_parameters,
                "parameters",
                wording,
            )
        )
    return budgets


def make_budget(label: str, used: float, allowed: float, unit: str, wording: Wording) -> Budget:
    """Bar of `used` against `allowed`; `unit` is `time` (in seconds) or `parameters`."""
    say = wording.seconds if unit == "time" else lambda value: wording.number(value, 0)
    share = used / allowed if allowed > 0 and is_number(allowed) else 0.0
    return Budget(
        label=label,
        text=wording("{used} of {allowed}", used=say(used), allowed=say(allowed)),
        share=min(1.0, max(0.0, share)),
        over=share > 1,
    )


def draw_confusion(confusion: Confusion, wording: Wording) -> HeatMap:
    """Heat map of `confusion`; colours are shares of the row, so that rare classes show too.

    The square root makes a mix-up of a few percent visible.
    """
    labels = [shorten(label, 14) for label in confusion.labels]
    turned = max(map(len, labels)) > 3
    left = 26.0 + 7.0 * min(10, max(map(_measure_label, labels)))
    top = left if turned else 36.0
    size = (WIDTH - left - 4) / len(labels)
    cells = []
    for i, row in enumerate(confusion.counts[: len(labels)]):
        for j, count in enumerate(row[: len(labels)]):
            text = wording(
                "true {true}, predicted {predicted}: {count}",
                true=labels[i],
                predicted=labels[j],
                count=count,
            )
            strength = 0.62 * math.sqrt(max(0, count) / max(1, sum(row)))
            cells.append(Cell(left + j * size, top + i * size, count, strength, i == j, text))
    middles = [(i + 0.5) * size for i in range(len(labels))]
    return HeatMap(
        cells=tuple(cells),
        rows=tuple(Tick(top + at, label) for at, label in zip(middles, labels, strict=True)),
        columns=tuple(Tick(left + at, label) for at, label in zip(middles, labels, strict=True)),
        size=size,
        left=left,
        top=top,
        width=WIDTH,
        height=top + size * len(labels) + 4,
        turned=turned,
    )


def _measure_label(label: str) -> float:
    """Rough width of `label` in Latin letters: a Hangul syllable is about two."""
    return sum(1.7 if ord(character) > 0x1100 else 1.0 for character in label)


def find_mix_ups(confusion: Confusion, wording: Wording) -> tuple[str, ...]:
    """The up to three commonest confusions in words, without those far rarer than the first."""
    found = []
    for i, row in enumerate(confusion.counts[: len(confusion.labels)]):
        for j, count in enumerate(row[: len(confusion.labels)]):
            if i != j and count > 0:
                found.append((count, i, j, sum(row)))
    if not found:
        return (wording("No example was mistaken for another class."),)
    found.sort(key=lambda one: (-one[0], one[1], one[2]))
    worth_saying = [one for one in found[:3] if 4 * one[0] >= found[0][0]]
    return tuple(
        wording(
            "“{true}” was taken for “{predicted}” {count} times (of {all}).",
            true=shorten(confusion.labels[i], 40),
            predicted=shorten(confusion.labels[j], 40),
            count=wording.number(count, 0),
            all=wording.number(total, 0),
        )
        for count, i, j, total in worth_saying
    )


def draw_residuals(residuals: Residuals, wording: Wording) -> Histogram | None:
    """Histogram of prediction minus truth; None if the edges are not rising numbers."""
    edges, counts = residuals.edges[: _MOST_BINS + 1], residuals.counts[:_MOST_BINS]
    rising = all(a < b for a, b in itertools.pairwise(edges))
    if len(edges) < 2 or len(edges) != len(counts) + 1 or not rising:
        return None
    if len(keep_numbers(edges)) < len(edges):
        return None
    bars, axis, y_ticks = draw_bars(edges, [max(0, count) for count in counts])
    ticks = tuple(Tick(axis.place(at), label_tick(at)) for at in find_ticks(axis))
    zero = (place_mark(axis, 0.0, wording("exact")),) if edges[0] <= 0 <= edges[-1] else ()
    return Histogram(
        bars=bars,
        x_ticks=ticks,
        y_ticks=y_ticks,
        marks=zero,
        title=wording("Prediction minus truth, on the hidden data"),
        sentence=_read_residuals(edges, counts, wording),
    )


def _read_residuals(edges: tuple[float, ...], counts: tuple[int, ...], wording: Wording) -> str:
    """Bias and typical size of the errors, from the middles of the bins."""
    total = sum(max(0, count) for count in counts)
    if not total:
        return ""
    middles = [(a + b) / 2 for a, b in itertools.pairwise(edges)]
    weighted = list(zip(middles, counts, strict=True))
    bias = sum(at * max(0, count) for at, count in weighted) / total
    size = sum(abs(at) * max(0, count) for at, count in weighted) / total
    places = {"bias": wording.measure(abs(bias), 2), "size": wording.measure(size, 2)}
    if abs(bias) < 0.25 * size:
        return wording("Predictions are off by about {size}, in no clear direction.", **places)
    if bias > 0:
        return wording("Predictions are about {bias} too high on average.", **places)
    return wording("Predictions are about {bias} too low on average.", **places)
