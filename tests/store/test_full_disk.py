"""A disk that is full or read-only: one clear error, and what was saved is there afterwards."""

import os
import subprocess

import pytest

from autograder.errors import GraderError
from autograder.store import open_folder_store
from tests.small_disk import mount_small_disk
from tests.store.making import ASSESSMENT, make_result


@pytest.fixture
def disk(tmp_path):
    """A disk of 1 MiB."""
    place = tmp_path / "disk"
    mount_small_disk(place, "1m")
    yield place
    subprocess.run(["umount", place], check=True)


def remount(disk, how):
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


def fill(store, artifact_bytes, message=""):
    """Save until the disk is full; returns how many were saved and what was said then."""
    for number in range(1000):
        try:
            result = make_result(f"s{number:03}", number, message=message)
            store.save(result, {"a": os.urandom(artifact_bytes)})
        except GraderError as error:
            return number, str(error)
    raise AssertionError("the disk is larger than it should be")


@pytest.mark.parametrize(("artifact_bytes", "message"), [(50_000, ""), (10, "x" * 20_000)])
def test_full_disk_is_one_clear_error_and_costs_nothing_saved(disk, artifact_bytes, message):
    with open_folder_store(disk, ASSESSMENT) as store:
        saved, said = fill(store, artifact_bytes, message)
        assert saved > 3
        assert str(disk) in said
        assert "make room" in said
        assert "\n" not in said
        assert len(list(store.results())) == saved
        remount(disk, "size=8m")
        store.save(make_result("after"), {"a": b"1"})
    with open_folder_store(disk, ASSESSMENT) as store:
        assert [result.score for result in store.results()] == [7.5, *range(saved)]
        assert len(store.read_artifact("s000", "a")) == artifact_bytes
        assert not list((disk / ".store" / "artifacts" / "tmp").iterdir())


def test_read_only_disk_is_one_clear_error_and_costs_nothing_saved(disk):
    with open_folder_store(disk, ASSESSMENT) as store:
        store.save(make_result(), {"a": b"1"})
    remount(disk, "ro")
    with pytest.raises(GraderError, match=rf"{disk}.*(writable|written)"):
        open_folder_store(disk, ASSESSMENT).save(make_result(minutes=1), {"a": b"2"})
    remount(disk, "rw")
    with open_folder_store(disk, ASSESSMENT) as store:
        assert store.load("kim") == make_result()
        assert store.read_artifact("kim", "a") == b"1"


def test_disk_that_turns_read_only_is_one_clear_error(disk):
    with open_folder_store(disk, ASSESSMENT) as store:
        store.save(make_result(), {"a": b"1"})
        store.close()
        remount(disk, "ro")
        with pytest.raises(GraderError, match=rf"{disk}.*(writable|written)"):
            store.save(make_result(minutes=1), {"a": b"2"})
        remount(disk, "rw")
        store.save(make_result(minutes=1), {"a": b"2"})
        assert len(store.history("kim")) == 2
