"""Training questions over the class: the metric against its thresholds, cost, and all curves."""

from __future__ import annotations

import statistics
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
    Band,
    Histogram,
    Mark,
    Tick,
    draw_bars,
    find_ticks,
    fit_axis,
    is_number,
    keep_numbers,
    label_tick,
    place_mark,
)
from autograder.report.class_report.bundle_of_curves import CurveBundle, draw_bundles
from autograder.report.class_report.plots import Dot, Plane, fit_plane
from autograder.report.class_report.roster import find_share, group_questions, keep_read
from autograder.report.clean import shorten
from autograder.report.exposure import find_training_case
from autograder.report.wording import Wording
from autograder.schema import QuestionResult, Result, TrainingResult

MOST_TRAININGS = 8
_MOST_DOTS = 400
_BINS = 24


@dataclass(frozen=True)
class Run:
    """One student's training: whose, how it was judged, and the link to the feedback page."""

    name: str
    href: str | None
    tone: str
    training: TrainingResult


@dataclass(frozen=True)
class TrainingSection:
    """One training question over the class."""

    name: str
    anchor: str
    metric: Histogram | None
    bundles: tuple[CurveBundle, ...]
    cost: Plane | None
    counts: tuple[tuple[str, str, int], ...]
    sentence: str


def view_trainings(
    results: Sequence[Result], links: Mapping[str, str], wording: Wording
) -> list[TrainingSection]:
    """Sections of the first training questions."""
    sections: list[TrainingSection] = []
    for name, pairs in group_questions(keep_read(results)).items():
        runs = [run for result, one in pairs if (run := _make_run(result, one, links)) is not None]
        if runs and len(sections) < MOST_TRAININGS:
            title = wording.question(name, pairs[0][1].title)
            sections.append(_view(title, f"training-{len(sections) + 1}", runs, wording))
    return sections


def _make_run(result: Result, question: QuestionResult, links: Mapping[str, str]) -> Run | None:
    training = question.training
    if training is None:
        return None
    case = find_training_case(question)
    share = find_share(case.score, case.points) if case else None
    if share is None:
        share = _share_of_metric(training)
    tone = "good" if share >= 1 - 1e-9 else "warn" if share > 0 else "bad"
    name = shorten(result.student or result.submission, 40)
    return Run(name, links.get(result.submission), tone, training)


def _share_of_metric(training: TrainingResult) -> float:
    value, none, full = training.value, training.no_marks_below, training.full_marks_at
    if value is None or not (is_number(value) and is_number(none) and is_number(full)):
        return 0.0
    if full == none:
        return float(value >= full)
    return min(1.0, max(0.0, (value - none) / (full - none)))


def _view(name: str, anchor: str, runs: Sequence[Run], wording: Wording) -> TrainingSection:
    values = keep_numbers([run.training.value for run in runs])
    counts = {tone: sum(run.tone == tone for run in runs) for tone in ("good", "warn", "bad")}
    return TrainingSection(
        name=name,
        anchor=anchor,
        metric=draw_metric(runs, wording),
        bundles=tuple(
            draw_bundles([(run.name, run.tone, run.training.history) for run in runs], wording)
        ),
        cost=draw_cost(runs, wording),
        counts=(
            ("good", wording("full marks"), counts["good"]),
            ("warn", wording("part of the marks"), counts["warn"]),
            ("bad", wording("no marks"), counts["bad"]),
        ),
        sentence=wording(
            "Half of the models reach {median} or better; full marks begin at {full}.",
            median=wording.measure(statistics.median(values), 3),
            full=wording.measure(runs[0].training.full_marks_at, 3),
        )
        if values
        else wording("Nothing could be measured on the hidden data."),
    )


