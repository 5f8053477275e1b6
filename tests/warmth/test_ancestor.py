"""The ancestor, with real programs that need no Keras, so that each is up in a second."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from autograder.errors import AncestorLostError
from autograder.warmth import __main__ as program
from autograder.warmth.ancestor import Ancestor
from autograder.warmth.environment import make_library_environment
from autograder.warmth.program import Program, pack_program

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
KERNELS = Program("ag-kernels", "autograder.kernel.zygote", ("colorsys",))
GONE_SECONDS = 10.0


@pytest.fixture
def started(monkeypatch):
    """What a test started; not what this process adopted, which the attacks' tests make it do."""
    processes = []
    start = subprocess.Popen

    def start_and_note(*arguments, **options):
        processes.append(start(*arguments, **options))
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", start_and_note)
    return processes


@pytest.fixture
def ancestor():
    with Ancestor(("colorsys",)) as made:
        yield made


def _start(ancestor):
    """A warm process that is up: as such, and the line to it."""
    process, line = ancestor.start(KERNELS)
    ours, theirs = socket.socketpair()
    with ours, theirs:  # it answers, so it has imported what it needs
        socket.send_fds(line, [b"n"], [theirs.fileno()])
        assert line.recv(8)
    return psutil.Process(process.pid), line


def _read_links(process):
    place = Path(f"/proc/{process.pid}/fd")
    return {int(entry.name): str(entry.readlink()) for entry in place.iterdir()}


def _list_sockets(process):
    return {link for link in _read_links(process).values() if link.startswith("socket:")}


def _count_running(processes):
    return sum(process.poll() is None for process in processes)


