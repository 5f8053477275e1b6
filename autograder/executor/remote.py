"""What runs in a Dask worker's process: opens sites there, and does items in them.

Sites and items come from our own client, results go from here to it, each pickled: both ends are
the grader's, and neither was ever in a kernel. Whoever reaches the scheduler can run code on its
workers, so it belongs into a closed network, or behind TLS (docs/cluster.md).

Dask itself sees only opaque ids and bytes without a readable form; nothing here raises into it,
for it would log the arguments.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from distributed import Worker, WorkerPlugin, get_worker

from autograder.executor.base import Finished, Lost, attempt
from autograder.executor.memory import MemoryGate
from autograder.executor.version import compare_versions, read_versions
from autograder.machine import count_cores

THREADS_VARIABLE = "AUTOGRADER_ITEM_THREADS"  # set by `autograder worker` for its processes
BEGAN = "autograder-began"  # where workers tell that an item began; Dask keeps the last of them
_ARRIVAL_SECONDS = 30.0  # for a site to reach a worker that has just joined
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Parcel:
    """Something pickled, whose content no log can show."""

    content: bytes = field(repr=False)

    def unpack(self) -> Any:
        """What was packed."""
        return pickle.loads(self.content)  # noqa: S301 - from our own client or worker


def pack(value: Any) -> Parcel:
    """`value`, pickled."""
    return Parcel(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))


@dataclass(frozen=True)
class Reply:
    """What became of one item on a worker.

    Attributes:
        kind: `done`, or `refused`: the site cannot be opened there, or is not there.
        address: of the worker.
        parcel: what the work gave, or why it was refused.
    """

    kind: Literal["done", "refused"]
    address: str
    parcel: Parcel


class _Opened:
    """A site of this process: unpacked and opened when it is first used."""

    def __init__(self, parcel: Parcel, versions: Mapping[str, str]) -> None:
        self.users: set[str] = set()
        self._parcel = parcel
        self._versions = versions
        self._stack = ExitStack()
        self._work: Callable[[Any], Any] | None = None
        self._lock = threading.Lock()

    def find_work(self, threads: int) -> Callable[[Any], Any]:
        with self._lock:
            if self._work is None:
                differing = compare_versions(self._versions, read_versions())
                if differing:
                    raise RuntimeError(f"other versions: {differing}")
                self._work = self._stack.enter_context(self._parcel.unpack().open(threads))
            return self._work

    def close(self) -> None:
        with self._lock:
            self._work = None
            self._stack.close()


class Sites:
    """The sites of one worker process, by digest; each is closed when nobody uses it any more."""

    def __init__(self) -> None:
        self._opened: dict[str, _Opened] = {}
        self._changed = threading.Condition()

    def bring(self, user: str, digest: str, parcel: Parcel, versions: Mapping[str, str]) -> None:
        """A site has come; it stays while `user` needs it."""
        with self._changed:
            opened = self._opened.setdefault(digest, _Opened(parcel, versions))
            opened.users.add(user)
            self._changed.notify_all()

    def drop(self, user: str, digest: str) -> None:
        """`user` needs it no more."""
        with self._changed:
            opened = self._opened.get(digest)
            if opened is None:
                return
            opened.users.discard(user)
            if opened.users:
                return
            del self._opened[digest]
        opened.close()

    def find_work(self, digest: str, threads: int) -> Callable[[Any], Any]:
        """The work of a site, opened now if it is not yet.

        Raises:
            TimeoutError: if the site does not come.
            Exception: whatever opening it raises.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: digest in self._opened, _ARRIVAL_SECONDS):
                raise TimeoutError("the site did not reach this worker")
            opened = self._opened[digest]
        return opened.find_work(threads)


class SitePlugin(WorkerPlugin):
    """Carries a site to every worker that is there or joins later, once to each process."""

    def __init__(self, user: str, digest: str, parcel: Parcel, versions: Mapping[str, str]) -> None:
        self._user = user
        self._digest = digest
        self._parcel = parcel
        self._versions = versions

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's signature
        """Keep the site for the items to come."""
        _SITES.bring(self._user, self._digest, self._parcel, self._versions)

    async def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's signature
        """Close the site where nobody else uses it: the worker ends, or another run has come."""
        await asyncio.to_thread(_SITES.drop, self._user, self._digest)


class _Seats:
    """Numbers for the items that are done side by side, so that a display can show them apart."""

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._lock = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[int]:
        with self._lock:
            seat = next(number for number in range(1, 10_000) if number not in self._taken)
            self._taken.add(seat)
        try:
            yield seat
        finally:
            with self._lock:
                self._taken.discard(seat)


_LOG = logging.getLogger(__name__)
_SITES = Sites()
_SEATS = _Seats()
_GATE = MemoryGate()


def do_item(digest: str, parcel: Parcel) -> Reply:
    """Do one item in a thread of this worker; never raises.

    Args:
        digest: of the site.
        parcel: the item.
    """
    worker = get_worker()
    with _SEATS.take() as seat:
        place = f"{worker.name}/{seat}"
        worker.log_event(BEGAN, {"key": worker.get_current_task(), "place": place})
        try:
            work = _SITES.find_work(digest, _share_cores(worker))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - told to the client instead
            _LOG.warning("%s cannot do a client's work: %s", place, type(error).__name__)
            return Reply("refused", worker.address, pack(f"{type(error).__name__}: {error}"))
        while not _GATE.begin():
            time.sleep(_LOOK_SECONDS)
        try:
            finished = attempt(lambda packed: work(packed.unpack()), parcel)
        finally:
            _GATE.end()
        return Reply("done", worker.address, _pack_finished(finished))


def _share_cores(worker: Worker) -> int:
    told = os.environ.get(THREADS_VARIABLE)
    return int(told) if told else max(1, count_cores() // worker.state.nthreads)


def _pack_finished(finished: Finished[Any]) -> Parcel:
    try:
        return pack(finished)
    except Exception as error:  # noqa: BLE001 - told to the client instead
        return pack(Lost(f"its result cannot travel: {type(error).__name__}: {error}"))