def draw_metric(runs: Sequence[Run], wording: Wording) -> Histogram | None:
    """Histogram of the metric; outliers are counted in the bins at the ends."""
    first = runs[0].training
    values = keep_numbers([run.training.value for run in runs])
    none, full = first.no_marks_below, first.full_marks_at
    if not values or not (is_number(none) and is_number(full)):
        return None
    low, high = _find_range(values, none, full)
    bins = int(min(_BINS, max(8, len(values) // 3)))
    edges = [low + (high - low) * i / bins for i in range(bins + 1)]
    counts = np.histogram(np.clip(values, low, high), bins=np.array(edges))[0]
    bars, axis, y_ticks = draw_bars(edges, [int(count) for count in counts])
    metric = shorten(first.metric, 40)
    return Histogram(
        bands=_draw_bands(axis, none, full),
        bars=tuple(bar for bar in bars if bar.height > 0),
        x_ticks=tuple(Tick(axis.place(at), label_tick(at)) for at in find_ticks(axis)),
        y_ticks=y_ticks,
        marks=_mark_thresholds(axis, none, full, wording),
        title=wording("{metric} on the hidden data", metric=metric),
        sentence=wording(
            "{n} models were measured, from {low} to {high}.",
            n=len(values),
            low=wording.measure(min(values), 3),
            high=wording.measure(max(values), 3),
        ),
    )


def _find_range(values: Sequence[float], none: float, full: float) -> tuple[float, float]:
    """Stretch that holds the thresholds and all but the furthest 2 % at either end."""
    least, most = (float(np.percentile(values, share)) for share in (2, 98))
    low, high = min(least, none, full), max(most, none, full)
    room = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    bottom, top = low - room, high + room
    inside_unit = low >= 0 and high <= 1
    return (max(0.0, bottom), min(1.0, top)) if inside_unit else (bottom, top)


def _draw_bands(axis: Axis, none: float, full: float) -> tuple[Band, ...]:
    left, right = sorted((axis.place(none), axis.place(full)))
    tones = ("bad", "warn", "good") if none <= full else ("good", "warn", "bad")
    stops = (axis.start, left, right, axis.end)
    return tuple(
        Band(tone, a, TOP + 6, b - a, HEIGHT - BOTTOM - TOP - 6)
        for tone, a, b in zip(tones, stops, stops[1:], strict=False)
    )


def _mark_thresholds(axis: Axis, none: float, full: float, wording: Wording) -> tuple[Mark, ...]:
    """Names of both thresholds, each turned away from the other."""
    marks = []
    for value, message in ((none, "0 below {value}"), (full, "full {value}")):
        x = axis.place(value)
        outwards = "end" if value <= min(none, full) else "start"
        near = x < LEFT + 60 if outwards == "end" else x > WIDTH - RIGHT - 60
        text = wording(message, value=wording.measure(value, 3))
        marks.append(Mark(x, text, "middle" if near else outwards))
    return tuple(marks)


def draw_cost(runs: Sequence[Run], wording: Wording) -> Plane | None:
    """Parameters against training time, one dot per student, coloured by marks."""
    known = [
        (run, float(parameters), seconds)
        for run in runs[:_MOST_DOTS]
        if (parameters := run.training.parameters) is not None
        and (seconds := run.training.seconds) is not None
        and is_number(parameters)
        and is_number(seconds)
        and parameters > 0
    ]
    if len(known) < 2:
        return None
    first = known[0][0].training
    limit, budget = first.limit_seconds, first.max_parameters
    x_axis, y_axis = _fit_cost(known, limit, budget)
    place = wording("{name}: {parameters} parameters, {seconds}, {metric}")
    dots = [
        Dot(
            x_axis.place(parameters),
            y_axis.place(seconds),
            run.tone,
            place.format(
                name=run.name,
                parameters=wording.number(parameters, 0),
                seconds=wording.seconds(seconds),
                metric=wording.measure(run.training.value, 3),
            ),
            run.href,
        )
        for run, parameters, seconds in known
    ]
    return Plane(
        bands=(),
        dots=tuple(dots),
        labels=(),
        x_ticks=tuple(Tick(x_axis.place(at), _label_count(at)) for at in _find_counts(x_axis)),
        y_ticks=tuple(Tick(y_axis.place(at), label_tick(at)) for at in find_ticks(y_axis)),
        x_marks=(place_mark(x_axis, budget, wording("most parameters")),) if budget else (),
        y_marks=(Tick(y_axis.place(limit), wording("time limit")),) if limit < y_axis.high else (),
        x_name=wording("Parameters"),
        y_name=wording("Training time (s)"),
        title=wording("Parameters and training time"),
        sentence=wording("One dot per student; its colour tells the marks of the training."),
    )


def _fit_cost(
    known: Sequence[tuple[Run, float, float]], limit: float, budget: int | None
) -> tuple[Axis, Axis]:
    counts = [parameters for _, parameters, _ in known] + ([float(budget)] if budget else [])
    seconds = [value for *_, value in known]
    top = max(seconds)
    if is_number(limit) and 0 < limit <= 4 * top:
        top = max(top, limit)
    plane = fit_plane(0, 1, 0, max(1e-3, 1.08 * top))
    low, high = min(counts), max(counts)
    if high / low >= 8:
        return Axis(low / 1.3, high * 1.3, LEFT, WIDTH - RIGHT, logarithmic=True), plane[1]
    return fit_axis(counts, LEFT, WIDTH - RIGHT, floor=0), plane[1]


def _find_counts(axis: Axis) -> list[float]:
    """Round values; between powers of ten also 2 and 5 times, where there is room."""
    if not axis.logarithmic:
        return find_ticks(axis, 4)
    powers = find_ticks(axis)
    if axis.high / axis.low > 2e3:
        return powers
    low = 10.0 ** np.floor(np.log10(axis.low))
    steps = [low * 10.0**i * factor for i in range(5) for factor in (1, 2, 5)]
    wide = axis.high / axis.low > 100
    return [at for at in steps if axis.low <= at <= axis.high and not (wide and str(at)[0] == "2")]


def _label_count(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1e3:g}k" if value >= 1e3 else f"{value:g}"
