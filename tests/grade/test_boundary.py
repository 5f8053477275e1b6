"""What never meets student code is never in its process: looked for from outside and inside."""

from __future__ import annotations

import asyncio
import os
import re
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from autograder.grade.scorer.process import Scorers
from autograder.grade.submission import grade_submission
from autograder.schema import TrainingSpec
from autograder.warmth.environment import choose_computation
from tests.faults.victims import find_kind
from tests.grade.conftest import case, question, submit, write_bundle

MARK = "SECRET_5e1f09c7"
THRESHOLD = 0.8437261953
WORK = "/home/student/work"
LOOK_INSIDE = r"""
import gc, os, re, sys, time
def f(x):
    found = []
    pattern = re.compile(rb"SEC[R]ET_[0-9a-f]{8}")
    for line in open("/proc/self/maps"):
        first, kind = line.split()[:2]
        if "r" not in kind or "[v" in line:
            continue
        start, end = (int(part, 16) for part in first.split("-"))
        try:
            with open("/proc/self/mem", "rb") as memory:
                memory.seek(start)
                found += pattern.findall(memory.read(end - start))
        except (OSError, ValueError, OverflowError):
            pass
    frame = sys._getframe()
    names = []
    while frame is not None:
        names += [str(value)[:10_000] for value in frame.f_locals.values() if isinstance(value, (str, bytes, dict, list))]
        frame = frame.f_back
    found += pattern.findall(" ".join(names).encode())
    found += pattern.findall(repr(dict(os.environ)).encode())
    for folder, _, files in os.walk(os.path.dirname(os.getcwd())):
        for name in files:
            try:
                found += pattern.findall(open(os.path.join(folder, name), "rb").read(10_000_000))
            except OSError:
                pass
    for number in os.listdir("/proc/self/fd"):
        try:
            found += pattern.findall(os.readlink(f"/proc/self/fd/{number}").encode())
        except OSError:
            pass
    with open("inside.txt", "w") as file:
        file.write(repr(found))
    while not os.path.exists("go.txt"):
        time.sleep(0.05)
    return x
"""


def _secrets(labels: np.ndarray) -> dict[str, bytes]:
    return {
        "hidden test": MARK.encode(),
        "hidden test as UTF-32": MARK.encode("utf-32-le"),
        "labels": labels.tobytes()[:48],
        "threshold": struct.pack("<d", THRESHOLD),
        "threshold as text": str(THRESHOLD).encode(),
    }


def _read_memory(pid: int, access: str = "r") -> bytes:
    parts = []
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, kind = line.split()[:2]
        if access not in kind or "[v" in line:
            continue
        start, end = (int(part, 16) for part in span.split("-"))
        try:
            with Path(f"/proc/{pid}/mem").open("rb") as memory:
                memory.seek(start)
                parts.append(memory.read(end - start))
        except (OSError, ValueError, OverflowError):
            continue
    return b"".join(parts)


def _find_kernel() -> tuple[int, Path]:
    """Process id and working folder, as seen from here, of the kernel that has looked inside."""
    for _ in range(1_200):
        for process in psutil.process_iter():
            work = Path(f"/proc/{process.pid}/root{WORK}")
            with suppress(OSError, psutil.Error):
                leads = os.getsid(process.pid) == process.pid
                if leads and (work / "inside.txt").exists():
                    return process.pid, work
        time.sleep(0.05)
    pytest.fail("no kernel looked inside")


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_running_kernel_holds_no_hidden_test_label_or_threshold(tmp_path, scorers, sandbox):
    labels = np.random.default_rng(7).normal(size=64)
    hidden_test = (
        f"def test_it(f, hidden):\n    '{MARK}'\n    assert f(3) == 3\n    assert f(4) == 4\n"
    )
    spec = TrainingSpec(full_marks_at=THRESHOLD, no_marks_below=0.1, points=1, metric="mae")
    bundle = write_bundle(
        tmp_path / "bundle",
        [
            question("q1", case(hidden_test, hidden=True), time_limit_seconds=60),
            question("q2", training=spec, points=1),
        ],
        public={"x_train": np.zeros((4, 2))},
        hidden={"x": np.zeros((64, 2)), "y": labels},
        imports={"keras": "keras"},
    )
    submission = submit("PLACE = 'here'", LOOK_INSIDE, "grader.check('q1')")
    results = []

    def run() -> None:
        results.append(grade_submission(submission, bundle, sandbox, scorers).result)

    thread = threading.Thread(target=run)
    thread.start()
    pid, work = _find_kernel()
    process = psutil.Process(pid)
    memory = _read_memory(pid)
    beside = b"".join(
        (
            Path(f"/proc/{pid}/environ").read_bytes(),
            Path(f"/proc/{pid}/cmdline").read_bytes(),
            b"\0".join(file.path.encode() for file in process.open_files()),
        )
    )
    opened = {file.path for file in process.open_files()}
    inside = (work / "inside.txt").read_text()
    (work / "go.txt").write_text("go")
    thread.join()

    found = [name for name, secret in _secrets(labels).items() if secret in memory + beside]
    assert found == []
    assert inside == "[]"
    assert not any(str(bundle.folder) in path for path in opened)
    assert str(bundle.folder).encode() not in beside
    assert b"LOOK" not in beside
    assert len(memory) > 10_000_000
    assert re.search(rb"PLACE", memory), "the search sees what is there"
    assert results[0].questions[0].score == 1


