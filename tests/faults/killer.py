"""Does one random fault after the other to a grader at work."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.victims import Victim, find_victims

WEIGHTS = {
    "first": 22,
    "kernel": 18,
    "scorer": 16,
    "database": 24,
    "zygote": 6,
    "scorers": 3,
    "ancestor": 3,
    "grader": 4,
    "worker": 3,
}
KERNEL_PAUSE_SECONDS = 1.0  # killed five times at one place, it is taken for a suicide
HOLD_SECONDS = 0.3
LOOK_SECONDS = 4.0  # for what is not there yet
DELAY_SECONDS = 0.5
TOLD_EVERY = 25
HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE leases SET losses = losses + 100")
connection.execute("DELETE FROM current_gradings")
print("held", flush=True)
time.sleep(60)
"""


@dataclass
class Target:
    """What a killer may strike at.

    Attributes:
        grader: the process `autograder grade`.
        cut: ends the connections of the database in its own way; False where there are none yet.
        find_workers: process ids of Dask's workers, whose kernels are below them.
    """

    grader: subprocess.Popen[bytes]
    cut: Callable[[], bool]
    find_workers: Callable[[], list[Victim]] = list


@dataclass
class Killer:
    """Strikes at random.

    Attributes:
        kills: by kind.
        left: how many more it may do.
    """

    rng: random.Random
    left: int
    kills: Counter[str] = field(default_factory=Counter)
    _kernel_seconds: float = 0.0

    def pause(self) -> float:
        """Seconds until the next strike: short ones and long ones."""
        return min(2.0, self.rng.expovariate(1 / 0.4))

    def strike(self, target: Target) -> str:
        """One fault; its kind, or nothing where what was aimed at did not show itself."""
        kinds = [kind for kind in WEIGHTS if kind != "worker" or target.find_workers()]
        if time.monotonic() - self._kernel_seconds < KERNEL_PAUSE_SECONDS:
            kinds.remove("kernel")
        kind = self.rng.choices(kinds, [WEIGHTS[name] for name in kinds])[0]
        if not self._do(kind, target, self._wait_for(kind, target)):
            return ""
        self.kills[kind] += 1
        self.left -= 1
        if self.kills.total() % TOLD_EVERY == 0:
            print(f"{self.kills.total():5} kills, {self.left} left", flush=True)
        return kind

    def _wait_for(self, kind: str, target: Target) -> list[Victim]:
        """Those of a kind, some time after they have come."""
        if kind in {"grader", "database"}:
            return []
        deadline = time.monotonic() + LOOK_SECONDS
        while target.grader.poll() is None and time.monotonic() < deadline:
            found = [victim for victim in find_all(target) if victim.kind == kind]
            if found:
                time.sleep(self.rng.uniform(0, DELAY_SECONDS))
                return found
            time.sleep(0.05)
        return []

    def _do(self, kind: str, target: Target, victims: list[Victim]) -> bool:
        if kind == "grader":
            target.grader.kill()
            return True
        if kind == "database":
            return target.cut()
        if not victims:
            return False
        if kind == "kernel":
            self._kernel_seconds = time.monotonic()
        return self.rng.choice(victims).kill()


def find_all(target: Target) -> list[Victim]:
    """Workers, and everything that gradings run in."""
    workers = target.find_workers()
    places = [target.grader.pid, *(worker.process.pid for worker in workers)]
    return [*workers, *(victim for place in places for victim in find_victims(place))]


def hold_and_die(file: Path) -> bool:
    """Let a writer take SQLite's lock, write half of something, and be killed."""
    if not file.exists():
        return False
    holder = subprocess.Popen(
        [sys.executable, "-S", "-c", HOLDER, str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert holder.stdout is not None
    with holder, holder.stdout:
        held = holder.stdout.readline().strip() == b"held"
        time.sleep(HOLD_SECONDS if held else 0)
        holder.kill()
    return held
