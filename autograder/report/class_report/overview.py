"""The class at a glance: figures, distribution of the scores, and how far to trust a score."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.chart import Histogram, draw_bars, is_number, mark_percents, place_mark
from autograder.report.class_report.item_analysis import FEWEST_STUDENTS, Reliability
from autograder.report.class_report.roster import find_share, keep_scores
from autograder.report.wording import Wording
from autograder.schema import Result

BINS = 10


@dataclass(frozen=True)
class ReliabilityView:
    """Reliability in words, and as a place on a scale from 0 to 1 (shares of its length)."""

    value: str
    interval: str
    at: float
    low: float
    high: float
    tone: str
    sentences: tuple[str, ...]


def summarise(results: Sequence[Result], wording: Wording) -> list[tuple[str, str]]:
    """Figures for the head of the page, as pairs of a label and a text."""
    scores = keep_scores(results)
    points = max((result.points for result in results if is_number(result.points)), default=0.0)
    full = sum(score >= result.points for result, score in scores)
    values = [score for _, score in scores]
    mean = wording.number(statistics.fmean(values)) if values else "–"
    median = wording.number(statistics.median(values)) if values else "–"
    spread = wording.number(statistics.stdev(values)) if len(values) > 1 else "–"
    late = sum(result.late for result in results)
    figures = [
        (wording("Submissions"), wording.number(len(results), 0)),
        (wording("Mean score"), f"{mean} / {wording.number(points)}"),
        (wording("Median score"), f"{median} / {wording.number(points)}"),
        (wording("Standard deviation"), spread),
        (wording("Full marks"), wording.number(full, 0)),
    ]
    return [*figures, (wording("Late"), wording.number(late, 0))] if late else figures


def draw_scores(results: Sequence[Result], wording: Wording) -> Histogram | None:
    """Histogram of the scores as shares of the points; None where nobody has a score."""
    found = (find_share(score, result.points) for result, score in keep_scores(results))
    shares = [share for share in found if share is not None]
    if not shares:
        return None
    bars, axis, y_ticks = draw_bars([100 * i / BINS for i in range(BINS + 1)], count_shares(shares))
    median = statistics.median(shares)
    words = wording("median {share}", share=wording.percent(median))
    return Histogram(
        bars=bars,
        x_ticks=mark_percents(axis),
        y_ticks=y_ticks,
        marks=(place_mark(axis, 100 * median, words),),
        title=wording("Scores, in percent of the points"),
        sentence=wording(
            "Half of the class scored {share} or more.", share=wording.percent(median)
        ),
    )


def count_shares(shares: Sequence[float], bins: int = BINS) -> list[int]:
    """Number of `shares` in each of `bins` equal bins; the last holds full marks too."""
    counts = [0] * bins
    for share in shares:
        counts[min(bins - 1, int(share * bins + 1e-9))] += 1
    return counts


def view_reliability(
    found: Reliability | None, students: int, wording: Wording
) -> ReliabilityView | str:
    """Reliability for the page, or why there is none."""
    if found is None:
        if students < FEWEST_STUDENTS:
            return wording(
                "Too few students for an item analysis: {n}, and it begins with {fewest}.",
                n=students,
                fewest=FEWEST_STUDENTS,
            )
        return wording(
            "There is no reliability to tell: it needs two questions and scores that differ."
        )
    sentence, tone = _judge(found.alpha, wording)
    error = wording.number(found.standard_error, 1)
    return ReliabilityView(
        value=wording.number(found.alpha),
        interval=wording(
            "{low} to {high}", low=wording.number(found.low), high=wording.number(found.high)
        ),
        at=_clip(found.alpha),
        low=_clip(found.low),
        high=_clip(found.high),
        tone=tone,
        sentences=(
            sentence,
            wording(
                "Take a score as uncertain by about ±{error} points (standard error of "
                "measurement): smaller differences between two students mean little.",
                error=error,
            ),
        ),
    )


def _judge(alpha: float, wording: Wording) -> tuple[str, str]:
    if alpha >= 0.8:
        return wording(
            "The questions measure consistently: the order of students is solid."
        ), "good"
    if alpha >= 0.6:
        return wording("The questions measure fairly consistently: enough for homework."), "warn"
    return wording(
        "The questions have little in common, or are few: do not rank students by this score alone."
    ), "bad"


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))
