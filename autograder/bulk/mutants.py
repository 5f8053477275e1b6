"""Grades the mutants of a solution, each in its own question only, behind the usual walls."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.executor.base import Lost
from autograder.grade.submission import make_failed
from autograder.notebook import NotebookNode, serialize_notebook
from autograder.schema import BundleFolder, Result, Submission
from autograder.services import Services
from autograder.sites import GradeJob
from autograder.verify.mutants import Mutant, Sample, Trial, Tried, judge_mutant, limit_bundle
from autograder.verify.mutants.trial import read_solved


@dataclass(frozen=True)
class MutantGrading:
    """What mutants are graded with.

    Attributes:
        solution: the notebook that they change.
        bundle: of the assessment, as students are graded with it.
        services: where the work is done.
    """

    solution: NotebookNode
    bundle: BundleFolder
    services: Services

    def run(self, sample: Sample, observe: Callable[[Tried], None]) -> Trial:
        """What each mutant came to; each is observed when it is graded.

        The solution is graded first, in each question by itself: mutants get little more time than
        it takes.

        Raises:
            AuthoringError: if the solution does not get all points.
        """
        names = dict.fromkeys(mutant.question for mutant in sample.mutants)
        jobs = {name: GradeJob(self._submit_solution(name), (name,)) for name in names}
        results = dict(self._grade(self.bundle, jobs))
        solved = read_solved(results, self.bundle.bundle.assessment)
        with tempfile.TemporaryDirectory(prefix="ag-mutants-") as scratch:
            limited = limit_bundle(self.bundle, solved, Path(scratch) / "bundle")
            tried = []
            for found in self._try(sample.mutants, limited):
                observe(found)
                tried.append(found)
        order = {mutant.name: number for number, mutant in enumerate(sample.mutants)}
        tried.sort(key=lambda item: order[item.mutant.name])
        return Trial(tuple(tried), sample.left_out)

    def _submit_solution(self, question: str) -> Submission:
        name = f"solution-{question}"
        content = serialize_notebook(self.solution)
        return Submission(name=name, student=name, notebook=content)

    def _try(self, mutants: Iterable[Mutant], bundle: BundleFolder) -> Iterator[Tried]:
        of_name = {mutant.name: mutant for mutant in mutants}
        jobs = {
            name: GradeJob(mutant.submit(self.solution), (mutant.question,))
            for name, mutant in of_name.items()
        }
        for name, result in self._grade(bundle, jobs):
            yield judge_mutant(of_name[name], result)

    def _grade(
        self, bundle: BundleFolder, jobs: Mapping[str, GradeJob]
    ) -> Iterator[tuple[str, Result]]:
        """Key and result of each job, as they finish."""
        key_of = {id(job): key for key, job in jobs.items()}
        site = self.services.make_site(bundle)
        for job, finished in self.services.executor.run(site, list(jobs.values())):
            if isinstance(finished, Lost):
                failed = make_failed(job.submission, bundle, finished.reason)
                yield key_of[id(job)], failed.result
            else:
                yield key_of[id(job)], finished.result
