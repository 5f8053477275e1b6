import os
import random
import sqlite3
import threading
import time

import pytest
from sqlalchemy import Engine, event, text

from autograder.errors import GraderError, UsageError
from autograder.store.artifacts import ArtifactFolder
from autograder.store.database import Database
from autograder.store.sql import SqlStore
from tests.store.making import ASSESSMENT, make_result


def open_impatient(place, **patience):
    """A store that gives up soon."""
    place.open()
    database = Database(place.url, **patience)
    store = SqlStore(database, ArtifactFolder(place.artifacts), ASSESSMENT)
    place.opened.append(store)
    return store


def test_lost_connection_is_opened_again(postgresql_place, server):
    store = postgresql_place.open()
    for minutes in range(3):
        store.save(make_result(score=minutes, minutes=minutes), {"a": b"1"})
        assert server.terminate_clients() >= 1
    assert store.load("kim").score == 2.0
    assert len(store.history("kim")) == 3


def test_connection_lost_inside_a_transaction_begins_it_again(
    postgresql_place, server, monkeypatch
):
    from autograder.store import writer

    store, real, lost = postgresql_place.open(), writer.record_grading, []

    def record(connection, draft):
        recorded = real(connection, draft)
        if len(lost) < 3:
            lost.append(server.terminate_clients())
        return recorded

    monkeypatch.setattr(writer, "record_grading", record)
    store.save(make_result(), {"a": b"1"})
    assert len(lost) == 3
    assert len(store.history("kim")) == 1
    assert store.read_artifact("kim", "a") == b"1"


def test_save_whose_commit_was_not_answered_is_not_kept_twice(place, monkeypatch):
    """The server committed, and the connection was lost before it could say so."""
    from autograder.store import database as module

    store = open_impatient(place, pauses_seconds=(0.0,) * 4)
    real, lost = Database._run_once, []

    def run_once(self, work, *, writes):
        value = real(self, work, writes=writes)
        if work not in lost:
            lost.append(work)
            raise module.OvertakenError
        return value

    monkeypatch.setattr(Database, "_run_once", run_once)
    store.save(make_result(), {"a": b"1"})
    assert len(lost) == 2  # the touch, and the record
    assert len(store.history("kim")) == 1


def test_connections_are_ended_at_random_statements_and_nothing_is_lost(postgresql_place, server):
    store = open_impatient(postgresql_place, pauses_seconds=(0.0,) * 10)
    chance, ended = random.Random(5), []

    def end(*_statement):
        if chance.random() < 0.05:
            ended.append(server.terminate_clients())

    event.listen(Engine, "before_cursor_execute", end)
    try:
        for number in range(60):
            store.save(make_result(score=number, minutes=number), {"a": b"%d" % number})
    finally:
        event.remove(Engine, "before_cursor_execute", end)
    assert len(ended) > 10
    assert [one.result.score for one in store.history("kim")] == [float(n) for n in range(60)]


def test_server_that_starts_again_is_waited_for(postgresql_place, server):
    store = postgresql_place.open()
    store.save(make_result(), {})
    server.stop()
    later = threading.Timer(0.3, server.start)
    later.start()
    try:
        assert store.load("kim") == make_result()
    finally:
        later.join()


def test_server_that_is_gone_is_one_clear_error(postgresql_place, server):
    store = open_impatient(postgresql_place, pauses_seconds=(0.0, 0.01))
    server.stop()
    try:
        with pytest.raises(GraderError, match=r"(?s)/store_.*start the server.*results are kept"):
            store.save(make_result(), {})
    finally:
        server.start()
    store.save(make_result(), {})
    assert len(store.history("kim")) == 1


def test_wrong_user_or_database_is_told_at_once_and_no_password_is_shown(postgresql_url):
    database = Database(postgresql_url.replace("@/store_", ":secret@/nosuch_"))
    began = time.monotonic()
    with pytest.raises(GraderError, match=r"nosuch_.*does not exist") as caught:
        database.run(lambda connection: connection.execute(text("SELECT 1")))
    assert time.monotonic() - began < 0.5
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_row_locked_too_long_is_one_clear_error(postgresql_place, server):
    store = open_impatient(postgresql_place, patience_seconds=0.1, pauses_seconds=())
    store.save(make_result(), {})
    name = store._database.url.database
    with server.connect(name) as other, other.transaction():
        other.execute("LOCK TABLE gradings")
        with pytest.raises(GraderError, match="another program holds a lock; wait for that"):
            store.save(make_result(minutes=1), {})
    store.save(make_result(minutes=1), {})
    assert len(store.history("kim")) == 2


def test_file_locked_too_long_is_one_clear_error(sqlite_place):
    store = open_impatient(sqlite_place, patience_seconds=0.1)
    store.save(make_result(), {})
    other = sqlite3.connect(store._database.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(GraderError, match=r"store.sqlite: another program holds it locked; wait"):
        store.save(make_result(minutes=1), {})
    assert store.load("kim") == make_result()  # readers do not wait
    other.close()
    store.save(make_result(minutes=1), {})
    assert len(store.history("kim")) == 2


def test_damaged_file_is_one_clear_error_and_is_left_alone(sqlite_place, tmp_path):
    file = tmp_path / "store.sqlite"
    file.write_bytes(b"not a database at all" * 100)
    with pytest.raises(GraderError, match=r"store.sqlite: it is damaged, or no database; move it"):
        sqlite_place.open()
    assert file.read_bytes() == b"not a database at all" * 100


def test_damaged_page_is_one_clear_error(sqlite_place, tmp_path):
    store = sqlite_place.open()
    for number in range(50):
        store.save(make_result(f"s{number}"), {})
    store.close()
    file = tmp_path / "store.sqlite"
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(GraderError, match=r"store.sqlite: it is damaged; move it away, or restore"):
        list(sqlite_place.open().results())


def test_folder_in_the_way_of_the_file_is_one_clear_error(sqlite_place, tmp_path):
    (tmp_path / "store.sqlite").mkdir()
    with pytest.raises(GraderError, match=r"store\.sqlite: it cannot be opened; make its folder"):
        sqlite_place.open()


def test_file_in_the_way_of_the_folder_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    database = Database(f"sqlite:///{tmp_path}/file/store.sqlite")
    with pytest.raises(
        GraderError, match=r"store.sqlite: (File exists|Not a directory); make room"
    ):
        database.run(lambda connection: connection.execute(text("SELECT 1")))


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:"]
)
def test_what_is_no_database_of_ours_is_refused(url):
    with pytest.raises(UsageError, match="is no database") as caught:
        Database(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_the_same_database(scheme):
    database = Database(f"{scheme}://ta:secret@host/class")
    assert database.place == "postgresql+psycopg://ta:***@host/class"


def test_child_of_a_fork_uses_connections_of_its_own(place):
    store = place.open()
    store.save(make_result(), {})
    parents = store._database._open()
    child = os.fork()
    if child == 0:
        try:
            store.save(make_result("lee"), {"a": b"1"})
            os._exit(0 if store._database._open() is not parents else 2)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.save(make_result("park"), {})
    assert [result.submission for result in store.results()] == ["kim", "lee", "park"]


def test_closed_store_opens_again_when_asked(place):
    store = place.open()
    store.save(make_result(), {})
    store.close()
    assert store.load("kim") == make_result()
