"""Finds the variant that a submission is to be graded as.

A notebook is graded as the variant that it was made from, which its metadata says: nobody loses
points because notebooks were mixed up. Metadata is a hint of the student's, so it decides only
among variants that exist, and is compared with what was handed out: a difference is told to the
student and, by `Result.allocated`, to staff. Where neither tells, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.course import Course
from autograder.errors import SubmissionError
from autograder.language import LANGUAGES, translate
from autograder.notebook import OUR_METADATA, parse_notebook
from autograder.schema import BundleFolder, Submission, read_files
from autograder.variants.handed_out import find_given, read_handed_out
from autograder.variants.pool import PoolFolder, find_pool


@dataclass(frozen=True)
class Placed:
    """A submission, and what it is graded with.

    Attributes:
        submission: with the student's variant, and with notices where there is something to say.
        bundle: of its variant, or of the release without variants.
        problem: why it cannot be told, for staff; empty where it can.
    """

    submission: Submission
    bundle: BundleFolder
    problem: str = ""


@dataclass(frozen=True)
class Finder:
    """Bundles of an assessment's variants, and who has which.

    Attributes:
        plain: bundle of the release without variants.
        pool: the variants; None where there are none.
        given: name of the variant by what a student is called (`HandedOut.by_alias`).
    """

    plain: BundleFolder
    pool: PoolFolder | None = None
    given: dict[str, str] = field(default_factory=dict)
    _bundles: dict[str, BundleFolder] = field(default_factory=dict, repr=False)

    def find_bundle(self, variant: str) -> BundleFolder | None:
        """Bundle of a variant; of the release without variants for the empty name.

        Raises:
            UsageError: if the files of a variant of the pool are not there.
        """
        if not variant:
            return self.plain
        if self.pool is None or self.pool.pool.find(variant) is None:
            return None
        if variant not in self._bundles:
            self._bundles[variant] = self.pool.bundle_of(variant)
        return self._bundles[variant]

    def place(self, submission: Submission) -> Placed:
        """What a submission is graded with.

        Raises:
            UsageError: if the files of a variant of the pool are not there.
        """
        if self.pool is None:
            return Placed(submission, self.plain)
        hint = _read_hint(submission)
        called = (submission.student, submission.email, submission.platform_id)
        said, allocated = _as_name(hint.get("variant")), find_given(self.given, called)
        known = submission.model_copy(update={"allocated": allocated})
        own = self.find_bundle(said) if said else None
        if own is not None:
            if allocated in ("", said):
                return Placed(known, own)
            return Placed(_add(known, self._word_exchanged(hint, said, allocated)), own)
        bundle = self.find_bundle(allocated) if allocated else None
        if bundle is not None:
            notice = self._word_unknown(hint, said, allocated) if said else ""
            return Placed(_add(known, notice), bundle)
        if not said and (OUR_METADATA in hint or not self.given):
            return Placed(known, self.plain)  # the release without variants
        return Placed(known, self.plain, _explain(submission, said, allocated))

    def _word_exchanged(self, hint: Mapping[str, Any], said: str, allocated: str) -> str:
        return translate(
            self._choose_language(hint),
            "You were given variant {allocated}, but this is a notebook of variant {variant}. "
            "It is graded as what it is; your instructor is told of it.",
            allocated=allocated,
            variant=said,
        )

    def _word_unknown(self, hint: Mapping[str, Any], said: str, allocated: str) -> str:
        return translate(
            self._choose_language(hint),
            "This notebook says that it is of variant {variant}, which does not exist. "
            "It is graded as variant {allocated}, the one that you were given.",
            allocated=allocated,
            variant=said,
        )

    def _choose_language(self, hint: Mapping[str, Any]) -> str:
        edition = hint.get("edition")
        known = isinstance(edition, str) and edition in LANGUAGES
        return edition if known else self.plain.bundle.config.language  # type: ignore[return-value]


def open_finder(course: Course, assessment: str) -> Finder:
    """Finder of an assessment.

    Raises:
        UsageError: if it was not built, or its pool or what was handed out cannot be read.
    """
    plain = course.find_bundle(assessment)
    pool = find_pool(course, assessment)
    return Finder(plain, pool, read_handed_out(pool.folder).by_alias if pool else {})


def pack_variant(bundle: BundleFolder) -> dict[str, bytes] | None:
    """Files that a job of a variant carries; None for the release without variants."""
    return read_files(bundle.folder) if bundle.bundle.variant else None


def _read_hint(submission: Submission) -> dict[str, Any]:
    """What the notebook says of itself, and `autograder` where it says anything at all."""
    try:
        read = parse_notebook(submission.notebook or b"").metadata.get(OUR_METADATA)
    except SubmissionError:
        return {OUR_METADATA: True}  # it cannot be read: whatever bundle says so
    return {OUR_METADATA: True, **read} if isinstance(read, dict) else {}


def _as_name(said: object) -> str:
    """A variant's name as somebody wrote it, short enough for a message."""
    kept = "".join(mark for mark in said if mark.isalnum()) if isinstance(said, str) else ""
    return kept[:40]


def _add(submission: Submission, notice: str) -> Submission:
    if not notice:
        return submission
    return submission.model_copy(update={"notices": (*submission.notices, notice)})


def _explain(submission: Submission, said: str, allocated: str) -> str:
    """Why it cannot be told which variant this is."""
    notebook = f"its notebook says variant {said}, which" if said else "its notebook names no"
    notebook += " is not in the pool" if said else " variant"
    student = f"{submission.student or submission.name!r} was given no variant"
    if allocated:
        student = f"{submission.student!r} was given variant {allocated}, which is not there either"
    fix = (
        "bring that pool back, or name the student in the roster of `autograder variants allocate`"
    )
    return f"{notebook}, and {student}; {fix}"
