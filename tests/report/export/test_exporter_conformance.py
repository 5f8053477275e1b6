"""What every exporter does, run over all of them."""

import unicodedata
import zipfile
from importlib.metadata import entry_points
from io import BytesIO

import pytest

from autograder.report.export import Attempt, Reason
from tests.report.export.conftest import EXPORTERS, read_csv, runs

LISTED = {point.name: point.load() for point in entry_points(group="autograder.exporters")}


@pytest.fixture(params=sorted(EXPORTERS | LISTED))
def exporter(request):
    return (LISTED | EXPORTERS)[request.param]()


def read_all(made):
    """Every cell of every CSV."""
    tables = (read_csv(body) for name, body in made.files.items() if name.endswith(".csv"))
    return [cell for table in tables for row in table for cell in row]


def test_every_result_is_exported_or_left_out_with_a_reason(exporter, make_class, options):
    results = make_class()
    made = exporter.export(results, options())
    exported = {result.submission for result in made.exported}
    left = {one.submission for one in made.left_out}
    assert exported | left == {result.submission for result in results}
    assert not exported & left
    assert len(made.exported) + len(made.left_out) == len(results)
    assert all(one.detail for one in made.left_out)


def test_a_grader_error_is_left_out_and_never_zero(exporter, make_class, options):
    made = exporter.export(make_class(), options())
    (left,) = [one for one in made.left_out if one.reason is Reason.NO_SCORE]
    assert left.submission == "jiho"
    assert "jiho@snu.ac.kr" not in read_all(made)


@pytest.mark.parametrize(("attempt", "score"), [(Attempt.LATEST, 2.25), (Attempt.BEST, 9.5)])
def test_one_student_has_one_row_of_the_attempt_that_counts(
    exporter, make_class, options, attempt, score
):
    made = exporter.export(make_class(), options(attempt=attempt))
    (row,) = [result for result in made.exported if result.student == "박하은"]
    assert row.score == score
    assert read_all(made).count("haeun@snu.ac.kr") == 1


def test_a_failed_latest_attempt_is_not_replaced_by_an_earlier_one(exporter, make_person, options):
    same = {"platform_id": "1", "email": "a@x.org"}
    failed = {"outcome": "grader_error", "score": None, "attempt": 2}
    results = [make_person("a", **same), make_person("a", **same, **failed)]
    assert exporter.export(results, options()).exported == ()
    best = exporter.export(results, options(attempt=Attempt.BEST))
    assert [result.attempt for result in best.exported] == [1]
    assert [one.reason for one in best.left_out] == [Reason.NO_SCORE]


def test_two_students_of_one_name_stay_two(exporter, make_class, options):
    made = exporter.export(make_class(), options())
    scores = sorted(result.score for result in made.exported if result.student == "김민수")
    assert scores == [3.0, 4.0]


def test_members_of_a_group_each_have_the_score(exporter, make_person, options):
    group = make_person("Kim, Lee", email="kim@x.org, lee@x.org", platform_id="1, 2")
    made = exporter.export([group], options())
    assert [(one.student, one.email, one.platform_id) for one in made.exported] == [
        ("Kim", "kim@x.org", "1"),
        ("Lee", "lee@x.org", "2"),
    ]


def test_no_cell_runs_in_a_spreadsheet(exporter, make_person, make_class, options):
    hostile = [
        make_person(name, submission=name, email=f"e{i}@x.org", platform_id=str(i), message=name)
        for i, name in enumerate(
            ["+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", "\r=1", " =1", "＝A1"]
        )
    ]
    results = [*make_class(), *hostile]
    made = exporter.export(results, options(title="=1+1"))
    assert len(made.exported) == 14
    assert [cell for cell in read_all(made) if runs(cell)] == []


def test_an_address_that_is_no_address_never_becomes_one(exporter, make_person, options):
    made = exporter.export([make_person("a", email="=cmd|'/c calc'!A0@x")], options())
    assert [cell for cell in read_all(made) if runs(cell)] == []


def test_nfd_names_are_read_back_as_the_same_name(exporter, make_class, options):
    cells = {
        unicodedata.normalize("NFC", cell)
        for cell in read_all(exporter.export(make_class(), options()))
    }
    assert "이도윤" in cells or "doyun@snu.ac.kr" in cells


def test_the_same_results_make_the_same_bytes(exporter, make_class, options):
    assert exporter.export(make_class(), options()) == exporter.export(make_class(), options())


def test_the_order_of_results_does_not_change_who_gets_what(exporter, make_class, options):
    forward = exporter.export(make_class(), options())
    backward = exporter.export(make_class()[::-1], options())

    def tell(made):
        return {(result.email, result.score) for result in made.exported}

    assert tell(forward) == tell(backward)


def test_the_main_file_is_a_csv_named_after_assessment_and_target(exporter, make_class, options):
    first, *others = exporter.export(make_class(), options()).files
    assert first.startswith("a01_digits-")
    assert first.endswith(".csv")
    assert all(name.startswith("a01_digits-") for name in others)


def test_no_result_at_all_is_no_failure(exporter, options):
    made = exporter.export([], options())
    assert made.exported == made.left_out == ()


def test_questions_that_a_person_grades_are_told(exporter, make_question, make_result, options):
    manual = make_question("q7", score=None, manual=True)
    made = exporter.export([make_result([make_question(), manual])], options())
    assert any("q7" in note for note in made.notes)


def test_hidden_content_reaches_no_file(exporter, varied_result, options):
    made = exporter.export([varied_result(staff_message="SECRET", email="kim@x.org")], options())
    assert made.exported
    for name, body in made.files.items():
        parts = [body]
        if name.endswith(".zip"):
            archive = zipfile.ZipFile(BytesIO(body))
            parts = [archive.read(part) for part in archive.namelist()]
        assert not any(b"SECRET" in part for part in parts), name


def test_a_class_of_a_thousand_takes_less_than_three_seconds_of_processor_time(
    exporter, make_person, options
):
    import time

    results = [
        make_person(f"s{i}", i % 11, platform_id=str(i), email=f"s{i}@x.org") for i in range(1000)
    ]
    start = time.process_time()
    assert len(exporter.export(results, options()).exported) == 1000
    assert time.process_time() - start < 3
