"""Does gradings on the workers of a Dask cluster (docs/cluster.md).

Items are sent when they are taken up, at most two for each place, and forgotten when they come
back: memory stays flat however large the class is. An item whose worker dies is done elsewhere;
after two deaths it is done alone, when all others are done, so that it cannot be the victim of its
neighbour; after the third it is `Lost`.
"""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from distributed import Future
from distributed.scheduler import KilledWorker

from autograder.errors import GraderError
from autograder.executor.base import Finished, Lost, Site, attempt, name_end
from autograder.executor.cluster import Cluster, SitePackage, list_names
from autograder.executor.event import Event, Observe, State, log_waiting
from autograder.executor.remote import Parcel, Reply, pack
from autograder.executor.supply import Supply, open_supply

T = TypeVar("T")
R = TypeVar("R")
DEATHS = 3  # of which an item is set aside
_PER_PLACE = 2  # one is done, one is on its way
_PATIENCE_SECONDS = 600.0
_LOOK_SECONDS = 0.25
_RESULT_SECONDS = 120.0


class DaskExecutor:
    """Does items on the workers that have joined a scheduler.

    Args:
        place: host and port of the scheduler.
        workers: at most so many items at a time; 0 for as many as the workers can do.
        transport: `tcp`, or `tls` with certificates as Dask's configuration names them.
        patience_seconds: how long to wait for a scheduler or workers that are gone.
    """

    needs_place = True

    def __init__(
        self,
        place: str,
        workers: int = 0,
        transport: str = "tcp",
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self.address = f"{transport}://{place}"
        self.workers = max(1, workers)
        self._limit = workers
        self._patience_seconds = patience_seconds

    def run(
        self, site: Site[T, R], items: Iterable[T], observe: Observe = log_waiting
    ) -> Iterator[tuple[T, Finished[R]]]:
        """Each item with what the site's work gave for it, once, as they finish.

        Raises:
            UsageError: if other versions run there.
            GraderError: if scheduler or workers stay away, or no worker can open the site.
        """
        parcel = pack(site)
        package = SitePackage(hashlib.sha256(parcel.content).hexdigest(), parcel)
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # we say it ourselves
        with open_supply(items) as supply:
            cluster = Cluster(
                self.address, package, self._patience_seconds, observe, lambda: supply.interrupted
            )
            run: _Run[T, R] = _Run(cluster, supply, observe, self._limit)
            try:
                run.connect()
                self.workers = self._limit or run.wait_for_workers()
                cluster.check_versions()
                yield from run.run()
            finally:
                cluster.close()
            supply.finish()


@dataclass(eq=False)
class _Flight(Generic[T]):
    """An item that is taken up and not yet given back."""

    item: T
    deaths: list[str] = field(default_factory=list)
    avoid: set[str] = field(default_factory=set)
    key: str = ""
    future: Future[Reply] | None = None
    place: str = ""


class _Run(Generic[T, R]):
    """One run over a supply."""

    def __init__(self, cluster: Cluster, supply: Supply[T], observe: Observe, limit: int) -> None:
        self._cluster = cluster
        self._supply = supply
        self._observe = observe
        self._limit = limit
        self._flying: dict[str, _Flight[T]] = {}
        self._again: deque[_Flight[T]] = deque()
        self._suspects: deque[_Flight[T]] = deque()  # done alone, at the end
        self._refused: dict[str, str] = {}
        self._told: SimpleQueue[tuple[str, str]] = SimpleQueue()  # key, and where it began or ""

    def connect(self) -> None:
        self._cluster.connect(self._listen)

    def _listen(self, event: tuple[float, Any]) -> None:
        _, message = event
        self._told.put((message["key"], message["place"]))

    def wait_for_workers(self) -> int:
        """Wait until there is a worker; how many items they can do at a time."""
        while not (places := self._cluster.count_places()):
            if self._supply.interrupted:
                raise KeyboardInterrupt
            time.sleep(_LOOK_SECONDS)
        return places

    def run(self) -> Iterator[tuple[T, Finished[R]]]:
        """Send and receive until nothing is left."""
        while not (self._supply.ended and self._count_left() == 0):
            if not self._cluster.is_connected:
                self._connect_again()
            self._send_more()
            yield from self._receive()
            if self._supply.interrupted:
                self._recall_waiting()
                self._supply.tell_interrupted(len(self._flying), self._observe)

    def _count_left(self) -> int:
        return len(self._flying) + len(self._again) + len(self._suspects)

    def _connect_again(self) -> None:
        """What was under way is sent again: the cluster has forgotten it, or will."""
        self._again.extend(self._flying.values())
        self._flying.clear()
        self.connect()

    def _recall_waiting(self) -> None:
        """Forget what has not begun: it is done when the class is graded again."""
        self._again.clear()
        self._suspects.clear()
        for flight in list(self._flying.values()):
            if not flight.place:
                del self._flying[flight.key]
                if flight.future is not None:
                    flight.future.release()

    def _send_more(self) -> None:
        places = self._cluster.count_places()
        most = min(self._limit or places * _PER_PLACE, places * _PER_PLACE)
        while len(self._flying) < most:
            flight = self._take_next()
            if flight is None:
                return
            self._send(flight)

    def _take_next(self) -> _Flight[T] | None:
        if self._again:
            return self._again.popleft()
        for item in self._supply.take():
            return _Flight(item)
        if self._suspects and not self._flying:
            return self._suspects.popleft()
        return None

    def _send(self, flight: _Flight[T]) -> None:
        flight.key = f"grading-{uuid.uuid4().hex}"
        flight.place = ""
        avoid = flight.avoid | self._refused.keys()
        future = self._cluster.submit(flight.key, pack(flight.item), avoid)
        flight.future = future
        self._flying[flight.key] = flight
        future.add_done_callback(lambda done: self._told.put((done.key, "")))

    def _receive(self) -> Iterator[tuple[T, Finished[R]]]:
        """What has come back, after a short wait for it."""
        try:
            key, place = self._told.get(timeout=_LOOK_SECONDS)
        except Empty:
            return
        flight = self._flying.get(key)
        if flight is None:  # came back already, or was sent again since
            return
        if place:
            flight.place = place
            self._tell("started", flight)
            return
        del self._flying[key]
        for finished in self._take_in(flight):
            self._tell(name_end(finished), flight)
            yield flight.item, finished

    def _take_in(self, flight: _Flight[T]) -> Iterator[Finished[R]]:
        """What the flight brought; nothing where it has to be sent again."""
        future, flight.future = flight.future, None
        assert future is not None
        try:
            reply = future.result(timeout=_RESULT_SECONDS)
        except KilledWorker as error:
            yield from self._count_death(flight, error.last_worker.address)
        except CancelledError:  # a scheduler that knows nothing of us: it was started again
            self._again.append(flight)
            self._cluster.close()
        except (OSError, TimeoutError):
            self._again.append(flight)
        except Exception as error:  # noqa: BLE001 - Dask could not carry it there or back
            logging.getLogger(__name__).warning("%s: %s", flight.key, type(error).__name__)
            yield from self._count_death(flight, "")
        else:
            if reply.kind == "done":
                yield attempt(Parcel.unpack, reply.parcel)
            else:
                self._count_refusal(reply)
                self._again.append(flight)
        finally:
            future.release()

    def _count_death(self, flight: _Flight[T], address: str) -> Iterator[Lost]:
        flight.deaths.append(flight.place or address or "on its way")
        flight.avoid |= list_names(address)
        self._tell("again", flight)
        if len(flight.deaths) >= DEATHS:
            where = ", ".join(flight.deaths)
            yield Lost(f"it killed three workers, or died with them: {where}; look at it by hand")
        elif len(flight.deaths) == DEATHS - 1:
            self._suspects.append(flight)
        else:
            self._again.append(flight)

    def _count_refusal(self, reply: Reply) -> None:
        self._refused[reply.address] = str(reply.parcel.unpack())
        if all(address in self._refused for address in self._cluster.list_workers()):
            reasons = "\n".join(f"  worker {name}: {why}" for name, why in self._refused.items())
            raise GraderError(f"no worker at {self._cluster.address} can grade:\n{reasons}")

    def _tell(self, state: State, flight: _Flight[T]) -> None:
        self._observe(Event(state, flight.place, flight.item))
