"""A warm process that kernels are forks of, itself a fork of the grader's ancestor (`warmth`).

It imports the modules that it is given (with Keras, TensorFlow: the ancestor has them loaded) and
what a kernel touches at its start, runs no operation, and holds no secret: its environment and its
one socket are all it was given. Every order on that socket is one letter, which namespaces to fork
into, with the line to the grader for the fork; what the kernel is to be goes over that line, and
never through this process. The answer is the fork's process id, or the negative error number. Left
out: what forks do (`first`).
"""

from __future__ import annotations

import gc
import importlib
import os
import socket
import sys
from contextlib import suppress

from autograder.kernel import first
from autograder.kernel.walls import namespaces as spaces
from autograder.warmth.children import reap_children, watch_children
from autograder.warmth.program import PROCESS_ID

_CHOICES = {
    b"m": spaces.ALL_BUT_USERS,
    b"M": spaces.ALL_BUT_USERS & ~spaces.NEW_NETWORK,
    b"u": spaces.ALL_BUT_USERS | spaces.NEW_USERS,
    b"U": (spaces.ALL_BUT_USERS | spaces.NEW_USERS) & ~spaces.NEW_NETWORK,
    b"n": 0,
    b"N": 0,
}
_TOUCHED = (  # what a kernel imports at its start and its first error
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "cmd",
    "debugpy.server.api",
    "email.parser",
    "faulthandler",
    "ipykernel.debugger",
    "jedi",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "mimetypes",
    "numpy.random",
    "pdb",
    "pexpect",
    "psutil",
    "pygments.formatters.terminal256",
    "pygments.styles",
    "stack_data",
    "tornado.platform.asyncio",
    "tornado.queues",
    "xmlrpc.server",
    "zmq.asyncio",
    "zmq.eventloop.zmqstream",
)


def main(control: socket.socket, names: list[str]) -> None:
    """Fork kernels until the grader closes the socket; they end with this process."""
    for name in names:
        importlib.import_module(name)
    for name in _TOUCHED:
        with suppress(ImportError):
            importlib.import_module(name)
    sys.dont_write_bytecode = True  # of students' own modules, from here on
    watch_children()
    gc.freeze()  # what is loaded now stays shared with every fork
    gc.enable()
    serve(control)
    reap_children()


def serve(control: socket.socket) -> None:
    """Fork a kernel for each order until the other side closes the socket."""
    while True:
        letter, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not letter or not descriptors:
            return
        try:
            process = spaces.fork_into(_CHOICES[letter])
        except OSError as error:
            process = -(error.errno or 1)
        if process == 0:
            first.run(socket.socket(fileno=descriptors[0]))
        os.close(descriptors[0])
        control.sendall(PROCESS_ID.pack(process))
