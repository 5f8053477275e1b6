"""What went wrong with a database: whether it passes, and one text that says what to do.

Left out: artifacts, whose failures are plain `OSError`s (`artifacts`).
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from autograder.store.durable import KEPT, describe_os_error

_SQLITE = (
    ("disk is full", "the disk is full", "make room"),
    ("readonly database", "it is read-only", "make the file and its folder writable"),
    ("locked", "another program holds it locked", "wait for that program, or end it"),
    ("unable to open", "it cannot be opened", "make its folder exist and be writable"),
    (
        "not a database",
        "it is damaged, or no database",
        "move it away, or restore it from a backup",
    ),
    ("malformed", "it is damaged", "move it away, or restore it from a backup"),
    ("disk i/o", "the disk cannot be read or written", "make room, and look after the disk"),
)
_POSTGRESQL = (
    ("53100", "the server's disk is full", "make room there"),
    ("53", "the server has no room for this connection", "run fewer graders at a time"),
    ("25006", "the server is read-only", "use the primary server"),
    ("42501", "this user may not do that", "grant it the right to create and write tables"),
    ("55P03", "another program holds a lock", "wait for that program, or end it"),
    ("57", "the server ended the connection", "start the server"),
    ("08", "the connection to the server is lost", "start the server, and mend the network"),
)
_PASSING_STATES = ("08", "57P", "40001", "40P01", "53300")
_REFUSED_FOR_GOOD = (
    "authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "no password",
)


class OvertakenError(Exception):
    """Another writer was faster: the same transaction is begun again."""


class SweptAwayError(Exception):
    """A sweep took what was to be referred to: it is written again."""


def is_passing(error: Exception) -> bool:
    """Whether the same work may succeed a little later."""
    if isinstance(error, OvertakenError):
        return True
    if not isinstance(error, DBAPIError) or _is_sqlite(error):
        return False
    state = _find_state(error)
    if state:
        return state.startswith(_PASSING_STATES)
    return _is_unreachable(error)


def describe_failure(place: str, error: Exception) -> str:
    """`error` as one text that names `place`, the reason and the next step."""
    if isinstance(error, OSError):
        return describe_os_error(place, error)
    reason, step = _explain(error)
    return f"{place}: {reason}; {step}, then run the same command again: {KEPT}"


def _explain(error: Exception) -> tuple[str, str]:
    if isinstance(error, OvertakenError):
        return "other programs kept changing the same rows", "run fewer of them at a time"
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    if isinstance(error, DBAPIError) and _is_sqlite(error):
        known = [row for row in _SQLITE if row[0] in text.lower()]
    else:
        state = _find_state(error)
        known = [row for row in _POSTGRESQL if state.startswith(row[0])]
    if known:
        return known[0][1:]
    first = " ".join(text.split()).rstrip("?.;") or type(error).__name__
    if isinstance(error, DBAPIError) and _is_unreachable(error):
        return first, "start the server, and mend the network"
    return first, "mend that, or name another store"


def _is_unreachable(error: DBAPIError) -> bool:
    """Whether no server answered, and not one that refuses this user for good."""
    text = str(error.orig)
    lost = type(error.orig).__name__ in ("OperationalError", "InterfaceError")
    return lost and not _find_state(error) and not any(word in text for word in _REFUSED_FOR_GOOD)


def _is_sqlite(error: DBAPIError) -> bool:
    return type(error.orig).__module__.startswith("sqlite3")


def _find_state(error: SQLAlchemyError | Exception) -> str:
    """The five characters of the SQL standard that class an error; empty where there are none."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""
