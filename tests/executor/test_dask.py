"""A cluster whose workers die, hang or differ, and whose scheduler ends, loses no item."""

import os
import signal
import subprocess
import sys
from collections import Counter

import pytest

from autograder.errors import GraderError, UsageError
from autograder.executor.base import Lost
from autograder.executor.dask import DaskExecutor
from tests.executor.hosts import find_port, start_scheduler, start_worker, wait_for
from tests.executor.sites import Deadly, Diary, Large, Square

ITEMS = [f"item{number}" for number in range(40)]


def test_a_scheduler_restarted_while_the_caller_was_busy_costs_nothing(small):
    worker = small.add_worker(2, "alpha")
    diary = Diary(small.folder, 0.1)
    results = DaskExecutor(small.place, patience_seconds=60).run(diary, iter(ITEMS[:12]))
    found = [next(results)]
    small.restart()
    wait_for(lambda: worker.read().count("joined") == 2)
    found += results
    assert sorted(found) == sorted((item, item) for item in ITEMS[:12])


@pytest.fixture
def small(tmp_path):
    """A scheduler without workers, and a way to start some."""
    port = find_port()
    processes = [start_scheduler(tmp_path, port)]

    class Small:
        folder = tmp_path
        place = f"127.0.0.1:{port}"
        scheduler = processes[0]

        def restart(self):
            """Start the scheduler again, with the settings of now."""
            processes.pop(0).kill()
            processes.insert(0, start_scheduler(tmp_path, port))

        def add_worker(self, workers=1, name=""):
            processes.append(start_worker(tmp_path, self.place, workers, name))
            return processes[-1]

    try:
        yield Small()
    finally:
        for process in reversed(processes):
            process.kill()


def test_an_item_that_kills_three_workers_is_set_aside_and_its_neighbours_are_done(small):
    small.add_worker(2, "alpha")
    diary = Diary(small.folder)
    items = ["poison", *ITEMS[:12]]
    found = dict(DaskExecutor(small.place, patience_seconds=60).run(Deadly(diary), items))
    assert {item: found[item] for item in ITEMS[:12]} == {item: item for item in ITEMS[:12]}
    assert isinstance(found["poison"], Lost)
    assert "killed three workers" in found["poison"].reason
    assert Counter(diary.read("begin"))["poison"] == 3


def test_neither_items_nor_site_appear_in_dasks_logs(small):
    secret = "hidden_answer"
    worker = small.add_worker(1, "alpha")
    site = Large(secret.encode() * 1000)
    assert len(list(DaskExecutor(small.place).run(site, [secret, 7]))) == 2
    found = list(DaskExecutor(small.place).run(Square(), [secret]))
    assert isinstance(found[0][1], Lost)
    assert worker.end() == 0
    assert "Receive client connection" in small.scheduler.read()
    assert secret not in small.scheduler.read() + worker.read()


def test_memory_does_not_grow_with_the_number_of_large_items(cluster):
    held = []

    class Item(bytes):
        def __reduce__(self):
            return bytes, (bytes(self),)

        def __del__(self):
            held.pop()

    def items():
        for _ in range(60):
            held.append(1)
            yield Item(2_000_000)

    most = 0
    for _, length in DaskExecutor(cluster).run(Large(b"x" * 5_000_000), items()):
        assert length == 2_000_000
        most = max(most, len(held))
    assert most <= 2 * 2 + 2  # under way, and in the hands of whoever looks at it


def test_workers_with_other_versions_are_all_listed_before_anything_runs(small, monkeypatch):
    odd = small.folder / "odd"
    odd.mkdir()
    (odd / "sitecustomize.py").write_text("import autograder\nautograder.__version__ = '9.9'\n")
    monkeypatch.setenv("PYTHONPATH", f"{odd}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    workers = [small.add_worker(1, "alpha"), small.add_worker(1, "beta")]
    wait_for(lambda: all("joined" in worker.read() for worker in workers))
    diary = Diary(small.folder)
    with pytest.raises(UsageError) as caught:
        list(DaskExecutor(small.place).run(diary, [1, 2]))
    assert str(caught.value).count("autograder 9.9 (here") == 2
    assert "install the same versions everywhere" in str(caught.value)
    assert not diary.read("begin")


def test_a_worker_with_another_version_that_joins_late_is_not_used(small, monkeypatch):
    small.add_worker(1, "alpha")
    diary = Diary(small.folder, 0.2)
    odd = small.folder / "odd"
    odd.mkdir()
    (odd / "sitecustomize.py").write_text("import autograder\nautograder.__version__ = '9.9'\n")
    results = DaskExecutor(small.place).run(diary, ITEMS[:10])
    found = [next(results)]
    monkeypatch.setenv("PYTHONPATH", f"{odd}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    late = small.add_worker(1, "beta")
    wait_for(lambda: "joined" in late.read())
    found += results
    assert sorted(found) == sorted((item, item) for item in ITEMS[:10])
    assert len(diary.read("open")) == 1
    assert "cannot do a client's work" in late.read()


def test_a_scheduler_that_stays_away_is_told_with_the_next_step():
    executor = DaskExecutor(f"127.0.0.1:{find_port()}", patience_seconds=1)
    with pytest.raises(GraderError, match=r"waited 1 s for the scheduler .*`dask scheduler`"):
        list(executor.run(Square(), [1]))


def test_a_cluster_without_workers_is_told_with_the_next_step(small):
    with pytest.raises(GraderError, match=r"waited 1 s for workers .*`autograder worker`"):
        list(DaskExecutor(small.place, patience_seconds=1).run(Square(), [1]))


@pytest.mark.slow
def test_a_worker_that_hangs_is_started_again(small, monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", "2s")
    small.restart()
    alpha = small.add_worker(1, "alpha")
    diary = Diary(small.folder, 0.1)
    results = DaskExecutor(small.place).run(diary, ITEMS[:6])
    found = [next(results)]
    stopped = alpha.worker_process()
    stopped.send_signal(signal.SIGSTOP)
    found += results
    assert sorted(found) == sorted((item, item) for item in ITEMS[:6])
    assert not stopped.is_running()


GRADE = """
import signal
import sys
from pathlib import Path
from autograder.executor.dask import DaskExecutor
from tests.executor.sites import Diary
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in background
try:
    for item, _ in DaskExecutor(sys.argv[1]).run(Diary(Path(sys.argv[2]), 0.5), range(50)):
        print("saved", item, flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_an_interrupt_saves_what_was_begun_and_recalls_the_rest(cluster, tmp_path):
    diary = Diary(tmp_path)
    grading = subprocess.Popen(
        [sys.executable, "-c", GRADE, cluster, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: diary.read("end"))
    grading.send_signal(signal.SIGINT)
    output, _ = grading.communicate(timeout=20)
    saved = [line.split()[1] for line in output.splitlines() if line.startswith("saved")]
    assert output.endswith("interrupted\n")
    assert len(saved) == len(set(saved)) < 9
    assert set(diary.read("end")) <= {*saved, *diary.read("begin")[-2:]}
