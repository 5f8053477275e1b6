import csv
import io

import pytest

from autograder.report import make_grades_csv
from autograder.report.grades import protect_cell


def read(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_header_names_every_question_of_the_class_once(make_result, make_question):
    results = [
        make_result([make_question("q1"), make_question("q2")]),
        make_result([make_question("q1"), make_question("q3")]),
    ]
    header, *_ = read(make_grades_csv(results))
    assert header == [
        *("submission", "student", "email", "attempt", "late", "outcome", "score", "points"),
        *("q1", "q2", "q3", "message"),
    ]


def test_a_row_reads_back_as_it_was(make_result, make_question):
    result = make_result(
        [make_question("q1", score=1.25), make_question("q2", score=2.0)],
        student='김서연, "K"',
        attempt=3,
        late=True,
        message="one\ntwo",
    )
    _, row = read(make_grades_csv([result]))
    assert row == [
        *("kim", '김서연, "K"', "kim@example.org", "3", "yes", "graded", "3.25", "4"),
        *("1.25", "2", "one two"),
    ]


def test_a_grader_error_has_an_empty_score_and_not_zero(make_result, make_question):
    graded = make_result([make_question("q1", score=0.0)])
    failed = make_result(outcome="grader_error", score=None)
    _, zero, empty = read(make_grades_csv([graded, failed]))
    assert zero[6] == "0"
    assert empty[5:7] == ["grader_error", ""]
    assert empty[8] == ""


@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "\x1b[0m=1"],
)
def test_a_formula_is_disarmed(formula):
    assert protect_cell(formula).startswith("'")


@pytest.mark.parametrize("text", ["-1.5", "+7", "12", "kim", "a=b", "", "김"])
def test_numbers_and_plain_words_are_left_alone(text):
    assert protect_cell(text) == text


def test_hostile_names_are_safe_in_every_column(make_result, make_question):
    result = make_result(
        [make_question("=q1")],
        student="=HYPERLINK(1)",
        submission="@x",
        email="+1@example.org",
        message="-now",
    )
    header, row = read(make_grades_csv([result]))
    assert header[8] == "'=q1"
    assert [row[0], row[1], row[2], row[-1]] == [
        "'@x",
        "'=HYPERLINK(1)",
        "'+1@example.org",
        "'-now",
    ]
