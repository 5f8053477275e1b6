"""What went wrong most: failures grouped by kind and place, with an example of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.report.class_report.roster import Person, Sign, is_unreadable, name_person
from autograder.report.clean import find_cause, shorten
from autograder.report.wording import Wording, find_tone, name_outcome
from autograder.schema import Outcome, QuestionResult, Result

MOST_ERRORS = 12
_MOST_VARIANTS = 3
_DIGITS = re.compile(r"0x[0-9a-fA-F]+|\d+")


@dataclass(frozen=True)
class Variant:
    """One wording of the error: text, and how many students got it."""

    text: str
    students: int


@dataclass(frozen=True)
class ErrorRow:
    """One kind of failure at one place.

    Attributes:
        kind: exception's class, or the outcome in words.
        place: the question, or the questions where one message stands in several.
        students: how many different students.
        share: of the class, from 0 to 1.
        variants: the commonest messages.
        others: number of messages that are left out.
        example: whose feedback page shows it.
    """

    sign: Sign
    kind: str
    place: str
    students: int
    share: float
    variants: tuple[Variant, ...]
    others: int
    example: Person


@dataclass
class _Group:
    example: Result
    outcome: Outcome
    kind: str
    students: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)
    texts: dict[str, Counter[str]] = field(default_factory=dict)
    owners: dict[str, set[str]] = field(default_factory=dict)


def find_common_errors(
    results: Sequence[Result], wording: Wording, links: Mapping[str, str] | None = None
) -> list[ErrorRow]:
    """The failures that most students had, numbers in their messages taken as equal.

    An exception is grouped by its class and question, whatever it says; another failure by its
    message, over all questions that have it. Notebooks that could not be read are left out.
    """
    groups: dict[tuple[str, str], _Group] = {}
    for result in results:
        for question in () if is_unreadable(result) else result.questions:
            _add(groups, result, question, wording)
    order = sorted(groups.items(), key=lambda one: (-len(one[1].students), one[0]))
    return [_view(group, len(results), links or {}) for _, group in order[:MOST_ERRORS]]


def _add(
    groups: dict[tuple[str, str], _Group],
    result: Result,
    question: QuestionResult,
    wording: Wording,
) -> None:
    text = _name_failure(question)
    if not text:
        return
    message = _DIGITS.sub("#", text)
    error = question.error
    kind = shorten(error.name, 60) if error else name_outcome(wording, question.outcome)
    key = (kind, question.name) if error else (kind, "\0" + message)
    group = groups.setdefault(key, _Group(result, question.outcome, kind))
    student = result.student or result.submission
    group.students.add(student)
    group.places[question.name] = wording.question(question.name, question.title)
    group.texts.setdefault(message, Counter())[text] += 1
    group.owners.setdefault(message, set()).add(student)


def _name_failure(question: QuestionResult) -> str:
    if question.outcome in (Outcome.PASSED, Outcome.GRADER_ERROR) or question.manual:
        return ""
    if question.error:
        return shorten(find_cause(question.error.text), 200) or shorten(question.error.name, 60)
    return shorten(question.message, 200)


def _view(group: _Group, students: int, links: Mapping[str, str]) -> ErrorRow:
    messages = sorted(group.texts, key=lambda one: (-len(group.owners[one]), one))
    places = group.places
    few = next(iter(places.values())) if len(places) == 1 else ", ".join(list(places)[:8])
    return ErrorRow(
        sign=Sign(group.outcome.value, find_tone(group.outcome), group.kind),
        kind=group.kind,
        place=few + (" …" if len(places) > 8 else ""),
        students=len(group.students),
        share=min(1.0, len(group.students) / students) if students else 0.0,
        variants=tuple(
            Variant(group.texts[one].most_common(1)[0][0], len(group.owners[one]))
            for one in messages[:_MOST_VARIANTS]
        ),
        others=max(0, len(messages) - _MOST_VARIANTS),
        example=name_person(group.example, links),
    )
