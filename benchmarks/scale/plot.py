"""Draws what a submission costs, and the grader's memory, by the size of the class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

PHASES = ("find", "grade", "report", "export")


def draw(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write an SVG: left milliseconds per submission by phase, right memory."""
    import matplotlib as mpl  # noqa: PLC0415 - loaded only where it draws

    mpl.use("svg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    sizes = [str(row["size"]) for row in rows]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    below = [0.0] * len(rows)
    for phase in PHASES:
        heights = [1000 * row["each"][phase] for row in rows]
        left.bar(sizes, heights, bottom=below, label=phase)
        below = [low + height for low, height in zip(below, heights, strict=True)]
    left.set(xlabel="submissions", ylabel="ms per submission")
    left.legend(frameon=False)
    right.plot(sizes, [row["peak_mib"] for row in rows], marker="o")
    right.set(xlabel="submissions", ylabel="peak memory of the grader, MiB", ylim=(0, None))
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plt.close(figure)
