"""The speed of a worker: measured from outside, seldom, and shared."""

from __future__ import annotations

import asyncio

import pytest

from autograder.errors import SandboxError
from autograder.grade.speed import SETUP, WORK, Pace, Speedometer, Timing, measure_workload
from autograder.sandbox.base import CellError, CellRun, Usage
from autograder.sandbox.scripted import ScriptedSandbox
from autograder.sites import GradeJob, Tools
from tests.grade.conftest import case, question, submit, write_bundle

# Before and after the setup, then before and after each of five repeats: 0.2, 0.3, 0.1, 0.1, 0.4 s.
READINGS = (0.0, 1.0, 1.0, 1.2, 1.2, 1.5, 1.5, 1.6, 1.6, 1.7, 1.7, 2.1)
USAGES = [Usage(cpu, 0.0) for cpu in READINGS]


def test_a_machine_that_takes_twice_as_long_has_half_the_speed():
    speedometer = Speedometer(ScriptedSandbox(usages=USAGES), reference_cpu_seconds=0.1)
    assert speedometer.read_speed() == pytest.approx(0.5)


def test_one_measurement_serves_eight_gradings():
    sandbox = ScriptedSandbox(usages=USAGES)
    speedometer = Speedometer(sandbox)
    for _ in range(8):
        speedometer.read_speed()
    assert [kernel.sources for kernel in sandbox.kernels] == [[SETUP, *[WORK] * 5]]
    speedometer.read_speed()
    assert len(sandbox.kernels) == 2


def test_a_speed_that_cannot_be_measured_is_a_failure_of_ours():
    broken = CellRun(error=CellError("ImportError", "no keras", ""))
    with pytest.raises(SandboxError, match="no keras"):
        Speedometer(ScriptedSandbox({SETUP: broken})).read_speed()


def test_a_pace_asks_once_and_then_keeps_its_speed():
    sandbox = ScriptedSandbox(usages=USAGES)

    async def use():
        pace = Pace(Speedometer(sandbox, 0.4))
        await pace.settle()
        assert (pace.measured, pace.speed, len(sandbox.kernels)) == (None, 1.0, 0)
        pace.begin()
        assert not await pace.look()
        pace.begin()
        await pace.settle()
        return pace.speed

    assert asyncio.run(use()) == pytest.approx(2.0)
    assert len(sandbox.kernels) == 1


def test_a_site_measures_its_speed_in_a_kernel_like_the_students(tmp_path, sandbox, scorers):
    taken = asyncio.run(measure_workload(sandbox))
    bundle = write_bundle(tmp_path, [question("q1", case("def test_it(a):\n    assert a == 1"))])
    tools = Tools(bundle, sandbox, scorers, Timing(Speedometer(sandbox, taken)))
    job = GradeJob(submit("a = 1", "grader.check('q1')"), seed=0)
    assert 0.3 < job.run(tools).result.environment.speed < 3  # measured twice in a row
