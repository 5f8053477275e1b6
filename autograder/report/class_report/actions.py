"""What needs a person now, the most pressing first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autograder.report.class_report.roster import Person, is_unreadable, name_person
from autograder.report.clean import shorten
from autograder.report.wording import Wording
from autograder.schema import Outcome, Result

TONES = ("bad", "warn", "calm")  # the most pressing first
MOST_PEOPLE = 24
_MOST_NOTES = 3


@dataclass(frozen=True)
class Action:
    """Something to do.

    Attributes:
        icon: of its kind.
        tone: `bad`, `warn` or `calm`.
        heading: what there is, with the number.
        advice: what to do about it.
        notes: details such as reasons, the commonest first.
        people: whom it is about; the first of them.
        more: how many others.
    """

    icon: str
    tone: str
    heading: str
    advice: str
    notes: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    more: int = 0


def list_actions(
    results: Sequence[Result], links: Mapping[str, str], wording: Wording
) -> list[Action]:
    """What there is to do; empty where nothing is."""
    makers: tuple[Callable[[Sequence[Result], Mapping[str, str], Wording], Action | None], ...] = (
        _list_failures,
        _list_forged,
        _list_unreadable,
        _list_exchanged,
        lambda graded, _, words: _list_manual(graded, words),
        _list_late,
    )
    made = (make(results, links, wording) for make in makers)
    return [action for action in made if action is not None]


def _list_failures(
    results: Sequence[Result], links: Mapping[str, str], wording: Wording
) -> Action | None:
    failed = [one for one in results if one.outcome == "grader_error"]
    reasons = Counter(shorten(_find_reason(one), 300) for one in failed)
    return _make(
        Action(
            "grader_error",
            "bad",
            wording.count(
                "The grader failed on {n} submission",
                "The grader failed on {n} submissions",
                len(failed),
            ),
            wording("These have no score. Grade them again; it costs the students nothing."),
            _say_reasons(reasons),
        ),
        failed,
        links,
    )


def _find_reason(result: Result) -> str:
    """Last line of the staff message, which names the exception; else of the question's."""
    broken = (
        (question.name, case.staff_message or question.message)
        for question in result.questions
        for case in question.test_cases or ()
        if case.outcome is Outcome.GRADER_ERROR
    )
    inside = next((f"{name}: {_last_line(text)}" for name, text in broken), "")
    return _last_line(result.staff_message) or inside or result.message


def _last_line(text: str) -> str:
    lines = text[-4_000:].strip().splitlines()
    return lines[-1].strip() if lines else ""


def _list_forged(
    results: Sequence[Result], links: Mapping[str, str], wording: Wording
) -> Action | None:
    forged = [
        one
        for one in results
        if any(question.outcome is Outcome.FORGED for question in one.questions)
    ]
    names = Counter(
        question.name
        for one in forged
        for question in one.questions
        if question.outcome is Outcome.FORGED
    )
    return _make(
        Action(
            "forged",
            "bad",
            wording.count(
                "{n} submission sent replies that honest code does not send",
                "{n} submissions sent replies that honest code does not send",
                len(forged),
            ),
            wording(
                "Open the executed notebook and talk to the student before you conclude anything."
            ),
            _say_reasons(names),
        ),
        forged,
        links,
    )


def _list_unreadable(
    results: Sequence[Result], links: Mapping[str, str], wording: Wording
) -> Action | None:
    unreadable = [one for one in results if is_unreadable(one)]
    return _make(
        Action(
            "not_reached",
            "warn",
            wording.count(
                "{n} submission could not be read",
                "{n} submissions could not be read",
                len(unreadable),
            ),
            wording("It has no points. Ask the student for the notebook itself."),
            _say_reasons(Counter(shorten(one.message, 200) for one in unreadable)),
        ),
        unreadable,
        links,
    )


def _list_exchanged(
    results: Sequence[Result], links: Mapping[str, str], wording: Wording
) -> Action | None:
    graded = [one for one in results if one.outcome == "graded"]
    exchanged = [one for one in graded if one.allocated and one.allocated != one.variant]
    pairs = Counter(f"{one.allocated} → {one.variant or '–'}" for one in exchanged)
    return _make(
        Action(
            "manual",
            "warn",
            wording.count(
                "{n} submission is of another variant than its student was given",
                "{n} submissions are of another variant than their students were given",
                len(exchanged),
            ),
            wording(
                "Each was graded as the variant that its notebook is of, so a mix-up costs "
                "nothing. Ask whose notebook it is."
            ),
            _say_reasons(pairs),
        ),
        exchanged,
        links,
    )


def _list_manual(results: Sequence[Result], wording: Wording) -> Action | None:
    answers = Counter(
        question.name
        for one in results
        if one.outcome == "graded" and not is_unreadable(one)
        for question in one.questions
        if question.manual
    )
    if not answers:
        return None
    return Action(
        "manual",
        "warn",
        wording.count(
            "{n} answer waits for a person to grade it",
            "{n} answers wait for a person to grade them",
            answers.total(),
        ),
        wording("Their points are in no score of this page yet."),
        _say_reasons(answers),
    )


def _list_late(
    results: Sequence[Result], links: Mapping[str, str], wording: Wording
) -> Action | None:
    late = [one for one in results if one.late]
    return _make(
        Action(
            "time_limit",
            "calm",
            wording.count("{n} submission came late", "{n} submissions came late", len(late)),
            wording("Nothing was deducted: your course's rule decides."),
        ),
        late,
        links,
    )


def _make(action: Action, results: Sequence[Result], links: Mapping[str, str]) -> Action | None:
    """`action` with the people it is about; None where there are none."""
    if not results:
        return None
    people = tuple(name_person(one, links) for one in results[:MOST_PEOPLE])
    more = max(0, len(results) - MOST_PEOPLE)
    return Action(
        action.icon, action.tone, action.heading, action.advice, action.notes, people, more
    )


def _say_reasons(reasons: Counter[str]) -> tuple[str, ...]:
    """The commonest reasons, each with how often."""
    common = [(text, count) for text, count in reasons.most_common(_MOST_NOTES) if text]
    return tuple(
        shorten(text, 300) + (f" ({count})" if count > 1 else "") for text, count in common
    )
