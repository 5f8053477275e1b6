"""The speed of a worker: measured from outside, as seldom as will do, and shared."""

from __future__ import annotations

import asyncio
import itertools
import os
from contextlib import closing
from types import SimpleNamespace

import psutil
import pytest

from autograder.errors import SandboxError
from autograder.grade import speed
from autograder.grade.speed import SETUP, WORK, Pace, Speedometer, Timing, Workload
from autograder.sandbox.base import CellError, CellRun, KernelDiedError, Usage
from autograder.sandbox.scripted import ScriptedSandbox
from autograder.schema import Outcome
from autograder.sites import GradeJob, Tools
from tests.grade.conftest import case, question, submit, write_bundle

NOTHING = "def test_nothing():\n    pass"
MEASURED = (0.2, 0.3, 0.1, 0.4, 0.6, 0.5, 0.7, 9.0)
"""CPU seconds of one training after the other."""


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only where a test says so."""
    told = SimpleNamespace(now=100.0)
    monkeypatch.setattr(speed, "time", SimpleNamespace(monotonic=lambda: told.now))
    return told


def read_usages(measured=MEASURED):
    """Readings before and after the setup, then before and after each training."""
    ends = itertools.accumulate(measured, initial=1.0)
    return [Usage(cpu, 0.0) for cpu in (0.0, *(reading for end in ends for reading in (end, end)))]


@pytest.fixture
def scripted():
    return ScriptedSandbox(usages=read_usages())


@pytest.fixture
def speedometer(scripted):
    with closing(Speedometer(scripted, reference_cpu_seconds=0.6)) as opened:
        yield opened


def test_a_machine_that_takes_twice_as_long_has_half_the_speed():
    with closing(Speedometer(ScriptedSandbox(usages=read_usages([0.2] * 3)), 0.1)) as speedometer:
        assert speedometer.read_speed(0.0) == pytest.approx(0.5)


def test_three_measurements_tell_the_speed_of_what_follows_within_seconds(
    clock, scripted, speedometer
):
    assert speedometer.read_speed(clock.now) == pytest.approx(3.0), "0.2, 0.3 and 0.1 s"
    clock.now += 5
    assert speedometer.read_speed(clock.now) == pytest.approx(3.0)
    (kernel,) = scripted.kernels
    assert kernel.sources == [SETUP, *[WORK] * 3]
    clock.now += 1
    assert speedometer.read_speed(clock.now) == pytest.approx(1.2), "0.4, 0.6 and 0.5 s"
    assert kernel.sources == [SETUP, *[WORK] * 6]
    assert not kernel.killed


def test_what_is_measured_beside_the_work_counts_and_outliers_do_not(clock, speedometer):
    speedometer.read_speed(clock.now)
    for _ in range(5):
        clock.now += 1
        speedometer.take_sample()
    assert speedometer.read_speed(101.0) == pytest.approx(1.0), "0.4, 0.6, 0.5, 0.7 and 9.0 s"


def test_gradings_at_the_same_time_share_their_measurements(clock, scripted, speedometer):
    for later in (0.0, 0.2, 0.2, 0.2):
        clock.now += later
        speedometer.take_sample()
    assert scripted.kernels[0].sources == [SETUP, *[WORK] * 2]


def test_the_kernel_that_measures_ends_with_its_speedometer(scripted):
    with closing(Speedometer(scripted)) as speedometer:
        speedometer.take_sample()
        assert not scripted.kernels[0].killed
    assert scripted.kernels[0].killed


def test_a_kernel_that_was_ended_since_is_replaced_and_one_that_ends_each_time_is_told(
    clock, scripted, speedometer
):
    speedometer.take_sample()
    scripted.kernels[0].killed = True
    clock.now += 60
    speedometer.take_sample()
    assert len(scripted.kernels) == 2
    endless = ScriptedSandbox({SETUP: KernelDiedError("ended")})
    told = pytest.raises(SandboxError, match=r"was ended; see whether the machine is short of")
    with closing(Speedometer(endless)) as without, told:
        without.read_speed(0.0)
    assert [kernel.killed for kernel in endless.kernels] == [True] * 3


def test_a_speed_that_cannot_be_measured_is_a_failure_of_ours():
    broken = CellRun(error=CellError("ImportError", "no keras", ""))
    sandbox = ScriptedSandbox({SETUP: broken})
    told = pytest.raises(SandboxError, match="no keras")
    with closing(Speedometer(sandbox)) as speedometer, told:
        speedometer.read_speed(0.0)


def test_a_pace_begins_once_and_then_keeps_its_speed(scripted, speedometer):
    async def use():
        pace = Pace(speedometer)
        await pace.settle()
        assert (pace.measured, pace.speed, len(scripted.kernels)) == (None, 1.0, 0)
        pace.keep()  # nothing that is known
        pace.begin()
        assert not pace.look()
        pace.begin()
        await pace.settle()
        pace.begin()
        await pace.settle()
        return pace.speed

    assert asyncio.run(use()) == pytest.approx(3.0)
    (kernel,) = scripted.kernels
    assert kernel.sources == [SETUP, *[WORK] * 3]


def test_a_pace_tells_that_its_speed_cannot_be_measured():
    broken = ScriptedSandbox({SETUP: CellRun(error=CellError("ImportError", "no keras", ""))})

    async def use(speedometer, ask):
        pace = Pace(speedometer)
        pace.begin()
        await asyncio.sleep(0.5)
        await ask(pace)

    async def look(pace):
        pace.look()

    with closing(Speedometer(broken)) as speedometer:
        for ask in (look, Pace.settle):
            with pytest.raises(SandboxError, match="no keras"):
                asyncio.run(use(speedometer, ask))


def test_a_site_measures_its_speed_in_a_kernel_like_the_students(tmp_path, sandbox, scorers):
    with closing(Workload(sandbox)) as workload:
        taken = workload.measure()
    bundle = write_bundle(tmp_path, [question("q1", case("def test_it(a):\n    assert a == 1"))])
    job = GradeJob(submit("a = 1", "grader.check('q1')"), seed=0)
    with closing(Speedometer(sandbox, taken)) as speedometer:
        tools = Tools(bundle, sandbox, scorers, Timing(speedometer))
        assert 0.3 < job.run(tools).result.environment.speed < 3  # measured twice in a row


def test_each_question_that_does_not_end_is_stopped(tmp_path, sandbox, scorers):
    names = ("q1", "q2", "q3")
    asked = [question(name, case(NOTHING, question=name), time_limit_seconds=0.5) for name in names]
    bundle = write_bundle(tmp_path, asked)
    endless = [cell for name in names for cell in ("while True: pass", f"grader.check('{name}')")]
    with closing(Speedometer(sandbox)) as speedometer:
        job = GradeJob(submit(*endless), seed=0)
        graded = job.run(Tools(bundle, sandbox, scorers, Timing(speedometer)))
    assert [found.outcome for found in graded.result.questions] == [Outcome.TIME_LIMIT] * 3


@pytest.mark.skipif(os.geteuid() != 0, reason="tells a kernel by its user")
def test_a_real_kernel_is_killed_between_two_measurements(sandbox):
    before = set(list_kernels())
    with closing(Workload(sandbox)) as workload:
        first = workload.measure()
        kernels = set(list_kernels()) - before
        assert kernels
        for process in kernels:
            process.kill()
        assert 0 < workload.measure() < 10 * first


def list_kernels():
    """Students' kernels below this process: all others are the grader's user."""
    below = psutil.Process().children(recursive=True)
    return [process for process in below if process.uids().real != os.geteuid()]
