"""Submissions with similar code: pairs to look at, with the shared passages side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.chart import BOTTOM as CHART_BOTTOM
from autograder.chart import (
    HEIGHT,
    TOP,
    Axis,
    Histogram,
    Tick,
    draw_bars,
    mark_percents,
    place_mark,
)
from autograder.chart import Bar as ChartBar
from autograder.report.class_report.roster import Person, name_person
from autograder.report.class_report.similarity import Pair, Passage, Similarity
from autograder.report.clean import shorten
from autograder.report.wording import Wording
from autograder.schema import Result

_MOST_LINES = 32
_MOST_COLUMNS = 110
_BINS = 40


@dataclass(frozen=True)
class CodeLine:
    """A line of code, and whether the other notebook shares it."""

    text: str
    shared: bool


@dataclass(frozen=True)
class PassageView:
    """Two cells side by side."""

    first_heading: str
    second_heading: str
    first: tuple[CodeLine, ...]
    second: tuple[CodeLine, ...]


@dataclass(frozen=True)
class PairView:
    """One pair to look at."""

    first: Person
    second: Person
    share: float
    text: str
    far: str
    passages: tuple[PassageView, ...]


@dataclass(frozen=True)
class SimilarityView:
    """The whole section."""

    histogram: Histogram
    pairs: tuple[PairView, ...]
    sentences: tuple[str, ...]


def view_similarity(
    found: Similarity, results: Sequence[Result], links: Mapping[str, str], wording: Wording
) -> SimilarityView:
    """The section for `found`."""
    people = {result.submission: name_person(result, links) for result in results}
    return SimilarityView(
        histogram=draw_cosines(found, wording),
        pairs=tuple(_view_pair(pair, people, links, wording) for pair in found.pairs),
        sentences=tuple(filter(None, _describe(found, wording))),
    )


def _describe(found: Similarity, wording: Wording) -> list[str]:
    compared = wording(
        "{n} notebooks were compared by the code that their students wrote; two of them share "
        "{typical} as a rule.",
        n=found.compared,
        typical=wording.percent(found.typical),
    )
    pairs = (
        wording.count(
            "{n} pair is more alike than chance in this class explains.",
            "{n} pairs are more alike than chance in this class explains.",
            found.found,
        )
        if found.found
        else wording("No pair is more alike than chance in this class explains.")
    )
    rest = (
        wording("The {n} most alike are listed.", n=len(found.pairs))
        if found.found > len(found.pairs)
        else ""
    )
    left_out = (
        wording.count(
            "{n} notebook was left out: it could not be read or has too little code of its own.",
            "{n} notebooks were left out: they could not be read or have too little code of "
            "their own.",
            found.left_out,
        )
        if found.left_out
        else ""
    )
    return [compared, " ".join(filter(None, (pairs, rest))), left_out]


def draw_cosines(found: Similarity, wording: Wording) -> Histogram:
    """Histogram of all pairs; heights are logarithms, so that a single pair shows."""
    counts = np.histogram(found.cosines, bins=_BINS, range=(0.0, 1.0))[0]
    edges = [100 * i / _BINS for i in range(_BINS + 1)]
    bars, axis, _ = draw_bars(edges, [int(count) for count in counts])
    heights = Axis(0, math.log10(max(10, int(counts.max()))) + 0.5, HEIGHT - CHART_BOTTOM, TOP)
    level = axis.place(100 * found.level)
    tall = [
        _stretch(bar, heights, int(count), level) for bar, count in zip(bars, counts, strict=True)
    ]
    powers = [10**power for power in range(math.floor(heights.high - 0.3) + 1)]
    words = wording("level of chance: {share}", share=wording.percent(found.level))
    return Histogram(
        bars=tuple(bar for bar in tall if bar.height > 0),
        x_ticks=mark_percents(axis),
        y_ticks=tuple(Tick(heights.place(_lift(n)), f"{n:,}") for n in powers),
        marks=(place_mark(axis, 100 * found.level, words),),
        title=wording("All pairs by the share of code they have in common (logarithmic scale)"),
        sentence=wording("Pairs right of the line are worth a look."),
    )


def _lift(count: int) -> float:
    """Height of `count` pairs: one pair stands clear of the ground."""
    return math.log10(count) + 0.3 if count else 0.0


def _stretch(bar: ChartBar, heights: Axis, count: int, level: float) -> ChartBar:
    y = heights.place(_lift(count))
    tone = "odd" if bar.x + bar.width > level else ""
    return ChartBar(bar.x, y, bar.width, heights.start - y, bar.text, tone)


def _view_pair(
    pair: Pair, people: Mapping[str, Person], links: Mapping[str, str], wording: Wording
) -> PairView:
    first, second = (
        people.get(name, Person(shorten(name, 60), links.get(name)))
        for name in (pair.first, pair.second)
    )
    return PairView(
        first=first,
        second=second,
        share=pair.cosine,
        text=wording.percent(pair.cosine),
        far=wording("{z} spreads above the median", z=wording.number(pair.z, 1)),
        passages=tuple(
            _view_passage(passage, first.name, second.name, wording) for passage in pair.passages
        ),
    )


def _view_passage(passage: Passage, first: str, second: str, wording: Wording) -> PassageView:
    first_cell, second_cell = passage.numbers
    return PassageView(
        wording("{name}, code cell {cell}", name=first, cell=first_cell),
        wording("{name}, code cell {cell}", name=second, cell=second_cell),
        clip_lines(passage.first),
        clip_lines(passage.second),
    )


def clip_lines(lines: Sequence[tuple[str, bool]]) -> tuple[CodeLine, ...]:
    """At most `_MOST_LINES` lines around the shared ones, each of bounded length."""
    marked = [i for i, (_, shared) in enumerate(lines) if shared]
    start = max(0, (marked[0] if marked else 0) - 2)
    stop = min(len(lines), (marked[-1] if marked else 0) + 2, start + _MOST_LINES)
    kept = [
        CodeLine(text[:_MOST_COLUMNS] + ("…" if len(text) > _MOST_COLUMNS else ""), shared)
        for text, shared in lines[start:stop]
    ]
    gap = CodeLine("…", shared=False)
    return tuple([gap] * (start > 0) + kept + [gap] * (stop < len(lines)))
