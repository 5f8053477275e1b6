"""A warm process that kernels are forks of: `python -m autograder.kernel.zygote DESCRIPTOR NAMES`.

It imports the modules NAMES (with Keras, TensorFlow: six seconds once instead of per submission),
runs no operation, and holds no secret: its environment and its one socket are all it was given.
For every order on the socket it forks a kernel and answers with the fork's process id. Left out:
walls, which a fork puts around itself before student code runs (`sandbox`).
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import resource
import signal
import socket
import struct
import sys
from contextlib import suppress
from types import FrameType
from typing import Any

from autograder.kernel.__main__ import main as run_kernel

SIZE = struct.Struct("<q")
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def main(descriptor: int, names: list[str]) -> None:
    """Fork kernels until the grader closes the socket; they end with this process."""
    for name in names:
        importlib.import_module(name)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    signal.signal(signal.SIGCHLD, reap_children)
    gc.freeze()  # what is loaded now stays shared with every fork
    control = socket.socket(fileno=descriptor)
    while True:
        order = _receive(control)
        if order is None:
            return
        process = os.fork()
        if process == 0:
            control.close()
            _become_kernel(order)
        control.sendall(SIZE.pack(process))


def reap_children(_number: int, _frame: FrameType | None) -> None:
    """Take leave of forks that have ended, so that their CPU time counts as this process's."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _receive(control: socket.socket) -> dict[str, Any] | None:
    head = control.recv(SIZE.size, socket.MSG_WAITALL)
    if len(head) < SIZE.size:
        return None
    content = control.recv(SIZE.unpack(head)[0], socket.MSG_WAITALL)
    order: dict[str, Any] = json.loads(content)
    return order


def _become_kernel(order: dict[str, Any]) -> None:
    """Turn this fork into a kernel of its own; never returns."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    control = ctypes.CDLL(None).prctl
    control(_PR_SET_PDEATHSIG, signal.SIGKILL)
    control(_PR_SET_CHILD_SUBREAPER, 1)  # what detaches itself stays in this kernel's tree
    os.setsid()
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    for name, value in order["limits"].items():
        resource.setrlimit(getattr(resource, name), (value, value))
    code = 1
    try:
        run_kernel(order["arguments"])
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]), [name for name in sys.argv[2].split(",") if name])
