"""What commands share when they talk to people: console, progress bar, colours of outcomes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from autograder.schema.outcome import Outcome

console = Console()
notes = Console(stderr=True)

_COLOURS = {
    Outcome.PASSED: "green",
    Outcome.PARTIAL: "yellow",
    Outcome.GRADER_ERROR: "magenta",
}
_LINE_SECONDS = 15.0  # from one line to the next, at least
_LINE_SHARE = 0.02  # of the time since the first
NO_WALLS = (
    "[yellow]The `process` sandbox has no walls:[/] student code could read files of your user. "
    "Use it for your own notebooks."
)


class Counter(Protocol):
    """Counts finished items where people see it."""

    def advance(self, text: str) -> None:
        """One more is done; `text` names it."""
        ...


@dataclass(frozen=True)
class _Bar:
    """On a terminal."""

    progress: Progress
    task: TaskID

    def advance(self, text: str) -> None:
        self.progress.update(self.task, advance=1, last=text)


@dataclass
class _Tally:
    """In a log: what the next line says."""

    title: str
    total: int
    done: int = 0
    last: str = ""
    started: float = field(default_factory=time.monotonic)

    def advance(self, text: str) -> None:
        self.done, self.last = self.done + 1, text

    def __str__(self) -> str:
        if not self.total:
            return f"{self.title}: nothing is left to do"
        parts = [f"{self.title} {self.done}/{self.total}"]
        if 0 < self.done < self.total:
            each = (time.monotonic() - self.started) / self.done
            parts.append(f"{write_duration(each * (self.total - self.done))} left")
            parts.append(self.last)
        return " · ".join(parts)


@contextmanager
def count_progress(title: str, total: int) -> Iterator[Counter]:
    """Count with the time left: a bar on a terminal, elsewhere a line now and then.

    On stderr, so that stdout stays for results.
    """
    if not notes.is_terminal:
        tally = _Tally(title, total)
        with write_lines(lambda: str(tally)):
            yield tally
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
        TextColumn("[dim]{task.fields[last]}"),
    )
    with Progress(*columns, console=notes) as progress:
        yield _Bar(progress, progress.add_task(title, total=total, last=""))


@contextmanager
def write_lines(describe: Callable[[], str]) -> Iterator[None]:
    """Write a line now and then while the context lasts, and one at its end.

    They come less often as time goes by: a log of hours stays readable.
    """
    over = threading.Event()
    writer = threading.Thread(target=_write_lines, args=(describe, over), daemon=True)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()
        _write_line(describe())


def _write_lines(describe: Callable[[], str], over: threading.Event) -> None:
    started = time.monotonic()
    while not over.wait(max(_LINE_SECONDS, (time.monotonic() - started) * _LINE_SHARE)):
        _write_line(describe())


def _write_line(text: str) -> None:
    notes.print(escape(text), soft_wrap=True, highlight=False)


def write_duration(seconds: float) -> str:
    """As clocks tell it: `4:05`, `1:02:05`."""
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def colour(outcome: Outcome, text: str) -> str:
    """`text` in the colour of an outcome; the text itself says it too."""
    return f"[{_COLOURS.get(outcome, 'red')}]{text}[/]"


def write_score(score: float | None, points: float) -> str:
    """`7.5 / 10`, or `– / 10` where there is no score."""
    return f"{'–' if score is None else f'{round(score, 2):g}'} / {points:g}"
