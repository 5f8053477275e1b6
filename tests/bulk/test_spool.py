"""Submissions put aside come back as they were, and do not stay in memory."""

import gc
import tracemalloc

import pytest

from autograder import notebook
from autograder.bulk.spool import Spool
from autograder.bulk.upload import hash_content
from autograder.schema import Submission
from autograder.submit import find_uploads


def make(name, content=b"{}", **more):
    return Submission(name=name, student=name, notebook=content, **more)


@pytest.mark.parametrize(
    "submission",
    [
        make("kim", b'{"cells": []}', files={"data/수.txt": "셋".encode(), "empty": b""}),
        make("none", None, problem="There is no notebook."),
        make("empty", b""),
        make("late", late=True, attempt=3, email="lee@example.org", notices=("늦었습니다.",)),
    ],
    ids=lambda submission: submission.name,
)
def test_what_was_put_aside_comes_back(submission):
    with Spool() as spool:
        first = spool.put(make("other", b"x" * 1000), "")
        spooled = spool.put(submission, hash_content(submission))
        assert spooled.load() == submission
        assert spooled.can_be_graded is (submission.name in {"kim", "empty", "late"})
        assert first.load().notebook == b"x" * 1000


def test_a_class_takes_the_memory_of_one_notebook(tmp_path):
    size, count = 2_000_000, 20
    for number in range(count):
        cell = notebook.make_code_cell(f"# {number}\n" + "ab" * (size // 2))
        content = notebook.serialize_notebook(notebook.make_notebook([cell]))
        (tmp_path / f"s{number:02}.ipynb").write_bytes(content)
    gc.collect()
    tracemalloc.start()
    with Spool() as spool:
        uploads = find_uploads([tmp_path], "en")
        spooled = [spool.put(submission, "") for submission in uploads]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(spooled) == len(uploads) == count
        assert spooled[7].load().notebook.count(b"ab") > size // 2 - 10
    assert peak < 0.5 * size * count
