"""Scores a submission from what is kept of its grading: kept verdicts, or changed tests run again.

It gives a result only where it is the one that grading anew would give; else it says what has to
run. Left out: running student code (`regrade`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from autograder.errors import KerasNeededError, ScorerError, ScorerLostError
from autograder.grade.agreement import depends_on_order
from autograder.grade.checking import Checker, Findings
from autograder.grade.meter import Meter
from autograder.grade.replay import ReplayTape
from autograder.grade.results import make_question_results
from autograder.grade.scorer.process import Scorers
from autograder.grade.scoring import add_question_scores
from autograder.grade.speed import Pace
from autograder.grade.submission import Graded
from autograder.grade.transcript import (
    KeptQuestion,
    Transcript,
    make_case_key,
    make_question_key,
    make_scope_key,
    make_training_key,
    renew_question,
)
from autograder.grade.verdict import CaseVerdict, TrainingVerdict, judge_training
from autograder.schema.bundle import Bundle, BundleFolder, Question, TrainingSpec
from autograder.schema.outcome import Outcome
from autograder.schema.result import Result
from autograder.wire.test_code import find_free_names

_STOPPED = (Outcome.TIME_LIMIT, Outcome.MEMORY_LIMIT, Outcome.FORGED)
_TRAINED = {"trained_model", "history"}


class MustRunError(Exception):
    """What is kept does not answer a changed bundle.

    Attributes:
        trains: whether trainings have to be repeated, too.
    """

    def __init__(self, reason: str, *, trains: bool = False) -> None:
        self.trains = trains
        super().__init__(reason)


def rescore_submission(
    known: Result, transcript: Transcript, bundle: BundleFolder, scorers: Scorers, language: str
) -> tuple[Graded, bool]:
    """The new result from what is kept; a scorer that died is replaced once.

    Returns:
        the result, and whether a test ran instead of its kept verdict.

    Raises:
        MustRunError, NotKeptError: if that does not tell.
        ScorerError: if the scorer failed.
    """
    scoring = _Rescoring(transcript, bundle, scorers)
    try:
        findings = asyncio.run(scoring.run())
    except ScorerLostError:
        findings = asyncio.run(scoring.run())
    result = _make_result(known, findings, bundle.bundle, language)
    return Graded(result, b"", scoring.renew(findings)), scoring.ran


def _make_result(
    known: Result, findings: Sequence[Findings], bundle: Bundle, language: str
) -> Result:
    found = {item.question.name: item for item in findings}
    questions = make_question_results(bundle, found, language)
    return known.model_copy(
        update={
            "title": bundle.title,
            "language": language,
            "questions": questions,
            "score": add_question_scores(questions),
            "points": bundle.automatic_points,
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
        self._same_scope = transcript.scope_key == self._scope_key

    async def run(self) -> list[Findings]:
        """Findings of every question under the changed bundle.

        Those with a model come last: rebuilding it is the dearest, and would be done for nothing
        where another question finds that student code has to run.
        """
        questions = [item for item in self._bundle.bundle.questions if not item.manual]
        self._check_all(questions)
        order = sorted(questions, key=lambda question: question.training is not None)
        found = {question.name: await self._rescore(question) for question in order}
        return [found[question.name] for question in questions]

    def _check_all(self, questions: Sequence[Question]) -> None:
        """Find out what has to run before anything does: first of all, what has to train.

        Raises:
            MustRunError: if something has to.
        """
        known = [(item, self._kept[item.name]) for item in questions if item.name in self._kept]
        changed = [kept for question, kept in known if self._has_changed(question, kept)]
        _check_general_limit(self._transcript, self._bundle.bundle)
        for question, kept in known:
            _check_limits(question, kept, self._transcript.speed)
        for kept in changed:
            if _was_stopped(kept, self._transcript.speed):
                raise MustRunError(f"{kept.name} was stopped; its tests changed", trains=True)
        for kept in changed:
            if depends_on_order(kept):
                raise MustRunError(f"{kept.name} may depend on the order of its tests")
        for question in questions:
            if question.name not in self._kept:
                raise MustRunError(f"{question.name} is new")

    def _has_changed(self, question: Question, kept: KeptQuestion) -> bool:
        """Whether its tests ask something else than they did, or in another order."""
        keys = [make_case_key(case) for case in question.test_cases]
        spec = question.training
        trained = None if kept.training is None else kept.training.key
        trains = trained if spec is None else make_training_key(spec, self._bundle.bundle)
        same = keys == [case.key for case in kept.cases] and trained == trains
        return kept.reached and not (same and self._same_scope)

    async def _rescore(self, question: Question) -> Findings:
        """Findings of one question; without Keras, for as long as its tests do not ask for it."""
        light, content = self._scorers.light, self._bundle.bundle.content
        if light is not None and light.may_do(content, question.name):
            try:
                return await self._rescore_with(light, question)
            except KerasNeededError:
                light.leave(content, question.name)
        return await self._rescore_with(self._scorers, question)

    async def _rescore_with(self, scorers: Scorers, question: Question) -> Findings:
        kept = self._kept[question.name]
        findings = Findings(
            question,
            self._make_meter(question, kept),
            untouched=kept.untouched,
            reached=kept.reached,
            failures=list(kept.failures),
            cell_seconds=(kept.cell_cpu_seconds, kept.cell_wall_seconds),
        )
        if kept.reached:
            tape = ReplayTape(self._transcript, kept)
            checker = Checker(tape, scorers, self._bundle.folder)
            plain = self._bundle.bundle
            judging = _Judging(checker, kept, findings, plain, same_scope=self._same_scope)
            try:
                await judging.judge()
            finally:
                await checker.close()
            self._check_bindings(kept, findings)
            self.ran = self.ran or judging.ran
        findings.meter.cpu_seconds = kept.cpu_seconds
        findings.meter.wall_seconds = kept.wall_seconds
        return findings

    def _make_meter(self, question: Question, kept: KeptQuestion) -> Meter:
        pace = Pace(measured=self._transcript.speed)
        used = kept.cell_cpu_seconds, kept.cell_wall_seconds
        return Meter(question.time_limit_seconds, *used, pace=pace)

    def _check_bindings(self, kept: KeptQuestion, findings: Findings) -> None:
        """What is not full and was bound anew further down is checked twice; the better counts.

        Raises:
            MustRunError: if the better one may be another now.
        """
        same = self._same_scope and kept.key == make_question_key(findings.question)
        if not kept.rebound or same:
            return
        outcomes = [case.verdict.outcome for case in kept.cases]
        outcomes += [kept.training.verdict.outcome] if kept.training else []
        was_full = all(outcome is Outcome.PASSED for outcome in outcomes)
        if not (was_full and findings.is_full()):
            raise MustRunError(f"{kept.name} was bound anew further down")

    def renew(self, findings: Sequence[Findings]) -> Transcript:
        """The transcript with the new verdicts: what the next regrade goes by."""
        bundle = self._bundle.bundle
        questions = tuple(
            renew_question(self._kept[item.question.name], item, bundle) for item in findings
        )
        update = {"questions": questions, "scope_key": self._scope_key}
        return self._transcript.model_copy(update=update)


def _check_limits(question: Question, kept: KeptQuestion, speed: float) -> None:
    """Another time limit changes a verdict only where time ran out, or would now.

    Raises:
        MustRunError: in that case, and where the tests run in another place now.
    """
    if kept.isolation != question.isolation:
        raise MustRunError(f"{question.name} is tested in another place now")
    if question.time_limit_seconds == kept.limit_seconds:
        return
    if _was_stopped(kept, speed) or _uses_up(kept, question.time_limit_seconds, speed):
        raise MustRunError(f"{question.name} has another time limit", trains=True)


def _was_stopped(kept: KeptQuestion, speed: float) -> bool:
    """Whether something was stopped; so it was, too, where a stopped training counts as it is."""
    outcomes = [case.verdict.outcome for case in kept.cases]
    outcomes += [kept.training.verdict.outcome] if kept.training else []
    outcomes += [item.stopped for item in kept.failures if item.stopped]
    reasons = [case.verdict.reason for case in kept.cases]
    reasons += [kept.training.verdict.reason] if kept.training else []
    stopped = any(outcome in _STOPPED for outcome in outcomes) or "stopped" in reasons
    return stopped or _uses_up(kept, kept.limit_seconds, speed)


def _uses_up(kept: KeptQuestion, limit_seconds: float, speed: float) -> bool:
    pace = Pace(measured=speed)
    return Meter(limit_seconds, kept.cpu_seconds, kept.wall_seconds, pace).is_used_up()


def _check_general_limit(transcript: Transcript, bundle: Bundle) -> None:
    """Cells of no question may take as long as all questions.

    Raises:
        MustRunError: if they were stopped, or would be now.
    """
    automatic = [question for question in bundle.questions if not question.manual]
    total = sum(question.time_limit_seconds for question in automatic)
    limit = max(total, bundle.config.limits.question_seconds)
    most = min(limit, transcript.general_limit_seconds)
    used = transcript.general_cpu_seconds * transcript.speed
    if limit != transcript.general_limit_seconds and used >= most:
        raise MustRunError("cells of no question have another time limit", trains=True)


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
        self._verdicts = _group_verdicts(kept) if same_scope else {}
        self._trained = False

    async def judge(self) -> None:
        """Judge the training, then every test case."""
        question = self._findings.question
        if question.training is not None and not self._keep_training(question.training):
            await self._train()
        self._findings.cases = [
            await self._judge_case(number) for number in range(len(question.test_cases))
        ]

    def _is_same_training(self, spec: TrainingSpec) -> bool:
        kept = self._kept.training
        return kept is not None and kept.key == make_training_key(spec, self._bundle)

    def _keep_training(self, spec: TrainingSpec) -> bool:
        """Take the kept metric, if it was measured of the same training on the same data."""
        kept = self._kept.training
        if kept is None or not self._same_scope or not self._is_same_training(spec):
            return False
        measured = kept.verdict.value is not None
        self._findings.training = judge_training(kept.verdict, spec) if measured else kept.verdict
        self._findings.training_seconds = kept.seconds
        return True

    async def _train(self) -> None:
        """Measure the kept model again; the scorer knows it as `trained_model` from then on."""
        self.ran = self._trained = True
        await self._checker.run_training(self._findings)
        if self._kept.training is not None:  # what it took the student, not us
            self._findings.training_seconds = self._kept.training.seconds
        _refuse_failure(self._findings.training)

    async def _judge_case(self, number: int) -> CaseVerdict:
        case = self._findings.question.test_cases[number]
        if same := self._verdicts.get(make_case_key(case)):
            return same.pop(0) if len(same) > 1 else same[0]
        if _TRAINED & set(find_free_names(case.source)) and not self._trained:
            if self._findings.question.training is None:
                raise MustRunError(f"{case.name} looks at another question's training")
            self._trained = True
            _refuse_failure(await self._checker.restore_training(self._findings))
        self.ran = True
        judged = await self._checker.run_case(self._findings, number)
        _refuse_failure(judged)
        return judged


def _group_verdicts(kept: KeptQuestion) -> dict[str, list[CaseVerdict]]:
    """Verdicts by what their case does, for two cases may do the same."""
    groups: dict[str, list[CaseVerdict]] = {}
    for case in kept.cases:
        groups.setdefault(case.key, []).append(case.verdict)
    return groups


def _refuse_failure(verdict: CaseVerdict | TrainingVerdict | None) -> None:
    """A failure of ours is no verdict.

    Raises:
        ScorerError: if it is one.
    """
    if verdict is not None and verdict.outcome is Outcome.GRADER_ERROR:
        raise ScorerError(verdict.staff_message)
