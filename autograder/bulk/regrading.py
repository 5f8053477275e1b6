"""Scores a class again from the store after its bundle changed; nothing counts until applied.

Left out: how one submission is scored again (`grade.regrade`), and applying or taking back
(`store.regrades`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from autograder.bulk.audience import Audience
from autograder.bulk.upload import EXECUTED_FILE, NOTEBOOK_FILE, UPLOAD_FILE, unpack_upload
from autograder.bulk.view import View
from autograder.errors import UsageError
from autograder.executor.base import Executor, Lost, Site
from autograder.grade.regrade import Regraded
from autograder.grade.submission import Graded
from autograder.grade.transcript import TRANSCRIPT_FILE, pack_transcript
from autograder.schema import Result
from autograder.sites import Job, RegradeJob
from autograder.store import Regrade
from autograder.variants.finder import Finder, pack_variant

if TYPE_CHECKING:  # SQLAlchemy is loaded where a store is opened
    from autograder.store.sql import SqlStore


@dataclass
class Proposal:
    """New results for a class, which do not count yet.

    Attributes:
        regrade: as the store keeps it; None where every result is of this bundle already, or
            none could be scored.
        ways: how many submissions were scored in which way (`grade.regrade.Way`).
        failed: why a submission could not be scored again, by name; its result stays.
    """

    regrade: Regrade | None = None
    ways: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)


def propose(
    finder: Finder,
    store: SqlStore,
    work: tuple[Executor, Site[Job[Any], Any]],
    audience: Audience,
    since: str = "",
) -> Proposal:
    """Score every result of an earlier bundle again.

    Args:
        finder: of the bundles as they are now.
        store: of the assessment.
        work: who scores, and where.
        audience: told what goes on.
        since: only results of the bundle whose hash begins so.

    Raises:
        GraderError: if the store cannot be read or written; nothing has changed then.
        UsageError: if no result is of such a bundle.
    """
    proposal = Proposal()
    names = list_outdated(store, finder, since)
    if not names:
        return proposal
    audience.begin(len(names))
    executor, site = work
    earlier = Counter(names.values()).most_common(1)[0][0]
    regrade = Regrade(
        assessment=store.assessment,
        created_at=datetime.now(UTC),
        from_bundle=earlier,
        to_bundle=_find_successor(store, finder, names, earlier),
    )
    jobs = _make_jobs(store, finder, names, proposal)
    items = _score(executor.run(site, jobs, audience.watch), proposal, audience)
    proposed = store.regrades.propose(regrade, items)
    _withdraw_others(store, proposed)
    if proposed.submissions:
        proposal.regrade = proposed
    else:
        store.regrades.withdraw(proposed.id)
    return proposal


def _withdraw_others(store: SqlStore, latest: Regrade) -> None:
    """Let the latest proposal be the only one: an earlier one was made for another bundle."""
    for regrade in store.regrades.list_regrades():
        if regrade.state == "proposed" and regrade.id != latest.id:
            store.regrades.withdraw(regrade.id)


def _find_successor(store: SqlStore, finder: Finder, names: Mapping[str, str], earlier: str) -> str:
    """Hash of the bundle that takes the place of `earlier`; each variant has its own."""
    name = next(name for name, bundle in names.items() if bundle == earlier)
    known = store.load(name)
    bundle = finder.find_bundle(known.variant) if known else None
    return (bundle or finder.plain).bundle.content


def list_outdated(store: SqlStore, finder: Finder, since: str) -> dict[str, str]:
    """Names of the results to score again, each with the bundle that it is of.

    A result stays of the variant that it is of; of one that is not in the pool any more it counts
    as outdated, and cannot be scored.

    Raises:
        UsageError: if `since` names no bundle that a result is of.
    """
    found = {
        result.submission: result.bundle
        for result in store.results()
        if result.outcome == "graded" and not _is_current(result, finder)
    }
    if not since:
        return found
    digest = since.removeprefix("sha256:")
    chosen = {n: b for n, b in found.items() if b.removeprefix("sha256:").startswith(digest)}
    if not chosen:
        known = ", ".join(sorted({b.removeprefix("sha256:")[:12] for b in found.values()}))
        raise UsageError(f"no result is of the bundle {since}; there are: {known or 'none'}")
    return chosen


def _is_current(result: Result, finder: Finder) -> bool:
    bundle = finder.find_bundle(result.variant)
    return bundle is not None and bundle.bundle.content == result.bundle


def _make_jobs(
    store: SqlStore, finder: Finder, names: Mapping[str, str], proposal: Proposal
) -> Iterator[RegradeJob]:
    """What to score, read from the store one by one."""
    for name in names:
        known = store.load(name)
        notebook = store.read_artifact(name, NOTEBOOK_FILE)
        upload = store.read_artifact(name, UPLOAD_FILE)
        submission = unpack_upload(upload, notebook) if upload else None
        if known is None or submission is None:
            proposal.failed[name] = "its upload is not in the store; grade it again"
            continue
        bundle = finder.find_bundle(known.variant)
        if bundle is None:
            proposal.failed[name] = f"its variant {known.variant} is not in the pool any more"
            continue
        transcript = store.read_artifact(name, TRANSCRIPT_FILE)
        yield RegradeJob(submission, known, transcript, pack_variant(bundle))


def _score(
    finished: Iterator[tuple[RegradeJob, Regraded | Lost]], proposal: Proposal, audience: Audience
) -> Iterator[tuple[Result, dict[str, bytes]]]:
    """Results to propose; a failure of ours never takes a score's place."""
    for job, done in finished:
        name = job.known.submission
        audience.finish_item()
        if isinstance(done, Lost):
            proposal.failed[name] = done.reason
        elif done.graded.result.outcome != "graded":
            proposal.failed[name] = done.graded.result.staff_message
        else:
            proposal.ways[done.way] += 1
            yield done.graded.result, _list_artifacts(done.graded)


def _list_artifacts(graded: Graded) -> dict[str, bytes]:
    transcript = pack_transcript(graded.transcript) if graded.transcript else b""
    made = {EXECUTED_FILE: graded.executed, TRANSCRIPT_FILE: transcript}
    return {name: content for name, content in made.items() if content}


def settle(store: SqlStore, view: View, *, back: bool) -> Regrade:
    """Let the latest proposed regrade count, or take the latest applied one back; show it.

    Raises:
        UsageError: if there is none, or submissions were graded anew since.
    """
    regrade = find_regrade(store, "applied" if back else "proposed")
    done = (store.regrades.rollback if back else store.regrades.apply)(regrade.id)
    for change in store.regrades.list_changes(done.id):
        view.show_missing(change.before if back else change.after)
    return done


def find_regrade(store: SqlStore, state: str) -> Regrade:
    """The latest regrade in `state`.

    Raises:
        UsageError: if there is none.
    """
    found = [regrade for regrade in store.regrades.list_regrades() if regrade.state == state]
    if not found:
        raise UsageError(f"no regrade of {store.assessment} is {state}")
    return found[-1]
