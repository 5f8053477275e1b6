"""How long grading took, submission by submission, and which were slowest."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.chart import (
    Histogram,
    Tick,
    draw_bars,
    find_step,
    find_ticks,
    is_number,
    label_tick,
    place_mark,
)
from autograder.report.class_report.roster import Person, name_person
from autograder.report.wording import Wording
from autograder.schema import Result

_MOST_SLOW = 8
_FEWEST = 5


@dataclass(frozen=True)
class SlowRow:
    """One of the slowest: who, how long, share of the slowest, and the question that took most."""

    person: Person
    seconds: str
    share: float
    question: str


@dataclass(frozen=True)
class TimesView:
    """Distribution and slowest; no drawing for very few submissions."""

    histogram: Histogram | None
    slowest: tuple[SlowRow, ...]


def view_times(
    results: Sequence[Result], links: Mapping[str, str], wording: Wording
) -> TimesView | None:
    """The section; None where no time was measured."""
    timed = [one for one in results if is_number(one.wall_seconds) and one.wall_seconds > 0]
    if not timed:
        return None
    timed.sort(key=lambda one: (-one.wall_seconds, one.submission))
    most = timed[0].wall_seconds
    slowest = tuple(
        SlowRow(
            name_person(one, links),
            wording.seconds(one.wall_seconds),
            one.wall_seconds / most,
            _find_slowest(one, wording),
        )
        for one in timed[:_MOST_SLOW]
    )
    return TimesView(_draw([one.wall_seconds for one in timed], wording), slowest)


def _find_slowest(result: Result, wording: Wording) -> str:
    timed = [one for one in result.questions if is_number(one.wall_seconds) and one.wall_seconds]
    if not timed:
        return ""
    one = max(timed, key=lambda question: question.wall_seconds)
    return wording(
        "mostly {question}: {seconds}",
        question=wording.question(one.name, ""),
        seconds=wording.seconds(one.wall_seconds),
    )


def _draw(seconds: Sequence[float], wording: Wording) -> Histogram | None:
    if len(seconds) < _FEWEST:
        return None
    top = max(seconds) * 1.0001
    step = find_step(top / 20)
    bins = int(top // step) + 1
    counts = [0] * bins
    for value in seconds:
        counts[min(bins - 1, int(value // step))] += 1
    bars, axis, y_ticks = draw_bars([i * step for i in range(bins + 1)], counts)
    median = statistics.median(seconds)
    share = wording.seconds(median)
    return Histogram(
        bars=bars,
        x_ticks=tuple(Tick(axis.place(at), label_tick(at)) for at in find_ticks(axis)),
        y_ticks=y_ticks,
        marks=(place_mark(axis, median, wording("median {share}", share=share)),),
        title=wording("Seconds on the clock for each submission"),
        sentence=wording("Half of the submissions took {median} or less.", median=share),
    )
