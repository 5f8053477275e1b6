"""The speed of a worker: measured from outside, as seldom as will do, and shared."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing

import psutil
import pytest

from autograder.errors import SandboxError
from autograder.grade.speed import SETUP, WORK, Pace, Speedometer, Timing, Workload
from autograder.sandbox.base import CellError, CellRun, KernelDiedError, Usage
from autograder.sandbox.scripted import ScriptedSandbox
from autograder.sites import GradeJob, Tools
from tests.grade.conftest import case, question, submit, write_bundle

# Before and after the setup, then before and after each of three repeats: 0.2, 0.3 and 0.1 s, and
# of three more: 0.4 s each.
READINGS = (0.0, 1.0, 1.0, 1.2, 1.2, 1.5, 1.5, 1.6, 1.6, 2.0, 2.0, 2.4, 2.4, 2.8)
USAGES = [Usage(cpu, 0.0) for cpu in READINGS]


def test_a_machine_that_takes_twice_as_long_has_half_the_speed():
    sandbox = ScriptedSandbox(usages=USAGES)
    with closing(Speedometer(sandbox, reference_cpu_seconds=0.1)) as speedometer:
        assert speedometer.read_speed() == pytest.approx(0.5)


def test_one_measurement_serves_two_gradings_and_the_same_kernel_makes_the_next():
    sandbox = ScriptedSandbox(usages=USAGES)
    with closing(Speedometer(sandbox, reference_cpu_seconds=0.6)) as speedometer:
        assert [speedometer.read_speed() for _ in range(2)] == [pytest.approx(3.0)] * 2
        (kernel,) = sandbox.kernels
        assert kernel.sources == [SETUP, *[WORK] * 3]
        assert speedometer.read_speed() == pytest.approx(2.0), "the median of 0.2 and 0.4 s"
        assert kernel.sources == [SETUP, *[WORK] * 6]
        assert not kernel.killed
    assert len(sandbox.kernels) == 1
    assert kernel.killed


def test_a_kernel_that_was_ended_since_is_replaced_and_one_that_ends_each_time_is_told():
    sandbox = ScriptedSandbox(usages=USAGES)
    with closing(Speedometer(sandbox)) as speedometer:
        for _ in range(2):
            speedometer.read_speed()
        sandbox.kernels[0].killed = True
        speedometer.read_speed()
    assert len(sandbox.kernels) == 2
    endless = ScriptedSandbox({SETUP: KernelDiedError("ended")})
    told = pytest.raises(SandboxError, match=r"was ended; see whether the machine is short of")
    with closing(Speedometer(endless)) as speedometer, told:
        speedometer.read_speed()
    assert [kernel.killed for kernel in endless.kernels] == [True] * 3


def test_a_speed_that_cannot_be_measured_is_a_failure_of_ours():
    broken = CellRun(error=CellError("ImportError", "no keras", ""))
    sandbox = ScriptedSandbox({SETUP: broken})
    told = pytest.raises(SandboxError, match="no keras")
    with closing(Speedometer(sandbox)) as speedometer, told:
        speedometer.read_speed()


def test_a_pace_asks_once_and_then_keeps_its_speed():
    sandbox = ScriptedSandbox(usages=USAGES)

    async def use(speedometer):
        pace = Pace(speedometer)
        await pace.settle()
        assert (pace.measured, pace.speed, len(sandbox.kernels)) == (None, 1.0, 0)
        pace.begin()
        assert not await pace.look()
        pace.begin()
        await pace.settle()
        return pace.speed

    with closing(Speedometer(sandbox, 0.4)) as speedometer:
        assert asyncio.run(use(speedometer)) == pytest.approx(2.0)
    assert len(sandbox.kernels) == 1


def test_a_site_measures_its_speed_in_a_kernel_like_the_students(tmp_path, sandbox, scorers):
    with closing(Workload(sandbox)) as workload:
        taken = workload.measure()
    bundle = write_bundle(tmp_path, [question("q1", case("def test_it(a):\n    assert a == 1"))])
    job = GradeJob(submit("a = 1", "grader.check('q1')"), seed=0)
    with closing(Speedometer(sandbox, taken)) as speedometer:
        tools = Tools(bundle, sandbox, scorers, Timing(speedometer))
        assert 0.3 < job.run(tools).result.environment.speed < 3  # measured twice in a row


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
