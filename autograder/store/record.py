"""What the SQL store tells about what it keeps. Left out: how it is kept (`tables`)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from pydantic import Field

from autograder.schema import Result
from autograder.schema.base import Value

Origin = Literal["grade", "regrade"]
RegradeState = Literal["preparing", "proposed", "applied", "rolled_back", "withdrawn"]


class Artifact(Value):
    """One thing that was made while grading.

    Attributes:
        sha256: `sha256:<hex>`; equal contents are kept once.
        size_bytes: of the content, not of the file that keeps it.
    """

    name: str
    sha256: str
    size_bytes: int


class Grading(Value):
    """One result of a submission, as it was saved.

    Attributes:
        regrade: id of the regrade that made it; None where it was graded.
        current: whether it is the one that counts.
    """

    id: int
    result: Result
    origin: Origin
    regrade: str | None = None
    current: bool


class Regrade(Value):
    """New results for many submissions, looked at before they count.

    Attributes:
        from_bundle, to_bundle: hashes of what was graded with, and of what is now.
        reason: for staff.
        state: `preparing` until every result is saved. The store sets it.
        submissions: how many results it holds. The store counts them.
    """

    id: str = Field(default_factory=lambda: uuid.uuid4().hex)
    assessment: str
    created_at: datetime
    from_bundle: str = ""
    to_bundle: str = ""
    reason: str = ""
    state: RegradeState = "preparing"
    submissions: int = 0


class Change(Value):
    """What a regrade does to one submission."""

    before: Result
    after: Result


class StoreSize(Value):
    """How much a store holds, over all its assessments.

    Attributes:
        database_bytes: of rows and indexes.
        artifact_bytes: of the files that keep the artifacts.
        deduplicated_bytes: what equal contents would have cost beside what they cost.
        compressed_bytes: what compression saved of the rest.
    """

    submissions: int
    gradings: int
    artifacts: int
    database_bytes: int
    artifact_bytes: int
    deduplicated_bytes: int
    compressed_bytes: int


class Swept(Value):
    """What a sweep removed.

    Attributes:
        leftovers: files of writers that died, half written.
    """

    artifacts: int = 0
    artifact_bytes: int = 0
    leftovers: int = 0
