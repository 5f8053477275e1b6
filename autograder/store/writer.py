"""Writes gradings with their artifacts so that a grading is never there without them.

    1. touch the artifacts' rows, so that no sweep takes them;
    2. write the files that are not there yet;
    3. record the gradings that refer to them: one transaction.

A writer that dies on the way leaves artifacts that nothing refers to: a later sweep removes them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from autograder.errors import GraderError
from autograder.schema import Result
from autograder.store.artifacts import ArtifactFolder, hash_content
from autograder.store.database import Database, insert_into
from autograder.store.failure import OvertakenError, SweptAwayError, describe_failure
from autograder.store.gradings import Draft, Recorded, record_grading
from autograder.store.tables import DatabaseSeconds, artifacts

TRIES = 5
Follow = Callable[[Connection, Recorded, Result], None]


@dataclass(frozen=True)
class Parcel:
    """A result and what was made while it was graded, by file name."""

    result: Result
    artifacts: Mapping[str, bytes]
    uuid: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True)
class _Kept:
    """Ids of artifacts by hash, and the lengths of the files written just now by id."""

    ids: Mapping[str, int]
    written: Mapping[int, int]


@dataclass(frozen=True)
class Writer:
    """Writes into one database and its place of artifacts."""

    database: Database
    folder: ArtifactFolder

    def write(self, parcels: Sequence[Parcel], follow: Follow, regrade: str | None = None) -> None:
        """Keep `parcels` together; `follow` does the rest in the same transaction.

        Raises:
            GraderError: if they cannot be written; nothing of them is kept then.
        """
        named = [
            {name: hash_content(content) for name, content in parcel.artifacts.items()}
            for parcel in parcels
        ]
        contents = {
            digest: parcel.artifacts[name]
            for parcel, digests in zip(parcels, named, strict=True)
            for name, digest in digests.items()
        }
        for _ in range(TRIES):
            kept = self._keep(contents)
            drafts = [
                Draft(
                    parcel.uuid,
                    parcel.result,
                    {name: kept.ids[digest] for name, digest in digests.items()},
                    regrade,
                )
                for parcel, digests in zip(parcels, named, strict=True)
            ]
            try:
                self._record(drafts, kept, follow)
            except SweptAwayError:
                continue
            return
        reason = OvertakenError("artifacts were swept away while they were being saved")
        raise GraderError(describe_failure(self.database.place, reason))

    def _record(self, drafts: Sequence[Draft], kept: _Kept, follow: Follow) -> None:
        def record(connection: Connection) -> None:
            for draft in drafts:
                follow(connection, record_grading(connection, draft), draft.result)
            _note_lengths(connection, kept.written)

        self.database.run(record, writes=True)

    def _keep(self, contents: Mapping[str, bytes]) -> _Kept:
        if not contents:
            return _Kept({}, {})
        rows = self.database.run(lambda connection: _touch(connection, contents), writes=True)
        ids, written = {}, {}
        for row in rows:
            ids[row.sha256] = row.id
            if not self.folder.has(row.sha256, row.stored_bytes):
                written[row.id] = self.folder.write(row.sha256, contents[row.sha256])
        return _Kept(ids, written)


def _touch(connection: Connection, contents: Mapping[str, bytes]) -> Sequence[Row[Any]]:
    """Rows of `contents`, made where there are none; in one order, so that nobody waits in a ring.

    A sweep that is removing one of them is waited for: its file is looked for afterwards.
    """
    rows = [
        {
            "sha256": digest,
            "size_bytes": len(contents[digest]),
            "touched_seconds": DatabaseSeconds(),
        }
        for digest in sorted(contents)
    ]
    query = insert_into(connection, artifacts).values(rows)
    query = query.on_conflict_do_update(
        index_elements=["sha256"], set_={"touched_seconds": query.excluded.touched_seconds}
    )
    known = query.returning(artifacts.c.id, artifacts.c.sha256, artifacts.c.stored_bytes)
    return connection.execute(known).all()


def _note_lengths(connection: Connection, written: Mapping[int, int]) -> None:
    if written:
        query = update(artifacts).where(artifacts.c.id == bindparam("artifact"))
        connection.execute(
            query.values(stored_bytes=bindparam("length")),
            [{"artifact": id_, "length": length} for id_, length in sorted(written.items())],
        )
