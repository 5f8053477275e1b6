"""The tables of the SQL store, and the two types that its databases lack.

    submissions ─┬─< gradings ──< grading_artifacts >── artifacts
                 ├── current_gradings     at most one per submission, and one of its own
                 └─< regrade_items >── regrades          leases

Left out: how the tables come to be in a database (`migrations`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC. SQLite keeps no zone, so all are written in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """What is written. A time without a zone counts as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What is read."""
        return self.process_bind_param(value, dialect)


class DatabaseSeconds(FunctionElement[float]):
    """Now by the database's own clock, in seconds since 1970: one clock for all graders."""

    type = Double()
    inherit_cache = True


@compiles(DatabaseSeconds, "sqlite")
def _compile_for_sqlite(_element: DatabaseSeconds, _compiler: Any, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseSeconds, "postgresql")
def _compile_for_postgresql(_element: DatabaseSeconds, _compiler: Any, **_options: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


# Names sort by code point on every database, as they do in Python.
NAME = Text().with_variant(Text(collation="C"), "postgresql")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("assessment", NAME, nullable=False),
    Column("name", NAME, nullable=False),
    Column("student", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("platform_id", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("submitted_at", UtcTime),
    UniqueConstraint("assessment", "name"),
    sqlite_autoincrement=True,
)

regrades = Table(
    "regrades",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("assessment", NAME, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("from_bundle", Text, nullable=False),
    Column("to_bundle", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False),
    # The last grading there was when it began: what is current by a later one was graded anew.
    Column("since_grading_id", Integer, nullable=False),
    CheckConstraint(
        "state IN ('preparing', 'proposed', 'applied', 'rolled_back', 'withdrawn')", name="state"
    ),
)

gradings = Table(
    "gradings",
    metadata,
    Column("id", Integer, primary_key=True),
    # Made by the grader, so that a save repeated after a lost connection is not kept twice.
    Column("uuid", String(32), nullable=False, unique=True),
    Column("submission_id", ForeignKey("submissions.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("score", Double),
    Column("points", Double, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("notebook", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("graded_at", UtcTime, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("regrade_id", ForeignKey("regrades.id"), index=True),
    Column("result", Text, nullable=False),  # JSON
    UniqueConstraint("submission_id", "id"),
    Index(None, "notebook", "bundle"),
    CheckConstraint("outcome IN ('graded', 'grader_error')", name="outcome"),
    CheckConstraint("outcome = 'graded' OR score IS NULL", name="failure_of_ours_has_no_score"),
    CheckConstraint("origin IN ('grade', 'regrade')", name="origin"),
    CheckConstraint("(origin = 'regrade') = (regrade_id IS NOT NULL)", name="regrade"),
    sqlite_autoincrement=True,
)

current_gradings = Table(
    "current_gradings",
    metadata,
    Column("submission_id", ForeignKey("submissions.id"), primary_key=True, autoincrement=False),
    Column("grading_id", Integer, nullable=False, unique=True),
    ForeignKeyConstraint(
        ["submission_id", "grading_id"], ["gradings.submission_id", "gradings.id"]
    ),
)

# An id is never used again: what refers to an artifact refers to the very file that was looked
# for after the row was touched, and not to one that a sweep removed meanwhile.
artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("stored_bytes", BigInteger),  # of the file; null until the first writer finished
    Column("touched_seconds", Double, nullable=False, index=True),
    sqlite_autoincrement=True,
)

grading_artifacts = Table(
    "grading_artifacts",
    metadata,
    Column("grading_id", ForeignKey("gradings.id"), primary_key=True, autoincrement=False),
    Column("name", NAME, primary_key=True),
    Column("artifact_id", ForeignKey("artifacts.id"), nullable=False, index=True),
)

regrade_items = Table(
    "regrade_items",
    metadata,
    Column("regrade_id", ForeignKey("regrades.id"), primary_key=True),
    Column("submission_id", ForeignKey("submissions.id"), primary_key=True, autoincrement=False),
    Column("grading_id", Integer, nullable=False),
    Column("before_id", Integer, nullable=False),
    ForeignKeyConstraint(
        ["submission_id", "grading_id"], ["gradings.submission_id", "gradings.id"]
    ),
    ForeignKeyConstraint(["submission_id", "before_id"], ["gradings.submission_id", "gradings.id"]),
)

leases = Table(
    "leases",
    metadata,
    Column("assessment", NAME, primary_key=True),
    Column("key", NAME, primary_key=True),
    Column("worker", Text, nullable=False),
    Column("token", String(32)),  # null: free
    Column("expires_seconds", Double, nullable=False),
    Column("losses", Integer, nullable=False),
)
