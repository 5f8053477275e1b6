"""A class is graded into a store: each content once, each finished grading kept, come what may."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from autograder import pipeline
from autograder.bulk import grading
from autograder.bulk.audience import Audience
from autograder.bulk.upload import hash_content
from autograder.errors import GraderError
from autograder.executor.inline import InlineExecutor
from autograder.schema import Submission
from tests.bulk.making import ASSESSMENT, answer


def grade(room, submissions, executor=None):
    results = pipeline.grade_class(room.open_book(executor), submissions, Audience())
    return {result.submission: result for result in results}


def page(room, name):
    return (room.results / name / "feedback.html").read_text("utf-8")


def test_what_is_known_is_not_graded_again_but_told(room):
    class Listener(Audience):
        def __init__(self):
            self.told = []

        def observe(self, result):
            self.told.append(result.submission)

    kim, lee = answer("kim", "score = 3"), answer("lee", "score = 4")
    grade(room, [kim])
    listener = Listener()
    results = pipeline.grade_class(room.open_book(), [kim, lee], listener)
    assert room.graded() == ["kim", "lee"]
    assert listener.told == ["kim", "lee"]
    assert [result.score for result in results] == [3, 4]


def test_what_a_platform_says_may_change_without_grading_again(room):
    first = grade(room, [answer("kim", "score = 3")])["kim"]
    late = answer("kim", "score = 3", late=True, attempt=2, email="kim@x.kr")
    again = grade(room, [late])["kim"]
    assert room.graded() == ["kim"]
    assert (again.late, again.attempt, again.email, again.score) == (True, 2, "kim@x.kr", 3)
    assert again.graded_at > first.graded_at
    assert grade(room, [late])["kim"] == again


def test_a_changed_notebook_or_helper_file_is_graded_again(room):
    grade(room, [answer("kim", "score = 3", files={"helper.py": b"1"})])
    grade(room, [answer("kim", "score = 3", files={"helper.py": b"1"})])
    assert room.graded() == ["kim"]
    grade(room, [answer("kim", "score = 3", files={"helper.py": b"2"})])
    grade(room, [answer("kim", "score = 3", files={"other.py": b"2"})])
    assert grade(room, [answer("kim", "score = 5")])["kim"].score == 5
    assert room.graded() == ["kim"] * 4


def test_equal_content_is_graded_once_and_everybody_has_a_result_of_their_own(room):
    same = [answer(name, "score = 3", late=name == "park") for name in ("kim", "lee", "park")]
    results = grade(room, [*same, answer("choi", "score = 3", files={"a": b"b"})])
    assert room.graded() == ["kim", "choi"]
    assert [results[name].score for name in ("kim", "lee", "park")] == [3, 3, 3]
    assert [results[name].student for name in ("kim", "lee", "park")] == ["kim", "lee", "park"]
    assert [results[name].late for name in ("kim", "lee", "park")] == [False, False, True]
    later = grade(room, [answer("jung", "score = 3")])
    assert room.graded() == ["kim", "choi"]
    assert later["jung"].score == 3
    for name in ("kim", "lee", "park", "jung"):
        assert (room.results / name / "executed.ipynb").exists()
        assert name in page(room, name)
        assert all(other not in page(room, name) for other in {"kim", "lee", "park"} - {name})


def test_uploads_that_cannot_be_read_stay_apart(room):
    broken = [
        Submission(name=name, student=name, notebook=None, problem=f"{name} sent nothing")
        for name in ("kim", "lee")
    ]
    assert sorted(grade(room, broken)) == ["kim", "lee"]
    assert room.graded() == ["kim", "lee"]


def test_what_was_lost_is_ours_and_graded_again_next_time(room):
    found = grade(room, [answer("kim", "lost"), answer("lee", "score = 2")])
    assert found["kim"].outcome == "grader_error"
    assert found["kim"].score is None
    assert "the worker fell over" in found["kim"].staff_message
    assert found["lee"].score == 2
    grade(room, [answer("kim", "lost"), answer("lee", "score = 2")])
    assert room.graded() == ["kim", "lee", "kim"]


def test_copies_of_what_was_lost_have_no_score_either(room):
    found = grade(room, [answer("kim", "lost"), answer("lee", "lost")])
    assert [found[name].outcome for name in ("kim", "lee")] == ["grader_error"] * 2
    assert found["lee"].submission == "lee"


def test_a_submission_whose_graders_ended_three_times_is_set_aside(room):
    kim = answer("kim", "score = 3")
    key = f"kim {hash_content(kim)} sha256:aaaa"
    with room.open_book().open() as (store, _):
        for _ in range(grading.MAX_LOSSES):
            assert store.leases.claim(key, "dead", 0.0) is not None
            time.sleep(0.01)
    found = grade(room, [kim, answer("lee", "score = 2")])
    assert found["kim"].outcome == "grader_error"
    assert "3 graders ended" in found["kim"].staff_message
    assert room.graded() == ["lee"]
    assert grade(room, [kim])["kim"].score == 3, "next time it is tried again"


def test_a_result_of_an_earlier_bundle_is_graded_again(room):
    grade(room, [answer("kim", "score = 3")])
    room.change_bundle("sha256:bbbb")
    assert grade(room, [answer("kim", "score = 3")])["kim"].bundle == "sha256:bbbb"
    assert room.graded() == ["kim", "kim"]


@pytest.mark.parametrize("lost", ["result.json", "feedback.html", "results.json", "executed.ipynb"])
def test_a_file_that_somebody_deleted_is_written_again(lost, room):
    kim = answer("kim", "score = 3")
    grade(room, [kim])
    file = room.results / "kim" / lost
    before = file.read_bytes()
    file.unlink()
    grade(room, [kim])
    assert file.read_bytes() == before
    assert room.graded() == ["kim"]


def test_an_output_that_cannot_be_written_is_one_clear_error_and_nothing_is_lost(room):
    submissions = [answer(name, f"score = {n}") for n, name in enumerate(("kim", "lee", "park"))]
    room.results.mkdir(parents=True)
    (room.results / "lee").write_text("in the way")
    with pytest.raises(GraderError, match=r"lee.*run the same command again"):
        grade(room, submissions)
    (room.results / "lee").unlink()
    assert len(grade(room, submissions)) == 3
    assert sorted(room.graded()) == ["kim", "lee", "park"], "what was finished is not repeated"
    assert "2 /" in page(room, "park").replace("2.0", "2")


def test_a_feedback_page_that_cannot_be_written_is_one_clear_error(room):
    kim = answer("kim", "score = 3")
    grade(room, [kim])
    (room.results / "kim" / "feedback.html").unlink()
    (room.results / "kim" / "feedback.html").mkdir()
    (room.results / "kim" / "results.json").unlink()
    with pytest.raises(GraderError, match="feedback"):
        grade(room, [kim])


CHILD = """
import signal
import sys
from pathlib import Path
from autograder import pipeline
from autograder.bulk import grading
from autograder.bulk.audience import Audience
from tests.bulk.making import Room, answer

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in background
    grading.LEASE_SECONDS = 2.0
    room = Room(Path(sys.argv[1]))
    names = [f"s{number}" for number in range(8)]
    work = [answer(name, f"slow = {number}; score = {number}") for number, name in enumerate(names)]
    pipeline.grade_class(room.open_book(), work, Audience())
