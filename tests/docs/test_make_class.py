"""The class that `make demo` grades."""

import runpy
import sys
from pathlib import Path

import pytest

from autograder.verify import Expected, Reference

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "make_class.py"


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(SCRIPT))


def make_references(counts):
    return [
        Reference(name=f"{kind}{number}", expected=kind, notebook=f"{kind}{number}".encode())
        for kind, count in counts.items()
        for number in range(count)
    ]


def test_the_first_of_each_kind_come_before_the_second(script):
    references = make_references({Expected.FULL_SCORE: 1, Expected.FAILED: 3, Expected.ERROR: 2})
    names = [one.name for one in script["choose_references"](references)]
    assert names == ["full_score0", "failed0", "error0", "failed1", "error1", "failed2"]


def test_what_takes_its_whole_time_limit_is_left_out(script):
    references = make_references({Expected.TIME_LIMIT: 2, Expected.HOSTILE: 1})
    assert script["choose_references"](references) == []


def test_folder_holds_one_notebook_per_student_and_nothing_older(script, tmp_path, monkeypatch):
    (tmp_path / "old.ipynb").write_text("{}")
    references = make_references({Expected.FULL_SCORE: 9})
    monkeypatch.setitem(
        script["make_class"].__globals__, "list_references", lambda course, assessment: references
    )
    paths = script["make_class"](tmp_path, "a01_digits", tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert [path.stem for path in paths] == list(script["STUDENTS"])
    assert paths[0].read_bytes() == b"full_score0"
    assert {"김서연", "Emma Clarke"} <= {path.stem for path in paths}


def test_script_names_the_assessment_that_was_not_built(tmp_path, monkeypatch):
    from autograder.errors import UsageError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["make_class.py", "a01_digits", "class"])
    with pytest.raises(UsageError, match="autograder assign a01_digits"):
        runpy.run_path(str(SCRIPT), run_name="__main__")
