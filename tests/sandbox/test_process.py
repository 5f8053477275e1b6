"""The `process` sandbox: folders, process trees and failures that only it has."""

import time
from contextlib import closing
from functools import partial
from pathlib import Path

import psutil
import pytest

from autograder.errors import SandboxError
from autograder.sandbox.process import ProcessSandbox
from autograder.sandbox.processes import list_tree
from tests.sandbox.conftest import open_live


@pytest.fixture(scope="module")
def open_kernel():
    with closing(ProcessSandbox()) as sandbox:
        yield partial(open_live, sandbox)


def test_home_and_temporary_files_lie_in_the_kernels_own_folder(open_kernel):
    with open_kernel() as live:
        root = Path(live.evaluate("__import__('os').getcwd()")).parent
        assert live.evaluate("__import__('pathlib').Path.home()") == str(root / "home")
        assert live.evaluate("__import__('tempfile').gettempdir()") == str(root / "home" / "tmp")
        assert live.kernel.usage().memory_mib > 20


DETACH = """
import os, subprocess, sys, time
def detach(work):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with open(f"pid-{os.getpid()}", "w"):
                pass
            work()
            os._exit(0)
        os._exit(0)
    os.wait()
detach(lambda: os.execv(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(60)"]))
sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
while not (names := [name for name in os.listdir() if name.startswith("pid-")]):
    time.sleep(0.01)
daemon = int(names[0].removeprefix("pid-"))
"""


def wait_for_tree(pid, token, wanted):
    """Processes of a kernel once all `wanted` are among them: one that starts may be missed."""
    deadline = time.monotonic() + 20
    while not wanted <= (members := {process.pid for process in list_tree(pid, token)}):
        assert time.monotonic() < deadline, (wanted, members)
        time.sleep(0.02)
    return members


def test_processes_that_detached_themselves_end_with_the_kernel(open_kernel):
    with open_kernel() as live:
        pid = int(live.evaluate("__import__('os').getpid()"))
        root = Path(live.evaluate("__import__('os').getcwd()")).parent
        token = live.evaluate("__import__('os').environ['AUTOGRADER_KERNEL']")
        assert live.run(DETACH).error is None
        detached = {int(live.evaluate(name)) for name in ("daemon", "sleeper.pid")}
        members = wait_for_tree(pid, token, {pid, *detached})
        assert len(members) >= 3
    assert [number for number in members if psutil.pid_exists(number)] == []
    assert not root.exists()


def test_processes_that_start_others_while_they_are_ended_end(open_kernel):
    with open_kernel() as live:
        live.run(
            "import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n        while True:\n            if os.fork(): os._exit(0)"
        )
        token = live.evaluate("__import__('os').environ['AUTOGRADER_KERNEL']")
        pid = int(live.evaluate("__import__('os').getpid()"))
    assert list_tree(pid, token) == []


def test_a_kernel_that_does_not_start_is_our_failure(open_kernel):
    with pytest.raises(SandboxError):
        open_kernel(preload=("no_such_module",)).__enter__()
