import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from autograder.store import Regrade, sweep, writer
from autograder.store.artifacts import ArtifactFolder
from autograder.store.tables import artifacts
from autograder.store.writer import Writer
from tests.store.making import ASSESSMENT, NOON, make_result

NOW = timedelta(0)
DAY = timedelta(days=1)


def files(place):
    return [path for path in Path(place.artifacts).rglob("*") if path.is_file()]


def die(*_arguments):
    raise KeyboardInterrupt


def make_garbage(store, monkeypatch, content=b"garbage"):
    """What a grader leaves that died after it wrote an artifact."""
    monkeypatch.setattr(Writer, "_record", die)
    with pytest.raises(KeyboardInterrupt):
        store.save(make_result(), {"executed.ipynb": content})
    monkeypatch.undo()


def test_size_tells_what_is_kept_and_what_sharing_saved(store):
    text = b"the same line\n" * 1000
    for number in range(10):
        store.save(make_result(f"s{number}"), {"a": text, "b": b"12345"})
    store.save(make_result("s0", minutes=1), {})
    size = store.measure()
    assert (size.submissions, size.gradings, size.artifacts) == (10, 11, 2)
    assert size.deduplicated_bytes == 9 * (len(text) + 5)
    assert size.artifact_bytes == len(text) + 5 - size.compressed_bytes
    assert 0 < size.artifact_bytes < 500
    assert size.database_bytes > 10_000


def test_size_of_an_empty_store_is_nothing(store):
    size = store.measure()
    assert (size.gradings, size.artifacts, size.artifact_bytes, size.deduplicated_bytes) == (0,) * 4


def test_sweep_removes_what_no_grading_refers_to_and_only_that(place, store, monkeypatch):
    store.save(make_result(), {"a": b"kept"})
    store.save(make_result(minutes=1), {"a": b"newer"})
    make_garbage(store, monkeypatch)
    assert len(files(place)) == 3
    swept = store.sweep(NOW)
    assert (swept.artifacts, swept.leftovers) == (1, 0)
    assert len(files(place)) == 2
    assert store.sweep(NOW).artifacts == 0
    assert store.read_artifact("kim", "a") == b"newer"
    assert store.read_artifact("kim", "a", store.history("kim")[0].id) == b"kept"


def test_what_was_touched_lately_stays_for_its_grading_may_be_on_the_way(store, monkeypatch):
    make_garbage(store, monkeypatch)
    assert store.sweep(DAY).artifacts == 0
    statement = update(artifacts).values(touched_seconds=artifacts.c.touched_seconds - 86_401)
    store._database.run(lambda connection: connection.execute(statement), writes=True)
    assert store.sweep(DAY).artifacts == 1


def test_old_garbage_that_is_saved_again_is_touched_and_stays(store, monkeypatch):
    make_garbage(store, monkeypatch)
    statement = update(artifacts).values(touched_seconds=artifacts.c.touched_seconds - 86_401)
    store._database.run(lambda connection: connection.execute(statement), writes=True)
    make_garbage(store, monkeypatch)
    assert store.sweep(DAY).artifacts == 0


@pytest.mark.parametrize("moment", ["has", "write"])
def test_save_that_a_sweep_overtakes_is_done_again(place, store, monkeypatch, moment):
    """The sweep comes between the touch and the row that refers to it, and waits for nothing."""
    store.save(make_result("lee"), {"a": b"other"})
    if moment == "has":  # the file is there, so only a reference keeps it
        make_garbage(store, monkeypatch, b"content")
    other = place.open()
    real, swept = getattr(ArtifactFolder, moment), []

    def overtaken(*arguments):
        value = real(*arguments)
        if not swept:
            swept.append(other.sweep(NOW))
        return value

    monkeypatch.setattr(ArtifactFolder, moment, overtaken)
    store.save(make_result(), {"a": b"content"})
    assert swept[0].artifacts == 1
    assert store.read_artifact("kim", "a") == b"content"
    assert len(store.history("kim")) == 1