"""


def start_child(room):
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(room.folder)],
        cwd=root,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(root)},
    )


def wait_for(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def names_kept(room):
    with room.open_book().open() as (store, _):
        return [result.submission for result in store.results()]


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_was_ended_goes_on_where_it_stopped(kind, room):
    child = start_child(room)
    wait_for(lambda: len(room.graded()) >= 3)
    child.send_signal(kind)
    child.wait(60)
    begun, kept = room.graded(), names_kept(room)
    assert 2 <= len(kept) < 8
    work = [answer(f"s{n}", f"slow = {n}; score = {n}") for n in range(8)]
    results = grade(room, work)
    assert [results[f"s{n}"].score for n in range(8)] == list(range(8))
    after = room.graded()[len(begun) :]
    assert sorted(after) == sorted({f"s{n}" for n in range(8)} - set(kept))
    if kind == signal.SIGINT:
        assert begun == kept, "what was begun is finished first"


def test_two_graders_at_once_grade_each_submission_once_and_see_all(room):
    work = [answer(f"s{n}", f"slow = {n}; score = {n}") for n in range(8)]
    found = []
    threads = [
        threading.Thread(target=lambda order=order: found.append(grade(room, work[::order])))
        for order in (1, -1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(room.graded()) == [f"s{n}" for n in range(8)]
    assert [sorted(results) for results in found] == [[f"s{n}" for n in range(8)]] * 2


def test_what_another_grader_finished_meanwhile_is_not_graded_again(room):
    work = [answer(name, f"score = {n}") for n, name in enumerate(("kim", "lee"))]
    copy = answer("kims_friend", "score = 0")

    class Late(InlineExecutor):
        def run(self, site, items, observe=print):
            grade(room, work)
            yield from super().run(site, items)

    found = grade(room, [*work, copy], Late())
    assert room.graded() == ["kim", "lee"]
    assert [found[name].score for name in ("kim", "lee", "kims_friend")] == [0, 1, 0]
    with room.open_book().open() as (store, _):
        assert len(store.history("kim")) == 1


def test_similar_notebooks_are_named_on_the_class_page_and_the_released_code_is_not(room):
    released = answer(
        "released", "\n".join(f"given_{n} = load('part_{n}.csv', {n})" for n in range(40))
    )
    place = room.folder / "assignments" / ASSESSMENT / "t01_small.ipynb"
    place.parent.mkdir(parents=True)
    place.write_bytes(released.notebook)
    own = {
        f"s{n}": "\n".join(
            f"v{n}_{i} = [{n} * {i}, {i} + {n * 7}, math.sin({i * n})]" for i in range(30)
        )
        for n in range(12)
    }
    own["copy"] = "# another name\n" + own["s3"]
    given = "\n".join(f"given_{n} = load('part_{n}.csv', {n})" for n in range(40))
    grade(room, [answer(name, f"{given}\n{text}") for name, text in own.items()])
    text = (room.results / "class.html").read_text("utf-8")
    section = text[text.index("similar") :] if "similar" in text else text
    assert "given_7" not in text
    assert "v3_7" in section
