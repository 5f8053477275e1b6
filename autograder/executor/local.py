"""Does gradings side by side on this machine, as many as keep its cores busy and have memory.

A grading's work is done by processes of its own (kernel, scorer), so threads are enough to wait
for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from autograder.executor.base import Finished, Site, attempt, name_end
from autograder.executor.event import Event, Observe, log_waiting
from autograder.executor.memory import PER_ITEM_MIB, MemoryGate
from autograder.executor.supply import Supply, open_supply
from autograder.machine import count_cores

T = TypeVar("T")
R = TypeVar("R")
_LOOK_SECONDS = 0.25  # between looks at memory and at Ctrl-C


class LocalExecutor:
    """Does as many items at a time as keep the cores busy and have memory.

    Args:
        workers: at most so many; 0 for as many as `MemoryGate.count_gradings` says.
        memory_mib: how much they may use together; 0 for what is available, less a reserve.
        per_item_mib: what one may need: with less free than this, no further one begins.
    """

    takes_memory = True

    def __init__(
        self, workers: int = 0, memory_mib: float = 0, per_item_mib: float = PER_ITEM_MIB
    ) -> None:
        self._gate = MemoryGate(memory_mib, per_item_mib)
        self.workers = workers or self._gate.count_gradings()

    def run(
        self, site: Site[T, R], items: Iterable[T], observe: Observe = log_waiting
    ) -> Iterator[tuple[T, Finished[R]]]:
        """Each item with what the site's work gave for it, as they finish.

        No more items are taken up than there are workers, so an interruption loses none.
        """
        threads = max(1, count_cores() // self.workers)
        with open_supply(items) as supply, site.open(threads) as work:
            crew = _Crew(work, self.workers, self._gate, observe)
            try:
                yield from crew.run(supply)
            except GeneratorExit:
                crew.wait()
                raise
            supply.finish()


class _Crew(Generic[T, R]):
    """Threads of one run. A second Ctrl-C must not wait for them, so they end with the process."""

    def __init__(
        self, work: Callable[[T], R], workers: int, gate: MemoryGate, observe: Observe
    ) -> None:
        self._work = work
        self._gate = gate
        self._observe = observe
        self._free = [str(number) for number in range(workers, 0, -1)]
        self._running: dict[str, T] = {}
        self._done: SimpleQueue[tuple[str, Finished[R]]] = SimpleQueue()

    def run(self, supply: Supply[T]) -> Iterator[tuple[T, Finished[R]]]:
        """Take items from the supply until it ends and all are done."""
        self._fill(supply)
        while self._running or not supply.ended:
            found = list(self._receive())
            self._fill(supply)  # before the caller looks at the results, which takes its time
            supply.tell_interrupted(len(self._running), self._observe)
            yield from found

    def wait(self) -> None:
        """Wait for what is running; its results go nowhere."""
        while self._running:
            for _ in self._receive():
                pass

    def _fill(self, supply: Supply[T]) -> None:
        while self._free and not supply.ended and self._gate.begin():
            worker = ""
            for item in supply.take():
                worker = self._free.pop()
                self._running[worker] = item
                self._observe(Event("started", worker, item))
                name = f"grading-{worker}"
                threading.Thread(
                    target=self._do, args=(worker, item), name=name, daemon=True
                ).start()
            if not worker:
                self._gate.end()

    def _do(self, worker: str, item: T) -> None:
        finished = attempt(self._work, item)
        self._gate.end()
        self._done.put((worker, finished))

    def _receive(self) -> Iterator[tuple[T, Finished[R]]]:
        """What has finished, after a short wait for it."""
        try:
            worker, finished = self._done.get(timeout=_LOOK_SECONDS)
        except Empty:
            return
        item = self._running.pop(worker)
        self._free.append(worker)
        self._observe(Event(name_end(finished), worker, item))
        yield item, finished
