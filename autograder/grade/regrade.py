"""Scores a submission again after its tests changed, with as little student code as can be.

Three ways, the cheapest that tells the truth: from kept verdicts alone; with the changed tests run
on kept values and rebuilt models; with the student's code in a kernel again, its trainings given
back instead of repeated. Where what student code saw has changed, it is graded anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from autograder.errors import ScorerError
from autograder.grade.checking import Checker, Findings
from autograder.grade.meter import Meter
from autograder.grade.replay import NotKeptError, ReplayTape
from autograder.grade.results import make_manual_result, make_question_result
from autograder.grade.scorer.process import Scorers
from autograder.grade.submission import Graded, grade_submission
from autograder.grade.transcript import (
    KeptQuestion,
    Transcript,
    graft_exchanges,
    make_case_key,
    make_run_key,
    make_scope_key,
    make_training_key,
    renew_question,
    restore_failures,
)
from autograder.grade.verdict import CaseVerdict, TrainingVerdict, judge_training
from autograder.language import translate
from autograder.sandbox.base import Sandbox
from autograder.schema.bundle import Bundle, BundleFolder, Question, TrainingSpec
from autograder.schema.outcome import Outcome
from autograder.schema.result import Result
from autograder.schema.submission import Submission
from autograder.wire.test_code import find_free_names

_STOPPED = (Outcome.TIME_LIMIT, Outcome.MEMORY_LIMIT)
_TRAINED = {"trained_model", "history"}


class Way(StrEnum):
    """How a submission was scored again."""

    KEPT = "kept"
    REPLAYED = "replayed"
    RESTORED = "restored"
    GRADED = "graded"


@dataclass(frozen=True)
class Regraded:
    """A new result, and the way to it."""

    graded: Graded
    way: Way


class MustRunError(Exception):
    """What is kept does not answer a changed bundle.

    Attributes:
        trains: whether trainings have to be repeated, too.
    """

    def __init__(self, reason: str, *, trains: bool = False) -> None:
        self.trains = trains
        super().__init__(reason)


def regrade_submission(
    submission: Submission,
    known: Result,
    transcript: Transcript | None,
    bundle: BundleFolder,
    services: tuple[Sandbox, Scorers],
) -> Regraded:
    """Score a submission again.

    Never raises for what student code does, nor for a failure of ours: both are in the result.

    Args:
        submission: as it was graded.
        known: its result under the earlier bundle.
        transcript: of that grading; None where none was kept.
        bundle: the changed one.
        services: sandbox and scorers.
    """
    sandbox, scorers = services
    if transcript is not None and transcript.run_key == make_run_key(bundle):
        try:
            return _rescore(known, transcript, bundle, scorers)
        except (NotKeptError, MustRunError) as needed:
            trains = isinstance(needed, MustRunError) and needed.trains
        except ScorerError:
            trains = True
        if transcript.fits is not None and not trains:
            fits = transcript.frame(transcript.fits)
            again = grade_submission(submission, bundle, sandbox, scorers, fits)
            if again.transcript is not None and _went_as_before(again.transcript, transcript):
                with suppress(NotKeptError, MustRunError, ScorerError):
                    grafted = graft_exchanges(transcript, again.transcript)
                    done = _rescore(known, grafted, bundle, scorers)
                    return replace(done, way=Way.RESTORED)
    return Regraded(grade_submission(submission, bundle, sandbox, scorers), Way.GRADED)


def _went_as_before(again: Transcript, before: Transcript) -> bool:
    """Whether cells ended as they did then; giving trainings back may disturb what follows them."""
    known = {question.name: question for question in before.questions}
    return all(
        new.name not in known or _name_ends(new) == _name_ends(known[new.name])
        for new in again.questions
    )


def _name_ends(question: KeptQuestion) -> list[object]:
    ends = [
        (item.number, item.error and item.error.name, item.stopped) for item in question.failures
    ]
    return [question.reached, *ends]


def _rescore(
    known: Result, transcript: Transcript, bundle: BundleFolder, scorers: Scorers
) -> Regraded:
    """The new result from what is kept.

    Raises:
        MustRunError, NotKeptError: if that does not tell.
        ScorerError: if the scorer failed.
    """
    scoring = _Rescoring(transcript, bundle, scorers)
    findings = asyncio.run(scoring.run())
    result = _make_result(known, findings, bundle.bundle, transcript.language)
    way = Way.REPLAYED if scoring.ran else Way.KEPT
    return Regraded(Graded(result, b"", scoring.renew(findings)), way)


def _make_result(
    known: Result, findings: Sequence[Findings], bundle: Bundle, language: str
) -> Result:
    found = {item.question.name: item for item in findings}
    questions = []
    for question in bundle.questions:
        if question.manual:
            message = translate(language, "This question is graded by a person.")
            questions.append(make_manual_result(question, language, message))
        else:
            questions.append(make_question_result(found[question.name], bundle.config, language))
    scores = [question.score for question in questions]
    return known.model_copy(
        update={
            "title": bundle.title,
            "questions": tuple(questions),
            "score": round(sum(score for score in scores if score is not None), 4),
            "points": sum(question.points for question in bundle.questions if not question.manual),
            "bundle": bundle.content,
            "graded_at": datetime.now(UTC),
        }
    )


class _Rescoring:
    """One submission being scored again from its transcript.

    Attributes:
        ran: whether a test ran, instead of its kept verdict.
    """

    def __init__(self, transcript: Transcript, bundle: BundleFolder, scorers: Scorers) -> None:
        self.ran = False
        self._transcript = transcript
        self._bundle = bundle
        self._scorers = scorers
        self._kept = {question.name: question for question in transcript.questions}
        self._scope_key = make_scope_key(bundle)

    async def run(self) -> list[Findings]:
        """Findings of every question under the changed bundle."""
        questions = self._bundle.bundle.questions
        return [await self._rescore(question) for question in questions if not question.manual]

    async def _rescore(self, question: Question) -> Findings:
        kept = self._kept.get(question.name)
        if kept is None:
            raise MustRunError(f"{question.name} is new")
        _check_limits(question, kept)
        findings = Findings(
            question,
            Meter(question.time_limit_seconds, kept.cell_cpu_seconds, kept.cell_wall_seconds),
            untouched=kept.untouched,
            reached=kept.reached,
            failures=restore_failures(kept),
            cell_seconds=(kept.cell_cpu_seconds, kept.cell_wall_seconds),
        )
        if kept.reached:
            tape = ReplayTape(self._transcript, kept)
            checker = Checker(tape, self._scorers, self._bundle.folder)
            same_scope = self._transcript.scope_key == self._scope_key
            judging = _Judging(checker, kept, findings, self._bundle.bundle, same_scope=same_scope)
            try:
                await judging.judge()
            finally:
                await checker.close()
            self.ran = self.ran or judging.ran
        findings.meter.cpu_seconds = kept.cpu_seconds
        findings.meter.wall_seconds = kept.wall_seconds
        return findings

    def renew(self, findings: Sequence[Findings]) -> Transcript:
        """The transcript with the new verdicts: what the next regrade goes by."""
        bundle = self._bundle.bundle
        questions = tuple(
            renew_question(self._kept[item.question.name], item, bundle) for item in findings
        )
        update = {"questions": questions, "scope_key": self._scope_key}
        return self._transcript.model_copy(update=update)


def _check_limits(question: Question, kept: KeptQuestion) -> None:
    """Another time limit changes a verdict only where time ran out, or would now.

    Raises:
        MustRunError: in that case, and where the tests run in another place now.
    """
    if kept.isolation != question.isolation:
        raise MustRunError(f"{question.name} is tested in another place now")
    if question.time_limit_seconds == kept.limit_seconds:
        return
    outcomes = [case.verdict.outcome for case in kept.cases]
    outcomes += [kept.training.verdict.outcome] if kept.training else []
    outcomes += [item.stopped for item in kept.failures if item.stopped]
    stopped = any(outcome in _STOPPED for outcome in outcomes)
    if stopped or kept.cpu_seconds > question.time_limit_seconds:
        raise MustRunError(f"{question.name} has another time limit", trains=True)


class _Judging:
    """The tests of one question: kept verdicts where nothing has changed, else run again.

    Args:
        checker: runs tests on what is kept.
        kept: of the question.
        findings: filled in.
        bundle: the changed one.
        same_scope: whether tests may use the same as then, beside the student's values.
    """

    def __init__(
        self,
        checker: Checker,
        kept: KeptQuestion,
        findings: Findings,
        bundle: Bundle,
        *,
        same_scope: bool,
    ) -> None:
        self.ran = False
        self._checker = checker
        self._kept = kept
        self._findings = findings
        self._bundle = bundle
        self._same_scope = same_scope
        self._verdicts = {case.key: case.verdict for case in kept.cases} if same_scope else {}
        self._trained = False

    async def judge(self) -> None:
        """Judge the training, then every test case."""
        question = self._findings.question
        if question.training is not None and not self._keep_training(question.training):
            await self._train()
        self._findings.cases = [
            await self._judge_case(number) for number in range(len(question.test_cases))
        ]

    def _keep_training(self, spec: TrainingSpec) -> bool:
        """Take the kept metric, if it was measured of the same training on the same data."""
        kept = self._kept.training
        same = kept is not None and kept.key == make_training_key(spec, self._bundle)
        if kept is None or not same or not self._same_scope:
            return False
        measured = kept.verdict.value is not None
        self._findings.training = judge_training(kept.verdict, spec) if measured else kept.verdict
        self._findings.training_seconds = kept.seconds
        return True

    async def _train(self) -> None:
        """Measure the kept model again; the scorer knows it as `trained_model` from then on."""
        self.ran = self._trained = True
        await self._checker.run_training(self._findings)
        _refuse_failure(self._findings.training)

    async def _judge_case(self, number: int) -> CaseVerdict:
        case = self._findings.question.test_cases[number]
        kept = self._verdicts.get(make_case_key(case))
        if kept is not None:
            return kept
        if _TRAINED & set(find_free_names(case.source)) and not self._trained:
            if self._findings.question.training is None:
                raise MustRunError(f"{case.name} looks at another question's training")
            verdict, seconds = self._findings.training, self._findings.training_seconds
            await self._train()
            self._findings.training, self._findings.training_seconds = verdict, seconds
        self.ran = True
        judged = await self._checker.run_case(self._findings, number)
        _refuse_failure(judged)
        return judged


def _refuse_failure(verdict: CaseVerdict | TrainingVerdict | None) -> None:
    """A failure of ours is no verdict.

    Raises:
        ScorerError: if it is one.
    """
    if verdict is not None and verdict.outcome is Outcome.GRADER_ERROR:
        raise ScorerError(verdict.staff_message)
