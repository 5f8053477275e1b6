"""Real kernels at their limits: the same verdicts on a slow machine and on a busy one."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing, contextmanager

import pytest

from autograder.grade import meter
from autograder.grade.losses import Losses
from autograder.grade.speed import Timing
from autograder.grade.submission import grade_submission
from autograder.sandbox.fork import ForkSandbox
from autograder.schema import Outcome
from tests.grade.conftest import case, question, submit, write_bundle
from tests.grade.test_meter import KnownSpeed

LIMIT = 1.5
CHECK = "grader.check('q1')"
BURN = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass\na = 1"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    asked = question("q1", case("def test_it(a):\n    assert a == 1"), time_limit_seconds=LIMIT)
    return write_bundle(tmp_path_factory.mktemp("bundle"), [asked])


@pytest.mark.parametrize(
    ("share", "outcome"), [(0.8, Outcome.PASSED), (1.25, Outcome.TIME_LIMIT)], ids=["in", "over"]
)
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_a_slower_machine_gives_the_same_verdict(bundle, sandbox, scorers, share, outcome, speed):
    timing = Timing(KnownSpeed(speed))
    cell = BURN.format(share * LIMIT / speed)
    result = grade_submission(submit(cell, CHECK), bundle, sandbox, scorers, timing=timing).result
    asked = result.questions[0]
    assert asked.outcome is outcome
    assert asked.reference_seconds == pytest.approx(asked.cpu_seconds * speed, abs=0.01)
    assert result.environment.speed == speed


def test_far_from_the_limit_the_speed_is_measured_only_where_it_is_wanted(bundle, sandbox, scorers):
    speeds = [
        grade_submission(
            submit("a = 1", CHECK),
            bundle,
            sandbox,
            scorers,
            timing=Timing(KnownSpeed(0.5), always=always),
        ).result.environment.speed
        for always in (False, True)
    ]
    assert speeds == [None, 0.5]


def test_an_honest_sleep_ends_at_the_wall_clock_stop(bundle, grade, monkeypatch):
    monkeypatch.setattr(meter, "_LEAST_WALL_SECONDS", 2.0)
    asked = grade(bundle, "import time\ntime.sleep(60)\na = 1", CHECK).questions[0]
    assert asked.outcome is Outcome.TIME_LIMIT
    assert asked.cpu_seconds < LIMIT


@contextmanager
def _one_busy_core(neighbours):
    """This thread and what it starts on one core, with busy loops beside them."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    loops = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(neighbours)
    ]
    try:
        with closing(ForkSandbox()) as sandbox:
            yield sandbox, loops
    finally:
        _end(loops)
        os.sched_setaffinity(0, before)


def _end(loops):
    for loop in loops:
        loop.kill()
        loop.wait()


def test_a_kernel_that_the_machine_starved_is_graded_again_at_no_cost(bundle, scorers, monkeypatch):
    runs = []
    begin_again = Losses.begin_again
    with _one_busy_core(neighbours=15) as (sandbox, loops):

        def note(losses, *, starved=False):
            runs.append(starved)
            _end(loops)
            monkeypatch.setattr(meter, "_WALL_FACTOR", 40.0)  # other tests may be running here, too
            return begin_again(losses, starved=starved)

        monkeypatch.setattr(Losses, "begin_again", note)
        # A kernel's control group gets half of the core, however many loops there are.
        monkeypatch.setattr(meter, "_LEAST_WALL_SECONDS", 0.1)
        monkeypatch.setattr(meter, "_WALL_FACTOR", 0.6)
        cell = BURN.format(0.8 * LIMIT)
        result = grade_submission(submit(cell, CHECK), bundle, sandbox, scorers).result
    assert runs
    assert all(runs)
    assert (result.outcome, result.score) == ("graded", 1), result.staff_message


def test_a_machine_that_starves_every_run_is_a_fault_of_ours(bundle, scorers, monkeypatch):
    monkeypatch.setattr(meter, "_LEAST_WALL_SECONDS", 0.1)
    monkeypatch.setattr(meter, "_WALL_FACTOR", 0.5)
    monkeypatch.setattr(Losses, "patience", 1.0)
    with _one_busy_core(neighbours=15) as (sandbox, _):
        cell = BURN.format(0.8 * LIMIT)
        result = grade_submission(submit(cell, CHECK), bundle, sandbox, scorers).result
    assert (result.outcome, result.score) == ("grader_error", None)
    assert "had no core" in result.staff_message
