"""The export command over a folder of results, with the exporters loaded directly."""

import json
from datetime import UTC, datetime

import pytest

from autograder.cli import export as command
from autograder.cli.export import ExportCommand
from autograder.errors import UsageError
from autograder.report.export.canvas import CanvasExporter
from autograder.report.export.gradescope import GradescopeExporter
from autograder.report.export.moodle import MoodleExporter
from autograder.report.export.spreadsheet import CsvExporter
from autograder.schema import AssessmentConfig, Bundle, Environment, Result
from autograder.store import open_folder_store

EXPORTERS = {
    "canvas": CanvasExporter,
    "csv": CsvExporter,
    "gradescope": GradescopeExporter,
    "moodle": MoodleExporter,
}
GRADEBOOK = "Student,ID,SIS Login ID,Section,숫자 (7)\n    Points Possible,,,,10\n김서연,1,,,\n"


def make_result(student, **more):
    values = {
        "assessment": "a01",
        "submission": student,
        "student": student,
        "email": f"{student}@x.org",
        "outcome": "graded",
        "score": 7.5,
        "points": 10.0,
        "environment": Environment(sandbox="scripted"),
        "graded_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return Result(**{**values, **more})


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with a built assessment; console output is as wide as a line may be."""
    bundle = Bundle(
        assessment="a01",
        title="숫자",
        config=AssessmentConfig(),
        notebook_name="a01.ipynb",
        questions=(),
    )
    folder = tmp_path / "build" / "a01" / "bundle"
    folder.mkdir(parents=True)
    (folder / "bundle.json").write_text(bundle.model_dump_json(), "utf-8")
    monkeypatch.setattr(command, "load_plugin", lambda group, name: EXPORTERS[name])
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def save(course):
    def save_results(*results):
        with open_folder_store(course / "results" / "a01", "a01") as store:
            for result in results:
                store.save(result, {})

    return save_results


@pytest.fixture
def gradebook(course):
    path = course / "gradebook.csv"
    path.write_bytes(GRADEBOOK.encode("cp949"))
    return path


@pytest.mark.parametrize("target", sorted(EXPORTERS))
def test_the_file_goes_beside_the_results(course, save, target, capsys):
    save(make_result("김서연"))
    assert command.export("a01", target, ExportCommand(course)) == 0
    path = course / "results" / "a01" / "export" / f"a01-{target}.csv"
    assert "7.5" in path.read_text("utf-8-sig")
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 exported, from 7.5 / 10 to 7.5 / 10" in shown


def test_the_zip_of_gradescope_goes_beside_the_csv(course, save):
    save(make_result("kim"))
    output = course / "out" / "grades.csv"
    assert command.export("a01", "gradescope", ExportCommand(course, output=output)) == 0
    names = {path.name for path in output.parent.iterdir()}
    assert names == {"grades.csv", "a01-gradescope-autograder.zip"}


def test_who_is_missing_is_shown_with_the_reason_and_the_exit_code(course, save, gradebook, capsys):
    failed = make_result("lee", outcome="grader_error", score=None, email="")
    save(make_result("김서연"), make_result("[bold]박\x1b[31m"), failed)
    options = ExportCommand(course, roster=gradebook)
    assert command.export("a01", "canvas", options) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 exported" in shown
    assert "2 left out: not matched" in shown
    assert "[bold]박" in shown
    assert "\x1b[31m" not in shown


def test_json_lists_exported_left_out_files_and_notes(course, save, gradebook, capsys):
    save(make_result("김서연"), make_result("stranger"))
    options = ExportCommand(course, roster=gradebook, as_json=True)
    assert command.export("a01", "canvas", options) == 1
    data = json.loads(capsys.readouterr().out)
    assert [row["student"] for row in data["exported"]] == ["김서연"]
    assert [(row["student"], row["reason"]) for row in data["left_out"]] == [
        ("stranger", "not matched")
    ]
    assert data["files"][0].endswith("a01-canvas.csv")
    assert data["notes"] == []


def test_nothing_is_written_where_nobody_can_be_exported(course, save, gradebook, capsys):
    save(make_result("stranger"))
    assert command.export("a01", "canvas", ExportCommand(course, roster=gradebook)) == 1
    assert not (course / "results" / "a01" / "export").exists()
    assert "nothing was written" in capsys.readouterr().err


def test_another_attempt_that_counts_is_no_failure(course, save):
    save(
        make_result("kim", email="k@x.org", score=9.0, submission="kim-1"),
        make_result("kim", email="k@x.org", attempt=2, score=5.0, submission="kim-2"),
    )
    assert command.export("a01", "csv", ExportCommand(course, attempt="best")) == 0
    text = (course / "results" / "a01" / "export" / "a01-csv.csv").read_text("utf-8-sig")
    assert ",9,10," in text
    assert ",5,10," not in text


def test_an_old_file_is_replaced_as_a_whole_and_no_draft_stays(course, save):
    save(make_result("kim"))
    output = course / "grades.csv"
    output.write_text("old " * 10_000)
    command.export("a01", "csv", ExportCommand(course, output=output))
    assert "old" not in output.read_text("utf-8-sig")
    assert [path.name for path in course.glob(".*")] == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"attempt": "first"}, "latest or best"),
        ({"roster": "none.csv"}, "none.csv"),
        ({"output": "build"}, "is a folder"),
        ({"output": "taken/grades.csv"}, "--output"),
        ({"results": "nowhere"}, "there are no results"),
    ],
)
def test_options_that_cannot_be_used_are_one_clear_error(course, save, more, words):
    save(make_result("kim"))
    (course / "taken").write_text("a file")
    paths = {name: value if name == "attempt" else course / value for name, value in more.items()}
    with pytest.raises(UsageError, match=words):
        command.export("a01", "canvas", ExportCommand(course, **paths))
    assert list(course.rglob("*.tmp")) == []
