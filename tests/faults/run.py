"""One class graded under fire: the same command again and again, until it reports success."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.services import Place
from tests.faults.classroom import Classroom
from tests.faults.killer import Killer, Target
from tests.faults.ledger import Ledger
from tests.faults.victims import Victim

ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 3.0
MOST_STARTS = 40
PEACEFUL_STARTS = 12  # after so many, nothing is killed any more
HOPELESS_STARTS = 3  # that failed one after the other, though nobody killed anything
MOST_SECONDS = 240.0


@dataclass(frozen=True)
class Setting:
    """Where a run takes place.

    Attributes:
        name: of the kind of setting: `sqlite`, `postgresql`, `dask`.
        cut: ends the database's connections.
        options: further ones of the command.
    """

    name: str
    room: Classroom
    output: Path
    place: Place
    cut: Callable[[], bool]
    options: tuple[str, ...] = ()
    find_workers: Callable[[], list[Victim]] = list

    def start(self) -> subprocess.Popen[bytes]:
        """The command."""
        place = ("--store", self.place.store, "--artifacts", self.place.artifacts)
        temporary = self.output.with_suffix(".tmp")
        temporary.mkdir(exist_ok=True)
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.faults.grader", str(LEASE_SECONDS)),
                    *(self.room.assessment, str(self.room.uploads)),
                    *("--course", str(self.room.course), "--output", str(self.output)),
                    *(place if self.place.store else ()),
                    *self.options,
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                env={**os.environ, "TMPDIR": str(temporary)},
            )

    @property
    def log(self) -> Path:
        """What all its graders wrote."""
        return self.output.with_suffix(".log")


@dataclass
class Outcome:
    """What came of a run.

    Attributes:
        starts: how often the command was given.
        kills: how many faults were done.
        again: gradings that are kept without a score: failures of ours, graded again.
    """

    starts: int = 0
    kills: int = 0
    again: int = 0
    seconds: float = 0.0
    harms: list[str] = field(default_factory=list)


def grade_under_fire(setting: Setting, killer: Killer) -> Outcome:
    """Grade a class until the command reports success, and look for harm."""
    outcome, began, left = Outcome(), time.monotonic(), killer.left
    ledger = Ledger(
        lambda: setting.place.open_store(setting.output, "t01_small"), setting.room.truth
    )
    code, hopeless = -1, 0
    while code != 0 and outcome.starts < MOST_STARTS and hopeless < HOPELESS_STARTS:
        outcome.starts += 1
        grader = setting.start()
        target = Target(grader, setting.cut, setting.find_workers)
        fights, before = outcome.starts <= PEACEFUL_STARTS, killer.left
        code = _wait_for(target, killer if fights else None, outcome)
        hopeless = hopeless + 1 if killer.left == before else 0
        ledger.look()
    if code != 0:
        outcome.harms.append(f"lost: exit code {code} after {outcome.starts} starts")
        outcome.harms += setting.log.read_text(errors="replace").splitlines()[-15:]
    ledger.close(setting.output)
    outcome.harms += ledger.harms
    outcome.kills = left - killer.left
    outcome.again = ledger.gradings - len(setting.room.truth)
    outcome.seconds = time.monotonic() - began
    return outcome


def _wait_for(target: Target, killer: Killer | None, outcome: Outcome) -> int:
    """Exit code of the grader, which faults are done to meanwhile."""
    deadline = time.monotonic() + MOST_SECONDS
    while True:
        pause = killer.pause() if killer is not None and killer.left > 0 else 5.0
        try:
            return target.grader.wait(pause)
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline:
                outcome.harms.append(f"lost: a grader hung for {MOST_SECONDS:.0f} s")
                target.grader.kill()
            elif killer is not None and killer.left > 0:
                killer.strike(target)
