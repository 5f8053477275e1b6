import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.report.export import RosterFile
from autograder.report.export.table import disarm_cell, read_table, write_score
from autograder.report.grades import write_table


def read(content):
    return read_table(RosterFile("roster.csv", content))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_delimiter_of_excel_and_the_platforms(encoding, delimiter):
    text = (
        delimiter.join(["Student", "ID", "이름"])
        + "\r\n"
        + delimiter.join(["똠방각하", "1", '"a\nb"'])
    )
    table = read(text.encode(encoding))
    assert table.head == ("Student", "ID", "이름")
    assert table.rows == (("똠방각하", "1", "a\nb"),)
    assert table.problems == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04", "Excel workbook"),
        (b"\xff\xfe\x00\xd8", "not text"),
        (b"Student,ID\n\xff\xff\xff", "not text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not text"),
        (b'Student,ID\n"a"b,1\n', "line 2"),
        (b'Student,ID\n"never closed,1\n', "not a CSV"),
    ],
)
def test_what_is_no_table_is_one_clear_error(content, words):
    with pytest.raises(UsageError, match=re.escape(words)) as caught:
        read(content)
    assert "roster.csv" in str(caught.value)


def test_blank_lines_are_no_rows_and_short_ones_are_problems():
    table = read(b"a,b\n,\n\n1,2\n3\n4,5,6\n")
    assert table.rows == (("1", "2"),)
    assert table.problems == (
        "line 5 has 1 cells and the header has 2",
        "line 6 has 3 cells and the header has 2",
    )


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_what_was_written_is_read_again(rows):
    table = read(write_table([("head", "other"), *rows]).encode("utf-8-sig"))
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    assert list(table.rows) == kept


@given(st.floats(0, 1e6))
def test_scores_are_within_half_a_hundredth_and_plain(score):
    text = write_score(score)
    assert re.fullmatch(r"\d+(\.\d\d?)?", text)
    assert abs(Decimal(text) - Decimal(repr(score))) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("score", "text"),
    [(2.675, "2.68"), (1234.5, "1234.5"), (100.0, "100"), (0.0, "0"), (-0.001, "0"), (1e-9, "0")],
)
def test_scores_are_written_as_people_round(score, text):
    assert write_score(score) == text


@pytest.mark.parametrize("text", ["-", "=", "--", "김서연", "-1.5", "", "a=b"])
def test_cells_that_run_nothing_stay(text):
    assert disarm_cell(text) == text
