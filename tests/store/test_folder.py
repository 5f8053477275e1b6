import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.errors import GraderError
from autograder.schema import Environment, Result
from autograder.store import FolderStore


def make_result(score=7.5, minute=0):
    return Result(
        assessment="a01_digits",
        submission="kim",
        student="김민수",
        outcome="graded",
        score=score,
        points=10.0,
        environment=Environment(sandbox="scripted"),
        graded_at=datetime(2026, 3, 4, 12, minute, tzinfo=UTC),
    )


def fill_disk(monkeypatch, after):
    """Let the disk be full after `after` files were made durable."""
    real, made = os.fsync, []

    def fsync(handle):
        if os.path.isfile(f"/proc/self/fd/{handle}"):  # noqa: PTH113
            made.append(handle)
            if len(made) > after:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_submission_has_its_folder_of_readable_files(tmp_path):
    FolderStore(tmp_path).save(make_result(), {"executed.ipynb": b"{}", "feedback.html": b"<p>"})
    assert names(tmp_path / "kim") == ["executed.ipynb", "feedback.html", "result.json"]
    assert "김민수" in (tmp_path / "kim" / "result.json").read_text(encoding="utf-8")


def test_earlier_results_are_kept_even_when_graded_at_the_same_time(tmp_path):
    store = FolderStore(tmp_path)
    for score in (1.0, 2.0, 3.0):
        store.save(make_result(score), {})
    history = tmp_path / "kim" / "history"
    assert names(history) == [
        "20260304T120000.000000Z-2-result.json",
        "20260304T120000.000000Z-result.json",
    ]
    scores = {Result.model_validate_json(file.read_bytes()).score for file in history.iterdir()}
    assert scores == {1.0, 2.0}


@pytest.mark.parametrize("content", [b"", b'{"schema_version": 1, "assess', b"\xff", b"[]"])
def test_half_written_result_counts_as_none_and_does_not_stop_the_others(tmp_path, content):
    store = FolderStore(tmp_path)
    store.save(make_result(), {})
    broken = tmp_path / "lee" / "result.json"
    broken.parent.mkdir()
    broken.write_bytes(content)
    assert store.load("lee") is None
    assert [result.submission for result in store.results()] == ["kim"]


def test_result_of_another_schema_version_counts_as_none(tmp_path):
    store = FolderStore(tmp_path)
    store.save(make_result().model_copy(update={"schema_version": 0}), {})
    assert store.load("kim") is None


def test_damaged_result_is_kept_when_the_submission_is_graded_again(tmp_path):
    file = tmp_path / "kim" / "result.json"
    file.parent.mkdir()
    file.write_bytes(b"{")
    FolderStore(tmp_path).save(make_result(), {})
    assert (tmp_path / "kim" / "history" / "unreadable-result.json").read_bytes() == b"{"


def test_folder_without_result_is_incomplete_after_the_grader_died(tmp_path, monkeypatch):
    store = FolderStore(tmp_path)
    real = Path.replace

    def die(path, target):
        if Path(target).name == "result.json":
            raise KeyboardInterrupt
        return real(path, target)

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        store.save(make_result(), {"executed.ipynb": b"{}"})
    assert names(tmp_path / "kim") == ["executed.ipynb"]
    assert store.load("kim") is None


def test_full_disk_is_one_clear_error_and_costs_no_earlier_result(tmp_path, monkeypatch):
    store = FolderStore(tmp_path)
    store.save(make_result(1.0), {"executed.ipynb": b"old"})
    fill_disk(monkeypatch, after=1)
    with pytest.raises(GraderError, match=r"kim: No space left on device; make room"):
        store.save(make_result(2.0, minute=1), {"executed.ipynb": b"new"})
    monkeypatch.undo()
    assert store.load("kim").score == 1.0
    assert (tmp_path / "kim" / "executed.ipynb").read_bytes() == b"old"
    assert not list(tmp_path.rglob("*.part"))


def test_file_in_the_way_of_the_folder_is_one_clear_error(tmp_path):
    (tmp_path / "results").write_bytes(b"a file")
    store = FolderStore(tmp_path / "results")
    with pytest.raises(GraderError, match="Not a directory"):
        store.save(make_result(), {})
    with pytest.raises(GraderError, match="Not a directory"):
        store.load("kim")
