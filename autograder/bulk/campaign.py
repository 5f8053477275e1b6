"""Runs the solution and the references of an assessment with many seeds, and goes on where it was.

Left out: what follows from the runs (`calibrating`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder import notebook
from autograder.assign import build_release, publish_release
from autograder.assign.release import Release
from autograder.calibrate.judge import MANY_RUNS, bounds_threshold
from autograder.calibrate.machine import name_versions
from autograder.calibrate.work import WORK_FILE, Trial, TrialKey, WorkFile
from autograder.course import Course
from autograder.errors import AuthoringError, GraderError, Problem
from autograder.executor.base import need_done
from autograder.grade.submission import hash_bytes
from autograder.schema import (
    Outcome,
    QuestionResult,
    Result,
    Submission,
)
from autograder.schema.calibration import (
    SOLUTION,
    WRONG_ROLES,
    Role,
    Run,
    Series,
)
from autograder.services import Services
from autograder.sites import GradeJob
from autograder.verify import Expected, Reference, load_references

_CAP_FACTOR = 8.0  # more than the rule on time limits looks at: 2 x 1.5 times the slowest
_CAP_SECONDS = 10.0
_ROLES: dict[Expected, Role] = {
    Expected.FULL_SCORE: "full_score",
    Expected.PARTIAL: "partial",
    Expected.FAILED: "failed",
    Expected.TIME_LIMIT: "time_limit",
}


@dataclass(frozen=True)
class Amount:
    """How much is run.

    Attributes:
        runs: of the solution.
        wrong_runs: of each reference in `partial/` and `failed/`; those in `time_limit/` run once.
        right_runs: of each reference in `full_score/`; None for as many as of the solution, and
            30 at most.
        first_seed: of each; the others follow it.
    """

    runs: int = 30
    wrong_runs: int = 5
    right_runs: int | None = None
    first_seed: int = 0

    def count_runs(self, role: Role) -> int:
        """Runs of each submission of that role."""
        if role == "reference":
            return self.runs
        if role == "full_score":
            return min(self.runs, MANY_RUNS) if self.right_runs is None else self.right_runs
        return min(1, self.wrong_runs) if role == "time_limit" else self.wrong_runs


@dataclass(frozen=True)
class Runner:
    """A submission and in which questions it runs, with which seeds."""

    name: str
    role: Role
    submission: Submission
    only: tuple[str, ...]
    seeds: tuple[int, ...]
    baseline: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Campaign:
    """All runs of a calibration.

    Attributes:
        release: the draft that they are graded with.
        runners: the solution's first.
        work: the runs that were made.
        versions: of what trains.
    """

    release: Release
    runners: Sequence[Runner]
    work: WorkFile
    versions: str = field(default_factory=name_versions)

    @property
    def total(self) -> int:
        """Number of runs, those that were made before too."""
        return sum(len(runner.seeds) for runner in self.runners)

    def run(self, services: Services, observe: Callable[[str], None]) -> None:
        """Make the runs that are missing; the name of each is observed when it is done.

        The solution goes first: what it takes bounds the time of the others.

        Raises:
            GraderError: if a run fails by a fault of ours; those that were made are kept.
            KeyboardInterrupt: after Ctrl-C, when what was begun is kept.
        """
        with tempfile.TemporaryDirectory(prefix="ag-calibrate-") as scratch:
            self._run(self.runners[:1], Course(Path(scratch) / "1"), services, observe)
            seconds = max(
                run.reference_seconds for trial in self._of(self.runners[0]) for run in trial
            )
            limited = replace(self, release=_limit(self.release, seconds))
            others = limited.runners[1:]
            limited._run(others, Course(Path(scratch) / "2"), services, observe)  # noqa: SLF001

    def _of(self, runner: Runner) -> Iterator[Sequence[Run]]:
        for seed in runner.seeds:
            trial = self.work.find(self._key(runner, seed))
            if trial is not None:
                yield list(trial.runs.values())

    def _key(self, runner: Runner, seed: int) -> TrialKey:
        return TrialKey(
            bundle=self.release.bundle.content,
            notebook=hash_bytes(runner.submission.notebook or b""),
            only=runner.only,
            seed=seed,
            versions=self.versions,
        )

    def _run(
        self,
        runners: Sequence[Runner],
        course: Course,
        services: Services,
        observe: Callable[[str], None],
    ) -> None:
        jobs: dict[int, tuple[GradeJob, Runner, int]] = {}
        for runner in runners:
            for seed in runner.seeds:
                if self.work.find(self._key(runner, seed)) is not None:
                    observe(runner.name)
                    continue
                job = GradeJob(runner.submission, runner.only, seed=seed)
                jobs[id(job)] = job, runner, seed
        if not jobs:
            return
        publish_release(self.release, course.folder)
        bundle = course.find_bundle(self.release.bundle.assessment)
        site = services.make_site(bundle)
        for job, finished in services.executor.run(site, [job for job, _, _ in jobs.values()]):
            _, runner, seed = jobs[id(job)]
            result = need_done(finished).result
            _check_result(runner, result)
            runs = {item.name: _read_run(item, seed) for item in result.questions}
            self.work.append(Trial(key=self._key(runner, seed), runs=runs))
            observe(runner.name)

    def list_series(self, question: str) -> list[Series]:
        """Runs of one question, the solution's first."""
        return [
            _make_series(runner, question, self._list_runs(runner, question))
            for runner in self.runners
            if question in runner.only
        ]

    def _list_runs(self, runner: Runner, question: str) -> list[Run]:
        trials = (self.work.find(self._key(runner, seed)) for seed in runner.seeds)
        return [trial.runs[question] for trial in trials if trial is not None]


