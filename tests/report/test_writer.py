import csv
import json

import pytest

from autograder.notebook import make_code_cell, make_notebook, serialize_notebook
from autograder.report import write_class_report, write_submission_report
from autograder.report.writer import write_text
from autograder.schema.assessment import VisibilityConfig


def test_a_submission_gets_its_page_and_gradescope_file(varied_result, tmp_path):
    page = write_submission_report(tmp_path / "kim", varied_result(), visibility=VisibilityConfig())
    assert sorted(path.name for path in page.parent.iterdir()) == ["feedback.html", "results.json"]
    assert json.loads((page.parent / "results.json").read_text("utf-8"))["score"] == 5.7


def test_the_class_gets_a_page_that_links_only_what_is_there(varied_result, tmp_path):
    results = [varied_result(submission="kim"), varied_result(submission="lee")]
    write_submission_report(tmp_path / "kim", results[0], visibility=VisibilityConfig())
    page = write_class_report(tmp_path, results, title="Digits", language="en")
    text = page.read_text("utf-8")
    assert 'href="kim/feedback.html"' in text
    assert "lee/feedback.html" not in text


def test_grades_open_in_a_spreadsheet_with_hangul_and_read_back(make_result, tmp_path):
    write_class_report(tmp_path, [make_result(student="김서연")], title="숫자", language="ko")
    path = tmp_path / "grades.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["student"] == "김서연"


def test_writing_twice_gives_the_same_bytes(varied_result, tmp_path):
    pages = [
        write_submission_report(tmp_path / name, varied_result(), visibility=VisibilityConfig())
        for name in ("a", "b")
    ]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "\ud800")
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_target_that_cannot_be_replaced_leaves_no_draft(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(IsADirectoryError):
        write_text(tmp_path / "a.txt", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_notebooks_given_to_the_class_report_are_compared(make_result, tmp_path):
    cells = "\n".join(f"model_{i}.add(layers.Dense({i}, activation='relu'))" for i in range(20))
    names = [f"s{i}" for i in range(8)]
    notebooks = {name: serialize_notebook(make_notebook([make_code_cell(cells)])) for name in names}
    page = write_class_report(
        tmp_path,
        [make_result(submission=name) for name in names],
        title="Digits",
        language="en",
        notebooks=notebooks,
        released=serialize_notebook(make_notebook([])),
    )
    assert "8 notebooks were compared" in page.read_text("utf-8")
