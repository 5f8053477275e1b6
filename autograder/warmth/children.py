"""Processes and their children: taking leave of those that ended, ending with one's parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from types import FrameType

_PR_SET_PDEATHSIG = 1


def watch_children() -> None:
    """Take leave of children as they end, and leave Ctrl-C to the grader."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, reap_children)


def reap_children(_number: int = 0, _frame: FrameType | None = None) -> None:
    """Take leave of forks that have ended, so that their CPU time counts as this process's."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_with_parent(parent: int) -> None:
    """Let this process be killed when `parent`, which has just forked it, ends.

    Elsewhere than on Linux nothing does that: there a process sees its line closed.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before this could be said
        os._exit(1)