def plan_campaign(course: Course, assessment: str, amount: Amount) -> Campaign:
    """What has to be run to calibrate `assessment`.

    Raises:
        AuthoringError: if the assessment cannot be built, or has nothing to calibrate.
        UsageError: if what was run before cannot be read.
    """
    release = build_release(course.folder, assessment, calibrating=True)
    measured = tuple(release.measured_keys)
    if not measured:
        what = "has no question with `training:`, and no time limit such as `3.0x`"
        raise AuthoringError([Problem(assessment, what, "there is nothing to calibrate")])
    solution = Submission(name=SOLUTION, student=SOLUTION, notebook=release.solution)
    seeds = tuple(range(amount.first_seed, amount.first_seed + amount.runs))
    runners = [Runner(SOLUTION, "reference", solution, measured, seeds)]
    for reference in _load_references(course, release):
        runners += _plan_reference(reference, measured, amount)
    return Campaign(release, runners, WorkFile(course.folder / "build" / assessment / WORK_FILE))


def _load_references(course: Course, release: Release) -> list[Reference]:
    bundle = release.bundle
    student = notebook.parse_notebook(release.notebooks[bundle.config.language])
    folder = course.folder / "solutions" / bundle.assessment / "reference"
    return load_references(folder, notebook.parse_notebook(release.solution), student, bundle)


def _plan_reference(
    reference: Reference, measured: Sequence[str], amount: Amount
) -> Iterator[Runner]:
    role, label = _ROLES.get(reference.expected), reference.label
    if role is None:
        return
    only = tuple(name for name in measured if _concerns(reference, name))
    seeds = tuple(range(amount.first_seed, amount.first_seed + amount.count_runs(role)))
    if only and seeds:
        yield Runner(reference.key, role, reference.submission, only, seeds, label.baseline)


def _concerns(reference: Reference, question: str) -> bool:
    """Whether its run of a question says something about the question's limits."""
    label = reference.label
    if label.only and question not in label.only:
        return False
    if reference.expected is Expected.FULL_SCORE or question in (label.baseline or ()):
        return True
    return label.fails is None or question in label.fails


def _make_series(runner: Runner, question: str, runs: Sequence[Run]) -> Series:
    wrong, remark, excused = runner.role in WRONG_ROLES, "", False
    bounds = runner.role == "failed" and bounds_threshold(runs)
    if runner.role == "failed" and not bounds:
        remark = "a test case tells it apart each time"
    if wrong and runner.baseline is not None:
        bounds = question in runner.baseline
        excused = not bounds
        remark = "its label says that it is no baseline" if excused else ""
    if bounds and not any(run.value is not None for run in runs):
        bounds, remark = False, "its training gives nothing to measure"
    return Series(
        name=runner.name,
        role=runner.role,
        notebook=hash_bytes(runner.submission.notebook or b""),
        runs=tuple(runs),
        bounds=bounds,
        remark=remark,
        excused=excused,
    )


def _limit(release: Release, seconds: float) -> Release:
    """The draft with a time limit that is far above what the solution takes."""
    cap = max(_CAP_SECONDS, _CAP_FACTOR * seconds)
    questions = tuple(
        item.model_copy(update={"time_limit_seconds": cap})
        if item.name in release.measured_keys
        else item
        for item in release.bundle.questions
    )
    bundle = release.bundle.model_copy(update={"questions": questions})
    return replace(release, bundle=bundle)


def _check_result(runner: Runner, result: Result) -> None:
    """Make sure that a run was graded.

    Raises:
        GraderError: if it was not, by a fault of ours.
    """
    if result.outcome == "grader_error":
        reason = result.staff_message or _find_fault(result)
        step = "run the same command again: finished runs are kept"
        raise GraderError(f"{runner.name}: {reason}; {step}")


def _find_fault(result: Result) -> str:
    cases = [case for question in result.questions for case in question.test_cases]
    found = [case.staff_message for case in cases if case.outcome is Outcome.GRADER_ERROR]
    return next(iter(found), result.message)


def _read_run(question: QuestionResult, seed: int) -> Run:
    return Run(
        seed=seed,
        value=question.training.value if question.training else None,
        reference_seconds=question.reference_seconds,
        stopped=question.outcome is Outcome.TIME_LIMIT,
        failed=question.failed_cases,
        outcome=question.outcome,
    )
