"""The ancestor of warm processes: `python -m autograder.warmth DESCRIPTOR NAMES [rehearse]`.

It imports the modules NAMES (with Keras, TensorFlow: five seconds once per grader), goes through
the first use of Keras if it is told to (`rehearsal`), and holds no secret: its environment, its
one socket and the log that only it writes are all it was given. For every order on that socket,
which comes with the line to the new process, it forks, and answers with the fork's process id or
the negative error number. The fork lets go of all that is not its own and becomes the ordered
program (`program`). No code of a student's ever runs here, and no test: only in forks of forks.
"""

from __future__ import annotations

import errno
import gc
import importlib
import os
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from autograder.warmth import huge_pages
from autograder.warmth.children import end_with_parent, reap_children, watch_children
from autograder.warmth.program import (
    LINE,
    MAX_ORDER_BYTES,
    PROCESS_ID,
    REHEARSE,
    Program,
    unpack_program,
)
from autograder.warmth.rehearsal import rehearse

_MOST_DESCRIPTORS = 2  # the line to the fork, and where it may write its errors
_CALM_SECONDS = 2.0  # for other threads to finish what they do
_LOOK_SECONDS = 0.005


def main(descriptor: int, names: list[str], *, rehearses: bool) -> None:
    """Fork warm processes until the grader closes the socket; they end with this process."""
    gc.disable()  # what comes now stays: looking through it over and over is a tenth of the time
    for name in names:
        importlib.import_module(name)
    if rehearses:
        rehearse()
    watch_children()
    gc.freeze()  # what is loaded now stays shared with every fork
    huge_pages.gather()
    serve(socket.socket(fileno=descriptor))
    reap_children()
    os._exit(0)  # nothing here is worth tidying up


def serve(control: socket.socket) -> None:
    """Fork for each order until the other side closes the socket."""
    while True:
        order, descriptors, _, _ = socket.recv_fds(control, MAX_ORDER_BYTES, _MOST_DESCRIPTORS)
        if not order or not descriptors:
            return
        answer = _fork(control, unpack_program(order), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        try:
            control.sendall(PROCESS_ID.pack(answer))
        except OSError:  # who ordered it is gone, and nobody else knows of it
            _end(answer)
            return


def _end(process: int) -> None:
    """End a fork and take leave of it; nothing where there is none."""
    with suppress(ProcessLookupError, ChildProcessError):
        if process > 0:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _fork(control: socket.socket, program: Program, descriptors: list[int]) -> int:
    """Process id of a fork that becomes `program`, or minus an error number."""
    if not _others_wait():  # a lock that a thread holds would never be let go in the child
        return -errno.EDEADLK
    parent = os.getpid()
    try:
        process = os.fork()
    except OSError as error:
        return -(error.errno or 1)
    if process == 0:
        _become(control, program, descriptors, parent)
    return process


def _others_wait() -> bool:
    """Whether no other thread of this process is at work, or is any more after a moment."""
    deadline = time.monotonic() + _CALM_SECONDS
    while any(map(_is_at_work, _list_others())):
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def _list_others() -> list[Path]:
    with suppress(OSError):
        own = str(threading.get_native_id())
        return [place for place in Path("/proc/self/task").iterdir() if place.name != own]
    return []  # not Linux: nobody says


def _is_at_work(thread: Path) -> bool:
    try:
        state = (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # it has ended
        return False
    return state != "S"


def _become(
    control: socket.socket, program: Program, descriptors: list[int], parent: int
) -> NoReturn:
    """Be `program`; never returns."""
    code = 1
    try:
        end_with_parent(parent)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.chdir("/")
        control.detach()  # or the socket's own end would close what takes its number
        _keep_only(*descriptors)
        with suppress(OSError):  # not Linux
            Path("/proc/self/comm").write_text(program.name, encoding="ascii")
        sys.argv = [program.module, *program.arguments]
        module = importlib.import_module(program.module)
        module.main(socket.socket(fileno=LINE), list(program.arguments))
        code = 0
    except BaseException:  # noqa: BLE001 - told in the log, if there is one, and died of
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(code)


def _keep_only(line: int, log: int | None = None) -> None:
    """Have no descriptors but null streams, errors that go to `log`, and the line."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(null, number)
    os.dup2(null if log is None else log, 2)
    if line != LINE:
        os.dup2(line, LINE, inheritable=False)
    os.closerange(LINE + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


if __name__ == "__main__":
    main(
        int(sys.argv[1]),
        [name for name in sys.argv[2].split(",") if name],
        rehearses=REHEARSE in sys.argv[3:],
    )
