"""Geometry of the charts: from numbers to places in a drawing; templates do the drawing.

Charts are drawn by templates rather than by matplotlib: they take the page's colours (so dark mode
and print work), share no ids, and cost no import.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 340.0
HEIGHT = 190.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 12.0, 12.0, 30.0

_HUGE = 1e30  # beyond this a number is as good as infinite, and differences stay finite
CURVE_POINTS = 240

Numbers = Sequence[float | None]


def is_number(value: float | None) -> bool:
    """Whether `value` can be drawn."""
    return value is not None and math.isfinite(value) and abs(value) < _HUGE


def round_pixels(value: float) -> str:
    """A place or length as drawings write it."""
    return f"{value:.1f}".removesuffix(".0")


def keep_numbers(values: Numbers) -> list[float]:
    """The values that can be drawn, in order."""
    return [value for value in values if value is not None and is_number(value)]


@dataclass(frozen=True)
class Axis:
    """A scale from values to places in the drawing.

    Attributes:
        low: value at `start`.
        high: value at `end`; more than `low`.
        start: place of `low`, in pixels.
        end: place of `high`, in pixels.
        logarithmic: whether equal ratios have equal lengths.
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Place of `value`, in pixels; values outside go to the nearer end."""
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: its place in pixels and its text."""

    at: float
    text: str


def fit_axis(values: Numbers, start: float, end: float, *, floor: float | None = None) -> Axis:
    """Axis that holds all `values`; logarithmic where positive ones span three powers of ten.

    Args:
        values: at least one of them a number.
        start: place of the least value, in pixels.
        end: place of the greatest value, in pixels.
        floor: a value the axis need not go below.
    """
    numbers = keep_numbers(values)
    low, high = min(numbers), max(numbers)
    if low > 0 and high / low >= 1000:
        return Axis(low / 1.2, high * 1.2, start, end, logarithmic=True)
    room = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    bottom = low - room if floor is None or low < floor else max(floor, low - room)
    return Axis(bottom, high + room, start, end)


def find_ticks(axis: Axis, most: int = 5) -> list[float]:
    """Round values on `axis`, about `most` of them."""
    if axis.logarithmic:
        powers = range(math.ceil(math.log10(axis.low)), math.floor(math.log10(axis.high)) + 1)
        step = max(1, math.ceil(len(powers) / most))
        return [10.0**power for power in powers][::step]
    step_size = find_step((axis.high - axis.low) / most)
    first, last = math.ceil(axis.low / step_size), math.floor(axis.high / step_size)
    return [round(index * step_size, 12) for index in range(first, min(last, first + 20) + 1)]


def find_step(size: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is at least `size`."""
    power: float = 10.0 ** math.floor(math.log10(size))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= size * (1 - 1e-9))


def label_tick(value: float) -> str:
    """Short text of an axis value."""
    if value and (abs(value) >= 1e5 or abs(value) < 1e-3):
        return f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    return f"{value:.4g}"


def draw_path(places: Sequence[tuple[float, float] | None]) -> str:
    """SVG path through `places`; None leaves a gap, and a lone point becomes a dot."""
    parts: list[str] = []
    pen_down = False
    for i, place in enumerate(places):
        if place is None:
            pen_down = False
            continue
        x, y = place
        lone = not pen_down and (i + 1 == len(places) or places[i + 1] is None)
        parts.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}" + ("h.01" if lone else ""))
        pen_down = True
    return "".join(parts)


def mark_percents(axis: Axis) -> tuple[Tick, ...]:
    """Ticks at the quarters of an axis in percent."""
    return tuple(Tick(axis.place(at), f"{at}%") for at in (0, 25, 50, 75, 100))


def thin_out(count: int, most: int = CURVE_POINTS) -> list[int]:
    """Indices of at most some `most` of `count` points, the first and the last among them."""
    step = max(1, math.ceil(count / most))
    indices = list(range(0, count, step))
    return indices if not count or indices[-1] == count - 1 else [*indices, count - 1]


@dataclass(frozen=True)
class Bar:
    """A bar of a histogram, in pixels, with what it counts in words; `tone` may be `odd`."""

    x: float
    y: float
    width: float
    height: float
    text: str
    tone: str = ""


@dataclass(frozen=True)
class Mark:
    """A named place on the horizontal axis, such as a mean; `anchor` is SVG's text-anchor."""

    x: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Band:
    """A coloured stretch behind a drawing, in pixels; `tone` may be empty."""

    tone: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Histogram:
    """A histogram as a drawing.

    Attributes:
        bars: one per bin.
        x_ticks: under the bars.
        y_ticks: counts.
        marks: upright lines with their names.
        title: what it shows.
        sentence: what it says, in words.
        bands: behind everything.
    """

    bars: tuple[Bar, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    title: str
    sentence: str
    bands: tuple[Band, ...] = ()


def draw_bars(
    edges: Sequence[float], counts: Sequence[int]
) -> tuple[tuple[Bar, ...], Axis, tuple[Tick, ...]]:
    """Bars of a histogram, its horizontal axis, and the ticks of its vertical one.

    Args:
        edges: of the bins, rising; one more than `counts`.
        counts: per bin, not negative.
    """
    x_axis = Axis(edges[0], edges[-1], LEFT, WIDTH - RIGHT)
    y_axis = Axis(0, max(1.0, *map(float, counts)) * 1.12, HEIGHT - BOTTOM, TOP)
    bars = []
    for left, right, count in zip(edges, edges[1:], counts, strict=False):
        x, y = x_axis.place(left), y_axis.place(count)
        width = max(0.5, x_axis.place(right) - x - 1.5)
        text = f"{label_tick(left)} – {label_tick(right)}: {count}"
        bars.append(Bar(x + 0.75, y, width, y_axis.start - y, text))
    ticks = [value for value in find_ticks(y_axis, 4) if value == int(value)]
    return tuple(bars), x_axis, tuple(Tick(y_axis.place(at), label_tick(at)) for at in ticks)


def place_mark(axis: Axis, value: float, text: str) -> Mark:
    """Mark at `value`, its name turned inwards where it would leave the drawing."""
    x = axis.place(value)
    share = (x - axis.start) / (axis.end - axis.start)
    return Mark(x, text, "start" if share < 0.25 else "end" if share > 0.75 else "middle")
