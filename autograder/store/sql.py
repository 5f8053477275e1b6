"""The store of a class: a database of results beside a place of artifacts.

Several graders share one: threads, processes, and on PostgreSQL hosts. Every grading is kept, and
one of each submission counts. `leases` and `regrades` are parts of their own. Left out: files for
people to look at (`folder`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from autograder.schema import Result
from autograder.store.artifacts import ArtifactFolder
from autograder.store.base import check_artifacts, check_assessment, check_name
from autograder.store.database import Database
from autograder.store.gradings import (
    make_current,
    parse_result,
    select_current,
    select_history,
    strip_nul,
)
from autograder.store.leases import Leases
from autograder.store.record import Artifact, Grading, StoreSize, Swept
from autograder.store.regrades import Regrades
from autograder.store.sweep import DEFAULT_KEEP, measure_store, prune_gradings, sweep_artifacts
from autograder.store.tables import (
    artifacts,
    current_gradings,
    grading_artifacts,
    gradings,
    submissions,
)
from autograder.store.writer import Parcel, Writer

BATCH = 200


class SqlStore:
    """Results and artifacts of one assessment. See `Store` for what all stores do.

    Every method raises `GraderError`, with one text that says what to do, where the database or
    the place of artifacts cannot be used; what was saved stays as it was.

    Attributes:
        assessment: the one it is bound to.
        leases: which worker has which job.
        regrades: results that are proposed together.
    """

    def __init__(self, database: Database, folder: ArtifactFolder, assessment: str) -> None:
        self.assessment = assessment
        self.leases = Leases(database, assessment)
        self._database = database
        self._folder = folder
        self._writer = Writer(database, folder)
        self.regrades = Regrades(self._writer, assessment)

    def save(self, result: Result, artifacts: Mapping[str, bytes]) -> None:
        """See `Store`. Which result counts then, `gradings.outranks` says."""
        check_name(result.submission)
        check_artifacts(artifacts)
        check_assessment(result.assessment, self.assessment)
        self._writer.write([Parcel(result, artifacts)], make_current)

    def load(self, name: str) -> Result | None:
        """See `Store`. A result of another `schema_version` counts as none."""
        query = select_current(self.assessment).where(submissions.c.name == check_name(name))
        rows = self._ask(query)
        return parse_result(rows[0].result) if rows else None

    def results(self) -> Iterator[Result]:
        """See `Store`. Read in batches: memory does not grow with the class."""
        query = select_current(self.assessment).order_by(submissions.c.name).limit(BATCH)
        last = ""
        while rows := self._ask(query.where(submissions.c.name > last)):
            for row in rows:
                if (result := parse_result(row.result)) is not None:
                    yield result
            last = rows[-1].name

    def history(self, name: str) -> list[Grading]:
        """Every grading of the submission, in the order in which they were saved."""
        rows = self._ask(select_history(self.assessment, check_name(name)))
        read = ((row, parse_result(row.result)) for row in rows)
        return [
            Grading(
                id=row.id,
                result=result,
                origin=row.origin,
                regrade=row.regrade_id,
                current=row.current_id is not None,
            )
            for row, result in read
            if result is not None
        ]

    def find(self, notebook: str, bundle: str, variant: str) -> Result | None:
        """A result that counts, with a score, of the same notebook, bundle and variant."""
        query = select_current(self.assessment).where(
            gradings.c.notebook == strip_nul(notebook),
            gradings.c.bundle == strip_nul(bundle),
            gradings.c.variant == strip_nul(variant),
            gradings.c.outcome == "graded",
        )
        rows = self._ask(query.order_by(gradings.c.id).limit(1))
        return parse_result(rows[0].result) if rows else None

    def list_artifacts(self, name: str, grading: int | None = None) -> dict[str, Artifact]:
        """Artifacts by name: of the submission's current grading, or of its `grading`."""
        return {
            row.name: Artifact(
                name=row.name, sha256=f"sha256:{row.sha256}", size_bytes=row.size_bytes
            )
            for row in self._ask(self._select_artifacts(name, grading))
        }

    def read_artifact(self, name: str, artifact: str, grading: int | None = None) -> bytes | None:
        """Content of the submission's `artifact`, checked by its hash; None if there is none."""
        query = self._select_artifacts(name, grading)
        rows = self._ask(query.where(grading_artifacts.c.name == artifact))
        return self._folder.read(rows[0].sha256) if rows else None

    def measure(self) -> StoreSize:
        """How much the store holds, over all its assessments."""
        return measure_store(self._database)

    def sweep(self, keep: timedelta = DEFAULT_KEEP) -> Swept:
        """Remove artifacts that no grading refers to and nobody touched for `keep`."""
        return sweep_artifacts(self._database, self._folder, keep)

    def prune(self, older_than: timedelta) -> int:
        """Let go of the artifacts of old gradings that count no more; their results stay."""
        return prune_gradings(self._database, self.assessment, older_than)

    def close(self) -> None:
        """Close its connections."""
        self._database.close()

    def __enter__(self) -> SqlStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, query: Select[Any]) -> Sequence[Row[Any]]:
        def ask(connection: Connection) -> Sequence[Row[Any]]:
            return connection.execute(query).all()

        return self._database.run(ask)

    def _select_artifacts(self, name: str, grading: int | None) -> Select[Any]:
        query = (
            select(grading_artifacts.c.name, artifacts.c.sha256, artifacts.c.size_bytes)
            .join(artifacts, artifacts.c.id == grading_artifacts.c.artifact_id)
            .join(gradings, gradings.c.id == grading_artifacts.c.grading_id)
            .join(submissions, submissions.c.id == gradings.c.submission_id)
            .where(submissions.c.assessment == self.assessment)
            .where(submissions.c.name == check_name(name))
            .order_by(grading_artifacts.c.name)
        )
        if grading is not None:
            return query.where(gradings.c.id == grading)
        return query.join(current_gradings, current_gradings.c.grading_id == gradings.c.id)
