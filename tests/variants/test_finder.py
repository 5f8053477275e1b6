"""Which variant a submission is graded as: its own notebook's, unless it names none."""

import unicodedata

import pytest

from autograder.notebook import parse_notebook, serialize_notebook
from autograder.schema import Submission
from autograder.variants.finder import open_finder
from autograder.variants.handed_out import Given, HandedOut, write_handed_out
from tests.variants.conftest import NAME


@pytest.fixture
def room(desk):
    """A built pool of which 김서연 has the first variant and lee the second."""
    desk.publish()
    pool = desk.build(3)
    names = [item.name for item in pool.pool.variants]
    given = (
        Given(student="김서연", variant=names[0], also=("Kim@x.kr", "12345", "same")),
        Given(student="lee", variant=names[1], also=("same",)),
    )
    write_handed_out(pool.folder, HandedOut(students=given))
    return desk, pool, names


def submit(room, variant, student="김서연", **facts):
    """A student's notebook of a variant; with a made-up name where there is no such."""
    desk, pool, _ = room
    folder = pool.folder / variant / "student"
    path = folder / f"{NAME}.ipynb"
    if not path.exists():
        path = desk.course.folder / "assignments" / NAME / f"{NAME}.ipynb"
    notebook = parse_notebook(path.read_bytes())
    if variant:
        notebook.metadata["autograder"]["variant"] = variant
    content = serialize_notebook(notebook)
    return Submission(name="x", student=student, notebook=content, **facts)


def place(room, *args, **facts):
    return open_finder(room[0].course, NAME).place(submit(room, *args, **facts))


def test_the_notebook_that_a_student_was_given_is_graded_as_it_is(room):
    names = room[2]
    found = place(room, names[0])
    assert (found.bundle.bundle.variant, found.submission.allocated) == (names[0], names[0])
    assert (found.submission.notices, found.problem) == ((), "")


def test_a_mix_up_costs_nothing_and_is_told(room):
    names = room[2]
    found = place(room, names[1])
    assert (found.bundle.bundle.variant, found.submission.allocated) == (names[1], names[0])
    (notice,) = found.submission.notices
    assert names[0] in notice
    assert names[1] in notice
    assert "your instructor is told" in notice
    assert not found.problem


def test_a_variant_that_does_not_exist_is_graded_as_the_one_that_was_given(room):
    found = place(room, "no-such")
    assert found.bundle.bundle.variant == room[2][0]
    assert "nosuch, which does not exist" in found.submission.notices[0]


def test_the_release_without_variants_of_a_student_with_one_is_graded_as_theirs(room):
    found = place(room, "")
    assert (found.bundle.bundle.variant, found.submission.notices) == (room[2][0], ())


@pytest.mark.parametrize(
    ("student", "facts"),
    [
        (unicodedata.normalize("NFD", "김서연"), {}),
        ("someone", {"email": "kim@x.kr"}),
        ("someone", {"platform_id": "12345"}),
    ],
)
def test_a_student_is_known_by_all_names_of_the_roster(room, student, facts):
    assert place(room, "", student=student, **facts).submission.allocated == room[2][0]


def test_what_two_students_are_called_identifies_nobody(room):
    assert place(room, room[2][2], student="same").submission.allocated == ""


def test_an_unknown_student_is_graded_as_the_notebook_says(room):
    found = place(room, room[2][2], student="stranger")
    assert (found.bundle.bundle.variant, found.submission.allocated) == (room[2][2], "")
    assert not found.submission.notices
    assert place(room, "", student="stranger").bundle.bundle.variant == ""


def test_where_nothing_tells_nothing_is_guessed(room):
    found = place(room, "gone", student="stranger")
    assert "its notebook says variant gone, which is not in the pool" in found.problem
    assert "'stranger' was given no variant" in found.problem


def test_a_notebook_that_cannot_be_read_is_left_to_the_grader(room):
    broken = Submission(name="x", student="stranger", notebook=b"{")
    found = open_finder(room[0].course, NAME).place(broken)
    assert (found.bundle.bundle.variant, found.problem) == ("", "")


def test_without_a_pool_everything_is_as_it_was(desk):
    desk.publish()
    submission = Submission(name="x", student="kim", notebook=b"{")
    found = open_finder(desk.course, NAME).place(submission)
    assert found.submission is submission
    assert found.bundle.bundle.variant == ""
