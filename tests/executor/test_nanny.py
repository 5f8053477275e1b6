"""`autograder worker`: joins, waits, comes back, and leaves in good order."""

import signal

import psutil
import pytest

from autograder.cli.worker import work
from autograder.errors import GraderError, UsageError
from autograder.executor.dask import DaskExecutor
from autograder.executor.nanny import WorkerOptions, split_workers
from autograder.machine import count_cores
from tests.executor.hosts import Process, find_port, start_scheduler, start_worker, wait_for
from tests.executor.sites import Diary, Threads


@pytest.mark.parametrize(
    ("workers", "processes"), [(1, [1]), (8, [8]), (9, [5, 4]), (20, [7, 7, 6])]
)
def test_many_places_are_split_evenly_over_processes(workers, processes):
    assert split_workers(workers) == processes


def test_an_address_that_is_none_is_told():
    with pytest.raises(UsageError, match="write host:8786"):
        work("http://host", WorkerOptions())


def test_half_of_tls_is_told():
    with pytest.raises(UsageError, match="--tls-ca-file needs --tls-cert and --tls-key"):
        work("host:1", WorkerOptions(tls_ca_file="ca.pem"))
    with pytest.raises(UsageError, match="needs --tls-ca-file"):
        work("tls://host:1", WorkerOptions())


def test_a_scheduler_that_stays_away_is_one_clear_error():
    with pytest.raises(GraderError, match=r"no scheduler answered .* for 1 s; start it with"):
        work(f"127.0.0.1:{find_port()}", WorkerOptions(workers=1, wait_seconds=1))


def test_a_signal_closes_the_site_and_ends_the_worker(tmp_path):
    port = find_port()
    scheduler = start_scheduler(tmp_path, port)
    worker = start_worker(tmp_path, f"127.0.0.1:{port}", 1, "alpha")
    try:
        diary = Diary(tmp_path)
        assert list(DaskExecutor(f"127.0.0.1:{port}").run(diary, [1])) == [(1, 1)]
        children = worker.children()
        assert worker.end(signal.SIGTERM) == 0
        assert diary.read("open") == diary.read("close")
        wait_for(lambda: all(is_gone(child) for child in children))
        assert "Traceback" not in worker.read()
    finally:
        worker.kill()
        scheduler.kill()


def test_what_a_worker_does_when_it_is_ended_is_done_elsewhere_and_is_no_death(tmp_path):
    port = find_port()
    place = f"127.0.0.1:{port}"
    scheduler = start_scheduler(tmp_path, port)
    workers = [start_worker(tmp_path, place, 1, name) for name in ("alpha", "beta")]
    try:
        wait_for(lambda: all("joined" in worker.read() for worker in workers))
        diary = Diary(tmp_path, 1.0)
        events = []
        results = DaskExecutor(place).run(diary, [1, 2, 3], events.append)
        found = [next(results)]
        assert workers[0].end() == 0
        found += results
        assert sorted(found) == [(1, 1), (2, 2), (3, 3)]
        assert not any(event.state == "again" for event in events)
    finally:
        for process in [*workers, scheduler]:
            process.kill()


def is_gone(process):
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_worker_waits_for_its_scheduler_and_ends_while_waiting(tmp_path):
    worker = start_worker(tmp_path, f"127.0.0.1:{find_port()}", 1, "alpha")
    try:
        wait_for(lambda: "waiting for the scheduler" in worker.read())
        assert worker.end(signal.SIGINT) == 0
    finally:
        worker.kill()


def test_a_worker_of_dasks_own_will_do_as_well(tmp_path):
    port = find_port()
    place = f"127.0.0.1:{port}"
    scheduler = start_scheduler(tmp_path, port)
    options = ["--nthreads", "2", "--memory-limit", "0", "--no-dashboard"]
    arguments = ["-m", "distributed.cli.dask_worker", place, *options]
    worker = Process(arguments, tmp_path / "worker.log")
    try:
        [(_, threads)] = DaskExecutor(place).run(Threads(), [1])
        assert threads == max(1, count_cores() // 2)
    finally:
        worker.kill()
        scheduler.kill()
