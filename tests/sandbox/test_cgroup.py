"""Control groups: version 1 for real where the machine has it, version 2 on a folder that looks like one."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.sandbox import cgroup as module
from autograder.sandbox.cgroup import Caps, Cgroup, make_cgroup

CAPS = Caps(memory_mib=64, processes=20)


@pytest.fixture
def real():
    group = make_cgroup(f"test{time.time_ns() % 10**6}", CAPS)
    if group is None:
        pytest.skip("this process may not make control groups")
    yield group
    group.remove()


def test_it_counts_the_time_and_memory_of_whom_it_takes_in(real):
    work = "import sys\nsys.stdin.read()\nimport time\nx = bytearray(20 * 2**20)\nwhile time.process_time() < 0.4: 0\nprint(1, flush=True)\nsys.stdin = open(0)\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-S", "-c", work], stdin=-1, stdout=-1) as process:
        real.add(process.pid)
        process.stdin.close()
        process.stdout.readline()
        usage = real.usage()
        assert usage.cpu_seconds > 0.3
        assert usage.memory_mib > 15
        assert not usage.out_of_memory
        real.kill()
    assert process.returncode == -9


def test_its_memory_has_an_end(real):
    work = "input()\nheld = [bytearray(b'x' * 2**20) for _ in range(200)]"
    with subprocess.Popen([sys.executable, "-S", "-c", work], stdin=-1) as process:
        real.add(process.pid)
        process.communicate(b"\n")
    assert process.returncode == -9
    assert real.usage().out_of_memory


def test_nothing_is_left_of_it_and_its_last_usage_is_known(real):
    work = "input()\nprint(sum(range(10**6)), flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-S", "-c", work], stdin=-1, stdout=-1) as process:
        real.add(process.pid)
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.readline()
        real.remove()
    assert not any(folder.exists() for folder in real.folders)
    assert real.usage().cpu_seconds > 0
    real.remove()


def test_a_group_of_a_grader_that_is_gone_is_removed(real):
    (folder, *_) = real.folders
    stale = folder.parent / "autograder-4194304-gone"
    stale.mkdir()
    other = make_cgroup("again", CAPS)
    assert other is not None
    other.remove()
    assert not stale.exists()


# Version 2


@pytest.fixture
def unified(tmp_path, monkeypatch):
    """A folder with the files of version 2, our own group in it, and the machine's words about it."""
    own = tmp_path / "user.slice" / "app.scope"
    own.mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "user.slice", own):
        (folder / "cgroup.subtree_control").write_text("cpu memory pids\n")
    monkeypatch.setattr(module, "find_hierarchies", lambda: {"unified": (tmp_path, own)})
    make = Path.mkdir

    def make_group(self, *args, **options):
        make(self, *args, **options)
        if self.name.startswith("autograder-"):
            files = {
                "memory.max": "max",
                "pids.max": "max",
                "memory.swap.max": "max",
                "memory.oom.group": "0",
                "cgroup.procs": "",
                "cgroup.kill": "",
                "cpu.stat": "usage_usec 2500000\nuser_usec 1\n",
                "memory.stat": "anon 10485760\nfile 99\n",
                "memory.events": "low 0\noom 1\noom_kill 1\n",
            }
            for name, text in files.items():
                (self / name).write_text(text)

    monkeypatch.setattr(Path, "mkdir", make_group)
    return own


def test_version_2_gets_one_group_with_all_caps(unified):
    group = make_cgroup("k", CAPS)
    (folder,) = group.folders
    assert folder == unified / f"autograder-{os.getpid()}-k"
    read = {path.name: path.read_text() for path in folder.iterdir()}
    assert read["memory.max"] == str(64 * 2**20)
    assert (read["pids.max"], read["memory.swap.max"], read["memory.oom.group"]) == ("20", "0", "1")
    usage = group.usage()
    assert (usage.cpu_seconds, usage.memory_mib, usage.out_of_memory) == (2.5, 10.0, True)


def test_version_2_goes_up_to_a_group_that_permits_it(unified, monkeypatch):
    offer = module._offer

    def refuse(parent, mount, controllers):
        if parent == unified:
            raise OSError(16, "busy")
        offer(parent, mount, controllers)

    monkeypatch.setattr(module, "_offer", refuse)
    (folder,) = make_cgroup("k", CAPS).folders
    assert folder.parent == unified.parent


def test_where_none_may_be_made_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_hierarchies", lambda: {"unified": (tmp_path, tmp_path)})
    assert make_cgroup("k", CAPS) is None
    monkeypatch.setattr(module, "find_hierarchies", dict)
    assert make_cgroup("k", CAPS) is None


def test_a_grader_that_cannot_be_seen_from_here_keeps_its_groups_and_nobody_is_signalled(unified):
    theirs = unified / "autograder-4194304-theirs"
    theirs.mkdir()
    (theirs / "cgroup.procs").write_text("0\n")
    make_cgroup("k", CAPS)
    assert theirs.exists()
    assert (theirs / "cgroup.kill").read_text() == ""
    assert list(Cgroup({"unified": theirs}).list_processes()) == []


def test_a_group_that_vanished_keeps_its_last_usage(tmp_path):
    group = Cgroup({"unified": tmp_path / "gone"})
    assert group.usage() == group.usage()
    group.kill()
    group.remove()


def test_a_process_that_ended_for_want_of_memory_elsewhere_is_not_its_fault(tmp_path):
    (tmp_path / "memory.stat").write_text("anon 0\n")
    (tmp_path / "cpu.stat").write_text("usage_usec 0\n")
    group = Cgroup({"unified": tmp_path})
    found = []
    for events in ("oom 0\noom_kill 0\n", "oom 0\noom_kill 1\n", "oom 1\noom_kill 1\n"):
        (tmp_path / "memory.events").write_text(events)
        found.append((group.was_thinned(), group.usage().out_of_memory))
    assert found == [(False, False), (True, False), (False, True)]
