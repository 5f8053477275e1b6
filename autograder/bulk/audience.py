"""Whoever looks on while a class is worked on. This one does not care; displays are in `cli`."""

from __future__ import annotations

from autograder.executor.event import Event
from autograder.schema import Result


class Audience:
    """Told what goes on, in the caller's thread."""

    def begin(self, total: int) -> None:
        """So many submissions are to be worked on."""

    def watch(self, event: Event) -> None:
        """An executor tells something."""

    def observe(self, result: Result) -> None:
        """A result is kept, and its feedback written."""

    def finish_item(self) -> None:
        """One more is done that has no result to show yet."""
