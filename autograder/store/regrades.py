"""Regrades: new results for many submissions, proposed, made current together, and taken back.

Each of them remembers what was current before, and none overwrites what was graded meanwhile.
Left out: how the new results are found (`pipeline`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from autograder.errors import UsageError
from autograder.schema import Result
from autograder.store.base import check_artifacts, check_assessment, check_name
from autograder.store.database import Database, insert_into
from autograder.store.gradings import Recorded, parse_result, strip_nul
from autograder.store.record import Change, Regrade, RegradeState
from autograder.store.tables import (
    current_gradings,
    grading_artifacts,
    gradings,
    regrade_items,
    regrades,
    submissions,
)
from autograder.store.writer import Parcel, Writer

BATCH = 50
_before = gradings.alias("before")
_after = gradings.alias("after")


@dataclass(frozen=True)
class Regrades:
    """Regrades of one assessment."""

    writer: Writer
    assessment: str

    @property
    def database(self) -> Database:
        """Where they are kept."""
        return self.writer.database

    def propose(
        self, regrade: Regrade, items: Iterable[tuple[Result, Mapping[str, bytes]]]
    ) -> Regrade:
        """Keep new results that do not count yet; returns the regrade as it stands then.

        `items` may be a generator that scores as it goes: what is graded anew from its first
        item on is found by `apply`. A new grading keeps the artifacts of the one that counts now,
        with those of `items` beside or in place of them. One that dies on the way stays
        `preparing`; it can be withdrawn.

        Raises:
            GraderError: if they cannot be written.
            UsageError: if a submission comes twice or was never graded.
        """
        self._begin(regrade)
        seen: set[str] = set()
        stream = iter(items)
        while batch := list(islice(stream, BATCH)):
            self._write_batch(regrade.id, batch, seen)
        return self._change_state(regrade.id, "proposed", ("preparing", "proposed"))

    def apply(self, regrade_id: str) -> Regrade:
        """Let its results count, all or none.

        Raises:
            GraderError: if the database cannot be reached.
            UsageError: if it cannot be applied; it lists submissions that were graded anew.
        """
        return self._change_state(
            regrade_id, "applied", ("proposed", "rolled_back", "applied"), _promote
        )

    def rollback(self, regrade_id: str) -> Regrade:
        """Let what counted before count again, all or none.

        Raises:
            GraderError: if the database cannot be reached.
            UsageError: if it cannot be rolled back; it lists submissions that were graded anew.
        """
        return self._change_state(regrade_id, "rolled_back", ("applied", "rolled_back"), _restore)

    def withdraw(self, regrade_id: str) -> Regrade:
        """Give it up; its results are kept, and never count.

        Raises:
            GraderError: if the database cannot be reached.
            UsageError: if it counts, or does not exist.
        """
        states: tuple[RegradeState, ...] = ("preparing", "proposed", "rolled_back", "withdrawn")
        return self._change_state(regrade_id, "withdrawn", states)

    def list_regrades(self) -> list[Regrade]:
        """Every regrade of the assessment, oldest first.

        Raises:
            GraderError: if the database cannot be reached.
        """
        query = _select_regrades(self.assessment).order_by(regrades.c.created_at, regrades.c.id)
        rows = self.database.run(lambda connection: connection.execute(query).all())
        return [_make_regrade(row) for row in rows]

    def list_changes(self, regrade_id: str) -> Iterator[Change]:
        """What it does to each submission, by name, read in batches.

        Raises:
            GraderError: if the database cannot be reached.
        """
        last = ""
        while rows := self._read_changes(regrade_id, last):
            for row in rows:
                before, after = parse_result(row.before), parse_result(row.after)
                if before is not None and after is not None:
                    yield Change(before=before, after=after)
            last = rows[-1].name

    def _begin(self, regrade: Regrade) -> None:
        check_assessment(regrade.assessment, self.assessment)
        latest = select(func.coalesce(func.max(gradings.c.id), 0)).scalar_subquery()
        row = {
            "id": regrade.id,
            "assessment": regrade.assessment,
            "created_at": regrade.created_at,
            "from_bundle": strip_nul(regrade.from_bundle),
            "to_bundle": strip_nul(regrade.to_bundle),
            "reason": strip_nul(regrade.reason),
            "state": "preparing",
            "since_grading_id": latest,
        }

        def begin(connection: Connection) -> str | None:
            query = insert_into(connection, regrades).values(row)
            connection.execute(query.on_conflict_do_nothing(index_elements=["id"]))
            known = _select_regrades(self.assessment).where(regrades.c.id == regrade.id)
            found = connection.execute(known).one()
            return None if found.state == "preparing" and not found.submissions else found.state

        taken = self.database.run(begin, writes=True)
        if taken is not None:
            raise UsageError(f"regrade {regrade.id} exists already ({taken}); begin another one")

    def _write_batch(
        self, regrade_id: str, batch: Sequence[tuple[Result, Mapping[str, bytes]]], seen: set[str]
    ) -> None:
        for result, made in batch:
            check_assessment(result.assessment, self.assessment)
            check_artifacts(made)
            if check_name(result.submission) in seen:
                raise UsageError(f"{result.submission} comes twice in one regrade; name it once")
            seen.add(result.submission)

        def follow(connection: Connection, recorded: Recorded, result: Result) -> None:
            _record_item(connection, recorded, regrade_id, result.submission)

        self.writer.write([Parcel(*item) for item in batch], follow, regrade_id)

    def _read_changes(self, regrade_id: str, last: str) -> Sequence[Row[Any]]:
        query = (
            _join_items(
                select(
                    submissions.c.name,
                    _before.c.result.label("before"),
                    _after.c.result.label("after"),
                )
            )
            .where(regrade_items.c.regrade_id == regrade_id, submissions.c.name > last)
            .where(submissions.c.assessment == self.assessment)
            .order_by(submissions.c.name)
            .limit(BATCH)
        )
        return self.database.run(lambda connection: connection.execute(query).all())

    def _change_state(
        self,
        regrade_id: str,
        state: RegradeState,
        allowed: Sequence[RegradeState],
        move: Move | None = None,
    ) -> Regrade:
        """The regrade in `state`, once `move` was made; nothing moves if it is in it already."""

        def change(connection: Connection) -> Regrade:
            lock = regrades.c.id == regrade_id, regrades.c.assessment == self.assessment
            row = connection.execute(select(regrades).where(*lock).with_for_update()).one_or_none()
            if row is None:
                raise UsageError(f"{self.assessment} has no regrade {regrade_id}; list them first")
            if row.state not in allowed:
                raise UsageError(f"regrade {regrade_id} is {row.state}: it cannot be {state}")
            if row.state != state:
                if move is not None:
                    move(connection, row)
                connection.execute(
                    update(regrades).where(regrades.c.id == regrade_id).values(state=state)
                )
            known = _select_regrades(self.assessment).where(regrades.c.id == regrade_id)
            return _make_regrade(connection.execute(known).one())

        return self.database.run(change, writes=True)


Move = Callable[[Connection, Row[Any]], None]


def _promote(connection: Connection, regrade: Row[Any]) -> None:
    stale = or_(
        current_gradings.c.grading_id != regrade_items.c.before_id,
        regrade_items.c.before_id > regrade.since_grading_id,
        _before.c.notebook != _after.c.notebook,
    )
    _refuse_conflicts(connection, regrade, stale)
    _point(connection, regrade, regrade_items.c.grading_id)


def _restore(connection: Connection, regrade: Row[Any]) -> None:
    _refuse_conflicts(
        connection, regrade, current_gradings.c.grading_id != regrade_items.c.grading_id
    )
    _point(connection, regrade, regrade_items.c.before_id)


def _refuse_conflicts(
    connection: Connection, regrade: Row[Any], stale: ColumnElement[bool]
) -> None:
    """Lock what is current of all its submissions, and refuse if some are `stale`."""
    connection.execute(
        select(current_gradings.c.submission_id)
        .where(current_gradings.c.submission_id.in_(_select_submissions(regrade)))
        .order_by(current_gradings.c.submission_id)
        .with_for_update()
    )
    query = _join_items(select(submissions.c.name)).join(
        current_gradings, current_gradings.c.submission_id == regrade_items.c.submission_id
    )
    query = query.where(regrade_items.c.regrade_id == regrade.id, stale)
    names = connection.execute(query.order_by(submissions.c.name)).scalars().all()
    if names:
        raise UsageError(
            f"regrade {regrade.id}: graded anew meanwhile: {', '.join(names)}; "
            "nothing was changed; regrade them again"
        )


def _point(connection: Connection, regrade: Row[Any], target: ColumnElement[int]) -> None:
    """Let `target` of each item count."""
    chosen = select(target).where(
        regrade_items.c.regrade_id == regrade.id,
        regrade_items.c.submission_id == current_gradings.c.submission_id,
    )
    connection.execute(
        update(current_gradings)
        .where(current_gradings.c.submission_id.in_(_select_submissions(regrade)))
        .values(grading_id=chosen.scalar_subquery())
    )


def _record_item(connection: Connection, recorded: Recorded, regrade_id: str, name: str) -> None:
    """Note what the new grading stands beside, and link that one's artifacts to it."""
    query = select(current_gradings.c.grading_id)
    query = query.where(current_gradings.c.submission_id == recorded.submission)
    before = connection.execute(query).scalar()
    if before is None:
        raise UsageError(f"{name} was never graded; grade it before it is regraded")
    row = {
        "regrade_id": regrade_id,
        "submission_id": recorded.submission,
        "grading_id": recorded.grading,
        "before_id": before,
    }
    connection.execute(insert_into(connection, regrade_items).values(row).on_conflict_do_nothing())
    own = select(grading_artifacts.c.name).where(grading_artifacts.c.grading_id == recorded.grading)
    inherited = select(
        literal(recorded.grading), grading_artifacts.c.name, grading_artifacts.c.artifact_id
    ).where(grading_artifacts.c.grading_id == before, grading_artifacts.c.name.not_in(own))
    connection.execute(
        insert(grading_artifacts).from_select(["grading_id", "name", "artifact_id"], inherited)
    )


def _join_items(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(regrade_items)
        .join(submissions, submissions.c.id == regrade_items.c.submission_id)
        .join(_before, _before.c.id == regrade_items.c.before_id)
        .join(_after, _after.c.id == regrade_items.c.grading_id)
    )


def _select_submissions(regrade: Row[Any]) -> Select[tuple[int]]:
    return select(regrade_items.c.submission_id).where(regrade_items.c.regrade_id == regrade.id)


def _select_regrades(assessment: str) -> Select[Any]:
    count = (
        select(func.count())
        .select_from(regrade_items)
        .where(regrade_items.c.regrade_id == regrades.c.id)
        .scalar_subquery()
    )
    query = select(regrades, count.label("submissions"))
    return query.where(regrades.c.assessment == assessment)


def _make_regrade(row: Row[Any]) -> Regrade:
    return Regrade(
        id=row.id,
        assessment=row.assessment,
        created_at=row.created_at,
        from_bundle=row.from_bundle,
        to_bundle=row.to_bundle,
        reason=row.reason,
        state=row.state,
        submissions=row.submissions,
    )
