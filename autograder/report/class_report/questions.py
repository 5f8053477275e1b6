"""The questions of the class: how hard, how telling, how they ended, how long they took."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from autograder.chart import keep_numbers
from autograder.report.class_report.grid import Grid
from autograder.report.class_report.item_analysis import (
    FEWEST_STUDENTS,
    Array,
    Item,
    Reliability,
    weigh_groups,
)
from autograder.report.class_report.overview import count_shares
from autograder.report.class_report.roster import Sign, group_questions
from autograder.report.clean import shorten
from autograder.report.wording import Wording, find_tone, name_outcome
from autograder.schema import Outcome, QuestionResult, Result

MOST_CARDS = 40
BINS = 10
EASY, HARD = 0.95, 0.2
TELLING, WEAK = 0.3, 0.2
_MORE_RELIABLE = 0.02  # a smaller gain of alpha is noise
_NOT_RUN = (Outcome.NOT_REACHED, Outcome.GRADER_ERROR)
Pairs = Sequence[tuple[Result, QuestionResult]]


@dataclass(frozen=True)
class Slice:
    """A part of a stacked bar: its outcome, `x` and `width` in percent of the bar."""

    outcome: str
    x: float
    width: float
    text: str


@dataclass(frozen=True)
class GroupBar:
    """How one group of students ended the question."""

    name: str
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class TimeBar:
    """Median and 90th percentile of the time, in percent of the bar; the limit ends it."""

    median: float
    high: float
    text: str
    over: bool


@dataclass(frozen=True)
class QuestionCard:
    """One question over the class.

    Attributes:
        facility: mean share of the points, from 0 to 1, or None; `facility_text` in words.
        figures: label and text of each further figure.
        columns: of the distribution of shares: height in percent, and words.
        outcomes: how it ended, for how many, worst last.
        groups: the same for strong, middle and weak students; empty for few students.
        sentences: what the figures say.
        time: None where no time was measured.
        tone: `good`, `warn`, `bad` or `calm`.
    """

    anchor: str
    name: str
    points: str
    manual: bool
    facility: float | None
    facility_text: str
    figures: tuple[tuple[str, str], ...]
    columns: tuple[tuple[float, str], ...]
    outcomes: tuple[Sign, ...]
    groups: tuple[GroupBar, ...]
    sentences: tuple[str, ...]
    time: TimeBar | None
    tone: str


def view_questions(
    grid: Grid, reliability: Reliability | None, wording: Wording
) -> list[QuestionCard]:
    """Cards of the first `MOST_CARDS` questions."""
    groups = list(group_questions(grid.results).items())[:MOST_CARDS]
    cards = [
        _view_card(i, name, pairs, grid, wording) for i, (name, pairs) in enumerate(groups, start=1)
    ]
    if reliability is None:
        return cards
    without = dict(zip(grid.names, reliability.alpha_without, strict=True))
    return [
        _add_alpha(card, without.get(name), reliability.alpha, wording)
        for card, (name, _) in zip(cards, groups, strict=True)
    ]


def _add_alpha(
    card: QuestionCard, without: float | None, alpha: float, wording: Wording
) -> QuestionCard:
    """`card` with what reliability would be without its question."""
    if without is None:
        return card
    figure = (wording("Alpha without it"), wording.number(without))
    more = (
        (wording("Without it the score would be more reliable."),)
        if without > alpha + _MORE_RELIABLE
        else ()
    )
    return replace(card, figures=(*card.figures, figure), sentences=(*card.sentences, *more))


def _view_card(number: int, name: str, pairs: Pairs, grid: Grid, wording: Wording) -> QuestionCard:
    first = pairs[0][1]
    manual = name not in grid.names
    item = None if manual else grid.measure(name)
    shares = [] if manual else keep_numbers(list(grid.shares[:, grid.names.index(name)]))
    sentences, tone = judge_question(item, pairs, wording)
    return QuestionCard(
        anchor=f"question-{number}",
        name=wording.question(first.name, first.title),
        points=wording("{n} point" if first.points == 1 else "{n} points").format(
            n=wording.number(first.points)
        ),
        manual=manual,
        facility=item.facility if item else None,
        facility_text=wording.percent(item.facility) if item and item.facility is not None else "–",
        figures=_list_figures(item, pairs, wording) if item else (),
        columns=_draw_columns(shares, wording),
        outcomes=() if manual else count_outcomes([one for _, one in pairs], wording),
        groups=() if item is None else _draw_groups(name, pairs, grid, wording),
        sentences=sentences,
        time=_draw_time([one for _, one in pairs], wording),
        tone=tone,
    )


def judge_question(
    item: Item | None, pairs: Pairs, wording: Wording
) -> tuple[tuple[str, ...], str]:
    """What the figures of a question say, and the tone of it.

    The steps 0.2 and 0.3 are the usual advice for item discrimination (Ebel & Frisbie 1991,
    ch. 13); they err on the strict side here, as the item itself is left out of the criterion.
    """
    if item is None or item.facility is None:
        return (wording("A person grades this question."),), "calm"
    missed = sum(one.outcome is Outcome.NOT_REACHED for _, one in pairs)
    ease = _judge_facility(item.facility, wording)
    reach = (
        wording.count(
            "{n} student never reached it: something before it stopped the notebook.",
            "{n} students never reached it: something before it stopped the notebook.",
            missed,
        )
        if missed
        else ""
    )
    tells, tone = _judge_discrimination(item, wording)
    return tuple(filter(None, (tells, ease, reach))), tone


def _judge_facility(facility: float, wording: Wording) -> str:
    if facility >= EASY:
        return wording("Nearly everyone has all its points.")
    if facility < HARD:
        return wording("Hardly anyone earns its points: too hard, not taught, or a wrong test.")
    return ""


def _judge_discrimination(item: Item, wording: Wording) -> tuple[str, str]:
    value = item.discrimination
    if item.students < FEWEST_STUDENTS:
        return wording("Too few students to tell how well it discriminates."), "calm"
    if value is None:
        return wording("It tells nobody apart: all have the same."), "calm"
    if value < 0:
        return wording("Weak students do better here than strong ones: look at it."), "bad"
    if value < WEAK:
        return wording("It hardly tells strong from weak students."), "warn"
    if value < TELLING:
        return wording("It tells strong from weak students somewhat."), "good"
    return wording("It tells strong from weak students well."), "good"


def _list_figures(item: Item, pairs: Pairs, wording: Wording) -> tuple[tuple[str, str], ...]:
    missed = sum(one.outcome is Outcome.NOT_REACHED for _, one in pairs)
    return (
        (wording("Discrimination"), wording.number(item.discrimination)),
        (wording("Upper − lower 27%"), wording.number(item.upper_lower)),
        (wording("Never reached"), wording.number(missed, 0)),
    )


def _draw_columns(shares: Sequence[float], wording: Wording) -> tuple[tuple[float, str], ...]:
    if not shares:
        return ()
    counts = count_shares(shares, BINS)
    most = max(counts)
    return tuple(
        (
            100 * count / most,
            wording(
                "{low}% to {high}% of the points: {n}",
                low=100 * i // BINS,
                high=100 * (i + 1) // BINS,
                n=count,
            ),
        )
        for i, count in enumerate(counts)
    )


def count_outcomes(questions: Sequence[QuestionResult], wording: Wording) -> tuple[Sign, ...]:
    """Outcomes with their numbers, worst last, without those nobody had."""
    counts = Counter(question.outcome for question in questions)
    return tuple(
        Sign(outcome.value, find_tone(outcome), name_outcome(wording, outcome), counts[outcome])
        for outcome in Outcome
        if counts[outcome]
    )


def _draw_groups(name: str, pairs: Pairs, grid: Grid, wording: Wording) -> tuple[GroupBar, ...]:
    """How strong, middle and weak students, by their other questions, ended this one."""
    outcomes = {id(result): one.outcome for result, one in pairs}
    rests = grid.rests[:, grid.names.index(name)]
    rows = [
        (rest, outcomes[id(result)])
        for rest, result in zip(rests, grid.results, strict=True)
        if np.isfinite(rest) and id(result) in outcomes
    ]
    if len(rows) < FEWEST_STUDENTS:
        return ()
    lower, middle, upper = weigh_groups(np.array([rest for rest, _ in rows]))
    found = [outcome for _, outcome in rows]
    return (
        GroupBar(wording("strong 27%"), _stack(found, upper, wording)),
        GroupBar(wording("middle"), _stack(found, middle, wording)),
        GroupBar(wording("weak 27%"), _stack(found, lower, wording)),
    )


def _stack(outcomes: Sequence[Outcome], weights: Array, wording: Wording) -> tuple[Slice, ...]:
    total = float(weights.sum())
    slices, x = [], 0.0
    for outcome in Outcome:
        own = sum(float(w) for w, one in zip(weights, outcomes, strict=True) if one is outcome)
        if own > 1e-9 and total > 0:
            share = own / total
            text = f"{name_outcome(wording, outcome)}: {wording.percent(share)}"
            slices.append(Slice(outcome.value, x, 100 * share, text))
            x += 100 * share
    return tuple(slices)


def _draw_time(questions: Sequence[QuestionResult], wording: Wording) -> TimeBar | None:
    ran = [one for one in questions if one.outcome not in _NOT_RUN]
    seconds = keep_numbers([one.reference_seconds for one in ran])
    limit = max(keep_numbers([one.limit_seconds for one in ran]), default=0.0)
    if not seconds or max(seconds) <= 0 or limit <= 0:
        return None
    median, high = statistics.median(seconds), float(np.percentile(seconds, 90))
    return TimeBar(
        median=100 * min(1.0, median / limit),
        high=100 * min(1.0, high / limit),
        text=wording(
            "median {median}, 90% within {high}, limit {limit}",
            median=wording.seconds(median),
            high=wording.seconds(high),
            limit=wording.seconds(limit),
        ),
        over=high > 0.8 * limit,
    )


def name_short(name: str) -> str:
    """Name of a question for a label in a drawing."""
    return shorten(name, 10)
