from __future__ import annotations

import pytest

from autograder.assign import publish_release
from autograder.notebook import parse_notebook
from autograder.schema import read_bundle


def files_in(folder):
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.fixture
def release(course, make):
    course.write(
        "data.py",
        "import numpy as np\n"
        "def make_data(seed, variant):\n"
        "    return {'train': {'x': np.zeros(2)}, 'secret': {'x': np.ones(2)}}\n",
    )
    course.write("metrics.py", "def psnr(a, b):\n    return 1.0\n")
    return course.build()


def test_a_release_is_written_where_students_and_the_grader_look(course, release):
    publish_release(release, course.folder)
    assert files_in(course.folder / "assignments" / "a01_numbers") == [
        "a01_numbers.ipynb",
        "data/train.npz",
        "en/a01_numbers.ipynb",
        "en/data/train.npz",
    ]
    assert files_in(course.folder / "build" / "a01_numbers") == [
        "bundle/bundle.json",
        "bundle/hidden/secret.npz",
        "bundle/metrics.py",
        "bundle/public/data/train.npz",
        "solution.ipynb",
    ]
    found = read_bundle(course.folder / "build" / "a01_numbers" / "bundle")
    assert found.bundle == release.bundle
    solution = (course.folder / "build" / "a01_numbers" / "solution.ipynb").read_bytes()
    assert parse_notebook(solution).cells


def test_stale_files_go_and_results_stay(course, release):
    stale = [
        course.folder / "assignments" / "a01_numbers" / "old.ipynb",
        course.folder / "build" / "a01_numbers" / "bundle" / "hidden" / "old.npz",
    ]
    kept = course.folder / "build" / "a01_numbers" / "results" / "kim.json"
    for path in (*stale, kept):
        path.parent.mkdir(parents=True)
        path.write_text("x")
    publish_release(release, course.folder)
    assert not any(path.exists() for path in stale)
    assert kept.exists()


def test_a_release_that_cannot_be_written_leaves_the_earlier_one_whole(
    course, release, monkeypatch
):
    publish_release(release, course.folder)
    before = files_in(course.folder / "assignments")
    write = type(course.folder).write_bytes

    def fail(path, content):
        if path.parent.name == "en":
            raise OSError("disk full")
        return write(path, content)

    monkeypatch.setattr(type(course.folder), "write_bytes", fail)
    with pytest.raises(OSError, match="disk full"):
        publish_release(release, course.folder)
    monkeypatch.undo()
    assert files_in(course.folder / "assignments") == before
