"""Drawings of many students at once: dots in a plane, labels that do not meet, stacked dots.

Geometry only, as in `chart`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.chart import LEFT, RIGHT, TOP, WIDTH, Axis, Band, Mark, Tick

PLANE_HEIGHT = 280.0
PLANE_BOTTOM = PLANE_HEIGHT - 40.0
DOT = 4.5  # radius, pixels
_LINE = 12.0  # height of a label


@dataclass(frozen=True)
class Dot:
    """A dot in pixels, its colour family, its words, and a link where there is one."""

    x: float
    y: float
    tone: str
    text: str
    href: str | None = None
    hollow: bool = False


@dataclass(frozen=True)
class Label:
    """A short text beside a dot; `anchor` is SVG's text-anchor."""

    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Plane:
    """Dots in a plane as a drawing.

    Attributes:
        bands: behind everything.
        dots: one per student or question.
        labels: of dots; those that would meet another are left out.
        x_ticks: under the plane.
        y_ticks: at its left.
        x_marks: upright lines with names.
        y_marks: level lines with names, as ticks.
        x_name: of the horizontal axis.
        y_name: of the vertical axis.
        title: what it shows.
        sentence: what it says.
    """

    bands: tuple[Band, ...]
    dots: tuple[Dot, ...]
    labels: tuple[Label, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    x_marks: tuple[Mark, ...]
    y_marks: tuple[Tick, ...]
    x_name: str
    y_name: str
    title: str
    sentence: str


def measure_text(text: str, size: float = 11.0) -> float:
    """Rough width of `text` in pixels: a Hangul syllable is as wide as high."""
    return sum(size if ord(character) > 0x1100 else 0.58 * size for character in text)


Box = tuple[float, float, float, float]


def place_labels(dots: Sequence[tuple[float, float, str]], frame: Box) -> list[Label]:
    """Labels beside `dots` that meet neither each other nor a dot, nor leave the frame.

    Args:
        dots: x, y and text; earlier ones choose first.
        frame: left, top, right, bottom.
    """
    taken: list[Box] = [(x - DOT, y - DOT, x + DOT, y + DOT) for x, y, _ in dots]
    labels: list[Label] = []
    for x, y, text in dots:
        for label, box in _try_places(x, y, text):
            if _is_inside(box, frame) and not any(_meet(box, other) for other in taken):
                labels.append(label)
                taken.append(box)
                break
    return labels


def _try_places(x: float, y: float, text: str) -> list[tuple[Label, Box]]:
    """Places for a label, the best first."""
    width, gap = measure_text(text), DOT + 3
    places = [
        (x + gap, y + 4, "start"),
        (x - gap, y + 4, "end"),
        (x, y - gap - 1, "middle"),
        (x, y + gap + 9, "middle"),
        (x + gap - 2, y - gap + 1, "start"),
        (x - gap + 2, y - gap + 1, "end"),
        (x + gap - 2, y + gap + 6, "start"),
        (x - gap + 2, y + gap + 6, "end"),
    ]
    shifts = {"start": 0.0, "middle": -width / 2, "end": -width}
    return [
        (
            Label(at, base, text, anchor),
            (at + shifts[anchor], base - 9, at + shifts[anchor] + width, base - 9 + _LINE),
        )
        for at, base, anchor in places
    ]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _is_inside(box: Box, frame: Box) -> bool:
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def fit_plane(x_low: float, x_high: float, y_low: float, y_high: float) -> tuple[Axis, Axis]:
    """Axes of a plane between these values."""
    return (
        Axis(x_low, x_high, LEFT, WIDTH - RIGHT),
        Axis(y_low, y_high, PLANE_BOTTOM, TOP),
    )


def stack_dots(places: Sequence[float], width: float = 2 * DOT + 1) -> list[int]:
    """For each horizontal place the lowest level on which its dot meets no earlier one."""
    levels: list[list[float]] = []
    found: list[int] = []
    for place in places:
        free = (all(abs(place - other) >= width for other in others) for others in levels)
        level = next((i for i, fits in enumerate(free) if fits), len(levels))
        if level == len(levels):
            levels.append([])
        levels[level].append(place)
        found.append(level)
    return found
