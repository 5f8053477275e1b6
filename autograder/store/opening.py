"""Opens the SQL store by URL, or in its usual place beside a folder of results.

SQLAlchemy and Alembic are imported when a store is opened, so that commands without one start at
once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import URL

    from autograder.store.sql import SqlStore

STORE_FOLDER = ".store"


def open_folder_store(root: Path, assessment: str) -> SqlStore:
    """Store of `assessment` in the folder `root` of results; made if it is not there.

    Raises:
        GraderError: if it cannot be opened or written.
        UsageError: if a newer version of this package made it.
    """
    from sqlalchemy import URL  # noqa: PLC0415 - see the module

    folder = root.resolve() / STORE_FOLDER
    # As a value, for a path may hold what means something in a URL.
    url = URL.create("sqlite", database=str(folder / "store.sqlite"))
    return open_sql_store(url, str(folder / "artifacts"), assessment)


def open_sql_store(url: str | URL, artifacts_url: str, assessment: str) -> SqlStore:
    """Store of `assessment` in a database; made or brought to this version if need be.

    Args:
        url: `sqlite:////folder/store.sqlite` or `postgresql://user@host/name`.
        artifacts_url: a folder, or a URL that fsspec knows; of this database alone.
        assessment: its id.

    Raises:
        GraderError: if it cannot be opened or written.
        UsageError: if a URL cannot be used, or a newer version of this package made the store.
    """
    from autograder.store.artifacts import ArtifactFolder  # noqa: PLC0415 - see the module
    from autograder.store.database import Database  # noqa: PLC0415
    from autograder.store.migration import upgrade_database  # noqa: PLC0415
    from autograder.store.sql import SqlStore  # noqa: PLC0415

    if not artifacts_url:
        raise UsageError("a store needs a place for artifacts; name a folder or a URL")
    folder = ArtifactFolder(artifacts_url)
    database = Database(url)
    try:
        upgrade_database(database)
    except BaseException:
        database.close()
        raise
    return SqlStore(database, folder, assessment)
