"""Brings a database to the tables of this version, once, however many open it at a time.

A database without any gets them as `tables` describes them, which is what all scripts together come
to (a test holds that); Alembic, which takes a tenth of a second to import, is asked only where
there are older ones. Left out: going back to an older version.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, text

from autograder.errors import UsageError
from autograder.store.database import Database
from autograder.store.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0001"
_FOLDER = Path(__file__).parent / "migrations"
_LOCK_NUMBER = 0x6B61_7367  # any number that no other program takes in the same database
_one_at_a_time = threading.Lock()  # Alembic keeps what it works on in its modules
_VERSION = Table(  # as Alembic makes it
    "alembic_version",
    MetaData(naming_convention={"pk": "%(table_name)s_pkc"}),
    Column("version_num", String(32), primary_key=True),
)


def upgrade_database(database: Database) -> None:
    """Make or change the tables of `database`, unless they are as they should be.

    Raises:
        GraderError: if it cannot be opened or written.
        UsageError: if a newer version of this package made it.
    """
    if database.run(_read_version) == HEAD:
        return
    with _one_at_a_time:
        database.run(lambda connection: _upgrade(connection, database.place), writes=True)


def make_config(connection: Connection | None = None) -> Config:
    """Alembic's settings, for the tables reached by `connection`."""
    from alembic.config import Config  # noqa: PLC0415 - see the module

    config = Config()
    # A percent sign would start an interpolation.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, place: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
    version = _read_version(connection)
    if version == HEAD:  # somebody else was quicker
        return
    if version is None and not _has_tables(connection):
        _make_tables(connection)
        return
    from alembic import command  # noqa: PLC0415 - see the module

    config = make_config(connection)
    if version is not None:
        _check_known(version, config, place)
    command.upgrade(config, "head")


def _has_tables(connection: Connection) -> bool:
    return any(name in metadata.tables for name in inspect(connection).get_table_names())


def _make_tables(connection: Connection) -> None:
    metadata.create_all(connection)
    _VERSION.create(connection, checkfirst=True)
    connection.execute(_VERSION.insert().values(version_num=HEAD))


def _check_known(version: str, config: Config, place: str) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see the module
    from alembic.util import CommandError  # noqa: PLC0415

    try:
        ScriptDirectory.from_config(config).get_revision(version)
    except CommandError as error:
        raise UsageError(
            f"{place}: a newer autograder made this store (version {version}, known here: {HEAD}); "
            "install that version, or name another store"
        ) from error


def _read_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
