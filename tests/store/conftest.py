"""Places for SQL stores: a SQLite file, and a database of a real PostgreSQL server."""

import pytest

from autograder.store import open_sql_store
from tests.store.making import ASSESSMENT
from tests.store.postgresql import Server, find_binaries


class Place:
    """A database and a folder for artifacts, where any number of stores may be opened."""

    def __init__(self, url, folder):
        self.url = url
        self.artifacts = str(folder / "artifacts")
        self.opened = []

    def open(self, assessment=ASSESSMENT):
        store = open_sql_store(self.url, self.artifacts, assessment)
        self.opened.append(store)
        return store

    def close(self):
        for store in self.opened:
            store.close()


@pytest.fixture(scope="session")
def server():
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server on this machine; install one to test with it")
    started = Server(binaries)
    yield started
    started.close()


@pytest.fixture
def postgresql_url(server):
    url = server.make_database()
    yield url
    server.drop_database(url)


@pytest.fixture
def sqlite_place(tmp_path):
    place = Place(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path)
    yield place
    place.close()


@pytest.fixture
def postgresql_place(tmp_path, postgresql_url):
    place = Place(postgresql_url, tmp_path)
    yield place
    place.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request):
    return request.getfixturevalue(f"{request.param}_place")


@pytest.fixture
def store(place):
    return place.open()
