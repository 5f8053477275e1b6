"""How much a store holds, and the removal of what nobody needs.

An artifact is removed only where no grading refers to it and nobody touched it for a while: a
grader may be saving the grading that will. Its file goes in the same transaction as its row, while
writers of the same content wait, and look for the file afterwards (`writer`). Results are never
removed. Left out: files in the place of artifacts that the database never heard of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, exists, func, select
from sqlalchemy.exc import IntegrityError

from autograder.store.artifacts import ArtifactFolder
from autograder.store.database import Database
from autograder.store.record import StoreSize, Swept
from autograder.store.tables import (
    DatabaseSeconds,
    artifacts,
    current_gradings,
    grading_artifacts,
    gradings,
    regrade_items,
    regrades,
    submissions,
)

BATCH = 200
DEFAULT_KEEP = timedelta(days=1)
LEFTOVER_KEEP = timedelta(hours=1)  # at least: no row says that a file is being written


def measure_store(database: Database) -> StoreSize:
    """Size of the store.

    Raises:
        GraderError: if the database cannot be reached.
    """
    return database.run(lambda connection: _measure(connection, database))


def sweep_artifacts(
    database: Database, folder: ArtifactFolder, keep: timedelta = DEFAULT_KEEP
) -> Swept:
    """Remove artifacts that no grading refers to and nobody touched for `keep`.

    Raises:
        GraderError: if the database or the place of artifacts cannot be reached.
    """
    removed: list[Row[Any]] = []
    last = 0
    while rows := database.run(partial(_find_unused, keep=keep, last=last)):
        removed += [
            row
            for row in rows
            if database.run(partial(_remove, folder=folder, row=row, keep=keep), writes=True)
        ]
        last = rows[-1].id
    return Swept(
        artifacts=len(removed),
        artifact_bytes=sum(row.stored_bytes or 0 for row in removed),
        leftovers=folder.remove_leftovers(max(keep, LEFTOVER_KEEP)),
    )


def prune_gradings(database: Database, assessment: str, older_than: timedelta) -> int:
    """Let go of the artifacts of gradings that count no more; returns of how many gradings.

    Their results stay. Those of a regrade that may still be applied are kept, as are those that a
    rollback would bring back. A sweep removes the files.

    Raises:
        GraderError: if the database cannot be reached.
    """
    before = datetime.now(UTC) - older_than
    return database.run(lambda connection: _prune(connection, assessment, before), writes=True)


def _find_unused(connection: Connection, keep: timedelta, last: int) -> Sequence[Any]:
    query = select(artifacts.c.id, artifacts.c.sha256, artifacts.c.stored_bytes)
    query = query.where(artifacts.c.id > last, *_is_unused(keep))
    return connection.execute(query.order_by(artifacts.c.id).limit(BATCH)).all()


def _is_unused(keep: timedelta) -> tuple[Any, Any]:
    return (
        artifacts.c.touched_seconds <= DatabaseSeconds() - keep.total_seconds(),
        ~exists().where(grading_artifacts.c.artifact_id == artifacts.c.id),
    )


def _remove(connection: Connection, folder: ArtifactFolder, row: Row[Any], keep: timedelta) -> bool:
    try:
        with connection.begin_nested():
            done = connection.execute(
                delete(artifacts).where(artifacts.c.id == row.id, *_is_unused(keep))
            )
    except IntegrityError:  # a grading refers to it since
        return False
    if done.rowcount:
        folder.remove(row.sha256)
    return bool(done.rowcount)


def _prune(connection: Connection, assessment: str, before: datetime) -> int:
    open_regrades = select(regrades.c.id).where(regrades.c.state != "withdrawn")
    items = regrade_items.c.regrade_id.in_(open_regrades)
    needed = select(regrade_items.c.grading_id).where(items)
    restored = select(regrade_items.c.before_id).where(items)
    old = (
        select(gradings.c.id)
        .join(submissions, submissions.c.id == gradings.c.submission_id)
        .where(submissions.c.assessment == assessment, gradings.c.graded_at < before)
        .where(gradings.c.id.not_in(select(current_gradings.c.grading_id)))
        .where(gradings.c.id.not_in(needed), gradings.c.id.not_in(restored))
    )
    links = grading_artifacts.c.grading_id.in_(old)
    count = select(func.count(func.distinct(grading_artifacts.c.grading_id))).where(links)
    pruned = connection.execute(count).scalar_one()
    connection.execute(delete(grading_artifacts).where(links))
    return int(pruned)


def _measure(connection: Connection, database: Database) -> StoreSize:
    def count(table: Table) -> int:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def add(query: Select[Any]) -> int:
        return int(connection.execute(query).scalar() or 0)

    size, stored = artifacts.c.size_bytes, artifacts.c.stored_bytes
    links = grading_artifacts.c.artifact_id == artifacts.c.id
    written = stored.is_not(None)
    kept_bytes = add(select(func.sum(size)).where(written))
    stored_bytes = add(select(func.sum(stored)))
    once_bytes = add(select(func.sum(size)).where(exists().where(links)))
    referred_bytes = add(select(func.sum(size)).join(grading_artifacts, links))
    return StoreSize(
        submissions=count(submissions),
        gradings=count(gradings),
        artifacts=count(artifacts),
        database_bytes=_measure_database(connection, database),
        artifact_bytes=stored_bytes,
        deduplicated_bytes=referred_bytes - once_bytes,
        compressed_bytes=kept_bytes - stored_bytes,
    )


def _measure_database(connection: Connection, database: Database) -> int:
    if database.is_sqlite:
        file = database.url.database or ""
        parts = (Path(file + end) for end in ("", "-wal"))
        return sum(part.stat().st_size for part in parts if part.exists())
    names = [table.name for table in current_gradings.metadata.sorted_tables]
    sizes = (func.pg_total_relation_size(func.to_regclass(name)) for name in names)
    return sum(int(connection.execute(select(each)).scalar() or 0) for each in sizes)
