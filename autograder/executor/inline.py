"""Runs one item after the other in this thread: for tests, and where only one fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class InlineExecutor:
    """Runs items one by one, in their order."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers

    def run(self, task: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Each item with what `task` gave for it."""
        for item in items:
            yield item, task(item)
