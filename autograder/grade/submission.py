"""Grades one submission: the whole way from a notebook to a result, on one page.

Student code that fails is an outcome in the result. A failure of ours is a result too:
`grader_error` with no score, to be graded again. Where a kernel or a scorer is ended from outside,
or the machine had no core for one, everything is run again at once (`losses`).
"""

from __future__ import annotations

import asyncio
import hashlib
import time
import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from autograder import notebook
from autograder.errors import (
    AutograderError,
    KernelLostError,
    KernelStarvedError,
    SandboxError,
    ScorerLostError,
    SubmissionError,
)
from autograder.grade.checking import Checker, Findings
from autograder.grade.losses import Losses
from autograder.grade.meter import Meter
from autograder.grade.plan import Step, is_untouched, make_plan, make_plan_key
from autograder.grade.results import make_question_results
from autograder.grade.scorer.process import Scorers
from autograder.grade.scoring import add_question_scores
from autograder.grade.session import KernelsSpentError, Session
from autograder.grade.speed import NO_TIMING, Pace, Timing
from autograder.grade.tape import RecordingTape
from autograder.grade.transcript import Transcript, make_transcript
from autograder.grade.walk import Walk
from autograder.language import LANGUAGES, translate
from autograder.notebook import NotebookNode
from autograder.sandbox.base import KernelRequest, Sandbox
from autograder.sandbox.image import find_image_of
from autograder.schema.bundle import Bundle, BundleFolder, read_files
from autograder.schema.outcome import Outcome
from autograder.schema.result import Environment, QuestionResult, Result
from autograder.schema.submission import Submission
from autograder.wire.frame import Frame

_FITS_SECONDS = 30.0
_PRELOADED = {"keras": "keras", "tensorflow": "keras"}


@dataclass(frozen=True)
class Graded:
    """What grading a submission gave.

    Attributes:
        executed: the notebook as it ran, with the outputs it gave.
        transcript: what scoring it again needs; None where nothing ran.
    """

    result: Result
    executed: bytes
    transcript: Transcript | None = None


