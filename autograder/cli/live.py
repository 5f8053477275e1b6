"""The live display of a class being worked on: workers, counts, time left, the slowest.

On a terminal it is drawn over and over; elsewhere a line is written now and then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autograder.bulk.audience import Audience
from autograder.cli.console import notes, write_duration, write_lines
from autograder.executor.event import Event
from autograder.schema import Result

_MOST_WORKERS = 12  # rows; a cluster may have hundreds
_SLOWEST = 3
_CALLS_A_SECOND = 4


@dataclass
class Board(Audience):
    """What is known of a run.

    Attributes:
        total: submissions.
        done: those whose result is kept.
        failed: of these, without a score.
        known: of these, found done already; the pace is that of the others.
        busy: what each worker has, and since when.
    """

    title: str
    total: int = 0
    done: int = 0
    failed: int = 0
    known: int = 0
    busy: dict[str, tuple[str, float]] = field(default_factory=dict)
    slowest: list[tuple[float, str]] = field(default_factory=list)
    note: str = ""
    started: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, total: int) -> None:
        """Take note of how many there are."""
        with self.lock:
            self.total = total

    def watch(self, event: Event) -> None:
        """Take note of what an executor tells."""
        with self.lock:
            if event.state == "started":
                self.started = self.started or time.monotonic()
                self.busy[event.worker] = _name_item(event.item), time.monotonic()
                self.note = ""
            elif event.state in ("finished", "failed"):
                self.busy.pop(event.worker, None)
            if event.note:
                self.note = event.note

    def observe(self, result: Result) -> None:
        """Take note of a result that is kept."""
        with self.lock:
            self.done += 1
            self.failed += result.outcome == "grader_error"
            if self.started is None:
                self.known += 1
                return
            self.slowest.append((result.wall_seconds, result.submission))
            self.slowest = sorted(self.slowest, reverse=True)[:_SLOWEST]

    def finish_item(self) -> None:
        """Take note of an item that has no result of its own to show."""
        with self.lock:
            self.done += 1

    def seconds_left(self) -> float | None:
        """Expected, from the pace of what was worked on; None where nothing is known yet."""
        worked = self.done - self.known
        if worked <= 0 or self.started is None:
            return None
        return (time.monotonic() - self.started) / worked * max(0, self.total - self.done)

    def __rich__(self) -> RenderableType:
        with self.lock:
            return Group(*self._draw())

    def _draw(self) -> Iterator[RenderableType]:
        head = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(1, self.total), completed=self.done, width=30)
        head.add_row(escape(self.title), bar, self.write_counts())
        yield head
        now = time.monotonic()
        for worker, (name, since) in sorted(self.busy.items())[:_MOST_WORKERS]:
            line = f"  worker {worker:>2}  {now - since:5.0f} s  {name}"
            yield Text(line, style="dim", overflow="ellipsis", no_wrap=True)
        if len(self.busy) > _MOST_WORKERS:
            yield Text(f"  and {len(self.busy) - _MOST_WORKERS} more workers", style="dim")
        if self.slowest:
            names = ", ".join(f"{name} {seconds:.0f} s" for seconds, name in self.slowest)
            yield Text(f"  slowest: {names}", style="dim", overflow="ellipsis", no_wrap=True)
        if self.note:
            yield Text(f"  {self.note}", style="yellow")

    def write_counts(self) -> str:
        """Counts and the time left, in one line."""
        left = self.seconds_left()
        parts = [f"{self.done}/{self.total}"]
        parts += [f"{self.failed} without a score (ours)"] if self.failed else []
        parts += [f"{write_duration(left)} left"] if left and self.done < self.total else []
        return " · ".join(parts)


def _name_item(item: object) -> str:
    submission = getattr(item, "submission", None)
    return str(getattr(submission, "name", ""))


@contextmanager
def show_board(title: str) -> Iterator[Board]:
    """A board that people see while the context lasts; on stderr, stdout stays for results."""
    board = Board(title)
    if notes.is_terminal:
        with Live(board, console=notes, refresh_per_second=_CALLS_A_SECOND, transient=False):
            yield board
        return
    with write_lines(lambda: f"{title}: {board.write_counts()}"):
        yield board
