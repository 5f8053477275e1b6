"""Does one item after the other in this thread: for tests, and where only one fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from autograder.executor.base import Finished, Site, attempt, name_end
from autograder.executor.event import Event, Observe, log_waiting
from autograder.executor.supply import open_supply
from autograder.machine import count_cores

T = TypeVar("T")
R = TypeVar("R")


class InlineExecutor:
    """Does items one by one, in their order, however many `workers` are asked for."""

    def __init__(self, workers: int = 1) -> None:  # noqa: ARG002 - all executors are made so
        self.workers = 1

    def run(
        self, site: Site[T, R], items: Iterable[T], observe: Observe = log_waiting
    ) -> Iterator[tuple[T, Finished[R]]]:
        """Each item with what the site's work gave for it."""
        with open_supply(items) as supply, site.open(count_cores()) as work:
            while not supply.ended:
                for item in supply.take():
                    observe(Event("started", "1", item))
                    finished = attempt(work, item)
                    observe(Event(name_end(finished), "1", item))
                    yield item, finished
            supply.finish()
