"""The class's grades as CSV, one row per submission; no cell of it runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence

from autograder.report.clean import clean_text
from autograder.schema import Result

HEAD = ("submission", "student", "email", "attempt", "late", "outcome", "score", "points")

# The wide forms too: spreadsheets with East Asian input take them for the narrow ones.
_STARTS_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def make_grades_csv(results: Sequence[Result]) -> str:
    """CSV text with a header, lines ended as RFC 4180 has them; no score is an empty cell.

    Columns: submission, student, email, attempt, late, outcome, score, points, one per question
    (its score), message. Questions come in the order in which they are first met.
    """
    questions = list(dict.fromkeys(one.name for result in results for one in result.questions))
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([protect_cell(cell) for cell in (*HEAD, *questions, "message")])
    for result in results:
        writer.writerow([protect_cell(cell) for cell in _make_row(result, questions)])
    return file.getvalue()


def protect_cell(text: str) -> str:
    """`text` cleaned, with an apostrophe before what a spreadsheet would run as a formula."""
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    starts_formula = _STARTS_FORMULA.match(text) is not None
    cleaned = clean_text(text)
    return f"'{cleaned}" if starts_formula or _STARTS_FORMULA.match(cleaned) else cleaned


def _make_row(result: Result, questions: Sequence[str]) -> list[str]:
    scores = {question.name: question.score for question in result.questions}
    return [
        result.submission,
        result.student,
        result.email,
        str(result.attempt),
        "yes" if result.late else "no",
        result.outcome,
        _write_number(result.score),
        _write_number(result.points),
        *(_write_number(scores.get(name)) for name in questions),
        " ".join(result.message.split()),
    ]


def _write_number(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".")
