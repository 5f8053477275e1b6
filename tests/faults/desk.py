"""A grader with a real store and no kernel: `python -m tests.faults.desk COURSE OUTPUT STORE ARTIFACTS [MEETING PARTIES]`.

It grades the class of `make_class` with scores that are in the notebooks, and prints the name of
each submission that it grades, and then how many results it sees. STORE may be empty.
With a folder MEETING, it begins when PARTIES of its kind are up.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from autograder.bulk import grading
from autograder.bulk.audience import Audience
from autograder.bulk.gradebook import Gradebook
from autograder.course import Course
from autograder.executor.local import LocalExecutor
from autograder.grade.submission import Graded, make_failed
from autograder.pipeline import grade_class
from autograder.schema import BundleFolder, Submission, read_bundle
from autograder.services import Place, Services
from tests.executor.hosts import wait_for
from tests.grade.conftest import case, question, submit, write_bundle

ASSESSMENT = "t01_small"
STUDENTS = 16
MEETING_SECONDS = 60.0  # for the slowest of them to start


def write_course(folder: Path) -> Course:
    """A course with one question of 100 points."""
    bundle = folder / "build" / ASSESSMENT / "bundle"
    bundle.mkdir(parents=True)
    write_bundle(bundle, [question("q1", case("def test_it(a):\n    assert a", points=100.0))])
    return Course(folder)


def make_class() -> list[Submission]:
    """Everybody's notebook differs; the score is the number in it."""
    return [submit(f"a = {number}", name=f"s{number:02}") for number in range(STUDENTS)]


@dataclass
class Desk:
    """A site that takes the score from the name of a submission, and some time.

    Attributes:
        graded: names, as they were graded.
        extra_bytes: of the executed notebook, which no two share.
        meeting: folder where so many desks meet before the first of them works.
        parties: how many.
    """

    bundle: BundleFolder
    seconds: float = 0.0
    extra_bytes: int = 0
    graded: list[str] = field(default_factory=list)
    meeting: Path | None = None
    parties: int = 0

    @contextmanager
    def open(self, threads):
        if self.meeting is not None:
            (self.meeting / str(os.getpid())).touch()
            wait_for(lambda: len(list(self.meeting.iterdir())) >= self.parties, MEETING_SECONDS)
        yield self.work

    def work(self, job):
        submission = job.submission
        time.sleep(self.seconds)
        self.graded.append(submission.name)
        print(submission.name, flush=True)
        failed = make_failed(submission, self.bundle, "").result
        scored = {"outcome": "graded", "score": float(submission.name[1:]), "message": ""}
        executed = (submission.notebook or b"") + os.urandom(self.extra_bytes)
        return Graded(failed.model_copy(update=scored), executed)


def open_book(course: Course, output: Path, place: Place, desk: Desk, workers: int = 1):
    """The class's gradebook at such a desk."""
    services = Services(LocalExecutor(workers), lambda bundle: desk, place)
    return Gradebook(course, ASSESSMENT, services, output)


def main() -> None:
    course, output, store, artifacts, *meeting = sys.argv[1:]
    grading.LEASE_SECONDS = 1.5  # twenty in earnest
    grading._LOOK_SECONDS = 0.2
    bundle = read_bundle(Path(course, "build", ASSESSMENT, "bundle"))
    desk = Desk(bundle, seconds=0.05)
    if meeting:
        desk.meeting, desk.parties = Path(meeting[0]), int(meeting[1])
    book = open_book(Course(Path(course)), Path(output), Place(store, artifacts), desk, 2)
    print(len(grade_class(book, make_class(), Audience())))


if __name__ == "__main__":
    main()
