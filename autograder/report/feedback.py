"""The feedback page of one student: what the score means, what to do next, and why.

Shows only what `exposure` lets a student see; never a `staff_message`, never a test's source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from autograder.report.clean import clean_text, clip_text, find_cause, shorten
from autograder.report.exposure import (
    ExposedCase,
    count_withheld,
    expose_cases,
    find_training_case,
)
from autograder.report.page import render_page
from autograder.report.training import Budget, TrainingView, make_budget, view_training
from autograder.report.wording import Wording, find_tone, name_outcome
from autograder.schema import Outcome, QuestionResult, Result, StudentError
from autograder.schema.assessment import VisibilityConfig

MOST_STEPS = 3
_MOST_TRACEBACK = 100_000  # characters looked at; `clip_text` keeps far fewer
_STOPPED = (Outcome.ERROR, Outcome.TIME_LIMIT, Outcome.MEMORY_LIMIT, Outcome.FORGED)
_SLACK = 1e-9

_FALLBACK_STEPS = {
    Outcome.PARTIAL: "Look at the checks that did not pass, and mend those.",
    Outcome.FAILED: "Compare your answer with the task once more, and run the checks in the "
    "notebook.",
    Outcome.ERROR: "Run this cell after “Restart and run all”, and mend the error shown here.",
    Outcome.TIME_LIMIT: "Make this part faster: fewer epochs, less data per step, or no loop.",
    Outcome.MEMORY_LIMIT: "Use less memory: smaller batches or arrays.",
    Outcome.NOT_REACHED: "Mend the question before this one first, then run the whole notebook.",
    Outcome.FORGED: "Return plain values from your functions, and ask the staff if this is "
    "unexpected.",
}


@dataclass(frozen=True)
class Step:
    """One thing to do next: the question it is in, what to do, and the points it can gain."""

    anchor: str
    name: str
    text: str
    gain: str


@dataclass(frozen=True)
class CaseView:
    """One line of a question's list of checks."""

    name: str
    icon: str
    tone: str
    word: str
    message: str
    points: str


@dataclass(frozen=True)
class ErrorView:
    """The student's own error."""

    heading: str
    name: str
    text: str
    traceback: str


@dataclass(frozen=True)
class QuestionView:
    """All that the page shows of one question; texts are empty where there is nothing to say.

    Attributes:
        share: of the points, from 0 to 1; None where no score is shown.
        failing: checks shown that did not pass.
        passing: checks shown that passed.
        withheld: a sentence on the checks that are not shown.
    """

    anchor: str
    name: str
    icon: str
    tone: str
    word: str
    score: str
    share: float | None
    message: str
    next_step: str
    error: ErrorView | None
    failing: tuple[CaseView, ...]
    passing: tuple[CaseView, ...]
    withheld: str
    training: TrainingView | None
    training_points: str
    time: Budget | None
    shared: bool


def render_feedback(
    result: Result,
    *,
    visibility: VisibilityConfig,
    course: Path | None = None,
    zone: tzinfo | None = UTC,
) -> str:
    """The student's page as self-contained HTML, in the result's language.

    Args:
        result: of grading one submission.
        visibility: what students may see.
        course: folder of a course whose `templates/report/` come before ours.
        zone: time zone in which dates are told; None for this machine's.
    """
    wording = Wording(result.language, zone)
    questions = [
        _view_question(question, i, visibility, wording)
        for i, question in enumerate(result.questions, start=1)
    ]
    graded = result.outcome == "graded"
    return render_page(
        "feedback.html.j2",
        wording,
        course,
        result=result,
        graded=graded,
        show_score=visibility.score and graded,
        share=_find_share(result.score, result.points),
        meaning=summarise_score(result, wording),
        steps=find_next_steps(result, wording, with_points=visibility.score) if graded else (),
        questions=questions if graded else (),
        hidden_checks=any(view.withheld for view in questions),
    )


def summarise_score(result: Result, wording: Wording) -> str:
    """What the score means, in one or two sentences."""
    manual = sum(question.manual for question in result.questions)
    judged = [one for one in result.questions if not one.manual and one.score is not None]
    short = [question for question in judged if _find_loss(question) > _SLACK]
    if not judged:
        meaning = ""
    elif not short:
        meaning = wording("Every question has full marks.")
    elif len(short) == len(judged):
        meaning = wording("No question has full marks yet.")
    else:
        meaning = wording.count(
            "{n} question does not have full marks yet.",
            "{n} questions do not have full marks yet.",
            len(short),
        )
    if manual:
        later = wording.count(
            "{n} question is graded by a person; its points come later.",
            "{n} questions are graded by a person; their points come later.",
            manual,
        )
        meaning = f"{meaning} {later}".strip()
    return meaning


def find_next_steps(result: Result, wording: Wording, *, with_points: bool) -> tuple[Step, ...]:
    """The up to three steps that gain most points.

    A question that was not run counts for the one before it that stopped the notebook. Where
    points are not shown, the order of the notebook is kept, since another one would tell them.
    """
    gains: dict[int, float] = {}
    stopped: int | None = None
    for i, question in enumerate(result.questions):
        loss = 0.0 if question.manual else _find_loss(question)
        cause = stopped if question.outcome is Outcome.NOT_REACHED and stopped is not None else i
        stopped = i if question.outcome in _STOPPED else stopped
        if loss > _SLACK and question.outcome is not Outcome.GRADER_ERROR:
            gains[cause] = gains.get(cause, 0.0) + loss
    order = sorted(gains, key=lambda i: (-gains[i], i) if with_points else (0.0, i))
    return tuple(
        _make_step(result.questions[i], i + 1, gains[i] if with_points else None, wording)
        for i in order[:MOST_STEPS]
    )