def test_save_waits_for_a_sweep_that_removes_its_very_file(place, store, monkeypatch):
    make_garbage(store, monkeypatch, b"content")
    saver, real = place.open(), ArtifactFolder.remove
    save = threading.Thread(target=saver.save, args=(make_result(), {"a": b"content"}))

    def remove(folder, digest):
        if save.ident is None:
            save.start()
        save.join(0.5)  # long enough to find the file and not write it again
        real(folder, digest)

    monkeypatch.setattr(ArtifactFolder, "remove", remove)
    assert store.sweep(NOW).artifacts >= 1  # and what the save touched after, while it was unused
    save.join()
    assert store.read_artifact("kim", "a") == b"content"


def test_sweep_waits_for_a_save_that_refers_to_the_artifact(place, store, monkeypatch):
    sweeper, real, swept = place.open(), writer.record_grading, []
    thread = threading.Thread(target=lambda: swept.append(sweeper.sweep(NOW)))

    def record(connection, draft):
        recorded = real(connection, draft)
        thread.start()
        thread.join(0.5)
        return recorded

    monkeypatch.setattr(writer, "record_grading", record)
    store.save(make_result(), {"a": b"content"})
    thread.join()
    assert swept[0].artifacts == 0
    assert store.read_artifact("kim", "a") == b"content"


def test_artifact_touched_after_the_sweep_listed_it_stays(place, store, monkeypatch):
    make_garbage(store, monkeypatch)
    statement = update(artifacts).values(touched_seconds=artifacts.c.touched_seconds - 86_401)
    store._database.run(lambda connection: connection.execute(statement), writes=True)
    other, real = place.open(), sweep._find_unused

    def find(connection, keep, last):
        rows = real(connection, keep, last)
        if rows:
            with pytest.MonkeyPatch.context() as patch:
                make_garbage(other, patch)
        return rows

    monkeypatch.setattr(sweep, "_find_unused", find)
    assert store.sweep(DAY).artifacts == 0
    assert len(files(place)) == 1


def test_sweeping_all_the_time_never_takes_what_is_being_saved(place, store):
    sweeper, over, removed = place.open(), threading.Event(), []

    def go_on():
        while not over.is_set():
            removed.append(sweeper.sweep(timedelta(seconds=1)).artifacts)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        for number in range(60):
            made = {"own": b"%d" % number, "shared": b"%d" % (number % 3)}
            store.save(make_result(f"s{number}"), made)
            store.save(make_result(f"s{number}", minutes=1), {})
            store.prune(NOW)
        until = time.monotonic() + 30
        while not sum(removed) and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        over.set()
        thread.join()
    store.save(make_result("kim"), {"shared": b"1"})
    assert store.read_artifact("kim", "shared") == b"1"
    assert sum(removed) > 0


def test_sweep_that_cannot_remove_a_file_keeps_its_row(place, store, monkeypatch):
    make_garbage(store, monkeypatch)
    monkeypatch.setattr(ArtifactFolder, "remove", die)
    with pytest.raises(KeyboardInterrupt):
        store.sweep(NOW)
    monkeypatch.undo()
    assert store.measure().artifacts == 1
    assert store.sweep(NOW).artifacts == 1
    assert files(place) == []


def test_pruning_lets_go_of_old_artifacts_and_keeps_every_result(place, store):
    for minutes, content in ((0, b"old"), (1, b"new")):
        store.save(make_result(minutes=minutes), {"a": content})
    assert store.prune(datetime.now(UTC) - NOON + DAY) == 0
    assert store.prune(DAY) == 1
    assert store.sweep(NOW).artifacts == 1
    assert [one.result.graded_at.minute for one in store.history("kim")] == [0, 1]
    assert store.read_artifact("kim", "a") == b"new"
    assert place.open("a02_convnet").prune(NOW) == 0


def test_pruning_keeps_what_a_regrade_may_bring_back(store):
    store.save(make_result(), {"a": b"old"})
    regrade = store.regrades.propose(
        Regrade(assessment=ASSESSMENT, created_at=NOON),
        [(make_result(score=1.0), {"a": b"new"})],
    )
    assert store.prune(NOW) == 0
    store.regrades.apply(regrade.id)
    assert store.prune(NOW) == 0
    store.regrades.rollback(regrade.id)
    store.regrades.withdraw(regrade.id)
    assert store.prune(NOW) == 1
    assert store.read_artifact("kim", "a") == b"old"
