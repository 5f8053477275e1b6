"""The warm process that scorers are forks of, itself a fork of the grader's ancestor (`warmth`).

It has what its ancestor has, Keras or (`light`) none; it runs no operation, holds no bundle, and
never sees a student's code. First it takes on the grader's environment, which comes over its
socket, past the ancestor. Then for every byte that arrives there with a descriptor it forks a
scorer on that descriptor and answers with the fork's process id.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys
import tempfile
from multiprocessing.connection import Connection

from autograder.grade.scorer.light import has_keras
from autograder.grade.scorer.main import serve
from autograder.grade.scorer.process import ScorerEnvironment
from autograder.warmth.children import reap_children, watch_children
from autograder.warmth.program import PROCESS_ID
from autograder.wire.launch import receive_value


def main(control: socket.socket, _arguments: list[str]) -> None:
    """Fork scorers until the grader closes the socket."""
    take_environment(ScorerEnvironment.model_validate(receive_value(control)))
    if has_keras():
        importlib.import_module("autograder.grade.scorer.training")
        settings = importlib.import_module("matplotlib").rcParams
        settings["backend"] = os.environ.get("MPLBACKEND", "agg")  # not a notebook's
    watch_children()
    gc.freeze()  # what is loaded now stays shared with every fork
    gc.enable()
    while True:
        word, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not word or not descriptors:
            reap_children()
            return
        process = os.fork()
        if process == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve(Connection(descriptors[0]))
            os._exit(0)
        os.close(descriptors[0])
        control.sendall(PROCESS_ID.pack(process))


def take_environment(given: ScorerEnvironment) -> None:
    """Have the grader's environment, its temporary folder, and the modules its tests may import."""
    os.environ.clear()
    for name, value in given.variables.items():
        os.environb[name.encode("latin-1")] = value.encode("latin-1")
    tempfile.tempdir = None  # it may have been asked for already
    os.chdir(tempfile.gettempdir())
    places = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [place for place in places if place and place not in sys.path]
