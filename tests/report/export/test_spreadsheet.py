from autograder.report.export.spreadsheet import CsvExporter
from tests.report.export.conftest import read_csv


def export(results, options, **more):
    (content,) = CsvExporter().export(results, options(**more)).files.values()
    return content


def test_the_columns_are_those_of_grades_csv_after_the_id(make_person, options):
    result = make_person("김서연", 7.5, platform_id="2025-1", email="s@x.org", late=True)
    head, row = read_csv(export([result], options))
    assert head == [
        *("id", "submission", "student", "email", "attempt", "late", "outcome"),
        *("score", "points", "q1", "message"),
    ]
    assert row == [
        *("2025-1", "김서연-1", "김서연", "s@x.org", "1", "yes", "graded"),
        *("7.5", "10", "7.5", ""),
    ]


def test_an_unreadable_upload_does_not_change_the_order_of_questions(
    make_result, make_question, options
):
    whole = make_result([make_question(f"q{i}") for i in (2, 1, 10)], submission="z")
    stopped = make_result([make_question("q1")], submission="a", email="b@x.org")
    for results in ([whole, stopped], [stopped, whole]):
        assert read_csv(export(results, options))[0][9:-1] == ["q2", "q1", "q10"]


def test_excel_reads_hangul_by_the_mark(make_person, options):
    assert export([make_person("김서연")], options).startswith(b"\xef\xbb\xbf")


def test_an_id_that_would_run_is_disarmed(make_person, options):
    assert read_csv(export([make_person("a", platform_id="=1+1")], options))[1][0] == "'=1+1"
