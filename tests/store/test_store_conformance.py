"""What every store does, run over all that are listed and the one for tests."""

from importlib.metadata import entry_points

import pytest

from autograder.errors import GraderError
from autograder.store import MemoryStore
from tests.store.making import make_result as make_result_of

STORES = {entry.name: entry.load for entry in entry_points(group="autograder.stores")}
STORES.setdefault("memory", lambda: MemoryStore)
SQL = {"sqlite", "postgresql"}


@pytest.fixture(params=sorted((set(STORES) - {"sql"}) | SQL))
def store(request, tmp_path):
    if request.param in SQL:
        return request.getfixturevalue(f"{request.param}_place").open()
    return STORES[request.param]()(tmp_path / "results")


def make_result(name="김민수", score=7.5, minutes=0):
    return make_result_of(name, score, minutes)


def test_the_folder_store_is_listed():
    assert "folder" in STORES


def test_unknown_submission_has_no_result(store):
    assert store.load("kim") is None
    assert list(store.results()) == []


def test_saved_result_is_loaded_as_it_was(store):
    store.save(make_result(), {"executed.ipynb": b"{}"})
    assert store.load("김민수") == make_result()


def test_latest_result_of_a_submission_counts(store):
    for minutes, score in enumerate((1.0, 2.0, 3.0)):
        store.save(make_result(score=score, minutes=minutes), {})
    assert store.load("김민수").score == 3.0
    assert [result.score for result in store.results()] == [3.0]


def test_results_come_by_name(store):
    for name in ("lee", "kim", "Zoe", "이", "park_2", "park-1"):
        store.save(make_result(name), {})
    names = [result.submission for result in store.results()]
    assert names == ["Zoe", "kim", "lee", "park-1", "park_2", "이"]


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a\\b", "a\0b"])
def test_name_that_is_no_file_name_is_refused(store, name):
    with pytest.raises(GraderError, match="plain file name"):
        store.load(name)
    with pytest.raises(GraderError, match="plain file name"):
        store.save(make_result(name), {})
    with pytest.raises(GraderError, match="plain file name"):
        store.save(make_result(), {name: b""})


@pytest.mark.parametrize("name", ["result.json", "history"])
def test_artifact_cannot_take_the_place_of_the_stores_own_files(store, name):
    with pytest.raises(GraderError, match="the store's own"):
        store.save(make_result(), {name: b"forged"})
    assert store.load("김민수") is None