def test_the_search_would_find_a_secret_that_is_there(tmp_path, scorers, sandbox):
    """The test above can fail: a mark that student code does hold is found by its methods."""
    bundle = write_bundle(
        tmp_path / "bundle",
        [question("q1", case("def test_it(f):\n    assert f(3) == 3"), time_limit_seconds=60)],
    )
    submission = submit(f"held = '{MARK[:7]}' + '{MARK[7:]}'", LOOK_INSIDE, "grader.check('q1')")
    thread = threading.Thread(target=grade_submission, args=(submission, bundle, sandbox, scorers))
    thread.start()
    _, work = _find_kernel()
    inside = (work / "inside.txt").read_text()
    (work / "go.txt").write_text("go")
    thread.join()
    assert MARK in inside


# The one ancestor of kernels and scorers


def _read_links(pid):
    links = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            links[int(entry.name)] = str(entry.readlink())
    return links


@pytest.fixture
def keras_bundle(tmp_path):
    source = "def test_it(f):\n    assert f() == 1"
    return write_bundle(tmp_path, [question("q1", case(source))], imports={"keras": "keras"})


def test_kernels_and_scorers_are_forks_of_one_process_and_share_nothing_else(
    keras_bundle, grade, scorers, ancestor
):
    assert grade(keras_bundle, "def f():\n    return 1").score == 1
    parent = psutil.Process(ancestor._process.pid)

    async def look() -> None:
        async with scorers.open():
            warm = [*_find_below(parent, "zygote"), *_find_below(parent, "scorers")]
            (scorer,) = _find_below(parent, "scorer")
            assert len(warm) == 2
            _wait_until_alone(scorer.pid)
            held = [_read_links(process.pid) for process in (parent, *warm, scorer)]
            sockets = [{link for link in links.values() if "socket" in link} for links in held]
            assert [len(some) for some in sockets] == [1, 1, 1, 1]
            assert len(set.union(*sockets)) == 4
            files = [link for links in held for link in links.values() if "socket" not in link]
            assert {link for link in files if "(deleted)" not in link} == {"/dev/null"}
            assert _read_links(scorer.pid)[2] == "/dev/null"
            shared = {psutil.Process(process.pid).cwd() for process in warm}
            assert len(shared) == 2

    asyncio.run(look())


def _wait_until_alone(scorer):
    """Its number is known as soon as it is forked, a moment before it lets go of its parent's."""
    deadline = time.monotonic() + 10
    while sum("socket" in link for link in _read_links(scorer).values()) > 1:
        if time.monotonic() > deadline:
            return  # what follows says what it holds
        time.sleep(0.01)


def _find_below(parent, kind):
    """Those of ours: other tests of this process may have an ancestor, too."""
    victims = find_kind(os.getpid(), kind)
    return [item.process for item in victims if parent in item.process.parents()]


def test_the_ancestor_has_no_secret_of_a_grading_in_its_memory(tmp_path, grade, ancestor):
    source = f"def test_it(f):\n    '{MARK}'\n    assert f() == 1"
    bundle = write_bundle(
        tmp_path, [question("q1", case(source, hidden=True))], imports={"keras": "keras"}
    )
    assert grade(bundle, "held = 'OF_THE_STUDENT_77'\ndef f():\n    return 1").score == 1
    memory = _read_memory(ancestor._process.pid, access="w")
    assert b"autograder.warmth" in memory, "the search sees what is there"
    for secret in (MARK, "OF_THE_STUDENT_77", str(bundle.folder)):
        assert secret.encode() not in memory, secret


def test_tests_of_staff_have_the_graders_environment_and_the_ancestor_has_not(
    tmp_path, ancestor, sandbox, monkeypatch
):
    (tmp_path / "staff_helper.py").write_text("ANSWER = 42")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    monkeypatch.setenv("STAFF_SECRET", "not \udcff text\nin two lines")
    source = (
        "def test_it(f):\n    import os, staff_helper, tempfile\n"
        "    assert os.environ['STAFF_SECRET'] == 'not \\udcff text\\nin two lines'\n"
        "    assert os.environ['TF_NUM_INTRAOP_THREADS'] == '1'\n"
        "    import matplotlib.pyplot as plt\n    assert plt.get_backend().lower() == 'agg'\n"
        "    assert 'ag-scorers-' in tempfile.gettempdir()\n"
        "    assert f() == staff_helper.ANSWER"
    )
    bundle = write_bundle(tmp_path / "bundle", [question("q1", case(source))])
    with Scorers(ancestor) as fresh:
        graded = grade_submission(submit("def f():\n    return 42"), bundle, sandbox, fresh)
        warm = [item.process for item in find_kind(os.getpid(), "scorers")]
        assert warm
        for process in (*warm, *(item.parent() for item in warm)):
            assert "STAFF_SECRET" not in process.environ()
    assert graded.result.score == 1, graded.result.questions


def test_kernels_and_scorers_agree_on_how_numbers_are_computed(tmp_path, grade):
    names = sorted(set(choose_computation()) - set(os.environ))  # those win in the scorer
    source = f"def test_it(f):\n    import os\n    assert f() == [os.environ[n] for n in {names}]"
    cell = f"def f():\n    import os\n    return [os.environ[n] for n in {names}]"
    bundle = write_bundle(tmp_path, [question("q1", case(source))])
    assert grade(bundle, cell).score == 1
