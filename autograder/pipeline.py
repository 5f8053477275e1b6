"""The whole flow on one page: author, verify, calibrate, grade, regrade, report.

Stages are functions from values to values; this module hands the value of one to the next. Left
out: what each stage does (its package), a class's many submissions (`bulk`), variants (`variants`),
and words for people (`cli`). What makes an assessment is imported only where one is made.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import notebook
from autograder.bulk.audience import Audience
from autograder.bulk.changes import Difference, compare_results
from autograder.bulk.gradebook import Gradebook
from autograder.bulk.grading import ClassGrading
from autograder.bulk.mutants import MutantGrading
from autograder.bulk.regrading import Proposal, propose, settle
from autograder.bulk.sharing import share_equal_parts
from autograder.course import Course
from autograder.executor.base import need_done
from autograder.schema import BundleFolder, Result, Submission
from autograder.schema.calibration import Calibration
from autograder.services import Services
from autograder.sites import GradeJob
from autograder.store import Regrade
from autograder.submit import Uploads, find_uploads
from autograder.verify import Reference, compare_with_label, find_untested_cases, load_references
from autograder.verify.mutants import Mutants, Trial, Tried, read_mutants

if TYPE_CHECKING:
    from autograder.bulk.campaign import Campaign


@dataclass(frozen=True)
class Verified:
    """What `verify` found of one reference: `complaints` is empty where its label is right."""

    reference: Reference
    result: Result
    complaints: Sequence[str]


def assign_assessment(
    course: Course, assessment: str, services: Services, *, again: bool = True
) -> Result | None:
    """Build and publish the release of `assessment`; returns how its master was graded.

    Nothing is published unless the master earns full marks from the real grader. Without `again`,
    a release that is published already is left alone: None.

    Raises:
        AuthoringError: with every problem found.
    """
    from autograder import assign  # noqa: PLC0415 - see the module

    release = assign.build_release(course.folder, assessment)
    if not again and assign.is_published(release, course.folder):
        return None
    with tempfile.TemporaryDirectory(prefix="ag-assign-") as scratch:
        assign.publish_release(release, Path(scratch))
        bundle = Course(Path(scratch)).find_bundle(assessment)
        master = Submission(name="master", student="master", notebook=release.solution)
        ((_, finished),) = services.executor.run(services.make_site(bundle), [GradeJob(master)])
        result = need_done(finished).result
    assign.check_master_result(release.bundle, result)
    assign.publish_release(release, course.folder)
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

    Returns what was found of each, and the hidden test cases that no wrong reference fails.
    """
    bundle = course.find_bundle(assessment)
    verified = []
    references = list_references(course, assessment)
    references.sort(key=lambda item: item.expected != "time_limit")  # the slowest ones first
    jobs = [GradeJob(item.submission, tuple(item.label.only)) for item in references]
    of_job = {id(job): item for job, item in zip(jobs, references, strict=True)}
    for job, finished in services.executor.run(services.make_site(bundle), jobs):
        reference, result = of_job[id(job)], need_done(finished).result
        found = Verified(reference, result, compare_with_label(reference, result))
        observe(found)
        verified.append(found)
    verified.sort(key=lambda item: (item.reference.expected, item.reference.name))
    pairs = [(item.reference, item.result) for item in verified]
    return verified, find_untested_cases(bundle.bundle, pairs)


def list_mutants(course: Course, assessment: str, most: int) -> Mutants:
    """Mutants of the solution to try, at most `most`."""
    return read_mutants(course.folder, course.find_bundle(assessment).bundle, most)


def try_mutants(
    bundle: BundleFolder, mutants: Mutants, services: Services, observe: Callable[[Tried], None]
) -> Trial:
    """Grade mutants, each in its question; see `bulk.mutants`."""
    return MutantGrading(mutants.solution, bundle, services).run(mutants.sample, observe)


def calibrate_assessment(
    course: Course, campaign: Campaign, services: Services, observe: Callable[[str], None]
) -> Calibration:
    """Make the runs of a calibration; write what follows beside the master.

    Raises:
        AuthoringError: if no thresholds follow; the runs are kept, and drawn in `build/`.
    """
    from autograder.bulk import calibrating  # noqa: PLC0415 - see the module

    campaign.run(services, observe)
    return calibrating.keep_calibration(course, *calibrating.judge_campaign(campaign))


def find_class(course: Course, assessment: str, uploads: Sequence[Path]) -> Uploads:
    """Submissions in files, folders and zips, in any learning platform's layout; read one by one.

    Raises:
        UsageError: if a path does not exist.
    """
    return find_uploads(uploads, course.find_bundle(assessment).bundle.config.language)


def grade_class(
    book: Gradebook, submissions: Collection[Submission], audience: Audience
) -> list[Result]:
    """Grade submissions; those graded already with the same bundle are kept.

    Each result is kept, and on disk with its feedback page, before the next is reported; a run
    that was interrupted goes on where it stopped. Returns every result of the class, those of
    earlier runs too.
    """
    with book.open() as (store, view):
        grading = ClassGrading(book.finder, store, view, audience)
        grading.run(submissions, book.services.executor, book.services.make_site(book.bundle))
        return book.report(store)


def propose_regrade(book: Gradebook, audience: Audience, since: str = "") -> Proposal:
    """Score results of earlier bundles again; nothing counts before it is applied."""
    with book.open() as (store, _):
        work = book.services.executor, book.services.make_site(book.bundle)
        return propose(book.finder, store, work, audience, since)


def list_differences(book: Gradebook, regrade: Regrade) -> list[Difference]:
    """What a regrade does to each of its submissions."""
    with book.open() as (store, _):
        return [compare_results(change) for change in store.regrades.list_changes(regrade.id)]


def settle_regrade(book: Gradebook, *, back: bool = False) -> Regrade:
    """Let the latest proposed regrade count; with `back` take the latest applied one back.

    Raises:
        UsageError: if there is none, or submissions were graded anew since.
    """
    with book.open() as (store, view):
        done = settle(store, view, back=back)
        book.report(store)
        return done


def report_again(book: Gradebook) -> list[Result]:
    """Write every feedback page again, and the class page."""
    with book.open() as (store, view):
        for result in store.results():
            view.show_missing(result)
            view.write_feedback(result)
        return book.report(store)


def load_results(book: Gradebook) -> list[Result]:
    """Every result of the class that counts."""
    with book.open() as (store, _):
        return list(share_equal_parts(store.results()))
