"""The warm process that scorers are forks of: `python -m autograder.grade.scorer DESCRIPTOR`.

It loads Keras once, runs no operation, holds no bundle, and never sees a student's code. For every
byte that arrives on its socket with a descriptor it forks a scorer on that descriptor and answers
with the fork's process id.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from types import FrameType

gc.disable()  # 4,000 modules come that stay: looking through them over and over is a tenth of it

from autograder.grade.scorer.main import serve  # noqa: E402
from autograder.grade.scorer.process import PROCESS_ID  # noqa: E402


def main(descriptor: int) -> None:
    """Fork scorers until the grader closes the socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    signal.signal(signal.SIGCHLD, _reap_children)
    gc.freeze()  # what is loaded now stays shared with every fork
    gc.enable()
    control = socket.socket(fileno=descriptor)
    while True:
        word, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not word or not descriptors:
            return
        process = os.fork()
        if process == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve(Connection(descriptors[0]))
            os._exit(0)
        os.close(descriptors[0])
        control.sendall(PROCESS_ID.pack(process))


def _reap_children(_number: int, _frame: FrameType | None) -> None:
    """Take leave of forks that have ended, so that their CPU time counts as this process's."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main(int(sys.argv[1]))
