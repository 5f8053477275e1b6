"""Two graders on one PostgreSQL store, and one on SQLite beside it: no update lost, none doubled."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.services import Place
from autograder.store import FolderStore
from tests.faults.desk import ASSESSMENT, STUDENTS, write_course
from tests.store.conftest import postgresql_url, server  # noqa: F401 - fixtures

ROOT = Path(__file__).parents[2]
NAMES = [f"s{number:02}" for number in range(STUDENTS)]


@pytest.fixture
def course(tmp_path):
    return write_course(tmp_path / "course")


def start(course, output, place, *meeting):
    words = [str(course.folder), str(output), place.store, place.artifacts, *map(str, meeting)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.desk", *words],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def finish(grader):
    """Names that it graded, and how many results it saw in the end."""
    *graded, seen = grader.communicate(timeout=120)[0].split()
    assert grader.returncode == 0
    return graded, int(seen)


def check(place, output):
    """Everybody has one grading, it counts, and it is in the folder that people look into."""
    with place.open_store(output, ASSESSMENT) as store:
        histories = {name: store.history(name) for name in NAMES}
        results = {result.submission: result for result in store.results()}
    for number, name in enumerate(NAMES):
        assert [one.result.score for one in histories[name] if one.current] == [float(number)]
        assert {one.result.score for one in histories[name]} == {float(number)}
        assert FolderStore(output).load(name) == results[name]
        assert (output / name / "feedback.html").exists()
    return histories


def test_graders_side_by_side_share_the_work_and_see_all_results(course, tmp_path, postgresql_url):  # noqa: F811
    shared = Place(postgresql_url, str(tmp_path / "artifacts"))
    outputs = [tmp_path / name for name in ("first", "second", "alone")]
    meeting = tmp_path / "meeting"  # else the first is done before the second is up
    meeting.mkdir()
    graders = [
        start(course, output, place, meeting, len(outputs))
        for output, place in zip(outputs, (shared, shared, Place()), strict=True)
    ]
    (first, saw_first), (second, saw_second), (alone, saw_alone) = map(finish, graders)
    assert sorted(first + second) == NAMES  # each by one of them, none twice
    assert first
    assert second
    assert sorted(alone) == NAMES
    assert (saw_first, saw_second, saw_alone) == (STUDENTS,) * 3
    for output, place in zip(outputs, (shared, shared, Place()), strict=True):
        assert all(len(history) == 1 for history in check(place, output).values())


def test_what_a_killed_grader_had_is_done_by_the_other(course, tmp_path, postgresql_url):  # noqa: F811
    shared = Place(postgresql_url, str(tmp_path / "artifacts"))
    killed = start(course, tmp_path / "killed", shared)
    before = [killed.stdout.readline().strip() for _ in range(10)]
    killed.kill()
    before += killed.communicate()[0].split()
    graded, seen = finish(start(course, tmp_path / "other", shared))
    assert seen == STUDENTS
    assert set(before + graded) == set(NAMES)
    assert len(graded) < STUDENTS  # what was kept is not graded again
    check(shared, tmp_path / "other")
