import sqlite3
import subprocess
import sys
import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from autograder.errors import GraderError, UsageError
from autograder.store import migration
from autograder.store.database import Database
from autograder.store.migration import HEAD, make_config
from autograder.store.tables import metadata
from tests.store.making import ASSESSMENT, make_result


@pytest.fixture
def database(place):
    opened = Database(place.url)
    yield opened
    opened.close()


def describe_tables(connection):
    """Names and rules of everything there, apart from Alembic's own table."""
    found = inspect(connection)
    ask = [
        found.get_pk_constraint,
        found.get_foreign_keys,
        found.get_unique_constraints,
        found.get_check_constraints,
        found.get_indexes,
    ]
    return {
        table: [sorted(map(repr, [each(table)] if each == ask[0] else each(table))) for each in ask]
        + [[(c["name"], repr(c["type"]), c["nullable"]) for c in found.get_columns(table)]]
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def describe_version(connection):
    """Alembic's own table, and the version in it."""
    found = inspect(connection)
    columns = [
        (column["name"], repr(column["type"]), column["nullable"])
        for column in found.get_columns("alembic_version")
    ]
    version = connection.execute(text("SELECT version_num FROM alembic_version")).all()
    return columns, found.get_pk_constraint("alembic_version"), [tuple(row) for row in version]


def test_head_is_the_last_script():
    assert ScriptDirectory.from_config(make_config()).get_current_head() == HEAD


def test_upgraded_database_is_what_the_tables_say(place, database):
    place.open()

    def compare(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata)

    assert database.run(compare) == []


def test_scripts_make_what_a_new_store_gets(place, database):
    def climb(connection):
        command.upgrade(make_config(connection), "head")

    place.open()
    made = database.run(describe_tables), database.run(describe_version)
    database.run(metadata.drop_all, writes=True)
    database.run(
        lambda connection: connection.execute(text("DROP TABLE alembic_version")), writes=True
    )
    database.run(climb, writes=True)
    assert (database.run(describe_tables), database.run(describe_version)) == made


def test_upgraded_and_created_databases_have_the_same_rules(place, database):
    database.run(metadata.create_all, writes=True)
    created = database.run(describe_tables)
    database.run(metadata.drop_all, writes=True)
    assert database.run(describe_tables) == {}
    place.open()
    assert database.run(describe_tables) == created
    assert len(created) == 8


def test_store_of_a_newer_version_is_refused_and_left_alone(place, database):
    place.open().save(make_result(), {})
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    database.run(lambda connection: connection.execute(newer), writes=True)
    with pytest.raises(UsageError, match=r"a newer autograder made this store \(version 9999"):
        place.open()
    count = text("SELECT count(*) FROM gradings")
    assert database.run(lambda connection: connection.execute(count).scalar()) == 1


def test_alembic_is_not_loaded_for_a_store_that_is_new_or_of_this_version(tmp_path):
    code = (
        "import sys, pathlib; from autograder.store import open_folder_store;"
        "[open_folder_store(pathlib.Path(sys.argv[1]), 'a01_digits').results() for _ in range(2)];"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


def test_opening_again_changes_nothing(place):
    place.open().save(make_result(), {})
    assert place.open().load("kim") == make_result()


def test_failed_upgrade_leaves_nothing(place, database, monkeypatch):
    def fail(connection, _place):
        metadata.create_all(connection)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(migration, "_upgrade", fail)
    with pytest.raises(GraderError, match="No space left on device"):
        place.open()
    monkeypatch.undo()
    assert database.run(describe_tables) == {}
    place.open().save(make_result(), {})


def test_whoever_opens_a_fresh_postgresql_store_waits_for_who_makes_its_tables(
    postgresql_place, server
):
    database = Database(postgresql_place.url)
    opening = threading.Thread(target=postgresql_place.open)
    with server.connect(database.url.database) as other:
        other.execute(f"SELECT pg_advisory_lock({migration._LOCK_NUMBER})")
        opening.start()
        opening.join(0.5)
        assert opening.is_alive()
        assert database.run(describe_tables) == {}
    opening.join()
    assert len(database.run(describe_tables)) == 8
    database.close()


def test_whoever_opens_a_fresh_sqlite_store_waits_for_who_makes_its_tables(sqlite_place, tmp_path):
    other = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")
    opening = threading.Thread(target=sqlite_place.open)
    opening.start()
    opening.join(0.5)
    assert opening.is_alive()
    other.close()
    opening.join()
    sqlite_place.open().save(make_result(), {})


def test_many_processes_open_a_fresh_store_at_once(place):
    code = (
        "import sys; sys.stdin.read(); from autograder.store import open_sql_store;"
        f"open_sql_store({place.url!r}, {place.artifacts!r}, {ASSESSMENT!r}).close()"
    )
    imports = "import autograder.store.sql, autograder.store.migration;"
    opening = [
        subprocess.Popen([sys.executable, "-c", imports + code], stdin=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in opening:
        process.stdin.close()
    assert [process.wait() for process in opening] == [0] * 4
    place.open().save(make_result(), {})
