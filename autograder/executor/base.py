"""The executor's seam: runs one task over many items, here or on other machines.

What a task returns is passed on as it finishes; what it raises is raised to the caller (grading
never raises: its failures are results). The fake that ships is `InlineExecutor`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Executor(Protocol):
    """Runs a task over items.

    Attributes:
        workers: how many at a time.
    """

    workers: int

    def run(self, task: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Each item with what `task` gave for it, in the order in which they finish."""
