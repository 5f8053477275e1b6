"""Draws what came of the tests of equivalence: an interval per variant, and the margin."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.variants.equivalence import Compared, Equivalence

if TYPE_CHECKING:  # matplotlib is loaded where a plot is drawn
    from matplotlib.axes import Axes

_WIDTH, _HEAD, _ROW = 5.5, 1.3, 0.24  # inches
_MOST_HEIGHT = 100.0
_GOOD, _BAD, _BAND = "#1f6f43", "#b42318", "#e6f0ea"


def draw_equivalence(equivalence: Equivalence, title: str) -> bytes:
    """SVG with a panel for each measure; the same findings give the same bytes."""
    import matplotlib as mpl  # noqa: PLC0415 - takes half a second
    from matplotlib.figure import Figure  # noqa: PLC0415 - the same

    panels = equivalence.group_rows()
    height = min(_MOST_HEIGHT, _HEAD + _ROW * max(map(len, panels), default=1))
    with mpl.rc_context({"svg.hashsalt": "autograder", "svg.fonttype": "none"}):
        figure = Figure(figsize=(_WIDTH * max(1, len(panels)), height), layout="constrained")
        figure.suptitle(title, fontsize=10)
        for axes, rows in zip(_split(figure.subplots(1, max(1, len(panels)))), panels, strict=True):
            _draw_panel(axes, rows, equivalence)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _split(axes: object) -> list[Axes]:
    return list(axes.flat) if hasattr(axes, "flat") else [axes]  # type: ignore[list-item]


def _draw_panel(axes: Axes, rows: Sequence[Compared], equivalence: Equivalence) -> None:
    measure = rows[0].measure
    scale = math.exp if measure.is_ratio else float
    axes.axvspan(scale(-measure.margin), scale(measure.margin), color=_BAND)
    axes.axvline(scale(0.0), color="#888888", linewidth=0.8)
    for place, row in enumerate(rows):
        colour, shape = (_GOOD, "o") if equivalence.is_good(row) else (_BAD, "x")
        axes.plot([scale(row.low), scale(row.high)], [place, place], color=colour, linewidth=1.4)
        axes.plot([scale(row.difference)], [place], shape, color=colour, markersize=5)
    axes.set_yticks(range(len(rows)), [row.variant for row in rows], fontsize=7, family="monospace")
    axes.set_ylim(len(rows) - 0.4, -0.6)
    unit = "times that of the others" if measure.is_ratio else "from the others"
    axes.set_xlabel(f"{unit}, 90 % interval; margin shaded", fontsize=8)
    axes.set_title(measure.name, fontsize=9)
    axes.tick_params(axis="x", labelsize=8)
