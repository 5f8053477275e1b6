"""What commands share when they talk to people: console, progress bar, colours of outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
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
NO_WALLS = (
    "[yellow]The `process` sandbox has no walls:[/] student code could read files of your user. "
    "Use it for your own notebooks."
)


class Counter:
    """A progress bar that counts finished items."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def advance(self, text: str) -> None:
        """One more is done; `text` names it."""
        self._progress.update(self._task, advance=1, last=text)


@contextmanager
def count_progress(title: str, total: int) -> Iterator[Counter]:
    """Progress bar with the time left, on stderr so that stdout stays for results."""
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
        yield Counter(progress, progress.add_task(title, total=total, last=""))


def colour(outcome: Outcome, text: str) -> str:
    """`text` in the colour of an outcome; the text itself says it too."""
    return f"[{_COLOURS.get(outcome, 'red')}]{text}[/]"


def write_score(score: float | None, points: float) -> str:
    """`7.5 / 10`, or `– / 10` where there is no score."""
    return f"{'–' if score is None else f'{round(score, 2):g}'} / {points:g}"
