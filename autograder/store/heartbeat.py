"""Renews a lease in a thread while its job is done. Left out: what a lease is (`leases`)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from autograder.errors import GraderError

BEATS = 3  # per length of a lease: two may fail before it ends


class Renewable(Protocol):
    """What a heartbeat needs of a lease."""

    @property
    def seconds(self) -> float:
        """How long it lasts from each renewal."""

    def renew(self) -> bool:
        """False if it is another worker's by now."""


class Heartbeat:
    """Whether the lease is still this worker's, as far as it knows."""

    def __init__(self) -> None:
        self._lost = threading.Event()

    @property
    def lost(self) -> bool:
        """Whether another worker has, or may have, the job: stop, or finish for nothing."""
        return self._lost.is_set()

    def mark_lost(self) -> None:
        """Say that the lease is gone."""
        self._lost.set()


@contextmanager
def keep_lease(lease: Renewable) -> Iterator[Heartbeat]:
    """Renew `lease` until the context ends. It is neither claimed nor released here.

    A database that cannot be reached for a while costs nothing; only a lease that was taken over,
    or could not be renewed before it ended, is lost. Waiting uses this process's steady clock.
    """
    heartbeat, over = Heartbeat(), threading.Event()
    thread = threading.Thread(
        target=_beat, args=(lease, heartbeat, over), name="autograder-lease", daemon=True
    )
    thread.start()
    try:
        yield heartbeat
    finally:
        over.set()
        thread.join()


def _beat(lease: Renewable, heartbeat: Heartbeat, over: threading.Event) -> None:
    ends = time.monotonic() + lease.seconds
    while not over.wait(lease.seconds / BEATS):
        asked = time.monotonic()
        try:
            if not lease.renew():
                heartbeat.mark_lost()
                return
            ends = asked + lease.seconds
        except GraderError:
            if time.monotonic() >= ends:
                heartbeat.mark_lost()  # tried on: nobody else may have wanted the job
