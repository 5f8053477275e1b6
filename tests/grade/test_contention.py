"""Whose doing it is that a kernel's threads wait for a core."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from autograder.grade import contention
from autograder.grade.contention import Contention
from autograder.grade.meter import Meter, run_limited
from autograder.grade.speed import Pace
from autograder.sandbox.base import KernelRequest, Usage
from autograder.sandbox.cores import CoreTimes
from autograder.sandbox.scripted import ScriptedKernel
from autograder.schema import Limits
from tests.sandbox.conftest import FLOOD

SECONDS = 10


@pytest.fixture
def watch(monkeypatch):
    """What a look per second makes of a kernel, given what happens in each second."""

    def run(*, delay, used, carrying=0.0, idle=0.0, cores=2):
        usages = [Usage(second * used, 0.0) for second in range(SECONDS + 1)]
        kernel = ScriptedKernel(KernelRequest({}, Limits()), {}, lambda _: _, usages)
        found = Contention()
        for second in range(SECONDS + 1):
            times = CoreTimes(round(100 * second * idle), 100 * second * cores, 0.0)
            clock = SimpleNamespace(monotonic=lambda now=second: float(now))
            monkeypatch.setattr(contention, "time", clock)
            monkeypatch.setattr(contention, "read_core_times", lambda now=times: now)
            kernel.delay_seconds, kernel.carrying_seconds = second * delay, second * carrying
            found.watch(kernel)
        assert found.watched_seconds == SECONDS
        return found

    return run


@pytest.mark.parametrize(
    ("seen", "lost"),
    [
        ({"delay": 0.6, "used": 0.4}, 6.0),
        ({"delay": 0.6, "used": 0.4, "carrying": 0.04}, 5.6),
        ({"delay": 0.5, "used": 0.5, "cores": 1}, 5.0),
        ({"delay": 3.0, "used": 0.4}, 6.0),
        ({"delay": 0.9, "used": 0.1, "carrying": 0.02}, 8.8),
    ],
    ids=["beside 4 loops", "that print", "beside 15 loops", "many threads", "beside 20 loops"],
)
def test_a_kernel_whose_cores_others_have_is_starved(watch, seen, lost):
    found = watch(**seen)
    assert found.is_starving
    assert found.lost_seconds == pytest.approx(lost)
    assert found.caused_seconds == 0


@pytest.mark.parametrize(
    "seen",
    [
        {"delay": 1.0, "used": 0.9, "carrying": 1.1},
        {"delay": 0.5, "used": 0.3, "carrying": 1.7},
        {"delay": 8.0, "used": 2.0},
        {"delay": 1.0, "used": 0.8, "cores": 1, "idle": 0.2},
        {"delay": 0.0, "used": 0.0, "carrying": 0.02},
        {"delay": 1.0, "used": 0.2, "idle": 1.8},
    ],
    ids=["flood", "cheap flood", "many threads", "one core", "sleep", "threads in turns"],
)
def test_a_kernel_that_keeps_the_cores_busy_itself_is_not(watch, seen):
    assert not watch(**seen).is_starving


def test_a_flood_beside_others_has_had_its_time_by_what_it_made_us_do(watch):
    found = watch(delay=1.0, used=0.3, carrying=0.25)
    assert found.is_starving
    assert found.caused_seconds == pytest.approx(2.0)
    meter = Meter(4.0, cpu_seconds=3.0, contention=found)
    assert (meter.is_over_limit, meter.has_had_its_time) == (False, True)
    slower = Meter(4.0, cpu_seconds=3.0, contention=found, pace=Pace(measured=0.5))
    assert not slower.has_had_its_time


def test_what_it_costs_to_take_in_a_real_flood_is_known(sandbox):
    async def measure(kernel, source):
        before = kernel.read_carrying()
        await run_limited(kernel, kernel.run_cell(source), Meter(60.0), 4096)
        return kernel.read_carrying() - before

    async def compare():
        async with sandbox.open_kernel(KernelRequest({}, Limits())) as kernel:
            await measure(kernel, "import time")
            return [await measure(kernel, source) for source in ("time.sleep(0.5)", FLOOD)]

    quiet, flood = asyncio.run(compare())
    assert flood > quiet + 0.02
