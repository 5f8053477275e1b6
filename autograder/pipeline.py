"""The whole flow on one page: author, verify, grade, report.

Stages are functions from values to values; this module hands the value of one to the next. Left
out: what each stage does (its package), and words for people (`cli`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder import notebook
from autograder.assign import build_release, check_master_result, publish_release
from autograder.errors import UsageError
from autograder.grade.submission import Graded, grade_submission, hash_bytes
from autograder.report import write_class_report, write_submission_report
from autograder.schema import BundleFolder, Result, Submission, read_bundle
from autograder.services import Services
from autograder.store import FolderStore
from autograder.submit import find_submissions
from autograder.verify import Reference, compare_with_label, find_untested_cases, load_references

Observe = Callable[[Result], None]


@dataclass(frozen=True)
class Course:
    """A folder with `solutions/`; `assignments/` and `build/` are written beside it."""

    folder: Path

    def find_bundle(self, assessment: str) -> BundleFolder:
        """Bundle of `assessment`.

        Raises:
            UsageError: if it was not built.
        """
        try:
            return read_bundle(self.folder / "build" / assessment / "bundle")
        except FileNotFoundError:
            step = f"build it with `autograder assign {assessment}`"
            raise UsageError(
                f"{assessment} has no bundle in {self.folder / 'build'}; {step}"
            ) from None

    def results(self, assessment: str) -> Path:
        """Where results of `assessment` go unless another folder is given."""
        return self.folder / "results" / assessment


@dataclass(frozen=True)
class Verified:
    """What `verify` found of one reference: `complaints` is empty where its label is right."""

    reference: Reference
    result: Result
    complaints: Sequence[str]


def assign_assessment(course: Course, assessment: str, services: Services) -> Result:
    """Build and publish the release of `assessment`; returns how its master was graded.

    Nothing is published unless the master earns full marks from the real grader.

    Raises:
        AuthoringError: with every problem found.
    """
    release = build_release(course.folder, assessment)
    with tempfile.TemporaryDirectory(prefix="ag-assign-") as scratch:
        publish_release(release, Path(scratch))
        bundle = Course(Path(scratch)).find_bundle(assessment)
        master = Submission(name="master", student="master", notebook=release.solution)
        result = grade_submission(master, bundle, services.sandbox, services.scorers).result
    check_master_result(release.bundle, result)
    publish_release(release, course.folder)
    return result


def list_references(course: Course, assessment: str) -> list[Reference]:
    """Labelled reference submissions of `assessment`.

    Raises:
        AuthoringError: with everything wrong with them.
    """
    bundle = course.find_bundle(assessment).bundle
    solution = notebook.read_notebook(course.folder / "build" / assessment / "solution.ipynb")
    student = notebook.read_notebook(
        course.folder / "assignments" / assessment / bundle.notebook_name
    )
    folder = course.folder / "solutions" / assessment / "reference"
    return load_references(folder, solution, student, bundle)


def verify_assessment(
    course: Course, assessment: str, services: Services, observe: Callable[[Verified], None]
) -> tuple[list[Verified], list[str]]:
    """Grade every reference and compare with its label.

    Returns:
        what was found of each, and the hidden test cases that no wrong reference fails.
    """
    bundle = course.find_bundle(assessment)
    verified = []
    grade = partial(_grade_reference, bundle, services)
    references = list_references(course, assessment)
    references.sort(key=lambda item: item.expected != "time_limit")  # the slowest ones first
    for reference, graded in services.executor.run(grade, references):
        found = Verified(reference, graded.result, compare_with_label(reference, graded.result))
        observe(found)
        verified.append(found)
    verified.sort(key=lambda item: (item.reference.expected, item.reference.name))
    pairs = [(item.reference, item.result) for item in verified]
    return verified, find_untested_cases(bundle.bundle, pairs)


def _grade_reference(bundle: BundleFolder, services: Services, reference: Reference) -> Graded:
    chosen = bundle.select(reference.label.only)
    return grade_submission(reference.submission, chosen, services.sandbox, services.scorers)


def find_class(course: Course, assessment: str, uploads: Sequence[Path]) -> list[Submission]:
    """Submissions in files, folders and zips, in any learning platform's layout.

    Raises:
        UsageError: if a path does not exist.
    """
    return find_submissions(uploads, course.find_bundle(assessment).bundle.config.language)


def grade_class(
    course: Course,
    assessment: str,
    submissions: Sequence[Submission],
    output: Path,
    services: Services,
    observe: Observe,
) -> list[Result]:
    """Grade submissions into `output`; those graded already with the same bundle are kept.

    Each result is on disk, with its feedback page, before the next is reported; a run that was
    interrupted goes on where it stopped.
    """
    bundle = course.find_bundle(assessment)
    store = FolderStore(output)
    waiting = []
    for submission in submissions:
        known = store.load(submission.name)
        if known is not None and _is_same(known, submission, bundle):
            observe(known)
        else:
            waiting.append(submission)
    grade = partial(
        grade_submission, bundle=bundle, sandbox=services.sandbox, scorers=services.scorers
    )
    for submission, graded in services.executor.run(grade, waiting):
        kept = {"executed.ipynb": graded.executed, "submitted.ipynb": submission.notebook or b""}
        store.save(graded.result, {name: content for name, content in kept.items() if content})
        visibility = bundle.bundle.config.visibility
        write_submission_report(output / submission.name, graded.result, visibility=visibility)
        observe(graded.result)
    return report_class(course, assessment, output)


def _is_same(known: Result, submission: Submission, bundle: BundleFolder) -> bool:
    same_notebook = known.notebook == hash_bytes(submission.notebook or b"")
    return known.outcome == "graded" and known.bundle == bundle.bundle.content and same_notebook


def report_class(course: Course, assessment: str, output: Path) -> list[Result]:
    """Write the class page and grades of all results in `output`; returns them."""
    bundle = course.find_bundle(assessment).bundle
    results = list(FolderStore(output).results())
    write_class_report(output, results, title=bundle.title, language=bundle.config.language)
    return results


def report_again(course: Course, assessment: str, output: Path) -> list[Result]:
    """Write every feedback page in `output` again, and the class page."""
    visibility = course.find_bundle(assessment).bundle.config.visibility
    for result in FolderStore(output).results():
        write_submission_report(output / result.submission, result, visibility=visibility)
    return report_class(course, assessment, output)
