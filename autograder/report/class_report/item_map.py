"""Facility against discrimination, one labelled dot per question: the picture of item analysis."""

from __future__ import annotations

from autograder.chart import (
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    Band,
    Tick,
    find_ticks,
    label_tick,
    mark_percents,
)
from autograder.report.class_report.grid import Grid
from autograder.report.class_report.item_analysis import FEWEST_STUDENTS
from autograder.report.class_report.plots import (
    PLANE_BOTTOM,
    Dot,
    Plane,
    fit_plane,
    place_labels,
)
from autograder.report.class_report.questions import WEAK, judge_question, name_short
from autograder.report.wording import Wording

MOST_DOTS = 200


def draw_item_map(grid: Grid, wording: Wording) -> Plane | None:
    """The map; None for few students or fewer than two questions that differ."""
    items = [(name, grid.measure(name)) for name in grid.names[:MOST_DOTS]]
    known = [
        (name, item, item.facility, item.discrimination)
        for name, item in items
        if item.facility is not None and item.discrimination is not None
    ]
    if len(grid.results) < FEWEST_STUDENTS or len(known) < 2:
        return None
    values = [value for *_, value in known]
    x_axis, y_axis = fit_plane(
        -3, 103, min(-0.1, min(values) - 0.08), min(1.05, max(0.5, max(values) + 0.12))
    )
    dots, places = [], []
    for name, item, facility, value in known:
        sentences, tone = judge_question(item, (), wording)
        x, y = x_axis.place(100 * facility), y_axis.place(value)
        words = wording(
            "{name}: facility {facility}, discrimination {value}.",
            name=name_short(name),
            facility=wording.percent(facility),
            value=wording.number(value),
        )
        dots.append(Dot(x, y, tone, " ".join((words, *sentences))))
        places.append((x, y, name_short(name)))
    frame = (LEFT, 2.0, WIDTH - 2, PLANE_BOTTOM)
    return Plane(
        bands=_draw_bands(y_axis),
        dots=tuple(dots),
        labels=tuple(place_labels(places, frame)),
        x_ticks=mark_percents(x_axis),
        y_ticks=tuple(Tick(y_axis.place(at), label_tick(at)) for at in find_ticks(y_axis)),
        x_marks=(),
        y_marks=(),
        x_name=wording("Facility (easier to the right)"),
        y_name=wording("Discrimination"),
        title=wording("Facility and discrimination of the questions"),
        sentence=wording(
            "High dots tell strong from weak students; those in the shaded bands hardly do, or "
            "turn it around."
        ),
    )


def _draw_bands(y_axis: Axis) -> tuple[Band, ...]:
    weak, zero, low = y_axis.place(WEAK), y_axis.place(0), y_axis.place(y_axis.low)
    width = WIDTH - LEFT - RIGHT
    assert weak > TOP
    return (
        Band("warn", LEFT, weak, width, zero - weak),
        Band("bad", LEFT, zero, width, low - zero),
    )
