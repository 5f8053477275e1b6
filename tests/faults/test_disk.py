"""A disk that gets full or read-only in the middle of a class: one clear error, nothing lost."""

import os
import subprocess

import pytest

from autograder.bulk import grading
from autograder.bulk.audience import Audience
from autograder.errors import GraderError
from autograder.pipeline import grade_class
from autograder.services import Place
from tests.faults.desk import ASSESSMENT, STUDENTS, Desk, make_class, open_book, write_course
from tests.small_disk import mount_small_disk


@pytest.fixture
def disk(tmp_path):
    """A disk of one and a half MiB."""
    place = tmp_path / "disk"
    mount_small_disk(place, "1536k")
    yield place
    while os.path.ismount(place):
        subprocess.run(["umount", "--lazy", place], check=True)


def grow(disk):
    subprocess.run(["mount", "-o", "remount,size=16m", disk], check=True)


def forbid_writing(disk):
    """What is open stays so; whatever is opened from now on is read-only."""
    subprocess.run(["mount", "--bind", disk, disk], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", disk], check=True)


def allow_writing(disk):
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.fixture
def book(tmp_path, disk, monkeypatch):
    """A class's gradebook on that disk; every grading takes 60 kB of it, twice."""
    monkeypatch.setattr(grading, "LEASE_SECONDS", 1.0)
    course = write_course(tmp_path / "course")
    desk = Desk(course.find_bundle(ASSESSMENT), extra_bytes=60_000)
    made = open_book(course, disk / "results", Place(), desk)
    return made, desk


class Watch(Audience):
    """Notes what was kept; after so many results it does something."""

    def __init__(self, after=0, what=lambda: None):
        self.kept = []
        self._after = after
        self._what = what

    def observe(self, result):
        self.kept.append(result.submission)
        if len(self.kept) == self._after:
            self._what()


def fail(book, watch):
    with pytest.raises(GraderError) as caught:
        grade_class(book, make_class(), watch)
    return str(caught.value)


def check_finished(book, desk, kept, said):
    """The same command goes on where it stopped, and all are there once and in full."""
    before = len(desk.graded)
    results = grade_class(book, make_class(), Audience())
    assert {result.submission: result.score for result in results} == {
        f"s{number:02}": float(number) for number in range(STUDENTS)
    }
    assert not set(kept) & set(desk.graded[before:])
    assert all((book.folder / f"s{n:02}" / "feedback.html").exists() for n in range(STUDENTS))
    assert (book.folder / "grades.csv").exists()
    with book.open() as (store, _):
        for name in kept:
            assert len(store.history(name)) == 1
    assert str(book.folder.parent) in said
    assert "then run the same command again" in said
    assert "\n" not in said


def test_a_full_disk_is_one_clear_error_and_the_same_command_finishes(book, disk):
    book, desk = book
    watch = Watch()
    said = fail(book, watch)
    assert 0 < len(watch.kept) < STUDENTS
    assert "make room" in said
    again = Watch()
    assert "make room" in fail(book, again)  # still full: the same, and nothing is lost
    assert set(watch.kept) <= set(again.kept)
    grow(disk)
    check_finished(book, desk, watch.kept, said)
    assert not list(disk.rglob("*.part"))
    assert not list(disk.rglob("*.tmp"))


def test_a_disk_that_turns_read_only_is_one_clear_error_and_the_same_command_finishes(book, disk):
    book, desk = book
    grow(disk)
    watch = Watch(3, lambda: forbid_writing(disk))
    said = fail(book, watch)
    assert watch.kept == ["s00", "s01", "s02"]
    assert "ead-only" in said
    assert "ead-only" in fail(book, Watch())
    allow_writing(disk)
    check_finished(book, desk, watch.kept, said)
