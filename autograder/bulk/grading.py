"""Grades a class into a store: each content once, each finished grading kept, whatever happens.

A submission is in one of four states: known (its result stands), a copy of another's content,
another grader's at the moment, or ours to grade. Left out: what grading is (`grade`), where it is
done (`executor`, `sites`).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from autograder.bulk.audience import Audience
from autograder.bulk.spool import Spool, Spooled
from autograder.bulk.upload import (
    EXECUTED_FILE,
    NOTEBOOK_FILE,
    UPLOAD_FILE,
    hash_content,
    pack_upload,
    unpack_upload,
)
from autograder.bulk.view import View
from autograder.errors import GraderError
from autograder.executor.base import Executor, Lost, Site
from autograder.grade.submission import Graded, hash_bytes, make_failed
from autograder.grade.transcript import TRANSCRIPT_FILE, pack_transcript
from autograder.schema import BundleFolder, Result, Submission
from autograder.sites import GradeJob, Job
from autograder.store import keep_lease
from autograder.variants.finder import Finder, pack_variant

if TYPE_CHECKING:  # SQLAlchemy is loaded where a store is opened
    from autograder.store.leases import Lease
    from autograder.store.sql import SqlStore

LEASE_SECONDS = 20.0
MAX_LOSSES = 3
_LOOK_SECONDS = 1.0
_IDENTITY = (
    "student",
    "email",
    "platform_id",
    "attempt",
    "late",
    "notices",
    "submitted_at",
    "allocated",
)


@dataclass
class _Waiting:
    """A submission to grade, and those with the same content."""

    submission: Spooled
    twins: list[Spooled] = field(default_factory=list)


class ClassGrading:
    """One run over a class.

    Args:
        finder: of the bundle that each submission is graded with.
        store: where results are kept.
        view: the folder that people look into.
        audience: told what goes on, and each result once it is kept and shown.
    """

    def __init__(self, finder: Finder, store: SqlStore, view: View, audience: Audience) -> None:
        self._finder = finder
        self._bundles: dict[str, BundleFolder] = {}
        self._store = store
        self._view = view
        self._audience = audience
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._held: dict[str, tuple[Lease, ExitStack]] = {}

    def run(
        self,
        submissions: Collection[Submission],
        executor: Executor,
        site: Site[Job[Any], Any],
    ) -> None:
        """Grade what is not known; wait for what another grader has.

        Raises:
            GraderError: if the store or the view cannot be written; what was finished is kept.
        """
        self._audience.begin(len(submissions))
        with Spool() as spool:
            waiting = self._sort_out(submissions, spool)
            try:
                while waiting:
                    others: list[_Waiting] = []
                    jobs = self._claim(waiting, others)
                    by_name = {item.submission.name: item for item in waiting}
                    for job, finished in executor.run(site, jobs, self._audience.watch):
                        self._finish(by_name[job.submission.name], job.submission, finished)
                    waiting = self._look_again(others)
            finally:
                self._give_back()

    def _sort_out(self, submissions: Iterable[Submission], spool: Spool) -> list[_Waiting]:
        """What has to be graded, put aside; what is known is told at once."""
        waiting: dict[str, _Waiting] = {}
        for found in submissions:
            placed = self._finder.place(found)
            submission = placed.submission
            self._bundles[submission.name] = placed.bundle
            content = hash_content(submission)
            if placed.problem:
                self._keep(submission, make_failed(submission, placed.bundle, placed.problem))
                continue
            if self._tell_known(submission, content):
                continue
            item = spool.put(submission, content)
            key = f"{content} {self._content_of(item.name)}"
            if key in waiting and item.can_be_graded:
                waiting[key].twins.append(item)
            else:
                waiting[key if item.can_be_graded else f" {item.name}"] = _Waiting(item)
        return list(waiting.values())

    def _tell_known(self, submission: Submission, content: str) -> bool:
        """Show the result of a submission, if there is one."""
        known = self._find_known(submission, content) or self._find_copy(submission, content)
        if known is None:
            return False
        self._view.show_missing(known)
        self._audience.observe(known)
        return True

    def _find_known(self, submission: Submission, content: str) -> Result | None:
        """The result that stands for this upload; what a platform says of it may have changed."""
        known = self._store.load(submission.name)
        bundle = self._content_of(submission.name)
        if known is None or known.outcome != "graded" or known.bundle != bundle:
            return None
        if not self._is_of(known, submission, content):
            return None
        renamed = _give_identity(known, submission)
        if renamed == known:
            return known
        return self._keep_copy(renamed, submission, submission.name)

    def _find_copy(self, submission: Submission, content: str) -> Result | None:
        """The result of another upload with the same content, kept as this one's, too."""
        if submission.notebook is None or submission.problem is not None:
            return None
        bundle = self._bundles[submission.name].bundle
        found = self._store.find(hash_bytes(submission.notebook), bundle.content, bundle.variant)
        if found is None or found.submission == submission.name:
            return None
        if not self._is_of(found, submission, content):
            return None
        return self._keep_copy(_give_identity(found, submission), submission, found.submission)

    def _is_of(self, result: Result, submission: Submission, content: str) -> bool:
        """Whether a kept result is of the same notebook with the same files beside it."""
        if result.notebook != hash_bytes(submission.notebook or b""):
            return False
        upload = self._store.read_artifact(result.submission, UPLOAD_FILE)
        kept = unpack_upload(upload, submission.notebook) if upload else None
        return kept is not None and hash_content(kept) == content

    def _content_of(self, name: str) -> str:
        """Hash of the bundle that a submission is graded with."""
        return self._bundles[name].bundle.content

    def _claim(self, waiting: Sequence[_Waiting], others: list[_Waiting]) -> Iterator[GradeJob]:
        """Jobs that are ours now, one by one as they are taken; the rest goes to `others`."""
        for item in waiting:
            name, content = item.submission.name, item.submission.content
            key = f"{name} {content} {self._content_of(name)}"
            lease = self._store.leases.claim(key, self._worker, LEASE_SECONDS)
            if lease is None:
                others.append(item)
                continue
            stack = ExitStack()
            stack.enter_context(keep_lease(lease))
            self._held[name] = lease, stack
            submission = item.submission.load()
            if self._tell_known(submission, content):  # another grader was quicker
                self._tell_twins(item)
                self._let_go(name)
            elif lease.losses >= MAX_LOSSES:
                reason = f"set aside: {lease.losses} graders ended while they graded it"
                self._finish(item, submission, Lost(reason))
            else:
                yield GradeJob(submission, files=pack_variant(self._bundles[name]))

    def _tell_twins(self, item: _Waiting) -> None:
        for twin in item.twins:
            self._tell_known(twin.load(), twin.content)

    def _look_again(self, others: Sequence[_Waiting]) -> list[_Waiting]:
        """What another grader had and has not finished, after a while."""
        if others:
            time.sleep(_LOOK_SECONDS)
        again = []
        for item in others:
            if self._tell_known(item.submission.load(), item.submission.content):
                self._tell_twins(item)
            else:
                again.append(item)
        return again

    def _finish(self, item: _Waiting, submission: Submission, finished: Graded | Lost) -> None:
        """Keep and show what came of a submission, for its copies too."""
        if isinstance(finished, Lost):
            finished = make_failed(submission, self._bundles[submission.name], finished.reason)
        self._keep(submission, finished)
        for spooled in item.twins:
            twin = spooled.load()
            result = _give_identity(finished.result, twin)
            self._keep(twin, Graded(result, finished.executed, finished.transcript))
        self._let_go(submission.name)

    def _let_go(self, name: str) -> None:
        lease, stack = self._held.pop(name)
        stack.close()
        lease.release()

    def _keep(self, submission: Submission, graded: Graded) -> None:
        transcript = pack_transcript(graded.transcript) if graded.transcript else b""
        kept = {
            EXECUTED_FILE: graded.executed,
            NOTEBOOK_FILE: submission.notebook or b"",
            UPLOAD_FILE: pack_upload(submission),
            TRANSCRIPT_FILE: transcript,
        }
        self._save(graded.result, {name: content for name, content in kept.items() if content})

    def _keep_copy(self, result: Result, submission: Submission, source: str) -> Result:
        """Keep a result under another identity, with the artifacts of `source`."""
        names = (EXECUTED_FILE, NOTEBOOK_FILE, TRANSCRIPT_FILE)
        read = {name: self._store.read_artifact(source, name) for name in names}
        kept = {name: content for name, content in read.items() if content}
        self._save(result, kept | {UPLOAD_FILE: pack_upload(submission)}, tell=False)
        return result

    def _save(self, result: Result, artifacts: dict[str, bytes], *, tell: bool = True) -> None:
        self._store.save(result, artifacts)
        self._view.show(result, artifacts)
        if tell:
            self._audience.observe(result)

    def _give_back(self) -> None:
        """Let others have what we did not finish."""
        while self._held:
            lease, stack = self._held.popitem()[1]
            stack.close()
            with suppress(GraderError):  # the store is what failed: the lease ends by itself
                lease.give_back()


def _give_identity(result: Result, submission: Submission) -> Result:
    """`result` as that of another upload of the same content."""
    update = {name: getattr(submission, name) for name in _IDENTITY}
    same = all(getattr(result, name) == value for name, value in update.items())
    if same and result.submission == submission.name:
        return result
    update |= {"submission": submission.name, "graded_at": datetime.now(UTC)}
    return result.model_copy(update=update)
