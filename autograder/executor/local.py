"""Runs gradings side by side on this machine.

A grading's work is done by processes of its own (kernel, scorer), so threads are enough to wait
for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

import psutil

from autograder.machine import count_cores

T = TypeVar("T")
R = TypeVar("R")
_BYTES_PER_WORKER = 2 * 2**30  # a kernel with TensorFlow and its scorer, while training


class LocalExecutor:
    """Runs as many items at a time as there are cores, and memory for.

    Args:
        workers: at most so many; 0 means one per core.
    """

    def __init__(self, workers: int = 0) -> None:
        room = max(1, int(psutil.virtual_memory().available // _BYTES_PER_WORKER))
        self.workers = workers or min(count_cores(), room)

    def run(self, task: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Each item with what `task` gave for it, as they finish.

        No more items are taken up than there are workers, so an interruption loses none.
        """
        waiting = iter(items)
        with ThreadPoolExecutor(self.workers, thread_name_prefix="grading") as pool:
            running: dict[Future[R], T] = {}
            while True:
                for item in waiting:
                    running[pool.submit(task, item)] = item
                    if len(running) >= self.workers:
                        break
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
