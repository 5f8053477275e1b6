"""Workers on hosts of their own that are killed or cut off, and a scheduler that is restarted.

No item is lost, and none comes back twice.
"""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograder.executor.dask import DaskExecutor
from tests.executor.hosts import (
    BRIDGE_ADDRESS,
    Network,
    can_make_hosts,
    find_port,
    start_scheduler,
    start_worker,
    wait_for,
)
from tests.executor.sites import Diary, Threads

ITEMS = [f"item{number}" for number in range(40)]
hindrance = can_make_hosts()
needs_hosts = pytest.mark.skipif(bool(hindrance), reason=hindrance)


class Farm:
    """A scheduler here, and two hosts with workers of two places each."""

    def __init__(self, folder, network):
        self.folder = folder
        self.network = network
        self.port = find_port()
        self.place = f"{BRIDGE_ADDRESS}:{self.port}"
        self.hosts = [network.add_host(), network.add_host()]
        self.start_scheduler()
        self.workers = [
            start_worker(folder, self.place, 2, host.name, host.prefix) for host in self.hosts
        ]

    def start_scheduler(self):
        self.scheduler = start_scheduler(self.folder, self.port, BRIDGE_ADDRESS)

    def wait(self):
        """Until both workers have joined."""
        executor = DaskExecutor(self.place, patience_seconds=60)
        end = time.monotonic() + 60
        while executor.workers != 4:
            assert time.monotonic() < end
            list(executor.run(Threads(), [0]))
            time.sleep(0.2)

    def close(self):
        for process in [*self.workers, self.scheduler]:
            process.kill()


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    network = Network()
    try:
        opened = Farm(tmp_path_factory.mktemp("farm"), network)
        try:
            yield opened
        finally:
            opened.close()
    finally:
        network.close()


def grade_while(farm, diary, disturb):
    """Do all items; `disturb` is called when some have begun. What came back, and all notes."""
    farm.wait()
    notes = []
    executor = DaskExecutor(farm.place, patience_seconds=60)

    def observe(event):
        if event.note:
            notes.append(event.note)

    with ThreadPoolExecutor(1) as pool:
        grading = pool.submit(lambda: list(executor.run(diary, iter(ITEMS), observe)))
        wait_for(lambda: len(diary.read("end")) > 6)
        disturb()
        found = grading.result(120)
    return found, notes


def check(found):
    assert Counter(item for item, _ in found) == Counter(ITEMS)
    assert all(item == result for item, result in found)


@needs_hosts
def test_a_killed_worker_costs_nothing(farm, tmp_path):
    diary = Diary(tmp_path, 0.2)
    found, _ = grade_while(farm, diary, lambda: farm.workers[0].worker_process().kill())
    check(found)
    assert len(diary.read("begin")) > len(ITEMS)  # what it had under way was begun again


@needs_hosts
@pytest.mark.slow
def test_a_cut_network_costs_nothing(farm, tmp_path):
    diary = Diary(tmp_path, 0.2)
    try:
        found, _ = grade_while(farm, diary, farm.hosts[1].cut)
    finally:
        farm.hosts[1].mend()
    check(found)
    assert len(diary.read("begin")) > len(ITEMS)


@needs_hosts
def test_a_restarted_scheduler_costs_nothing_and_is_waited_for(farm, tmp_path):
    def restart():
        farm.scheduler.kill()
        time.sleep(2)
        farm.start_scheduler()

    found, notes = grade_while(farm, Diary(tmp_path, 0.2), restart)
    check(found)
    assert any("Waiting for the scheduler" in note for note in notes)
