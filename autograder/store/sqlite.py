"""How a SQLite file is opened: durable, patient, and shared by threads and processes.

Every finished save survives a power cut (`synchronous=FULL`). Readers never wait for a writer
(WAL), where the folder allows it: WAL needs memory shared between all who open the file, which
network drives do not give, so there SQLite's older journal is used. Left out: several hosts on one
SQLite file; use PostgreSQL for that.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from autograder.errors import UsageError

_NETWORK_DRIVES = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "lustre", "afs", "gpfs"}
_WAL_TRIES = 50
_OLDEST = (3, 35)  # the first whose INSERT tells what it did


def prepare_sqlite(engine: Engine, patience_seconds: float) -> None:
    """Let `engine`, of a SQLite file, open and use it as the module says."""
    if sqlite3.sqlite_version_info < _OLDEST:
        found = sqlite3.sqlite_version
        raise UsageError(f"this Python has SQLite {found}; use one with 3.35, or PostgreSQL")
    file = engine.url.database or ""
    may_use_wal = not is_network_drive(Path(file), Path("/proc/self/mountinfo"))

    @event.listens_for(engine, "connect")
    def settle(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's
        connection.execute(f"PRAGMA busy_timeout = {int(patience_seconds * 1000)}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        if may_use_wal:
            _use_wal(lambda: connection.execute("PRAGMA journal_mode = WAL"), patience_seconds)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        # A writer that starts as a reader fails at once where another one wrote meanwhile.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_network_drive(file: Path, mounts: Path) -> bool:
    """Whether `file` lies on a drive of another host, as far as Linux's list `mounts` tells."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    place = os.path.realpath(file)
    best, kind = "", ""
    for line in lines:
        fields, _, after = line.partition(" - ")
        folder = fields.split()[4].replace("\\040", " ")
        inside = place == folder or place.startswith(folder.rstrip("/") + "/")
        if inside and len(folder) >= len(best):
            best, kind = folder, after.split()[0]
    return kind in _NETWORK_DRIVES


def _use_wal(ask: Callable[[], object], patience_seconds: float) -> None:
    """Turn WAL on, which SQLite refuses without waiting while another one is turning it on.

    Where the folder does not allow it, the file keeps the journal it has: slower, and as safe.
    """
    for _ in range(_WAL_TRIES):
        try:
            ask()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                return
            time.sleep(min(0.1, patience_seconds / _WAL_TRIES))
        else:
            return
