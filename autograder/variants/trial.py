"""Grades references and trainings on every variant, keeping each as it comes: it can be resumed.

All variants share one site, so kernels and scorers stay warm from one to the next. Left out: what
the findings mean for the pool (`verification`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from autograder import notebook
from autograder.errors import UsageError
from autograder.executor.base import Lost
from autograder.grade.submission import Graded
from autograder.schema import (
    BundleFolder,
    Outcome,
    Question,
    QuestionResult,
    Submission,
    TrainingResult,
    read_files,
)
from autograder.services import Services
from autograder.sites import GradeJob
from autograder.variants.pool import Built, PoolFolder
from autograder.variants.record import Judged, Record, Run, read_record, write_record
from autograder.verify import Reference, compare_with_label, load_references


@dataclass(frozen=True)
class Plan:
    """What to grade on every variant.

    Attributes:
        references: their folder.
        only: keys of references, such as `failed/no_scaling`; all where none is named.
        seeds: trainings of the solution.
        again: whether to do again what is known.
    """

    references: Path
    only: Sequence[str] = ()
    seeds: int = 5
    again: bool = False


@dataclass(frozen=True)
class _Task:
    """One job, and what it is for: a reference, or a training with a seed."""

    variant: Built
    job: GradeJob
    reference: Reference | None = None
    seed: int = 0


class PoolTrial:
    """A trial of the pool's variants.

    Args:
        pool: the variants.
        services: where the work is done.
        plan: what to grade.
    """

    def __init__(self, pool: PoolFolder, services: Services, plan: Plan) -> None:
        self._pool = pool
        self._services = services
        self._plan = plan
        self.records: dict[str, Record] = {}

    def run(self, variants: Sequence[Built], observe: Callable[[str], None]) -> None:
        """Grade what is not known of `variants` yet; `observe` is told what was done.

        Raises:
            AuthoringError: with what is wrong with the references.
            UsageError: if `only` names a reference that there is not.
        """
        self.records = {variant.name: self._begin(variant) for variant in variants}
        tasks: dict[int, _Task] = {}
        jobs = self._make_jobs(variants, tasks)
        first = next(jobs, None)
        if first is None:  # so nothing is started for nothing
            return
        site = self._services.make_site(self._pool.bundle_of(variants[0].name))
        for job, finished in self._services.executor.run(site, chain([first], jobs)):
            task = tasks.pop(id(job))
            self._keep(task, finished)
            what = task.reference.key if task.reference else f"training {task.seed + 1}"
            observe(f"{task.variant.name} {what}")

    def count(self, variants: Sequence[Built]) -> int:
        """How many gradings a trial of `variants` still has, if no reference has changed."""
        total = 0
        keys: set[str] = set()
        seeds: set[int] = set()
        for number, variant in enumerate(variants):
            if number == 0:
                keys = {reference.key for reference in self.list_wanted(variant)}
                trains = bool(list_trainings(self._pool.bundle_of(variant.name)))
                seeds = set(range(self._plan.seeds)) if trains else set()
            record = self._begin(variant)
            total += len(keys - record.references.keys())
            total += len(seeds - _list_seeds(record))
        return total

    def _begin(self, variant: Built) -> Record:
        """What is known of a variant, as far as it is to be kept."""
        if self._plan.again:
            return Record(bundle=variant.bundle)
        return read_record(self._pool.folder, variant)

    def list_wanted(self, variant: Built) -> list[Reference]:
        """References that a variant must come to the labels of.

        Those of the plan, and those that it was tried with earlier: a fault that was found stays
        one, whatever is picked today.
        """
        every = self._load(variant, self._pool.bundle_of(variant.name))
        known = self._begin(variant).references
        picked = {reference.key for reference in self._pick(every)}
        return [item for item in every if item.key in picked or _is_known(item, known)]

    def _make_jobs(self, variants: Sequence[Built], tasks: dict[int, _Task]) -> Iterator[GradeJob]:
        references = chain.from_iterable(map(self._try_references, variants))
        for task in chain(references, self._train_in_turn(variants)):
            tasks[id(task.job)] = task
            yield task.job

    def _try_references(self, variant: Built) -> Iterator[_Task]:
        """References still to grade on a variant; its bundle is read when its turn comes."""
        bundle = self._pool.bundle_of(variant.name)
        files = read_files(bundle.folder)
        known = self.records[variant.name].references
        for reference in self._pick(self._load(variant, bundle)):
            if not _is_known(reference, known):
                job = GradeJob(reference.submission, tuple(reference.label.only), files)
                yield _Task(variant, job, reference)

    def _train_in_turn(self, variants: Sequence[Built]) -> Iterator[_Task]:
        """Trainings still to do: all variants with one seed, then all with the next.

        So a machine that slows down is not taken for a harder variant.
        """
        questions = list_trainings(self._pool.bundle_of(variants[0].name))  # all have the same
        names = tuple(question.name for question in questions)
        known = {name: _list_seeds(record) for name, record in self.records.items()}
        for seed in range(self._plan.seeds if names else 0):
            for variant in variants:
                if seed not in known[variant.name]:
                    yield self._train(variant, names, seed)

    def _train(self, variant: Built, questions: tuple[str, ...], seed: int) -> _Task:
        """The training of the solution with one seed."""
        solution = (self._pool.folder / variant.name / "solution.ipynb").read_bytes()
        name = f"solution-{seed}"
        submission = Submission(name=name, student=name, notebook=solution)
        files = read_files(self._pool.bundle_of(variant.name).folder)
        return _Task(variant, GradeJob(submission, questions, files, seed), seed=seed)

    def _load(self, variant: Built, bundle: BundleFolder) -> list[Reference]:
        folder = self._pool.folder / variant.name
        student = folder / "student" / bundle.bundle.notebook_name
        return load_references(
            self._plan.references,
            notebook.read_notebook(folder / "solution.ipynb"),
            notebook.read_notebook(student),
            bundle.bundle,
        )

    def _pick(self, every: Sequence[Reference]) -> list[Reference]:
        """References of the plan.

        Raises:
            UsageError: if it names one that there is not.
        """
        known = [reference.key for reference in every]
        unknown = [key for key in self._plan.only if key not in known]
        if unknown:
            raise UsageError(
                f"no reference is called {', '.join(unknown)}; there are {', '.join(known)}"
            )
        return [item for item in every if not self._plan.only or item.key in self._plan.only]

    def _keep(self, task: _Task, finished: Graded | Lost) -> None:
        """Write down what came of a task."""
        record = self.records[task.variant.name]
        if task.reference is not None:
            judged = _judge(task.reference, finished)
            references = {**record.references, task.reference.key: judged}
            update: dict[str, object] = {"references": references}
        else:
            others = [run for run in record.runs if run.seed != task.seed]
            update = {"runs": (*others, *_read_runs(task, finished))}
        record = record.model_copy(update={**update, "state": "built", "reason": ""})
        self.records[task.variant.name] = record
        write_record(self._pool.folder, task.variant.name, record)


def list_trainings(bundle: BundleFolder) -> list[Question]:
    """Questions whose solution is trained."""
    return [item for item in bundle.bundle.questions if item.training and not item.manual]


def hash_reference(reference: Reference) -> str:
    """Digest of a reference on a variant, and of its label."""
    label = reference.label.model_dump_json().encode()
    return hashlib.sha256(reference.notebook + label).hexdigest()


def _list_seeds(record: Record) -> set[int]:
    """Seeds that the solution need not be trained with again."""
    return {run.seed for run in record.runs if run.value is not None}


def _is_known(reference: Reference, known: Mapping[str, Judged]) -> bool:
    """Whether this very reference was graded, by a grader that did not fail."""
    found = known.get(reference.key)
    same = found is not None and found.digest == hash_reference(reference)
    return same and found is not None and found.score is not None


def _judge(reference: Reference, finished: Graded | Lost) -> Judged:
    digest = hash_reference(reference)
    if isinstance(finished, Lost):
        return Judged(digest=digest, score=None, complaints=(finished.reason,))
    complaints = tuple(compare_with_label(reference, finished.result))
    return Judged(digest=digest, score=finished.result.score, complaints=complaints)


def _read_runs(task: _Task, finished: Graded | Lost) -> Iterator[Run]:
    if not isinstance(finished, Lost):
        for question in finished.result.questions:
            if question.training is not None:
                yield read_run(question, question.training, task.seed)


def read_run(question: QuestionResult, training: TrainingResult, seed: int) -> Run:
    """What a training of the solution came to; without a value where our grader failed."""
    is_judged = all(case.outcome is not Outcome.GRADER_ERROR for case in question.test_cases)
    return Run(
        question=question.name,
        seed=seed,
        value=training.value if is_judged else None,
        seconds=question.reference_seconds if training.seconds is None else training.seconds,
        failed=question.failed_cases if is_judged else (),
    )
