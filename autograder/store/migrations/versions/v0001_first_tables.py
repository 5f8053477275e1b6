"""The first tables. What they are for stands in `autograder.store.tables`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "artifacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=True),
        sa.Column("touched_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifacts")),
        sa.UniqueConstraint("sha256", name=op.f("uq_artifacts_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_artifacts_touched_seconds"), "artifacts", ["touched_seconds"])

    op.create_table(
        "leases",
        sa.Column("assessment", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("expires_seconds", sa.Double(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("assessment", "key", name=op.f("pk_leases")),
    )
    op.create_table(
        "regrades",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("assessment", NAME, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_bundle", sa.Text(), nullable=False),
        sa.Column("to_bundle", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since_grading_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('preparing', 'proposed', 'applied', 'rolled_back', 'withdrawn')",
            name=op.f("ck_regrades_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrades")),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("student", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("platform_id", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("assessment", "name", name=op.f("uq_submissions_assessment_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "gradings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.Column("notebook", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("regrade_id", sa.String(length=32), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(origin = 'regrade') = (regrade_id IS NOT NULL)", name=op.f("ck_gradings_regrade")
        ),
        sa.CheckConstraint("origin IN ('grade', 'regrade')", name=op.f("ck_gradings_origin")),
        sa.CheckConstraint(
            "outcome = 'graded' OR score IS NULL",
            name=op.f("ck_gradings_failure_of_ours_has_no_score"),
        ),
        sa.CheckConstraint(
            "outcome IN ('graded', 'grader_error')", name=op.f("ck_gradings_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["regrade_id"], ["regrades.id"], name=op.f("fk_gradings_regrade_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_gradings_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gradings")),
        sa.UniqueConstraint("submission_id", "id", name=op.f("uq_gradings_submission_id_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_gradings_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_gradings_notebook_bundle"), "gradings", ["notebook", "bundle"])
    op.create_index(op.f("ix_gradings_regrade_id"), "gradings", ["regrade_id"])

    op.create_table(
        "current_gradings",
        sa.Column("submission_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("grading_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id", "grading_id"],
            ["gradings.submission_id", "gradings.id"],
            name=op.f("fk_current_gradings_submission_id_grading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_current_gradings_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_current_gradings")),
        sa.UniqueConstraint("grading_id", name=op.f("uq_current_gradings_grading_id")),
    )
    op.create_table(
        "grading_artifacts",
        sa.Column("grading_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("artifact_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_id"], ["artifacts.id"], name=op.f("fk_grading_artifacts_artifact_id")
        ),
        sa.ForeignKeyConstraint(
            ["grading_id"], ["gradings.id"], name=op.f("fk_grading_artifacts_grading_id")
        ),
        sa.PrimaryKeyConstraint("grading_id", "name", name=op.f("pk_grading_artifacts")),
    )
    op.create_index(op.f("ix_grading_artifacts_artifact_id"), "grading_artifacts", ["artifact_id"])

    op.create_table(
        "regrade_items",
        sa.Column("regrade_id", sa.String(length=32), nullable=False),
        sa.Column("submission_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("grading_id", sa.Integer(), nullable=False),
        sa.Column("before_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["regrade_id"], ["regrades.id"], name=op.f("fk_regrade_items_regrade_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id", "before_id"],
            ["gradings.submission_id", "gradings.id"],
            name=op.f("fk_regrade_items_submission_id_before_id"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id", "grading_id"],
            ["gradings.submission_id", "gradings.id"],
            name=op.f("fk_regrade_items_submission_id_grading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_regrade_items_submission_id")
        ),
        sa.PrimaryKeyConstraint("regrade_id", "submission_id", name=op.f("pk_regrade_items")),
    )
