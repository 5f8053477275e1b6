"""One database: opened, asked in transactions, asked again where a failure passes.

All work handed to it can be repeated: a connection may be lost after the server committed, and
nobody can tell. Threads share a database. A process made by `fork` gets connections of its own
when it first asks; those it was born with stay untouched, for they are its parent's.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from autograder.errors import GraderError, UsageError
from autograder.store.failure import OvertakenError, describe_failure, is_passing
from autograder.store.sqlite import prepare_sqlite

T = TypeVar("T")
PATIENCE_SECONDS = 30.0
PAUSES_SECONDS = (0.0, 0.1, 0.5, 1.0, 2.0, 4.0)
_POSTGRESQL = {"postgres", "postgresql", "postgresql+psycopg"}


class Database:
    """A SQLite file or a PostgreSQL database.

    Attributes:
        url: where it is.
        place: the same for people: no password.
        pauses_seconds: waited before each further try when a failure passes.
    """

    def __init__(
        self,
        url: str | URL,
        patience_seconds: float = PATIENCE_SECONDS,
        pauses_seconds: Sequence[float] = PAUSES_SECONDS,
    ) -> None:
        self.url = parse_url(url)
        shown = self.url.database if self.is_sqlite else None
        self.place = shown or self.url.render_as_string()
        self.pauses_seconds = pauses_seconds
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._process = os.getpid()
        self._inherited: list[Engine] = []  # kept, for to let go of them would close them

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    def run(self, work: Callable[[Connection], T], *, writes: bool = False) -> T:
        """What `work` returns, done in one transaction; repeated where its failure passes.

        Raises:
            GraderError: one text with the place, the reason and the next step.
        """
        for pause in (*self.pauses_seconds, None):
            try:
                return self._run_once(work, writes=writes)
            except (SQLAlchemyError, OvertakenError, OSError) as error:
                if pause is None or not is_passing(error):
                    raise GraderError(describe_failure(self.place, error)) from error
                time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - not to meet again
        raise AssertionError

    def close(self) -> None:
        """Close every connection; the next work opens new ones."""
        with self._lock:
            if self._engine is not None and self._process == os.getpid():
                self._engine.dispose()
            self._engine = None

    def _run_once(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        with self._open().connect() as connection:
            asked = connection.execution_options(writes=writes)
            with asked.begin():
                return work(asked)

    def _open(self) -> Engine:
        engine = self._engine
        if engine is not None and self._process == os.getpid():
            return engine  # without the lock, which a fork in between would leave taken
        with self._lock:
            if self._process != os.getpid():
                self._inherited += [self._engine] if self._engine is not None else []
                self._engine, self._process = None, os.getpid()
            if self._engine is None:
                self._engine = self._make_engine()
            return self._engine

    def _make_engine(self) -> Engine:
        if not self.is_sqlite:
            return _make_postgresql(self.url, self._patience_seconds)
        file = self.url.database or ""
        if not file.startswith("file:"):
            Path(file).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, pool_size=8, max_overflow=8)
        prepare_sqlite(engine, self._patience_seconds)
        return engine


def parse_url(url: str | URL) -> URL:
    """`url`, if it is one of a SQLite file or a PostgreSQL database.

    Raises:
        UsageError: otherwise.
    """
    forms = "sqlite:////folder/store.sqlite or postgresql://user@host/name"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise UsageError(f"{url!r} is no database; write {forms}") from error
    if parsed.drivername in _POSTGRESQL:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite" or parsed.database in (None, "", ":memory:"):
        shown = parsed.render_as_string()
        raise UsageError(f"{shown!r} is no database that keeps results; write {forms}")
    return parsed


def insert_into(connection: Connection, table: Table) -> postgresql.Insert:
    """An INSERT with ON CONFLICT, which both databases have in their own dialect."""
    if connection.dialect.name == "sqlite":
        return cast("postgresql.Insert", sqlite.insert(table))
    return postgresql.insert(table)


def _make_postgresql(url: URL, patience_seconds: float) -> Engine:
    # A network that was cut is noticed within the patience, and not after two hours.
    patience: dict[str, Any] = {
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": int(patience_seconds * 1000),
    }
    given = {name: value for name, value in patience.items() if name not in url.query}
    try:
        engine = create_engine(url, pool_size=8, max_overflow=8, connect_args=given)
    except ImportError as error:
        step = "install it with `pip install 'keras-autograder[postgres]'`"
        raise UsageError(f"PostgreSQL needs the package psycopg; {step}") from error

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {int(patience_seconds * 1000)}")
        connection.commit()

    return engine
