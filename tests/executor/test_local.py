"""The local executor: side by side, within memory, and what a Ctrl-C does."""

import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from autograder.executor import memory
from autograder.executor.local import LocalExecutor
from tests.executor.hosts import ROOT, wait_for
from tests.executor.sites import Diary

GRADE = """
import sys
from pathlib import Path
from autograder.executor.local import LocalExecutor
from tests.executor.sites import Diary
try:
    for item, _ in LocalExecutor(workers=2).run(Diary(Path(sys.argv[1]), float(sys.argv[2])), range(50)):
        print("saved", item, flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


class Meeting:
    """Items wait for each other."""

    def __init__(self, parties):
        self.barrier = threading.Barrier(parties, timeout=10)

    @contextmanager
    def open(self, threads):
        yield lambda _: self.barrier.wait()


def test_it_works_side_by_side():
    found = list(LocalExecutor(workers=2).run(Meeting(2), range(4)))
    assert sorted(number for _, number in found) == [0, 0, 1, 1]


def test_it_has_as_many_workers_as_keep_the_cores_busy_and_have_memory(monkeypatch):
    monkeypatch.setattr(memory, "count_cores", lambda: 4)
    assert LocalExecutor(per_item_mib=1).workers == 6
    assert LocalExecutor(memory_mib=1).workers == 1


def test_no_more_items_are_taken_than_there_are_workers():
    taken = []
    items = (taken.append(number) or number for number in range(100))
    results = LocalExecutor(workers=2).run(Meeting(1), items)
    for done in range(1, 10):
        next(results)
        assert len(taken) <= done + 2
    results.close()


def test_a_small_memory_budget_lets_one_at_a_time(tmp_path):
    diary = Diary(tmp_path, 0.02)
    executor = LocalExecutor(workers=4, memory_mib=100, per_item_mib=80)
    running, most = 0, 0

    def observe(event):
        nonlocal running, most
        running += 1 if event.state == "started" else -1
        most = max(most, running)

    assert len(list(executor.run(diary, range(6), observe))) == 6
    assert most == 1


def test_the_first_interrupt_lets_what_runs_be_saved(tmp_path):
    grading, diary = start_grading(tmp_path, seconds=0.5)
    wait_for(lambda: diary.read("end"))
    grading.send_signal(signal.SIGINT)
    output, errors = grading.communicate(timeout=20)
    saved = [line.split()[1] for line in output.splitlines() if line.startswith("saved")]
    assert sorted(saved) == sorted(diary.read("begin")) == sorted(diary.read("end"))
    assert len(saved) < 50
    assert "interrupted" in output
    assert "Ctrl-C again" in errors


def test_the_second_interrupt_gives_up_what_runs(tmp_path):
    grading, diary = start_grading(tmp_path, seconds=60)
    wait_for(lambda: len(diary.read("begin")) == 2)
    started = time.monotonic()
    grading.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert grading.poll() is None
    grading.send_signal(signal.SIGINT)
    output, _ = grading.communicate(timeout=20)
    assert time.monotonic() - started < 10
    assert output == "interrupted\n"
    assert len(diary.read("close")) == 1


def start_grading(folder, seconds):
    grading = subprocess.Popen(
        [sys.executable, "-c", GRADE, str(folder), str(seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return grading, Diary(folder)
