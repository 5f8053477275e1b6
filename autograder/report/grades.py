"""The class's grades as CSV, one row per submission; no cell of it runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence

from autograder.report.clean import clean_text
from autograder.schema import Result

HEAD = ("submission", "student", "email", "attempt", "late", "outcome", "score", "points")

# The wide forms too: spreadsheets with East Asian input take them for the narrow ones.
_STARTS_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def make_grades_csv(results: Sequence[Result]) -> str:
    """CSV text with a header, lines ended as RFC 4180 has them; no score is an empty cell.

    Columns: submission, student, email, attempt, late, outcome, score, points, one per question
    (its score), message. `list_questions` gives the order of the questions.
    """
    return write_table(make_rows(results))


def write_table(rows: Iterable[Sequence[str]]) -> str:
    """CSV text with commas, lines ended as RFC 4180 has them."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue()


def make_rows(results: Sequence[Result]) -> list[list[str]]:
    """Cells of the header and of each result, none of which runs in a spreadsheet."""
    questions = list_questions(results)
    rows = [[*HEAD, *questions, "message"]]
    rows += [_make_row(result, questions) for result in results]
    return [[protect_cell(cell) for cell in row] for row in rows]


def list_questions(results: Sequence[Result]) -> list[str]:
    """Names of all questions: those of the result with most of them in its order, then others.

    So one upload that could not be read does not change the columns of a class.
    """
    fullest = sorted(results, key=lambda result: (-len(result.questions), result.submission))
    return list(dict.fromkeys(one.name for result in fullest for one in result.questions))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take a cell of `text` for a formula."""
    starts_formula = _STARTS_FORMULA.match(text) is not None
    return starts_formula and not _PLAIN_NUMBER.fullmatch(text)


def protect_cell(text: str) -> str:
    """`text` cleaned, with an apostrophe before what a spreadsheet would run as a formula."""
    cleaned = clean_text(text)
    return f"'{cleaned}" if is_formula(text) or is_formula(cleaned) else cleaned


def _make_row(result: Result, questions: Sequence[str]) -> list[str]:
    scores = {question.name: question.score for question in result.questions}
    return [
        result.submission,
        result.student,
        result.email,
        str(result.attempt),
        "yes" if result.late else "no",
        result.outcome,
        write_number(result.score),
        write_number(result.points),
        *(write_number(scores.get(name)) for name in questions),
        " ".join(result.message.split()),
    ]


def write_number(value: float | None) -> str:
    """`value` with at most six decimals; empty where there is no number."""
    if value is None or not math.isfinite(value):
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".")
