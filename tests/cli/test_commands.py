"""The commands, run as people run them, on a small course without Keras in its cells."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder import notebook
from tests.masters import make_master

AUTOGRADER = str(Path(sys.executable).parent / "autograder")
MASTER = [
    ("raw", "# ASSIGNMENT CONFIG\ntests:\n  files: false\n  ok_format: false"),
    ("markdown", "# 작은 과제\n<!-- lang:en -->\n# A small assignment"),
    ("code", "import math"),
    ("raw", "# BEGIN QUESTION\nname: q1\npoints: 2\ntime_limit: 10s"),
    ("markdown", "## 두 배\n<!-- lang:en -->\n## Double"),
    ("raw", "# BEGIN SOLUTION"),
    ("code", "def double(x):\n    return 2 * x # SOLUTION"),
    ("raw", "# END SOLUTION"),
    ("raw", "# BEGIN TESTS"),
    ("code", "def test_public(double):\n    assert double(2) == 4"),
    ("code", "# HIDDEN\ndef test_hidden(double):\n    assert double(21) == 42"),
    ("raw", "# END TESTS"),
    ("raw", "# END QUESTION"),
]


def run(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AUTOGRADER, *arguments],
        cwd=course,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def write_master(folder: Path, cells=MASTER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = notebook.serialize_notebook(make_master(cells))
    (folder / f"{folder.name}.ipynb").write_bytes(content)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A built course with references, as its instructor has it."""
    folder = tmp_path_factory.mktemp("course")
    solution = folder / "solutions" / "a77_small"
    write_master(solution)
    (solution / "assessment.toml").write_text('title = "작은 과제"\neditions = ["en"]\n', "utf-8")
    patches = {
        "full_score/as_published.py": "# As published.\n",
        "failed/adds.py": "# Adds two.\n# %% q1\ndef double(x):\n    return x + 2\n",
        "error/undefined.py": "# A name of nobody.\n# %% q1\ndef double(x):\n    return y\n",
        "untouched/as_released.py": "# As released.\n",
    }
    for name, text in patches.items():
        path = solution / "reference" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = run(folder, "assign", "a77_small")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def upload(course, tmp_path_factory):
    """A class: one right, one wrong, one untouched, one broken, one with a hostile name."""
    folder = tmp_path_factory.mktemp("class")
    right = (course / "build" / "a77_small" / "solution.ipynb").read_bytes()
    released = (course / "assignments" / "a77_small" / "a77_small.ipynb").read_bytes()
    (folder / "김서연.ipynb").write_bytes(right)
    (folder / "wrong.ipynb").write_bytes(right.replace(b"2 * x", b"2 + x"))
    (folder / "untouched.ipynb").write_bytes(released)
    (folder / "broken.ipynb").write_bytes(b'{"cells": [')
    (folder / "=cmd()<b>.ipynb").write_bytes(right)
    return folder


@pytest.fixture(scope="module")
def graded(course, upload):
    output = course / "out"
    done = run(course, "grade", "a77_small", str(upload), "--output", str(output))
    assert done.returncode == 0, done.stdout + done.stderr
    return done, output


@pytest.mark.slow
def test_assign_writes_the_same_bytes_twice_and_both_editions(course):
    released = course / "assignments" / "a77_small"
    before = {path: path.read_bytes() for path in sorted(released.rglob("*")) if path.is_file()}
    bundle = (course / "build/a77_small/bundle/bundle.json").read_bytes()
    assert run(course, "assign", "a77_small").returncode == 0
    assert {path: path.read_bytes() for path in before} == before
    assert (course / "build/a77_small/bundle/bundle.json").read_bytes() == bundle
    assert b"Double" in before[released / "en" / "a77_small.ipynb"]
    assert "두 배" in before[released / "a77_small.ipynb"].decode()
    assert all(b"test_hidden" not in content for content in before.values())


