"""What a fork of a process does that has been through the first use of Keras: as if it had not."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from autograder.warmth import __main__ as ancestor
from autograder.warmth.environment import make_library_environment
from autograder.warmth.rehearsal import rehearse

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there is it done")


def _use_in_fork(tmp_path, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "tests.warmth.use_in_fork", *arguments],
        env=make_library_environment(str(tmp_path), str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_training_has_the_numbers_and_names_that_it_has_without(tmp_path):
    plain = _use_in_fork(tmp_path, "train")
    rehearsed = _use_in_fork(tmp_path, "train", "rehearse")
    assert rehearsed == plain
    assert plain["names"][:2] == ["sequential", "conv2d"]


@pytest.mark.slow
def test_whatever_has_threads_of_its_own_runs_to_its_end(tmp_path):
    assert len(_use_in_fork(tmp_path, "wide", "rehearse")["used"]) == 6


def test_nothing_is_rehearsed_where_forks_may_have_more_threads(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "2")
    monkeypatch.setenv("TF_NUM_INTEROP_THREADS", "1")
    assert not rehearse()


def test_nothing_is_rehearsed_without_keras(monkeypatch):
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        monkeypatch.setenv(name, "1")
    assert not rehearse()
    assert "keras" not in sys.modules


def test_a_process_forks_only_while_its_other_threads_wait(monkeypatch):
    monkeypatch.setattr(ancestor, "_CALM_SECONDS", 0.2)
    done = threading.Event()
    waiting = threading.Thread(target=done.wait)
    waiting.start()
    busy = threading.Thread(target=_be_busy, args=(done,))
    try:
        _wait_until(lambda: _is_asleep(waiting))
        assert not ancestor._is_at_work(_place(waiting))
        busy.start()
        _wait_until(lambda: not _is_asleep(busy))
        assert not ancestor._others_wait()
    finally:
        done.set()
        waiting.join()
        busy.join()


def _be_busy(done):
    while not done.is_set():
        Path("/").stat()


def _place(thread):
    return Path("/proc/self/task") / str(thread.native_id)


def _is_asleep(thread):
    return not ancestor._is_at_work(_place(thread))


def _wait_until(true):
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)