def _is_there(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE  # of whom nobody took leave
    except psutil.NoSuchProcess:
        return False


def _wait_until_gone(*pids):
    deadline = time.monotonic() + GONE_SECONDS
    while any(_is_there(pid) for pid in pids):
        assert time.monotonic() < deadline, "a process outlived its reason"
        time.sleep(0.02)


def test_nothing_is_started_before_it_is_needed(started, ancestor):
    assert not started


def test_it_can_be_launched_before_it_is_needed(started, ancestor):
    ancestor.launch()
    ancestor.launch()
    fork, line = _start(ancestor)
    line.close()
    (launched,) = started
    assert fork.ppid() == launched.pid


def test_one_that_was_launched_and_not_needed_ends_at_once(started):
    with Ancestor(("keras",)) as launched:  # takes seconds
        launched.launch()
        assert _count_running(started) == 1
        start = time.monotonic()
    assert time.monotonic() - start < 1
    assert _count_running(started) == 0


def test_all_warm_processes_are_children_of_one_that_ran_the_import(ancestor):
    (one, line), (other, second) = _start(ancestor), _start(ancestor)
    with line, second:
        assert one.parent() == other.parent()
        assert one.parent().parent() == psutil.Process()
        assert one.name() == other.name() == "ag-kernels"
        assert len({os.getsid(process.pid) for process in (one, other, one.parent())}) == 3


def test_orders_of_two_threads_at_once_start_one_ancestor(ancestor):
    with ThreadPoolExecutor(2) as pool:
        started = [pool.submit(ancestor.start, KERNELS) for _ in range(2)]
        made = [future.result() for future in started]
    parents = {psutil.Process(process.pid).ppid() for process, _ in made}
    for _, line in made:
        line.close()
    assert len(parents) == 1


def test_ancestor_and_forks_hold_no_descriptor_but_their_own(ancestor, tmp_path):
    with (tmp_path / "of the grader").open("w") as file:
        os.set_inheritable(file.fileno(), True)  # noqa: FBT003 - takes no names
        (one, line), (other, second) = _start(ancestor), _start(ancestor)
        with line, second:
            links = _read_links(one.parent())
            (own,) = (number for number, link in links.items() if link.startswith("socket:"))
            assert sorted(links) == [0, 1, 2, own]
            assert links[0] == links[1] == "/dev/null"
            for fork in (one, other):
                assert sorted(_read_links(fork)) == [0, 1, 2, 3]
                assert {_read_links(fork)[number] for number in range(3)} == {"/dev/null"}
            sockets = [_list_sockets(process) for process in (one, other, one.parent())]
            assert len(set.union(*sockets)) == 3


def test_neither_ancestor_nor_forks_have_anything_of_the_graders_environment(ancestor, monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", "hunter2")
    fork, line = _start(ancestor)
    with line:
        for process in (fork, fork.parent()):
            assert set(process.environ()) == set(make_library_environment("", ""))
            assert process.cwd() == "/"


def test_what_was_killed_is_replaced_and_the_rest_goes_on(ancestor):
    (one, line), (other, second) = ancestor.start(KERNELS), ancestor.start(KERNELS)
    with line, second:
        one.kill()
        _wait_until_gone(one.pid)
        third, another = ancestor.start(KERNELS)
        with another:
            assert psutil.Process(third.pid).ppid() == psutil.Process(other.pid).ppid()


def test_a_killed_ancestor_takes_its_forks_along_and_is_replaced(ancestor):
    fork, line = _start(ancestor)
    with line:
        first = fork.parent()
        first.kill()
        _wait_until_gone(fork.pid)
        assert line.recv(1) == b""
    fork, line = ancestor.start(KERNELS)
    with line:
        assert psutil.Process(fork.pid).ppid() != first.pid


def test_closing_it_ends_all_of_them_and_counts_their_processor_time(ancestor):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    fork, line = _start(ancestor)
    first, used = fork.parent(), fork.cpu_times().user
    line.close()
    fork.wait(GONE_SECONDS)
    first_used = first.cpu_times().user
    ancestor.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert not first.is_running()
    assert used > 0
    assert after.ru_utime - before.ru_utime >= used + first_used - 0.05


def test_it_is_of_use_again_after_it_was_closed(started, ancestor):
    for _ in range(2):
        ancestor.start(KERNELS)[1].close()
        ancestor.close()
    assert len(started) == 2
    assert _count_running(started) == 0


def test_closing_it_while_it_loads_ends_it_soon(started):
    slow = Ancestor(("matplotlib.pyplot", "sklearn.metrics"))
    failed = []

    def order():
        try:
            slow.start(KERNELS)[1].close()
        except AncestorLostError as error:
            failed.append(error)

    thread = threading.Thread(target=order)
    thread.start()
    while not started:
        time.sleep(0.01)
    slow.close()
    thread.join()
    slow.close()
    assert _count_running(started) == 0


def test_a_fork_that_nobody_waits_for_any_more_is_ended(monkeypatch):
    fork = subprocess.Popen(["sleep", "60"])
    monkeypatch.setattr(program, "_fork", lambda *_: fork.pid)
    ours, theirs = socket.socketpair()
    with theirs, Path("/dev/null").open() as line:
        with ours:
            socket.send_fds(ours, [pack_program(KERNELS)], [line.fileno()])
        program.serve(theirs)
    assert not psutil.pid_exists(fork.pid)  # and leave is taken of it
    fork.returncode = 0


def test_a_module_that_cannot_be_imported_is_named():
    with (
        Ancestor(("no_such_module_here",)) as broken,
        pytest.raises(AncestorLostError, match="no_such_module_here"),
    ):
        broken.start(KERNELS)


def test_a_grader_that_is_killed_leaves_no_process():
    script = (
        "from autograder.warmth.ancestor import Ancestor\n"
        "from autograder.warmth.program import Program\n"
        "import time\n"
        "ancestor = Ancestor(('colorsys',))\n"
        f"process, line = ancestor.start({KERNELS!r})\n"
        "print(process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as grader:
        assert grader.stdout is not None
        fork = int(grader.stdout.readline())
        first = psutil.Process(fork).ppid()
        grader.kill()
    _wait_until_gone(fork, first)