def test_a_class_is_graded_with_reports_for_everyone(graded):
    done, output = graded
    rows = list(csv.DictReader(io.StringIO((output / "grades.csv").read_text("utf-8-sig"))))
    scores = {row["student"].lstrip("'"): row["score"] for row in rows}
    assert scores == {
        "김서연": "2",
        "wrong": "1",
        "untouched": "0",
        "broken": "0",
        "=cmd()<b>": "2",
    }
    assert "no walls" not in done.stderr
    for result in map(
        json.loads, (path.read_text("utf-8") for path in output.glob("*/result.json"))
    ):
        folder = output / result["submission"]
        assert result["schema_version"] == 1
        page = (folder / "feedback.html").read_text("utf-8")
        assert "double(21)" not in page
        assert "<b>" not in page.replace("&lt;b&gt;", "")
        assert str(folder / "feedback.html") in done.stdout.replace("\n", "")
        gradescope = json.loads((folder / "results.json").read_text("utf-8"))
        assert "double(21)" not in json.dumps(gradescope)
    assert (output / "class.html").exists()


def test_grading_again_keeps_what_is_graded_and_takes_up_the_rest(course, upload, graded):
    _, output = graded
    kept = output / "wrong" / "result.json"
    before = kept.read_bytes()
    shutil.rmtree(output / "untouched")
    done = run(course, "grade", "a77_small", str(upload), "--output", str(output), "--json")
    assert done.returncode == 0
    assert kept.read_bytes() == before
    assert (output / "untouched" / "result.json").exists()
    assert len(json.loads(done.stdout)["results"]) == 5


def test_report_writes_the_pages_again(course, graded):
    _, output = graded
    page = output / "wrong" / "feedback.html"
    before = page.read_text("utf-8")
    page.unlink()
    done = run(course, "report", "a77_small", "--output", str(output))
    assert done.returncode == 0, done.stderr
    assert page.read_text("utf-8") == before


@pytest.mark.slow
def test_a_zip_of_a_platform_is_taken_as_it_is(course, upload, tmp_path):
    archive = tmp_path / "submissions.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(upload / "wrong.ipynb", "kimseoyeon_LATE_12345_67890_a77_small.ipynb")
    done = run(
        course, "grade", "a77_small", str(archive), "--output", str(tmp_path / "o"), "--json"
    )
    (result,) = json.loads(done.stdout)["results"]
    assert (result["student"], result["score"], result["late"]) == ("kimseoyeon", 1, True)


@pytest.mark.slow
def test_verify_agrees_with_right_labels_and_names_a_wrong_one(course, tmp_path):
    done = run(course, "verify", "a77_small")
    assert done.returncode == 0, done.stdout + done.stderr
    copied = tmp_path / "copy"
    shutil.copytree(course, copied, ignore=shutil.ignore_patterns("out"))
    references = copied / "solutions" / "a77_small" / "reference"
    (references / "failed" / "adds.py").rename(references / "full_score" / "adds.py")
    (references / "failed" / "right.py").write_text("# Not wrong at all.\n", encoding="utf-8")
    wrong = run(copied, "verify", "a77_small")
    assert wrong.returncode == 1
    assert "full_score/adds" in wrong.stdout
    assert "failed/right" in wrong.stdout
    assert "q1-2" in wrong.stdout, "no wrong reference is left that fails the hidden test"


def test_a_master_that_fails_its_own_tests_is_not_published(course, tmp_path):
    cells = [(kind, text.replace("double(21) == 42", "double(21) == 43")) for kind, text in MASTER]
    write_master(tmp_path / "solutions" / "a78_wrong", cells)
    done = run(tmp_path, "assign", "a78_wrong")
    assert done.returncode == 2
    assert "q1" in done.stderr
    assert "q1-2" in done.stderr
    assert not (tmp_path / "assignments").exists()
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "a99_none", "x.ipynb"], "autograder assign a99_none"),
        (["grade", "a77_small", "nowhere.ipynb"], "nowhere.ipynb"),
        (["assign", "a99_none"], "a99_none"),
        (["grade", "a77_small", ".", "--sandbox", "vault"], "vault"),
    ],
)
def test_a_wrong_command_is_answered_in_one_line_and_exit_2(arguments, words, course):
    done = run(course, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_help_answers_without_tensorflow_or_otter():
    code = (
        "import sys\nfrom autograder.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('tensorflow', 'keras', 'otter', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"
