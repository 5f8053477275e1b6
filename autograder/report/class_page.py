"""The class page for staff: how the class did, question by question, and what went wrong most."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from autograder.report.chart import Axis, Histogram, Tick, draw_bars, is_number, place_mark
from autograder.report.clean import shorten
from autograder.report.page import render_page
from autograder.report.wording import Wording, find_tone, name_outcome
from autograder.schema import Outcome, QuestionResult, Result

_BINS = 10
_MOST_ERRORS = 10
_MOST_SLOW = 5
_DIGITS = re.compile(r"0x[0-9a-fA-F]+|\d+")


@dataclass(frozen=True)
class Sign:
    """An outcome as icon and word: of how many students, or of which question."""

    icon: str
    tone: str
    word: str
    count: int = 1


@dataclass(frozen=True)
class QuestionRow:
    """One question over the class.

    Attributes:
        facility: mean share of the points, as the bar's length and in words.
        outcomes: worst last, without those nobody had.
        seconds: median of the reference seconds, in words.
    """

    name: str
    points: str
    share: float | None
    facility: str
    outcomes: tuple[Sign, ...]
    seconds: str


@dataclass(frozen=True)
class ErrorRow:
    """One message and how many students got it."""

    question: str
    text: str
    students: int


@dataclass(frozen=True)
class StudentRow:
    """One submission in the table.

    Attributes:
        href: None where there is no page to link to.
        signs: the outcome of each question; empty where none was graded.
        message: about the submission as a whole.
    """

    student: str
    submission: str
    href: str | None
    score: str
    share: float | None
    attempt: int
    late: bool
    failed: bool
    signs: tuple[Sign, ...]
    message: str
    seconds: str
    staff_message: str


def render_class_page(
    results: Sequence[Result],
    *,
    title: str,
    language: str,
    links: Mapping[str, str],
    course: Path | None = None,
    zone: tzinfo | None = UTC,
) -> str:
    """The class page as self-contained HTML.

    Args:
        results: one per submission, in the order of the table.
        title: of the assessment.
        language: `ko` or `en`.
        links: relative address of the feedback page, by the submission's name.
        course: folder of a course whose `templates/report/` come before ours.
        zone: time zone in which dates are told; None for this machine's.
    """
    wording = Wording(language, zone)
    students = [_view_student(result, links, wording) for result in results]
    graded = [result for result in results if result.outcome == "graded"]
    return render_page(
        "class.html.j2",
        wording,
        course,
        title=title,
        language=language,
        graded_at=max((result.graded_at for result in results), default=None),
        figures=_summarise(results, wording),
        histogram=draw_scores(graded, wording),
        questions=_tabulate_questions(graded, wording),
        errors=find_common_errors(graded, wording),
        slowest=_find_slowest(results, students),
        students=students,
        failures=[row for row in students if row.failed],
    )


def _summarise(results: Sequence[Result], wording: Wording) -> list[tuple[str, str]]:
    """Figures for the head of the page, as pairs of a label and a text."""
    scores = _keep_scores(results)
    points = max((result.points for result in results), default=0.0)
    full = sum(score >= result.points for result, score in scores)
    values = [score for _, score in scores]
    mean = wording.number(statistics.fmean(values)) if values else "–"
    median = wording.number(statistics.median(values)) if values else "–"
    figures = [
        (wording("Submissions"), wording.number(len(results), 0)),
        (wording("Mean score"), f"{mean} / {wording.number(points)}"),
        (wording("Median score"), f"{median} / {wording.number(points)}"),
        (wording("Full marks"), wording.number(full, 0)),
    ]
    late = sum(result.late for result in results)
    return [*figures, (wording("Late"), wording.number(late, 0))] if late else figures


def draw_scores(results: Sequence[Result], wording: Wording) -> Histogram | None:
    """Histogram of the scores as shares of the points; None where nobody has a score."""
    shares = [
        min(1.0, max(0.0, score / result.points))
        for result, score in _keep_scores(results)
        if result.points > 0
    ]
    if not shares:
        return None
    counts = [0] * _BINS
    for share in shares:
        counts[min(_BINS - 1, int(share * _BINS + 1e-9))] += 1
    edges = [100 * i / _BINS for i in range(_BINS + 1)]
    bars, axis, y_ticks = draw_bars(edges, counts)
    median = statistics.median(shares)
    words = wording("median {share}", share=wording.percent(median))
    return Histogram(
        bars=bars,
        x_ticks=_mark_percents(axis),
        y_ticks=y_ticks,
        marks=(place_mark(axis, 100 * median, words),),
        title=wording("Scores, in percent of the points"),
        sentence=wording(
            "Half of the class scored {share} or more.", share=wording.percent(median)
        ),
    )


def find_common_errors(results: Sequence[Result], wording: Wording) -> list[ErrorRow]:
    """The messages that most students got, numbers in them taken as equal.

    One message in several questions (a notebook that cannot be read, answers left out) is one row.
    """
    students: defaultdict[str, set[str]] = defaultdict(set)
    texts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    titles: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for result in results:
        for question in result.questions:
            text = _name_failure(question)
            if text:
                key = _DIGITS.sub("#", text)
                students[key].add(result.student or result.submission)
                texts[key][text] += 1
                titles[key][question.name] = wording.question(question.name, question.title)
    order = sorted(students, key=lambda key: (-len(students[key]), sorted(titles[key]), key))
    return [
        ErrorRow(_name_questions(titles[key]), texts[key].most_common(1)[0][0], len(students[key]))
        for key in order[:_MOST_ERRORS]
    ]


def _name_questions(titles: Mapping[str, str]) -> str:
    return next(iter(titles.values())) if len(titles) == 1 else ", ".join(titles)


def _name_failure(question: QuestionResult) -> str:
    if question.outcome in (Outcome.PASSED, Outcome.GRADER_ERROR) or question.manual:
        return ""
    if question.error:
        return shorten(f"{question.error.name}: {question.error.text}", 160)
    return shorten(question.message, 160)


def _tabulate_questions(results: Sequence[Result], wording: Wording) -> list[QuestionRow]:
    by_name: defaultdict[str, list[QuestionResult]] = defaultdict(list)
    for result in results:
        for question in result.questions:
            by_name[question.name].append(question)
    return [_view_row(questions, wording) for questions in by_name.values()]


def _view_row(questions: Sequence[QuestionResult], wording: Wording) -> QuestionRow:
    first = questions[0]
    shares = [
        question.score / question.points
        for question in questions
        if question.score is not None and is_number(question.score) and question.points > 0
    ]
    facility = statistics.fmean(shares) if shares else None
    seconds = statistics.median(question.reference_seconds for question in questions)
    return QuestionRow(
        name=wording.question(first.name, first.title),
        points=wording.number(first.points),
        share=None if facility is None else min(1.0, max(0.0, facility)),
        facility="–" if facility is None else wording.percent(facility),
        outcomes=() if first.manual else _count_outcomes(questions, wording),
        seconds=wording.seconds(seconds) if seconds else "–",
    )


def _count_outcomes(questions: Iterable[QuestionResult], wording: Wording) -> tuple[Sign, ...]:
    counts = Counter(question.outcome for question in questions)
    return tuple(
        Sign(outcome.value, find_tone(outcome), name_outcome(wording, outcome), counts[outcome])
        for outcome in Outcome
        if counts[outcome]
    )


def _view_student(result: Result, links: Mapping[str, str], wording: Wording) -> StudentRow:
    failed = result.outcome == "grader_error"
    usable = result.score is not None and result.points > 0 and is_number(result.score)
    share = (result.score or 0.0) / result.points if usable else None
    score = f"{wording.number(result.score)} / {wording.number(result.points)}"
    return StudentRow(
        student=result.student,
        submission=result.submission,
        href=links.get(result.submission),
        score="–" if failed else score,
        share=None if share is None else min(1.0, max(0.0, share)),
        attempt=result.attempt,
        late=result.late,
        failed=failed,
        signs=tuple(_view_sign(question, wording) for question in result.questions),
        message=shorten(result.message, 80),
        seconds=wording.seconds(result.wall_seconds),
        staff_message=result.staff_message or result.message,
    )


def _view_sign(question: QuestionResult, wording: Wording) -> Sign:
    name = shorten(question.name, 40)
    if question.manual:
        return Sign("manual", "calm", f"{name}: {wording('Graded by a person')}")
    word = name_outcome(wording, question.outcome)
    return Sign(question.outcome.value, find_tone(question.outcome), f"{name}: {word}")


def _find_slowest(results: Sequence[Result], rows: Sequence[StudentRow]) -> list[StudentRow]:
    pairs = sorted(zip(results, rows, strict=True), key=lambda pair: -pair[0].wall_seconds)
    return [row for _, row in pairs[:_MOST_SLOW]]


def _mark_percents(axis: Axis) -> tuple[Tick, ...]:
    return tuple(Tick(axis.place(at), f"{at}%") for at in (0, 25, 50, 75, 100))


def _keep_scores(results: Iterable[Result]) -> list[tuple[Result, float]]:
    return [
        (result, result.score)
        for result in results
        if result.score is not None and is_number(result.score)
    ]
