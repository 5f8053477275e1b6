"""A class in a folder, and a site that scores notebooks by their text, without a kernel."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.bulk.gradebook import Gradebook
from autograder.course import Course
from autograder.executor.inline import InlineExecutor
from autograder.grade.regrade import Regraded, Way
from autograder.grade.submission import Graded, hash_bytes
from autograder.schema import (
    AssessmentConfig,
    Environment,
    Outcome,
    QuestionResult,
    Result,
    Submission,
)
from autograder.services import Place, Services
from autograder.sites import RegradeJob
from tests.grade.conftest import case, question, submit, write_bundle

ASSESSMENT = "t01_small"


def write_course(folder: Path, content: str = "sha256:aaaa") -> Course:
    """A course whose one assessment has the bundle hash `content`."""
    bundle = folder / "build" / ASSESSMENT / "bundle"
    bundle.mkdir(parents=True, exist_ok=True)
    asked = [question("q1", case("def test_it(f):\n    assert f(1) == 2", points=9.0))]
    write_bundle(bundle, asked, content=content, config=AssessmentConfig(language="en"))
    return Course(folder)


@dataclass(frozen=True)
class TextSite:
    """Scores a notebook by the number in its text: `score = 3`; every grading is in a log.

    A notebook that says `lost` breaks the work, `slow` takes a while, `ours` gets no score.
    """

    log: Path
    bundle: str

    @contextmanager
    def open(self, threads):
        yield self._work

    def _work(self, job):
        submission = job.submission
        text = (submission.notebook or b"").decode()
        with self.log.open("a", encoding="utf-8") as file:
            file.write(submission.name + "\n")
        if "slow" in text:
            time.sleep(0.4)
        if "lost" in text:
            raise RuntimeError("the worker fell over")
        result = self._score(submission, text)
        if job.files is not None:
            bundle = json.loads(job.files["bundle.json"])
            update = {"bundle": bundle["content"], "variant": bundle["variant"]}
            result = result.model_copy(update=update)
        if isinstance(job, RegradeJob):
            return Regraded(Graded(result, b""), Way.KEPT)
        return Graded(result, b"executed " + submission.name.encode())

    def _score(self, submission: Submission, text: str) -> Result:
        score = float(text.partition("score = ")[2][:1] or 0)
        asked = QuestionResult(name="q1", score=score, points=9, outcome=Outcome.PARTIAL)
        failed = "ours" in text
        return Result(
            assessment=ASSESSMENT,
            submission=submission.name,
            student=submission.student,
            late=submission.late,
            attempt=submission.attempt,
            allocated=submission.allocated,
            notices=submission.notices,
            outcome="grader_error" if failed else "graded",
            staff_message="of ours" if failed else "",
            score=None if failed else score,
            points=9,
            questions=() if failed else (asked,),
            environment=Environment(sandbox="text"),
            bundle=self.bundle,
            notebook=hash_bytes(submission.notebook or b""),
            graded_at=datetime.now(UTC),
        )


class Room:
    """A class's folder, and what was graded so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.course = write_course(folder)
        self.log = folder / "log.txt"
        self.log.touch()

    @property
    def results(self) -> Path:
        return self.folder / "results" / ASSESSMENT

    def graded(self) -> list[str]:
        """Names of what was graded, in order, each time that it was."""
        return self.log.read_text("utf-8").split()

    def open_book(self, executor=None) -> Gradebook:
        def make_site(bundle):
            return TextSite(self.log, bundle.bundle.content)

        services = Services(executor or InlineExecutor(), make_site, Place())
        return Gradebook(self.course, ASSESSMENT, services)

    def change_bundle(self, content: str) -> None:
        write_course(self.folder, content)


def answer(name: str, text: str, **facts) -> Submission:
    return submit(text, name=name).model_copy(update=facts)
