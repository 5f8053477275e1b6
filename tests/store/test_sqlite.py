import pytest
from sqlalchemy import text

from autograder.store.database import Database
from autograder.store.sqlite import is_network_drive
from tests.store.conftest import Place
from tests.store.making import make_result

MOUNTS = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
40 22 0:40 / /mnt/class rw shared:9 - nfs4 server:/class rw
41 40 0:41 / /mnt/class/local rw - tmpfs tmpfs rw
42 22 0:42 / /mnt/my\\040share rw - cifs //server/share rw
"""


def ask(database, query):
    return database.run(lambda connection: connection.execute(text(query)).scalar())


def test_file_is_durable_patient_and_checks_what_refers_to_what(sqlite_place):
    database = sqlite_place.open()._database
    assert ask(database, "PRAGMA journal_mode") == "wal"
    assert ask(database, "PRAGMA synchronous") == 2
    assert ask(database, "PRAGMA foreign_keys") == 1
    assert ask(database, "PRAGMA busy_timeout") == 30_000


def test_folder_without_wal_is_used_with_the_older_journal(tmp_path):
    # A way of SQLite's own to reach files, which like many network drives shares no memory.
    url = f"sqlite:///file:{tmp_path}/store.sqlite?vfs=unix-dotfile&uri=true"
    place = Place(url, tmp_path)
    first, second = place.open(), place.open()
    assert ask(first._database, "PRAGMA journal_mode") == "delete"
    for minutes, store in enumerate((first, second, first)):
        store.save(make_result(score=float(minutes), minutes=minutes), {"a": b"1"})
    assert len(second.history("kim")) == 3
    assert second.read_artifact("kim", "a") == b"1"
    place.close()


@pytest.mark.parametrize(
    ("file", "answer"),
    [
        ("/mnt/class/results/store.sqlite", True),
        ("/mnt/class/local/store.sqlite", False),
        ("/mnt/classroom/store.sqlite", False),
        ("/mnt/my share/store.sqlite", True),
        ("/home/ta/store.sqlite", False),
    ],
)
def test_network_drives_are_known(tmp_path, file, answer):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert is_network_drive(file, mounts) is answer
    assert is_network_drive(file, tmp_path / "nosuch") is False


def test_network_drive_is_used_without_wal(tmp_path, monkeypatch):
    from autograder.store import sqlite

    monkeypatch.setattr(sqlite, "is_network_drive", lambda *_: True)
    place = Place(f"sqlite:///{tmp_path}/store.sqlite", tmp_path)
    database = place.open()._database
    assert ask(database, "PRAGMA journal_mode") == "delete"
    assert isinstance(database, Database)
    place.close()
