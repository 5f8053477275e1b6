"""Draws a calibration: every run of every submission over the scale of marks, as one SVG.

Geometry is made here, drawing by the template `calibration/calibration.svg.j2`, colours by the
reader's light or dark mode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.calibrate.bounds import compute_sd
from autograder.chart import (
    Axis,
    Band,
    Mark,
    Tick,
    find_ticks,
    fit_axis,
    is_number,
    label_tick,
    place_mark,
    round_pixels,
)
from autograder.language import find_templates, translate
from autograder.schema.calibration import (
    SOLUTION,
    Calibration,
    QuestionCalibration,
    Series,
    Thresholds,
)

WIDTH = 860.0
_LEFT, _RIGHT = 250.0, 24.0
_HEAD, _LINE, _ROW, _FOOT = 66.0, 16.0, 20.0, 40.0
_LETTER = 8.0  # about the width of one in the name of a threshold
_MOST_NAME = 36
_TEMPLATE = "calibration/calibration.svg.j2"
_ORDER = ("reference", "full_score", "partial", "failed", "time_limit")
Say = Callable[..., str]


@dataclass(frozen=True)
class Row:
    """One submission's runs, in pixels.

    Attributes:
        name: of the submission.
        tone: of its dots: its role, or `aside` where it bounds nothing although it is wrong.
        y: middle of the row.
        dots: places of the runs.
        mean: place of their mean; None where there is no value.
        spread: places of mean - SD and mean + SD.
        text: what it says, in words.
    """

    name: str
    tone: str
    y: float
    dots: tuple[float, ...]
    mean: float | None
    spread: tuple[float, float]
    text: str


@dataclass(frozen=True)
class Panel:
    """One question.

    Attributes:
        y: its upper edge.
        height: of all of it.
        bands: stretches of no, some and full marks.
        marks: the thresholds.
        ticks: of the metric.
        rows: the reference's first.
    """

    title: str
    sentences: tuple[str, ...]
    y: float
    height: float
    top: float
    bottom: float
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]


def draw_calibration(calibration: Calibration, language: str) -> str:
    """The drawing as the text of an SVG file; times are not drawn."""

    def say(message: str, **values: object) -> str:
        return translate(language, message, **values)

    panels: list[Panel] = []
    for question in calibration.questions:
        if question.metric and any(_numbers(item) for item in question.series):
            below = panels[-1].y + panels[-1].height if panels else 0.0
            panels.append(_draw_panel(question, below, say))
    height = (panels[-1].y + panels[-1].height if panels else 0.0) + 40.0
    environment = Environment(
        loader=FileSystemLoader(find_templates()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["px"] = round_pixels
    return environment.get_template(_TEMPLATE).render(
        _=say,
        title=say("Calibration of {assessment}", assessment=calibration.assessment),
        language=language,
        panels=panels,
        width=WIDTH,
        height=height,
        left=_LEFT,
        right=WIDTH - _RIGHT,
    )


def _numbers(series: Series) -> list[float]:
    return [value for value in series.values if is_number(value)]


def _draw_panel(question: QuestionCalibration, y: float, say: Say) -> Panel:
    series = sorted(
        (item for item in question.series if _numbers(item)),
        key=lambda item: (_ORDER.index(item.role), -_mean(item)),
    )
    thresholds = question.thresholds
    axis = _fit(series, thresholds)
    sentences = _describe(thresholds, say) if thresholds else ()
    top = y + _HEAD + _LINE * len(sentences)
    rows = tuple(
        _draw_row(item, axis, top + (number + 0.75) * _ROW, say)
        for number, item in enumerate(series)
    )
    bottom = top + (len(rows) + 0.5) * _ROW
    return Panel(
        title=f"{question.name} · {question.metric_name}",
        sentences=sentences,
        y=y,
        height=bottom + _FOOT - y,
        top=top,
        bottom=bottom,
        bands=_draw_bands(thresholds, axis, (top, bottom)) if thresholds else (),
        marks=_mark(thresholds, axis, say) if thresholds else (),
        ticks=tuple(Tick(axis.place(at), label_tick(at)) for at in find_ticks(axis, 8)),
        rows=rows,
    )


def _mean(series: Series) -> float:
    values = _numbers(series)
    return sum(values) / len(values)


def _fit(series: Sequence[Series], thresholds: Thresholds | None) -> Axis:
    values: list[float | None] = [value for item in series for value in _numbers(item)]
    if thresholds is not None:
        values += [thresholds.full_marks_at, thresholds.no_marks_below]
    return fit_axis(values, _LEFT, WIDTH - _RIGHT)


def _draw_row(series: Series, axis: Axis, y: float, say: Say) -> Row:
    values = _numbers(series)
    mean, sd = _mean(series), compute_sd(values)
    wrong = series.role == "failed" and not series.bounds
    name = say("solution") if series.role == "reference" else series.name
    text = say(
        "{name}: {n} runs, mean {mean}, SD {sd}",
        name=name,
        n=len(values),
        mean=f"{mean:.4g}",
        sd=f"{sd:.2g}",
    )
    return Row(
        name=name if len(name) <= _MOST_NAME else name[: _MOST_NAME - 1] + "…",
        tone="aside" if wrong else series.role,
        y=y,
        dots=tuple(axis.place(value) for value in values),
        mean=axis.place(mean),
        spread=(axis.place(mean - sd), axis.place(mean + sd)),
        text=f"{text}; {series.remark}" if series.remark else text,
    )


def _draw_bands(thresholds: Thresholds, axis: Axis, edges: tuple[float, float]) -> tuple[Band, ...]:
    full = axis.place(thresholds.full_marks_at)
    none = full
    if thresholds.no_marks_below is not None:
        none = axis.place(thresholds.no_marks_below)
    tones = ("none", "some", "full")
    stops = [axis.start, none, full, axis.end]
    if thresholds.lower_is_better:
        tones, stops = ("full", "some", "none"), [axis.start, full, none, axis.end]
    top, bottom = edges
    return tuple(
        Band(tone, left, top, right - left, bottom - top)
        for tone, left, right in zip(tones, stops, stops[1:], strict=False)
        if right > left
    )


def _mark(thresholds: Thresholds, axis: Axis, say: Say) -> tuple[Mark, ...]:
    full = say("full marks: {value}", value=f"{thresholds.full_marks_at:.4g}")
    marks = [place_mark(axis, thresholds.full_marks_at, full)]
    if thresholds.no_marks_below is not None:
        none = say("no marks: {value}", value=f"{thresholds.no_marks_below:.4g}")
        marks.append(place_mark(axis, thresholds.no_marks_below, none))
        sides = ("start", "end") if marks[0].x >= marks[1].x else ("end", "start")
        marks = [Mark(mark.x, mark.text, side) for mark, side in zip(marks, sides, strict=True)]
    return tuple(_keep_inside(mark, axis) for mark in marks)


def _keep_inside(mark: Mark, axis: Axis) -> Mark:
    """`mark`, its name turned where it would leave the drawing."""
    room = _LETTER * len(mark.text)
    if mark.anchor == "start" and mark.x + room > axis.end + _RIGHT:
        return Mark(mark.x, mark.text, "end")
    return mark


def _describe(thresholds: Thresholds, say: Say) -> tuple[str, ...]:
    rate = _percent(thresholds.false_fail_rate)
    parts = [say("a right solution misses full marks in at most {rate} of runs", rate=rate)]
    if thresholds.false_pass_rate is not None:
        rate = _percent(thresholds.false_pass_rate)
        parts.append(say("the best wrong one gets marks in at most {rate}", rate=rate))
    sentences = [" · ".join(parts)]
    if thresholds.weakest_right != SOLUTION:
        name = thresholds.weakest_right
        sentences.append(say("the weakest right answer, {name}, sets the full mark", name=name))
    if thresholds.hidden_sd:
        sentences.append(
            say(
                "{n} hidden examples add an SD of {sd}",
                n=thresholds.hidden_examples,
                sd=f"{thresholds.hidden_sd:.2g}",
            )
        )
    return tuple(sentences)


def _percent(rate: float) -> str:
    return f"{100 * rate:.3g} %"