def _make_step(question: QuestionResult, number: int, gain: float | None, wording: Wording) -> Step:
    advice = _find_advice(question, wording)
    text = advice if question.next_step else f"{question.message} {advice}".strip()
    return Step(
        anchor=f"question-{number}",
        name=wording.question(question.name, question.title),
        text=text,
        gain=_say_gain(gain, wording) if gain is not None else "",
    )


def _say_gain(gain: float, wording: Wording) -> str:
    points = wording.number(gain)
    message = "up to {points} point" if points == "1" else "up to {points} points"
    return wording(message, points=points)


def _find_advice(question: QuestionResult, wording: Wording) -> str:
    if question.next_step or question.manual:
        return question.next_step
    if question.training and _fell_short(question):
        return wording(
            "Improve the model until it reaches {full} on new data; the learning curves tell "
            "where to begin.",
            full=wording.measure(question.training.full_marks_at),
        )
    message = _FALLBACK_STEPS.get(question.outcome)
    return wording(message) if message else ""


def _fell_short(question: QuestionResult) -> bool:
    """Whether the training ran to its end and did not earn its full marks."""
    training = find_training_case(question)
    ran = question.outcome in (Outcome.PARTIAL, Outcome.FAILED)
    return ran and training is not None and training.outcome is not Outcome.PASSED


def _view_question(
    question: QuestionResult, number: int, config: VisibilityConfig, wording: Wording
) -> QuestionView:
    cases = expose_cases(question, config)
    views = [(one, _view_case(one, config, wording)) for one in cases if one.shown]
    score, share = _view_score(question, config, wording)
    word, icon = name_outcome(wording, question.outcome), question.outcome.value
    if question.manual:
        word, icon = wording("Graded by a person"), "manual"
    training_case = find_training_case(question)
    return QuestionView(
        anchor=f"question-{number}",
        name=wording.question(question.name, question.title),
        icon=icon,
        tone="calm" if question.manual else find_tone(question.outcome),
        word=word,
        score=score,
        share=share,
        message=question.message or _explain_manual(question, wording),
        next_step=_find_advice(question, wording),
        error=_view_error(question.error, wording) if question.error else None,
        failing=tuple(view for one, view in views if one.case.outcome is not Outcome.PASSED),
        passing=tuple(view for one, view in views if one.case.outcome is Outcome.PASSED),
        withheld=_count_withheld(cases, wording),
        training=view_training(question.training, wording) if question.training else None,
        training_points=_say_points(training_case.score, training_case.points, wording)
        if training_case and config.score
        else "",
        time=_view_time(question, wording),
        shared=question.isolation == "shared",
    )


def _view_case(one: ExposedCase, config: VisibilityConfig, wording: Wording) -> CaseView:
    case = one.case
    message = "Hidden check {number}" if one.hidden else "Check {number}"
    return CaseView(
        name=wording(message, number=one.number),
        icon=case.outcome.value,
        tone=find_tone(case.outcome),
        word=name_outcome(wording, case.outcome),
        message=case.message,
        points=_say_points(case.score, case.points, wording)
        if config.score and case.points > 0
        else "",
    )


def _count_withheld(cases: Sequence[ExposedCase], wording: Wording) -> str:
    run, missed = count_withheld(cases)
    if not run:
        return ""
    if not missed:
        return wording.count("The {n} hidden check passed.", "All {n} hidden checks passed.", run)
    return wording(
        "{missed} of {run} hidden checks did not pass."
        if run > 1
        else "The hidden check did not pass.",
        missed=missed,
        run=run,
    )


def _view_error(error: StudentError, wording: Wording) -> ErrorView:
    traceback = clean_text(error.traceback[-_MOST_TRACEBACK:]).strip("\n")
    where = wording("Your error, in code cell {cell}", cell=error.cell)
    heading = where if error.cell is not None else wording("Your error, in a call by the grader")
    return ErrorView(
        heading=heading,
        name=shorten(error.name, 80),
        text=clip_text(find_cause(error.text), lines=8, characters=1200)[0],
        traceback=clip_text(traceback)[0],
    )


def _view_score(
    question: QuestionResult, config: VisibilityConfig, wording: Wording
) -> tuple[str, float | None]:
    if not config.score:
        return "", None
    share = None if question.manual else _find_share(question.score, question.points)
    return _say_points(question.score, question.points, wording), share


def _view_time(question: QuestionResult, wording: Wording) -> Budget | None:
    """Time against the limit where it says something: over it, or more than half of it.

    A training says it in its own section.
    """
    if question.training and question.training.seconds is not None:
        return None
    used, limit = question.reference_seconds, question.limit_seconds
    over = question.outcome is Outcome.TIME_LIMIT
    if limit <= 0 or not (over or used > limit / 2):
        return None
    return make_budget(wording("Time"), used, limit, "time", wording)


def _explain_manual(question: QuestionResult, wording: Wording) -> str:
    if not question.manual:
        return ""
    return wording("A person reads and grades this answer. Its points are not in the score yet.")


def _say_points(score: float | None, points: float, wording: Wording) -> str:
    return f"{wording.number(score)} / {wording.number(points)}"


def _find_share(score: float | None, points: float) -> float | None:
    if score is None or not points > 0:
        return None
    share = score / points
    return min(1.0, max(0.0, share)) if share == share else 0.0  # noqa: PLR0124 -- NaN


def _find_loss(question: QuestionResult) -> float:
    return 0.0 if question.score is None else question.points - question.score