def grade_submission(  # noqa: PLR0913  what is graded, with what, and under which conditions
    submission: Submission,
    bundle: BundleFolder,
    sandbox: Sandbox,
    scorers: Scorers,
    fits: Frame | None = None,
    *,
    seed: int = 0,
    timing: Timing = NO_TIMING,
) -> Graded:
    """Grade one submission.

    Never raises for what student code does, nor for a failure of ours: both are in the result.

    Args:
        submission: to be graded.
        bundle: of the assessment.
        sandbox: starts the kernel.
        scorers: starts the scorer.
        fits: of an earlier grading (`Transcript.fits`); its trainings are not repeated then.
        seed: added to every seed of the kernel; another one trains another model.
        timing: how its seconds are measured.
    """
    losses = Losses()
    while True:
        grading = _Grading(submission, bundle, sandbox, losses, seed, timing)
        try:
            return asyncio.run(grading.run(scorers, fits))
        except (KernelLostError, KernelStarvedError, ScorerLostError) as error:
            if not losses.begin_again(starved=isinstance(error, KernelStarvedError)):
                return grading.finish_failed(f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 - whatever: ours is never the student's
            return _finish_badly(grading, error)


def _finish_badly(grading: _Grading, error: Exception) -> Graded:
    """The result where a run ended with `error`, and another would end so, too."""
    if isinstance(error, SubmissionError):
        return grading.finish_unreadable(str(error))
    if isinstance(error, (AutograderError, OSError, MemoryError, RuntimeError)):
        return grading.finish_failed(f"{type(error).__name__}: {error}")
    return grading.finish_failed("".join(traceback.format_exception(error))[-4_000:])


def make_failed(submission: Submission, bundle: BundleFolder, reason: str) -> Graded:
    """A failure of ours that kept a submission from being graded: no score, nothing lost."""
    return _Grading(submission, bundle, None, Losses()).finish_failed(reason)


def read_plan(submission: Submission, bundle: BundleFolder) -> tuple[str, str]:
    """How a submission would be gone through under `bundle` (a digest), and its language.

    Raises:
        SubmissionError: if it cannot be read.
    """
    read = notebook.parse_notebook(submission.notebook or b"")
    plain = bundle.bundle
    steps = make_plan(read, plain)
    automatic = [question for question in plain.questions if not question.manual]
    untouched = [item.name for item in automatic if is_untouched(item, steps, plain)]
    return make_plan_key(steps, untouched), _choose_language(read, plain)


def hash_bytes(content: bytes) -> str:
    """`sha256:…` of `content`."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


class _Grading:
    """One grading under way."""

    def __init__(
        self,
        submission: Submission,
        bundle: BundleFolder,
        sandbox: Sandbox | None,
        losses: Losses,
        seed: int = 0,
        timing: Timing = NO_TIMING,
    ) -> None:
        self.seed = seed
        self.losses = losses
        self._timing = timing
        self._pace = Pace(timing.speedometer)
        self.submission = submission
        self.folder = bundle
        self.bundle: Bundle = bundle.bundle
        self._sandbox = sandbox
        self.language = self.bundle.config.language
        self.started = time.monotonic()
        self.executed: NotebookNode | None = None
        self.versions: dict[str, str] = {}
        self.walls: tuple[str, ...] = ()

    async def run(self, scorers: Scorers, fits: Frame | None) -> Graded:
        """Run the notebook and check its questions."""
        if self.submission.notebook is None:
            raise SubmissionError(self.submission.problem or "there is no notebook")
        self.executed = notebook.parse_notebook(self.submission.notebook)
        self.language = _choose_language(self.executed, self.bundle)
        steps = make_plan(self.executed, self.bundle)
        findings = self._make_findings(steps)
        limits = self.bundle.config.limits
        request = KernelRequest(self._make_files(), limits, _list_preload(self.bundle), self.seed)
        assert self._sandbox is not None
        async with Session(self._sandbox, request, self.losses) as session:
            if fits is not None:
                restore = Frame({"op": "restore", "fits": fits.head.get("value")}, fits.buffers)
                await session.ask(restore, Meter(_FITS_SECONDS))
            tape = RecordingTape(session)
            checker = Checker(tape, scorers, self.folder.folder)
            try:
                general = self._make_general(findings)
                walk = Walk(self.executed, session, checker, findings, general, self.language)
                await walk.walk(steps)
            finally:
                self.walls = session.walls
                await checker.close()
            if checker.versions is not None:
                self.versions = checker.versions.model_dump()
            left = await _read_fits(session) if tape.complete else None
            if self._timing.always:
                self._pace.begin()
            await self._pace.settle()
        graded = self._finish(findings)
        if not tape.complete or graded.result.outcome != "graded":
            return graded
        details = {
            "plan_key": make_plan_key(steps, [n for n, f in findings.items() if f.untouched]),
            "speed": self._pace.speed,
            "general_limit_seconds": general.limit_seconds,
            "general_cpu_seconds": general.cpu_seconds,
        }
        transcript = make_transcript(list(findings.values()), self.folder, left, **details)
        return replace(graded, transcript=transcript)

    def _make_findings(self, steps: list[Step]) -> dict[str, Findings]:
        return {
            question.name: Findings(
                question,
                self._make_meter(question.time_limit_seconds),
                untouched=is_untouched(question, steps, self.bundle),
            )
            for question in self.bundle.questions
            if not question.manual
        }

    def _make_meter(self, limit_seconds: float) -> Meter:
        return Meter(limit_seconds, pace=self._pace, patience=self.losses.patience)

    def _make_general(self, findings: dict[str, Findings]) -> Meter:
        """Meter of cells that belong to no question: they may take as long as all questions."""
        total = sum(item.meter.limit_seconds for item in findings.values())
        return self._make_meter(max(total, self.bundle.config.limits.question_seconds))

    def _make_files(self) -> dict[str, bytes]:
        """Files of the working folder: the student's own, and over them what they were given."""
        return {**self.submission.files, **read_files(self.folder.public)}

    def _finish(self, findings: dict[str, Findings]) -> Graded:
        questions = make_question_results(self.bundle, findings, self.language)
        total = add_question_scores(questions)
        outcome = "grader_error" if total is None else "graded"
        assert self.executed is not None
        result = self._result(outcome, total, questions=questions)
        return Graded(result, notebook.serialize_notebook(self.executed))

    def finish_unreadable(self, problem: str) -> Graded:
        """Result of a submission that is no notebook: no points, and word of what is wrong."""
        message = self.submission.problem or translate(
            self.language,
            "The notebook cannot be read ({problem}). "
            "Open it in Jupyter or Colab, save it, and submit it again.",
            problem=problem,
        )
        questions = tuple(
            QuestionResult(
                name=question.name,
                title=question.title.get(self.language, ""),
                score=0.0,
                points=0.0 if question.manual else question.points,
                outcome=Outcome.NOT_REACHED,
                message=message,
                manual=question.manual,
            )
            for question in self.bundle.questions
        )
        return Graded(self._result("graded", 0.0, questions=questions, message=message), b"")

    def finish_failed(self, staff_message: str) -> Graded:
        """Result of a failure of ours: no score, nothing lost, graded again."""
        message = translate(
            self.language,
            "Grading failed because of a fault of ours. "
            "It costs you nothing and will be done again.",
        )
        result = self._result("grader_error", None, message=message, staff_message=staff_message)
        return Graded(result, b"")

    def _result(self, outcome: str, score: float | None, **details: Any) -> Result:
        questions = details.get("questions", ())
        return Result.model_validate(
            {
                "assessment": self.bundle.assessment,
                "title": self.bundle.title,
                "language": self.language,
                "submission": self.submission.name,
                "student": self.submission.student,
                "email": self.submission.email,
                "platform_id": self.submission.platform_id,
                "variant": self.bundle.variant,
                "allocated": self.submission.allocated,
                "attempt": self.submission.attempt,
                "late": self.submission.late,
                "notices": self.submission.notices,
                "submitted_at": self.submission.submitted_at,
                "outcome": outcome,
                "score": score,
                "points": self.bundle.automatic_points,
                "environment": Environment(
                    sandbox=self._sandbox.name if self._sandbox else "",
                    walls=self.walls,
                    image=find_image_of(self._sandbox) if self._sandbox else None,
                    speed=None if self._pace.measured is None else round(self._pace.measured, 4),
                    **self.versions,
                    seed=self.seed,
                ),
                "cpu_seconds": round(sum(question.cpu_seconds for question in questions), 3),
                "wall_seconds": round(time.monotonic() - self.started, 3),
                "bundle": self.bundle.content,
                "notebook": hash_bytes(self.submission.notebook or b""),
                "graded_at": datetime.now(UTC),
                **details,
            }
        )


async def _read_fits(session: Session) -> Frame | None:
    """What each `fit` left, from a kernel that ran everything; None where there is no such."""
    if session.generation != 1 or session.is_out_of_time:
        return None
    try:
        reply = await session.ask(Frame({"op": "fits"}), Meter(_FITS_SECONDS))
    except (SandboxError, KernelsSpentError):
        return None
    return reply if isinstance(reply.head.get("value"), list) else None


def _choose_language(submitted: NotebookNode, bundle: Bundle) -> Any:
    """Language of the edition the student worked in, as the notebook says; else the course's."""
    hint = submitted.metadata.get(notebook.OUR_METADATA, {})
    language = hint.get("edition") if isinstance(hint, dict) else None
    return language if language in LANGUAGES else bundle.config.language


def _list_preload(bundle: Bundle) -> tuple[str, ...]:
    """Modules loaded before student code, so that no question pays for importing TensorFlow."""
    roots = {path.partition(":")[0].partition(".")[0] for path in bundle.imports.values()}
    loaded = {_PRELOADED[root] for root in roots if root in _PRELOADED}
    return tuple(sorted(loaded))
