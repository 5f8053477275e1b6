"""Learning curves: the charts of what `fit` recorded, and one sentence on how to read them.

Rules of the reading, in this order, over the last third of the epochs: not a number · too few
epochs · training loss hardly moved · training loss rises · validation loss rises while training
loss falls (overfitting) · both still fall (underfitting) · levelled off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.chart import (
    BOTTOM,
    CURVE_POINTS,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    Mark,
    Numbers,
    Tick,
    draw_path,
    find_ticks,
    fit_axis,
    is_number,
    keep_numbers,
    label_tick,
    place_mark,
    thin_out,
)
from autograder.report.clean import shorten
from autograder.report.wording import Wording

_NOT_METRICS = ("learning_rate", "lr")
_FALLS_WHEN_BETTER = ("loss", "error", "mae", "mse", "rmse", "mape", "msle", "divergence")


@dataclass(frozen=True)
class Line:
    """One curve.

    Attributes:
        kind: `train` or `validation`.
        path: SVG path.
        end: place of the last number, or None.
    """

    kind: str
    path: str
    end: tuple[float, float] | None


@dataclass(frozen=True)
class CurveChart:
    """The curves of one quantity over the epochs, as a drawing.

    Attributes:
        name: of the quantity, as Keras calls it.
        lines: training first, validation second where there is one.
        x_ticks: epochs.
        y_ticks: values.
        best: place of the best epoch, and its words; None where there is none.
        best_height: where on the curve the best epoch lies, in pixels.
        logarithmic: whether the vertical scale is.
        title: what it shows.
        sentence: what it says, in words.
    """

    name: str
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    best: Mark | None
    best_height: float
    logarithmic: bool
    title: str
    sentence: str


def draw_curves(history: Mapping[str, Numbers], wording: Wording) -> list[CurveChart]:
    """Charts of the loss and of the first other metric in `history`; none without a number."""
    names = ["loss"] if "loss" in history else []
    others = [name for name in history if is_metric(name)]
    charts = [_draw_chart(name, history, wording) for name in [*names, *others[:1]]]
    return [chart for chart in charts if chart is not None]


def is_metric(name: str) -> bool:
    """Whether a quantity that `fit` recorded is a metric of the training data."""
    return name != "loss" and not name.startswith("val_") and name not in _NOT_METRICS


def read_curves(history: Mapping[str, Numbers], wording: Wording) -> str:
    """One sentence on what the losses in `history` say; empty where there is no loss."""
    train, validation = history.get("loss", ()), history.get("val_loss", ())
    if not train:
        return ""
    for i in range(len(train)):
        if not is_number(train[i]) or (i < len(validation) and not is_number(validation[i])):
            return wording(
                "From epoch {epoch} on the loss is not a number (NaN or infinite): lower the "
                "learning rate, scale the inputs, and check that loss and last layer fit.",
                epoch=i + 1,
            )
    if len(train) < 4:
        return wording.count(
            "With only {n} epoch there is no trend to read.",
            "With only {n} epochs there is no trend to read.",
            len(train),
        )
    return _read_trend(keep_numbers(train), keep_numbers(validation), wording)


def find_best(name: str, values: Numbers) -> int | None:
    """Index of the best of `values`: the least of a loss or error, else the greatest."""
    indices = [i for i, value in enumerate(values) if is_number(value)]
    if not indices:
        return None
    sign = 1 if _falls(name) else -1
    return min(indices, key=lambda i: sign * (values[i] or 0.0))


def _read_trend(train: Sequence[float], validation: Sequence[float], wording: Wording) -> str:
    spread = max(train) - min(train)
    move, val_move = _measure_trend(train, spread), 0.0
    if validation:
        val_move = _measure_trend(validation, max(validation) - min(validation))
    if spread <= 0.02 * max(map(abs, train)):
        return wording(
            "The training loss hardly moved: nothing was learned. Check the learning rate, the "
            "labels, and that the loss fits the last layer."
        )
    if move > 0.1:
        return wording(
            "The training loss rises towards the end: training is unstable. A lower learning "
            "rate usually helps."
        )
    if validation and _overfits(validation, val_move):
        return wording(
            "Overfitting: the validation loss was lowest in epoch {epoch} and rises since, while "
            "the training loss keeps falling. Stop earlier or regularise (dropout, a smaller "
            "model, more varied data).",
            epoch=(find_best("loss", validation) or 0) + 1,
        )
    if move < -0.1 and (not validation or val_move < -0.1):
        return wording(
            "Both curves still fall at the end: the model was not finished. Raise the learning "
            "rate a little, or train for more epochs within the time limit."
            if validation
            else "The loss still falls at the end: the model was not finished. Raise the learning "
            "rate a little, or train for more epochs within the time limit."
        )
    return wording("The curves have levelled off: more epochs alone would change little.")


def _overfits(validation: Sequence[float], move: float) -> bool:
    least = min(validation)
    return move > 0.05 and validation[-1] > least + 0.05 * abs(least)


def _measure_trend(values: Sequence[float], spread: float) -> float:
    """Least-squares change over the last third of `values`, as a share of `spread`."""
    tail = values[-max(3, math.ceil(len(values) / 3)) :]
    middle, mean = (len(tail) - 1) / 2, sum(tail) / len(tail)
    slope = sum((i - middle) * (value - mean) for i, value in enumerate(tail))
    slope /= sum((i - middle) ** 2 for i in range(len(tail)))
    return slope * (len(tail) - 1) / spread if spread else 0.0


def _falls(name: str) -> bool:
    return any(word in name.lower() for word in _FALLS_WHEN_BETTER)


def _draw_chart(name: str, history: Mapping[str, Numbers], wording: Wording) -> CurveChart | None:
    recorded = [("train", history[name]), ("validation", history.get(f"val_{name}", ()))]
    curves = [(kind, values) for kind, values in recorded if keep_numbers(values)]
    if not curves:
        return None
    epochs = max(len(values) for _, values in curves)
    x_axis = Axis(1, max(2, epochs), LEFT + 6, WIDTH - RIGHT - 6)
    together = [value for _, values in curves for value in values]
    y_axis = fit_axis(together, HEIGHT - BOTTOM, TOP + 8, floor=0)
    kind, judged = curves[-1]
    best = find_best(name, judged) or 0
    value = judged[best] or 0.0
    words = wording("best: epoch {epoch}", epoch=best + 1)
    return CurveChart(
        name=shorten(name, 40),
        lines=tuple(_draw_line(kind, values, x_axis, y_axis) for kind, values in curves),
        x_ticks=mark_epochs(x_axis, epochs),
        y_ticks=tuple(Tick(y_axis.place(at), label_tick(at)) for at in find_ticks(y_axis)),
        best=place_mark(x_axis, best + 1, words),
        best_height=y_axis.place(value),
        logarithmic=y_axis.logarithmic,
        title=wording("{name} in each epoch", name=shorten(name, 40)),
        sentence=_describe(kind, judged, best, wording),
    )


def _draw_line(kind: str, values: Numbers, x_axis: Axis, y_axis: Axis) -> Line:
    places = trace_curve(values, x_axis, y_axis)
    last = next((place for place in reversed(places) if place is not None), None)
    return Line(kind, draw_path(places), last)


def trace_curve(
    values: Numbers, x_axis: Axis, y_axis: Axis, most: int = CURVE_POINTS
) -> list[tuple[float, float] | None]:
    """Places of at most some `most` of the values, the last among them; None for no number."""
    return [
        (x_axis.place(i + 1), y_axis.place(value))
        if (value := values[i]) is not None and is_number(value)
        else None
        for i in thin_out(len(values), most)
    ]


def mark_epochs(axis: Axis, epochs: int) -> tuple[Tick, ...]:
    """Ticks at whole epochs, the first among them."""
    whole = sorted({1, *(int(at) for at in find_ticks(axis) if at >= 1 and at == int(at))})
    return tuple(Tick(axis.place(at), str(at)) for at in whole if at <= epochs)


def _describe(kind: str, values: Numbers, best: int, wording: Wording) -> str:
    numbers = keep_numbers(values)
    message = (
        "Training: {first} in the first epoch, {last} in the last, best {best} in epoch {epoch}."
        if kind == "train"
        else "Validation: {first} in the first epoch, {last} in the last, best {best} in epoch "
        "{epoch}."
    )
    return wording(
        message,
        first=wording.measure(numbers[0]),
        last=wording.measure(numbers[-1]),
        best=wording.measure(values[best]),
        epoch=best + 1,
    )
