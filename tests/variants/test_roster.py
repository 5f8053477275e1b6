"""Rosters as platforms and spreadsheets write them."""

import pytest

from autograder.errors import UsageError
from autograder.variants.roster import Enrolled, read_roster

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section
    Points Possible,,,,
"Kim, Seoyeon",12345,20260001,seoyeon,1
"Lee, Minjun",12346,20260002,minjun,1
"""


def read(tmp_path, text, column="", encoding="utf-8"):
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path, column)


def test_a_gradebook_gives_ids_and_other_names(tmp_path):
    first, second = read(tmp_path, CANVAS)
    assert first == Enrolled("20260001", ("seoyeon", "12345", "Kim, Seoyeon"))
    assert second.student == "20260002"
    assert read(tmp_path, CANVAS, "ID")[0].student == "12345"


def test_a_plain_list_in_any_encoding(tmp_path):
    for encoding in ("utf-8", "utf-8-sig", "cp949", "utf-16"):
        found = read(tmp_path, "student,반\n김서연,1\n이민준,2\n", encoding=encoding)
        assert [one.student for one in found] == ["김서연", "이민준"]


def test_everything_wrong_is_told_at_once(tmp_path):
    with pytest.raises(UsageError) as caught:
        read(tmp_path, "student,x\nkim,1\nkim,2\n,3\nlee\n")
    for told in (
        "student 'kim' stands in 2 rows",
        "1 rows have no 'student'",
        "line 5 has 1 cells",
    ):
        assert told in str(caught.value)


def test_a_roster_without_ids_is_told(tmp_path):
    with pytest.raises(UsageError, match="has no column such as SIS User ID"):
        read(tmp_path, "a,b\n1,2\n")
    with pytest.raises(UsageError, match="has no column called 'key'; it has a, b"):
        read(tmp_path, "a,b\n1,2\n", "key")
    with pytest.raises(UsageError, match="names no student"):
        read(tmp_path, "student\n")
    with pytest.raises(UsageError, match="No such file"):
        read_roster(tmp_path / "none.csv")
