"""Kills everything there is to kill, over many small classes, and counts what that did to anybody.

`python -m tests.faults --kills 1000 [--seed N]`: SQLite, PostgreSQL and Dask in turns. Exit code 1
says that a result was lost or doubled, or a student was scored by a fault of ours.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psutil

from autograder.services import Place
from tests.executor.hosts import find_port, start_scheduler, start_worker
from tests.faults.classroom import write_classrooms
from tests.faults.killer import WEIGHTS, Killer, hold_and_die
from tests.faults.run import Setting, grade_under_fire
from tests.faults.victims import Victim
from tests.store.postgresql import Server, find_binaries

ROUND = ("sqlite", "postgresql", "sqlite", "postgresql", "dask")
TRAINED_EVERY = 4


class Campaign:
    """All runs of one call.

    Attributes:
        harms: of all runs.
        runs: by kind of setting.
    """

    def __init__(self, folder: Path, killer: Killer, stack: ExitStack) -> None:
        self.harms: list[str] = []
        self.runs: Counter[str] = Counter()
        self.starts = self.again = 0
        self._folder = folder
        self._killer = killer
        self._stack = stack
        self._rooms = write_classrooms(folder / "course")
        self._server: Server | None = None
        self._farm: tuple[str, object] | None = None

    def run(self, names: tuple[str, ...]) -> None:
        """Grade classes in these settings, in turns, until all kills are done."""
        number = 0
        while self._killer.left > 0:
            name = names[number % len(names)]
            trained = number % TRAINED_EVERY == TRAINED_EVERY - 1
            self._run(name, "trained" if trained else "plain", number)
            number += 1

    def _run(self, name: str, room: str, number: int) -> None:
        setting = self._make(name, room, self._folder / f"run{number}")
        outcome = grade_under_fire(setting, self._killer)
        self.runs[name] += 1
        self.starts += outcome.starts
        self.again += outcome.again
        self.harms += [f"run {number} ({name}, {room}): {harm}" for harm in outcome.harms]
        print(
            f"run {number:3} {name:10} {room:8} {outcome.kills:4} kills, {outcome.starts:2} starts, "
            f"{outcome.again:2} graded again, {outcome.seconds:5.0f} s, {self._killer.left} left",
            flush=True,
        )
        for harm in outcome.harms:
            print(f"    {harm}", flush=True)

    def _make(self, name: str, room: str, output: Path) -> Setting:
        classroom = self._rooms[room]
        if name == "postgresql":
            server = self._find_server()
            place = Place(server.make_database(), str(output.with_suffix(".artifacts")))
            return Setting(name, classroom, output, place, lambda: server.terminate_clients() > 0)
        file = output / ".store" / "store.sqlite"
        setting = Setting(name, classroom, output, Place(), lambda: hold_and_die(file))
        if name != "dask":
            return setting
        place, worker = self._find_farm()
        return Setting(
            name,
            classroom,
            output,
            Place(),
            setting.cut,
            ("--executor", f"dask://{place}"),
            lambda: find_worker(worker),
        )

    def _find_server(self) -> Server:
        if self._server is None:
            binaries = find_binaries()
            assert binaries is not None
            self._server = Server(binaries)
            self._stack.callback(self._server.close)
        return self._server

    def _find_farm(self) -> tuple[str, object]:
        """A scheduler and a worker with two places, for all runs."""
        if self._farm is None:
            folder = self._folder / "farm"
            folder.mkdir()
            port = find_port()
            scheduler = start_scheduler(folder, port)
            self._stack.callback(scheduler.kill)
            worker = start_worker(folder, f"127.0.0.1:{port}", 2, "farm")
            self._stack.callback(worker.kill)
            self._farm = f"127.0.0.1:{port}", worker
        return self._farm


def find_worker(worker) -> list[Victim]:
    """The process in which Dask's items are done, if it is there."""
    try:
        return [Victim("worker", worker.worker_process())]
    except (StopIteration, psutil.NoSuchProcess):
        return []


def run_campaign(kills: int, seed: int, names: tuple[str, ...] = ROUND) -> list[str]:
    """Do `kills` faults; prints what came of it, returns the harms."""
    began = time.monotonic()
    killer = Killer(random.Random(seed), kills)
    if find_binaries() is None:
        print("no PostgreSQL server on this machine; install one to test with it")
        names = tuple(name for name in names if name != "postgresql")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        campaign = Campaign(folder, killer, stack)
        campaign.run(names)
    minutes = (time.monotonic() - began) / 60
    print(f"\nseed {seed}: {dict(campaign.runs)} runs, {campaign.starts} starts of the command, ")
    print(f"{campaign.again} gradings without a score were done again, {minutes:.1f} minutes")
    print("\nkilled")
    for kind in WEIGHTS:
        print(f"    {kind:10} {killer.kills[kind]:6}")
    print(f"    {'together':10} {killer.kills.total():6}")
    words = {"lost": "results lost", "doubled": "doubled", "wronged": "scored by a fault of ours"}
    for word, text in words.items():
        count = sum(f": {word}: " in harm for harm in campaign.harms)
        print(f"faults {text}: {count} (target 0)")
    return campaign.harms


def main() -> None:
    """Run, and say by the exit code whether all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="how many; 1000 unless told")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of what is random")
    parser.add_argument("--only", choices=sorted(set(ROUND)), help="one kind of setting")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers and folders go with us
    names = (options.only,) if options.only else ROUND
    sys.exit(1 if run_campaign(options.kills, options.seed, names) else 0)


if __name__ == "__main__":
    main()
