"""How many gradings a machine does at a time: its cores keep busy, and its memory suffices.

Left out: the limit of each kernel (`sandbox`), which holds whatever is decided here.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from autograder.machine import count_cores

PER_ITEM_MIB = 2048  # a kernel with TensorFlow and its scorer, while training
RESERVE_MIB = 1024  # for the grader itself, its warm processes and the rest of the machine
GROWTH_SECONDS = 10.0  # until what was begun shows in the measurement
# A grading waits some of its time: for its kernel to start, its scorer, the disk, and at the end of
# each epoch of a `fit`. Half as many again as cores keep those busy (24 gradings of about 3 s of
# training on two cores: 52 s instead of 58; 300 scored again after a changed test of their models:
# 30 instead of 40).
GRADINGS_PER_CORE = 1.5

_MIB = 2**20
_GROUP_V2 = Path("/sys/fs/cgroup")
_GROUP_V1 = Path("/sys/fs/cgroup/memory")


def measure_available_mib() -> float:
    """Memory that can still be had, in MiB: of the machine, and of this container's limit."""
    available = float(psutil.virtual_memory().available)
    for limit, used in (
        (_GROUP_V2 / "memory.max", _GROUP_V2 / "memory.current"),
        (_GROUP_V1 / "memory.limit_in_bytes", _GROUP_V1 / "memory.usage_in_bytes"),
    ):
        with suppress(OSError, ValueError):  # no such group, or `max`: no limit
            cache = _read_cache(used.parent / "memory.stat")
            available = min(available, int(limit.read_text()) - int(used.read_text()) + cache)
    return available / _MIB


def _read_cache(stat: Path) -> int:
    """Bytes of file cache that the machine gives back when they are needed."""
    words = dict(line.split() for line in stat.read_text().splitlines())
    return int(words.get("total_inactive_file", words.get("inactive_file", "0")))


class MemoryGate:
    """Lets items begin while memory is free for them; always lets one.

    What began in the last seconds has not grown yet, so the whole of what it may need is held back
    for it; of older ones the measurement tells.

    Args:
        budget_mib: how much the items may use together; 0 for what is available now, less
            `RESERVE_MIB`.
        per_item_mib: what one may need.
        measure: tells what is available, in MiB.
        clock: tells seconds that only grow.
    """

    def __init__(
        self,
        budget_mib: float = 0,
        per_item_mib: float = PER_ITEM_MIB,
        measure: Callable[[], float] = measure_available_mib,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._measure = measure
        self._clock = clock
        self._at_start = measure()
        self.per_item_mib = per_item_mib
        self.budget_mib = budget_mib or max(0.0, self._at_start - RESERVE_MIB)
        self._began: list[float] = []
        self._lock = threading.Lock()

    def count_gradings(self) -> int:
        """How many gradings are done at a time where nobody says: at least one."""
        room = int(self.budget_mib // self.per_item_mib)
        return max(1, min(math.ceil(GRADINGS_PER_CORE * count_cores()), room))

    def begin(self) -> bool:
        """Whether one more may begin now; if so, it counts until `end`."""
        with self._lock:
            if self._began and self._measure_free() < self.per_item_mib:
                return False
            self._began.append(self._clock())
            return True

    def end(self) -> None:
        """One has ended: the oldest, for which of them does not matter to the sum."""
        with self._lock:
            self._began.pop(0)

    def _measure_free(self) -> float:
        available = self._measure()
        budget_left = self.budget_mib - (self._at_start - available)
        young = sum(self._clock() - began < GROWTH_SECONDS for began in self._began)
        reserve = min(RESERVE_MIB, self._at_start / 2)
        return min(budget_left, available - reserve) - young * self.per_item_mib
