"""Rows of submissions and gradings: recorded, made current, asked for.

Every grading is kept; `current_gradings` says which one counts. Each function works in the
transaction of its caller. Left out: contents of artifacts (`artifacts`), regrades (`regrades`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, Select, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from autograder.schema import Result
from autograder.schema.result import RESULT_SCHEMA_VERSION
from autograder.store.database import insert_into
from autograder.store.failure import OvertakenError, SweptAwayError
from autograder.store.tables import (
    current_gradings,
    grading_artifacts,
    gradings,
    submissions,
)


@dataclass(frozen=True)
class Draft:
    """A grading about to be recorded.

    Attributes:
        uuid: the same at every try, so that it is kept once.
        artifacts: name to id of the row.
        regrade: id of the regrade that made it.
    """

    uuid: str
    result: Result
    artifacts: Mapping[str, int] = field(default_factory=dict)
    regrade: str | None = None


@dataclass(frozen=True)
class Recorded:
    """Ids of a grading that was recorded, and of its submission."""

    grading: int
    submission: int


def record_grading(connection: Connection, draft: Draft) -> Recorded:
    """Keep the grading; it does not count yet. Until the end, its submission is this one's only.

    Raises:
        SweptAwayError: if a sweep took an artifact meanwhile.
    """
    submission = _claim_submission(connection, draft.result)
    known = connection.execute(select(gradings.c.id).where(gradings.c.uuid == draft.uuid)).scalar()
    if known is not None:
        return Recorded(known, submission)
    row = _make_row(draft) | {"submission_id": submission}
    made = connection.execute(insert(gradings).values(row).returning(gradings.c.id)).scalar_one()
    links = [
        {"grading_id": made, "name": name, "artifact_id": artifact}
        for name, artifact in draft.artifacts.items()
    ]
    try:
        if links:
            connection.execute(insert(grading_artifacts), links)
    except IntegrityError as error:
        raise SweptAwayError from error
    return Recorded(made, submission)


def make_current(connection: Connection, recorded: Recorded, result: Result) -> None:
    """Let the grading count, unless the present one `outranks` it.

    Raises:
        OvertakenError: if another one was made current meanwhile.
    """
    present = connection.execute(
        select(gradings)
        .join(current_gradings, current_gradings.c.grading_id == gradings.c.id)
        .where(current_gradings.c.submission_id == recorded.submission)
    ).one_or_none()
    if present is not None and (present.id == recorded.grading or outranks(present, result)):
        return
    if present is None:
        _insert_current(connection, recorded)
    else:
        _swap_current(connection, recorded, present.id)
    connection.execute(
        update(submissions)
        .where(submissions.c.id == recorded.submission)
        .values(_describe_submission(result))
    )


def outranks(present: Row[tuple[object, ...]], result: Result) -> bool:
    """Whether the `present` grading goes on to count beside the new `result`.

    Of two gradings of the same notebook by the same bundle, a score outranks a failure of ours,
    whichever came first. Otherwise the later `graded_at` counts, and of equal times the new one.
    """
    same_content = (present.bundle, present.notebook) == (result.bundle, result.notebook)
    if same_content and present.outcome != result.outcome:
        return bool(present.outcome == "graded")
    return bool(present.graded_at > result.graded_at)


def select_current(assessment: str) -> Select[tuple[str, str]]:
    """Names and results (JSON) that count."""
    return (
        select(submissions.c.name, gradings.c.result)
        .join(current_gradings, current_gradings.c.submission_id == submissions.c.id)
        .join(gradings, gradings.c.id == current_gradings.c.grading_id)
        .where(submissions.c.assessment == assessment)
    )


def select_history(assessment: str, name: str) -> Select[tuple[object, ...]]:
    """Every grading of a submission, in the order in which they were saved."""
    return (
        select(gradings, current_gradings.c.grading_id.label("current_id"))
        .join(submissions, submissions.c.id == gradings.c.submission_id)
        .outerjoin(current_gradings, current_gradings.c.grading_id == gradings.c.id)
        .where(submissions.c.assessment == assessment, submissions.c.name == name)
        .order_by(gradings.c.id)
    )


def parse_result(text: str) -> Result | None:
    """The result in its JSON form; None where it is of another version."""
    try:
        result = Result.model_validate_json(text)
    except ValueError:
        return None
    return result if result.schema_version == RESULT_SCHEMA_VERSION else None


def strip_nul(text: str) -> str:
    """`text` without the one character that PostgreSQL does not keep."""
    return text.replace("\0", "")


def _claim_submission(connection: Connection, result: Result) -> int:
    """Id of the submission's row, which other writers wait for until the transaction ends."""
    row = {"assessment": result.assessment, "name": result.submission}
    query = insert_into(connection, submissions).values(row | _describe_submission(result))
    # Nothing changes where the row is there, but PostgreSQL locks it and tells its id.
    query = query.on_conflict_do_update(
        index_elements=["assessment", "name"], set_={"name": query.excluded.name}
    )
    return int(connection.execute(query.returning(submissions.c.id)).scalar_one())


def _describe_submission(result: Result) -> dict[str, object]:
    return {
        "student": strip_nul(result.student),
        "email": strip_nul(result.email),
        "platform_id": strip_nul(result.platform_id),
        "attempt": result.attempt,
        "late": result.late,
        "submitted_at": result.submitted_at,
    }


def _make_row(draft: Draft) -> dict[str, object]:
    result = draft.result
    return {
        "uuid": draft.uuid,
        "attempt": result.attempt,
        "outcome": result.outcome,
        "score": result.score,
        "points": result.points,
        "bundle": strip_nul(result.bundle),
        "notebook": strip_nul(result.notebook),
        "variant": strip_nul(result.variant),
        "graded_at": result.graded_at,
        "origin": "regrade" if draft.regrade else "grade",
        "regrade_id": draft.regrade,
        "result": result.model_dump_json(),
    }


def _insert_current(connection: Connection, recorded: Recorded) -> None:
    row = {"submission_id": recorded.submission, "grading_id": recorded.grading}
    query = insert_into(connection, current_gradings).values(row)
    query = query.on_conflict_do_nothing(index_elements=["submission_id"])
    done = connection.execute(query.returning(current_gradings.c.submission_id)).scalar()
    if done is None:
        raise OvertakenError("another grading was made current")


def _swap_current(connection: Connection, recorded: Recorded, present: int) -> None:
    done = connection.execute(
        update(current_gradings)
        .where(
            and_(
                current_gradings.c.submission_id == recorded.submission,
                current_gradings.c.grading_id == present,
            )
        )
        .values(grading_id=recorded.grading)
    )
    if done.rowcount != 1:
        raise OvertakenError("another grading was made current")
