"""What is charged to a question, and who pays where it takes too long."""

from __future__ import annotations

import asyncio
import time
from contextlib import nullcontext

import pytest

from autograder.errors import KernelStarvedError
from autograder.grade import contention, meter, speed
from autograder.grade.meter import Meter, StoppedError, run_limited
from autograder.grade.speed import Pace
from autograder.sandbox.base import KernelRequest, Usage
from autograder.sandbox.cores import CoreTimes
from autograder.sandbox.scripted import ScriptedKernel
from autograder.schema import Limits, Outcome


class KnownSpeed:
    """Counts its measurements; the last of the speeds stays."""

    def __init__(self, *speeds):
        self.speeds = list(speeds)
        self.measured = 0

    def take_sample(self):
        self.measured += 1
        if len(self.speeds) > 1:
            self.speeds.pop(0)

    def read_speed(self, since):
        assert since <= time.monotonic()
        self.measured += not self.measured
        return self.speeds[0]


def charge(cpu_seconds, pace=None, *, work_seconds=0.0):
    """Meter with a limit of 3 s after work that used `cpu_seconds`."""
    used = [Usage(0.0, 0.0), Usage(cpu_seconds, 0.0)]
    kernel = ScriptedKernel(KernelRequest({}, Limits()), {}, lambda request: request, used)
    charged = Meter(3.0, pace=pace or Pace())
    asyncio.run(run_limited(kernel, asyncio.sleep(work_seconds), charged, 4096))
    return charged


@pytest.mark.parametrize(("speed", "most"), [(0.5, 6.0), (1.0, 3.0), (2.0, 1.5)])
def test_a_limit_is_as_much_work_on_every_machine(speed, most):
    used = charge(0.95 * most, Pace(measured=speed))
    assert used.reference_seconds == pytest.approx(0.95 * 3)
    with pytest.raises(StoppedError) as stopped:
        charge(1.05 * most, Pace(measured=speed))
    assert (stopped.value.outcome, stopped.value.killed) == (Outcome.TIME_LIMIT, False)


@pytest.mark.parametrize(("cpu_seconds", "measured"), [(0.9, 0), (1.1, 1)])
def test_the_speed_is_measured_only_where_the_verdict_may_depend_on_it(cpu_seconds, measured):
    speedometer = KnownSpeed(1.5)
    used = charge(cpu_seconds, Pace(speedometer))
    assert speedometer.measured == measured
    assert used.reference_seconds == pytest.approx(cpu_seconds * (1.5 if measured else 1.0))


def test_the_speed_is_measured_until_the_work_ends_and_not_beside_what_follows(monkeypatch):
    monkeypatch.setattr(speed, "_SAMPLE_SECONDS", 0.1)
    speedometer = KnownSpeed(0.5, 0.6, 0.7)
    pace = Pace(speedometer)
    used = charge(4.0, pace, work_seconds=1.0)
    measured = speedometer.measured
    assert measured > 2
    assert used.reference_seconds == pytest.approx(2.8), "by the speed of all the time"
    speedometer.speeds = [0.9]
    assert charge(4.0, pace, work_seconds=0.5).reference_seconds == pytest.approx(2.8)
    assert speedometer.measured == measured


def test_the_speed_that_something_was_stopped_by_stays(monkeypatch):
    monkeypatch.setattr(speed, "_SAMPLE_SECONDS", 0.1)
    pace = Pace(KnownSpeed(0.7, 0.8, 0.5))  # 4 s are over the limit of 3 by the second alone
    with pytest.raises(StoppedError):
        charge(4.0, pace, work_seconds=1.5)
    assert pace.speed == 0.8


@pytest.mark.parametrize("before", [4.0, 9.0])
def test_what_follows_is_stopped_by_the_speed_that_was_found_before(before):
    pace = Pace(KnownSpeed(0.5))
    with pytest.raises(StoppedError) if before * 0.5 > 3 else nullcontext():
        charge(before, pace, work_seconds=0.5)
    with pytest.raises(StoppedError):
        charge(9.0, pace, work_seconds=0.5)
    assert pace.speed == 0.5


def test_nobody_is_stopped_before_the_speed_is_known():
    used = charge(4.0, Pace(KnownSpeed(0.5)), work_seconds=0.5)
    assert used.reference_seconds == pytest.approx(2.0)


@pytest.fixture
def wait_too_long(monkeypatch):
    """Work that passes its wall-clock stop on a machine that does as the arguments say."""

    def run(*, delayed, idle_share, carried=0.0):
        kernel = ScriptedKernel(KernelRequest({}, Limits()), {}, lambda _: _, [Usage(0.1, 0.0)])
        ticks = iter(range(0, 10**6, 200))

        def read_core_times():
            now = next(ticks)
            kernel.delay_seconds = now / 200 * delayed
            kernel.carrying_seconds = now / 200 * carried
            return CoreTimes(int(now * idle_share), now, 0.0)

        monkeypatch.setattr(contention, "read_core_times", read_core_times)
        monkeypatch.setattr(meter, "_LEAST_WALL_SECONDS", 0.7)
        asyncio.run(run_limited(kernel, asyncio.sleep(2), Meter(0.2), 4096))

    return run


def test_code_that_sleeps_beside_busy_neighbours_pays_for_it(wait_too_long):
    with pytest.raises(StoppedError) as stopped:
        wait_too_long(delayed=0.0, idle_share=0.0)
    assert stopped.value.outcome is Outcome.TIME_LIMIT


def test_code_that_the_machine_starved_does_not(wait_too_long):
    with pytest.raises(KernelStarvedError, match="had no core for the student's code"):
        wait_too_long(delayed=1.0, idle_share=0.0)


def test_code_that_starved_itself_with_a_flood_pays_for_it(wait_too_long):
    with pytest.raises(StoppedError) as stopped:
        wait_too_long(delayed=1.0, idle_share=0.0, carried=1.0)
    assert stopped.value.outcome is Outcome.TIME_LIMIT


def test_threads_that_wait_for_each_other_on_an_idle_machine_are_the_students(wait_too_long):
    with pytest.raises(StoppedError):
        wait_too_long(delayed=1.0, idle_share=0.9)
