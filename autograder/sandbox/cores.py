"""Whether this machine had a core to spare between two moments.

Evidence from outside student code, which can make its own threads wait for each other but cannot
keep cores busy without using up its CPU seconds.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.sandbox.cgroup import find_hierarchies

_IDLE_SHARE = 0.25  # of our cores' time; with less of it idle, there was none to spare
_THROTTLED_SHARE = 0.1  # of the time between; with more, our own quota was used up
_FIRST_IDLE, _IDLE_FIELDS, _FIELDS = 3, 2, 8  # of a line: user nice system idle iowait … steal


@dataclass(frozen=True)
class CoreTimes:
    """What the cores that this process may use have done.

    Attributes:
        idle: clock ticks in which one had nothing to do.
        total: clock ticks altogether.
        throttled_seconds: for which the quota of our own control groups stopped us.
    """

    idle: int
    total: int
    throttled_seconds: float


def read_core_times() -> CoreTimes | None:
    """What our cores have done so far; None where the machine does not say."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    ours = {f"cpu{number}" for number in os.sched_getaffinity(0)}
    idle = total = 0
    with suppress(OSError, ValueError):
        for line in Path("/proc/stat").read_text().splitlines():
            name, *fields = line.split()
            if name in ours:
                ticks = list(map(int, fields[:_FIELDS]))
                idle += sum(ticks[_FIRST_IDLE : _FIRST_IDLE + _IDLE_FIELDS])
                total += sum(ticks)
        return CoreTimes(idle, total, _read_throttled())
    return None


def had_no_core_to_spare(before: CoreTimes, after: CoreTimes, seconds: float) -> bool:
    """Whether others had our cores, or a quota kept us from them, for most of `seconds`."""
    if after.throttled_seconds - before.throttled_seconds > _THROTTLED_SHARE * seconds:
        return True
    return after.idle - before.idle < _IDLE_SHARE * (after.total - before.total)


def _read_throttled() -> float:
    """Seconds for which one of our control groups was stopped, the largest of them."""
    return max((_read_throttled_of(path) for path in _list_statistics()), default=0.0)


@cache
def _list_statistics() -> tuple[Path, ...]:
    hierarchies = find_hierarchies()
    place = hierarchies.get("cpu") or hierarchies.get("unified")
    if place is None:
        return ()
    mount, own = place
    groups = [group for group in (own, *own.parents) if group == mount or mount in group.parents]
    return tuple(path for group in groups if (path := group / "cpu.stat").exists())


def _read_throttled_of(path: Path) -> float:
    with suppress(OSError, ValueError):
        numbers = dict(line.split() for line in path.read_text().splitlines())
        if "throttled_usec" in numbers:
            return int(numbers["throttled_usec"]) / 1e6
        return int(numbers.get("throttled_time", 0)) / 1e9
    return 0.0
