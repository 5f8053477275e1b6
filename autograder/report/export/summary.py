"""Feedback short enough for a gradebook: one line per question, as HTML.

Says no more than the feedback page does: `exposure` decides, and a `staff_message` is never read.
Moodle reads both of its feedback columns as HTML, so what is not ours is escaped, and lines are
broken by tags: a cell without line breaks survives every spreadsheet.
"""

from __future__ import annotations

from html import escape

from autograder.report.clean import shorten
from autograder.report.exposure import count_withheld, expose_cases
from autograder.report.wording import Wording, name_outcome, split_code
from autograder.schema import QuestionResult, Result
from autograder.schema.assessment import VisibilityConfig

_MOST_CHARACTERS = 300  # of one message


def summarise_result(result: Result, visibility: VisibilityConfig) -> str:
    """What the student may see of `result`, as one line of HTML in their language."""
    wording = Wording(result.language)
    head = [_say(text) for text in (result.message, *result.notices) if text.strip()]
    lines = [_tell_question(question, visibility, wording) for question in result.questions]
    parts = [f"<p>{line}</p>" for line in head]
    if lines:
        parts.append(f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>")
    return "".join(parts)


def _tell_question(question: QuestionResult, visibility: VisibilityConfig, wording: Wording) -> str:
    word = name_outcome(wording, question.outcome)
    if question.manual:
        word = wording("Graded by a person")
    elif visibility.score:
        word += f" ({wording.number(question.score)} / {wording.number(question.points)})"
    run, missed = count_withheld(expose_cases(question, visibility))
    hidden = ""
    if missed:
        hidden = wording("Hidden checks not passed: {missed} of {run}.", missed=missed, run=run)
    name = escape(wording.question(question.name, question.title))
    texts = (question.message, question.next_step, hidden)
    said = " ".join(_say(text) for text in texts if text.strip())
    return f"<strong>{name}</strong>: {escape(word)}{f'. {said}' if said else ''}"


def _say(text: str) -> str:
    """The first line of `text`, bounded and escaped, with what stands in backticks as code."""
    pieces = split_code(shorten(text.strip(), _MOST_CHARACTERS))
    return "".join(f"<code>{escape(one)}</code>" if code else escape(one) for code, one in pieces)
