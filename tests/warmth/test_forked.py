"""A process that is no child of ours: with a descriptor of it, and where there is none."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from autograder.warmth.forked import ForkedProcess


def _find_no_room(_pid, _flags=0):
    raise OSError(errno.EMFILE, "too many open files")


@pytest.fixture(params=["descriptor", "none"])
def fork(request, monkeypatch):
    if request.param == "none":
        monkeypatch.setattr(os, "pidfd_open", _find_no_room, raising=False)
    shell = ["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"]  # its parent ends, and it stays
    pid = int(subprocess.run(shell, capture_output=True, check=True).stdout)
    forked = ForkedProcess(pid)
    yield forked
    forked.kill()


def test_it_runs_until_it_is_ended(fork):
    assert fork.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        fork.wait(0.05)
    fork.kill()
    assert fork.wait(10) == 0
    assert fork.poll() == 0


def test_what_does_not_end_by_itself_is_ended(fork):
    fork.end(0.05)
    assert fork.wait(10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
def test_one_that_is_gone_takes_signals_without_complaint(fork):
    fork.kill()
    fork.wait(10)
    fork.send_signal(15)
    gone = ForkedProcess(2**22 - 1)
    gone.kill()
    assert gone.poll() == 0
