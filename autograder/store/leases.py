"""Leases: which worker has which job, so that no job is done twice at a time or by nobody.

A lease ends unless its worker renews it (`heartbeat`). Whoever takes over an expired one counts a
lost worker: three losses, and the caller sets the job aside. Every time is read from the
database's clock, so graders whose clocks differ agree; on SQLite that is the clock of the one host
that has the file. If that clock is set forward, a lease may end early: then a job is done twice,
and the store keeps both gradings. Left out: the queue of jobs (`executor`), and what a job is
(`pipeline`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Update,
    and_,
    case,
    delete,
    or_,
    select,
    update,
)

from autograder.store.database import Database, insert_into
from autograder.store.tables import DatabaseSeconds, leases


@dataclass(frozen=True)
class Lease:
    """A job that one worker has.

    Attributes:
        key: the job: submission and hashes of its notebook and bundle.
        seconds: how long it lasts from each renewal.
        losses: workers that were lost on it so far.
    """

    key: str
    worker: str
    seconds: float
    token: str
    losses: int
    desk: Leases

    def renew(self) -> bool:
        """Let it last `seconds` from now; False if another worker has the job by now.

        Raises:
            GraderError: if the database cannot be reached.
        """
        return self.desk.renew(self)

    def release(self) -> None:
        """The job is finished: forget it, and its losses. Nothing happens if it was taken over.

        Raises:
            GraderError: if the database cannot be reached.
        """
        self.desk.release(self)

    def give_back(self) -> None:
        """The job is not finished, and this worker stops: others may have it at once.

        Its losses stay counted, and this is none.

        Raises:
            GraderError: if the database cannot be reached.
        """
        self.desk.give_back(self)


@dataclass(frozen=True)
class Leases:
    """Leases of one assessment."""

    database: Database
    assessment: str

    def claim(self, key: str, worker: str, seconds: float) -> Lease | None:
        """The job `key` for `worker`; None while another lease on it lasts.

        Raises:
            GraderError: if the database cannot be reached.
        """
        token = uuid.uuid4().hex
        row = {"assessment": self.assessment, "key": key, "worker": worker, "token": token}

        def take(connection: Connection) -> int | None:
            query = insert_into(connection, leases).values(
                row | {"expires_seconds": DatabaseSeconds() + seconds, "losses": 0}
            )
            was_lost = and_(leases.c.token.is_not(None), leases.c.token != token)
            query = query.on_conflict_do_update(
                index_elements=["assessment", "key"],
                set_={
                    "worker": query.excluded.worker,
                    "token": query.excluded.token,
                    "expires_seconds": query.excluded.expires_seconds,
                    "losses": leases.c.losses + case((was_lost, 1), else_=0),
                },
                # Its own token: the answer to an earlier try was lost.
                where=or_(
                    leases.c.token.is_(None),
                    leases.c.token == token,
                    leases.c.expires_seconds <= DatabaseSeconds(),
                ),
            )
            return connection.execute(query.returning(leases.c.losses)).scalar()

        losses = self.database.run(take, writes=True)
        return None if losses is None else Lease(key, worker, seconds, token, losses, self)

    def losses(self, key: str) -> int:
        """Workers that were lost on the job `key` since it was last finished.

        Raises:
            GraderError: if the database cannot be reached.
        """
        query = select(leases.c.losses).where(
            leases.c.assessment == self.assessment, leases.c.key == key
        )
        return self.database.run(lambda connection: connection.execute(query).scalar() or 0)

    def renew(self, lease: Lease) -> bool:
        """See `Lease`. An expired lease that nobody took over is renewed too."""
        query = update(leases).values(expires_seconds=DatabaseSeconds() + lease.seconds)
        return self._change(query.where, lease) == 1

    def release(self, lease: Lease) -> None:
        """See `Lease`."""
        self._change(lambda own: delete(leases).where(own), lease)

    def give_back(self, lease: Lease) -> None:
        """See `Lease`."""
        self._change(lambda own: update(leases).values(token=None).where(own), lease)

    def _change(self, make: Callable[[ColumnElement[bool]], Update | Delete], lease: Lease) -> int:
        own = and_(
            leases.c.assessment == self.assessment,
            leases.c.key == lease.key,
            leases.c.token == lease.token,
        )
        return self.database.run(
            lambda connection: connection.execute(make(own)).rowcount, writes=True
        )
