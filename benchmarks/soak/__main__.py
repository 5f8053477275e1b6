"""Grades for a long time, hostile submissions among honest ones, and looks for what grows.

Every 25 gradings no more are let in until those under way are done, and the grader, its warm
processes and the machine are measured. Figures are what grew from a fifth of the gradings to the
end; exit code 1 says that something did, or that a submission got no score or a wrong one.

Run with `make bench NAME=soak`, or shorter: `.venv/bin/python benchmarks/soak --gradings 60`.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from autograder.executor.base import Executor, Lost
from autograder.executor.local import LocalExecutor
from autograder.grade.scorer.process import Scorers
from autograder.grade.submission import grade_submission
from autograder.sandbox.base import Sandbox, SandboxOptions
from autograder.sandbox.fork import ForkSandbox
from autograder.sandbox.walls import NAMES
from autograder.schema import Result
from autograder.warmth.ancestor import Ancestor
from benchmarks.figures import report
from benchmarks.soak.state import (
    MACHINE,
    PARTS,
    WARM,
    State,
    adopt_orphans,
    find_warm_processes,
    is_memory,
    read_settled_state,
)
from benchmarks.soak.submissions import Item, Work

AT_A_TIME = 2
GROUPS = ("grader", *WARM)
MEMORY_TARGET = "<= 5"


class Gate:
    """Lets gradings in, and on demand waits until none is under way."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0

    def enter(self) -> None:
        """One more is under way."""
        with self._changed:
            self._inside += 1

    def leave(self) -> None:
        """One of them is done."""
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    def wait_until_empty(self) -> None:
        """Return once none is under way."""
        with self._changed:
            self._changed.wait_for(lambda: self._inside == 0)


class Soak:
    """One run.

    Attributes:
        states: by how many gradings had been done.
        faults: what was wrong with results.
        walls: those that held around every kernel.
        restarts: warm processes that were not there at an earlier look.
    """

    def __init__(
        self, executor: Executor, tools: tuple[Sandbox, Scorers], folder: Path, mark: str
    ) -> None:
        self.states: dict[int, State] = {}
        self.faults: list[str] = []
        self.walls: set[str] = set(NAMES)
        self.restarts = 0
        self._warm: set[int] = set()
        self._executor = executor
        self._tools = tools
        self._folder = folder
        self._mark = mark
        self._gate = Gate()
        self._start = time.monotonic()

    def run(self, items: Iterable[Item]) -> None:
        """Grade items."""
        entering = map(self._enter, items)
        for item, result in self._executor.run(self, entering):
            if isinstance(result, Lost):
                self.faults.append(f"{item.submission.name}: {result.reason}")
            else:
                self._judge(item, result)

    @contextmanager
    def open(self, threads: int) -> Iterator[Callable[[Item], Result]]:  # noqa: ARG002 - decided
        """A soak is the executor's site: its tools are open already."""
        yield self._grade

    def let_in(self, items: Iterable[Item], every: int) -> Iterator[Item]:
        """The same items, with a look at everything before each `every`th and after the last."""
        number = 0
        for item in items:
            if number % every == 0:
                self._look(number)
            yield item
            number += 1
        self._look(number)

    def _enter(self, item: Item) -> Item:
        self._gate.enter()
        return item

    def _grade(self, item: Item) -> Result:
        try:
            return grade_submission(item.submission, item.bundle, *self._tools).result
        finally:
            self._gate.leave()

    def _look(self, number: int) -> None:
        self._gate.wait_until_empty()
        earlier = self.states[max(self.states)] if self.states else None
        self.states[number] = read_settled_state(self._folder, self._mark, earlier)
        warm = {item.pid for items in find_warm_processes().values() for item in items}
        self.restarts += len(warm - self._warm) if self._warm else 0
        self._warm = warm
        values = [str(number), *(f"{value:.0f}" for value in self.states[number].values())]
        values += [f"{psutil.virtual_memory().available / 2**30:.1f}", f"{os.getloadavg()[0]:.1f}"]
        values += [f"{time.monotonic() - self._start:.0f}"]
        print_row(values)

    def _judge(self, item: Item, result: Result) -> None:
        self.walls &= set(result.environment.walls)
        name = item.submission.name
        if result.outcome != "graded":
            reasons = [case.staff_message for q in result.questions for case in q.test_cases]
            self.faults.append(f"{name}: no score: {result.staff_message or reasons}")
        elif item.score not in {None, result.score}:
            self.faults.append(f"{name}: {result.score} points instead of {item.score}")


def print_row(values: Sequence[str]) -> None:
    """One line of the table."""
    print(" ".join(f"{value:>8}" for value in values), flush=True)


def print_head() -> None:
    """Names of the table's columns, in two lines."""
    groups = [name if part == PARTS[0] else "" for name in GROUPS for part in PARTS]
    print_row(["", *groups, "machine"])
    print_row(["gradings", *(PARTS * len(GROUPS)), *MACHINE, "free_gib", "load", "seconds"])


def report_growth(soak: Soak, first: int) -> bool:
    """Print what grew since `first` gradings; returns whether all is well."""
    base, last = soak.states[first], soak.states[max(soak.states)]
    well = True
    for name in base:
        growth = last[name] - base[name]
        if is_memory(name):
            percent = 100 * growth / base[name] if base[name] else 0.0
            title = name.removesuffix("_mib")
            well &= report("soak", f"{title}_memory_growth_percent", percent, MEMORY_TARGET)
        else:
            well &= report("soak", f"{name}_growth", growth, "<= 0")
    return well


def run_soak(count: int, *, light: bool) -> bool:
    """Grade `count` submissions and print what grew; returns whether all is well."""
    mark = f"soak-{secrets.token_hex(4)}"
    every = max(5, count // 20)
    with tempfile.TemporaryDirectory(prefix="soak-") as place:
        folder, temporary = Path(place, "bundles"), Path(place, "tmp")
        temporary.mkdir()
        tempfile.tempdir = os.environ["TMPDIR"] = str(temporary)
        work = Work(folder, mark, light=light)
        with (
            Ancestor(rehearses=True) as ancestor,
            closing(ForkSandbox(SandboxOptions(ancestor=ancestor))) as sandbox,
            Scorers(ancestor) as scorers,
        ):
            soak = Soak(LocalExecutor(AT_A_TIME), (sandbox, scorers), temporary, mark)
            soak.run(work.make_first())
            print_head()
            soak.run(soak.let_in(work.make_items(count), every))
        left = [path.name for path in temporary.iterdir()]
    print(f"walls around every kernel: {', '.join(name for name in NAMES if name in soak.walls)}")
    for fault in soak.faults:
        print(fault)
    first = next(number for number in soak.states if number >= count / 5)
    well = report_growth(soak, first)
    well &= report("soak", "warm_processes_restarted", soak.restarts, "<= 0")
    well &= report("soak", "wrong_or_no_score", len(soak.faults), "<= 0")
    well &= report("soak", "files_left_after_closing", len(left), "<= 0")
    return well


def main() -> None:
    """Run, and say by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gradings", type=int, default=500, help="how many; 500 unless told")
    parser.add_argument("--light", action="store_true", help="without Keras, own attacks only")
    options = parser.parse_args()
    adopt_orphans()
    sys.exit(0 if run_soak(options.gradings, light=options.light) else 1)


if __name__ == "__main__":
    main()
