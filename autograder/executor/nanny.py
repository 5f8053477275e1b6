"""Keeps the Dask workers of this machine alive: what `autograder worker` runs.

Each is a process of its own under a nanny, spawned (never forked from a process with threads),
with its own warm kernels. Where the scheduler goes away, they end, and are started again when it
is back.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import dask
from distributed import Nanny, Security, Status

from autograder.errors import GraderError
from autograder.executor.cluster import is_listening
from autograder.executor.memory import MemoryGate
from autograder.executor.remote import THREADS_VARIABLE
from autograder.machine import count_cores

_PER_PROCESS = 8  # items that share one interpreter: beyond, its lock would be felt
_PAUSE_SECONDS = 0.5
_DEAD_SECONDS = 60.0  # a nanny without a process for so long has given up
_RETIRE_SECONDS = 5.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class WorkerOptions:
    """What a machine offers.

    Attributes:
        workers: items at a time; 0 for as many as keep its cores busy and have memory.
        name: of this machine for people; empty for its address.
        wait_seconds: how long to wait for a scheduler that is not there, or not there any more.
        tls_ca_file: certificate of the authority that both sides trust; empty without TLS.
        tls_cert: this machine's certificate.
        tls_key: the key of it.
    """

    workers: int = 0
    name: str = ""
    wait_seconds: float = 600.0
    tls_ca_file: str = ""
    tls_cert: str = ""
    tls_key: str = ""

    def make_security(self) -> Any:
        """Dask's own form of the certificates; None without TLS."""
        if not self.tls_ca_file:
            return None
        return Security(  # type: ignore[no-untyped-call,unused-ignore]
            tls_ca_file=self.tls_ca_file,
            tls_worker_cert=self.tls_cert,
            tls_worker_key=self.tls_key,
            require_encryption=True,
        )


def split_workers(workers: int) -> list[int]:
    """Items at a time of each process, as even as can be."""
    processes = -(-workers // _PER_PROCESS)
    return [workers // processes + (number < workers % processes) for number in range(processes)]


async def keep_workers(scheduler: str, options: WorkerOptions, tell: Tell) -> None:
    """Run this machine's workers until SIGINT or SIGTERM.

    Args:
        scheduler: its address, as Dask writes it.
        options: what this machine offers.
        tell: gets a line for people.

    Raises:
        GraderError: if the scheduler stays away.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    workers = options.workers or MemoryGate().count_gradings()
    while not stop.is_set():
        await _wait_for(scheduler, options.wait_seconds, tell, stop)
        if not stop.is_set():
            await _keep_until_lost(scheduler, options, workers, tell, stop)
    tell("ended")


async def _wait_for(scheduler: str, seconds: float, tell: Tell, stop: asyncio.Event) -> None:
    started = time.monotonic()
    told = False
    while not stop.is_set() and not await asyncio.to_thread(is_listening, scheduler):
        if time.monotonic() - started > seconds:
            raise GraderError(
                f"no scheduler answered at {scheduler} for {seconds:.0f} s; start it with "
                "`dask scheduler`, or look whether a firewall is between"
            )
        if not told:
            told = True
            tell(f"waiting for the scheduler at {scheduler}, at most {seconds:.0f} s")
        await _rest(stop)


async def _rest(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), _PAUSE_SECONDS)


async def _keep_until_lost(
    scheduler: str, options: WorkerOptions, workers: int, tell: Tell, stop: asyncio.Event
) -> None:
    nannies = [
        _make_nanny(scheduler, options, threads, workers, number)
        for number, threads in enumerate(split_workers(workers), start=1)
    ]
    starting = asyncio.ensure_future(_start(nannies))
    ending = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([starting, ending], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            failed = starting.result()
            for problem in failed:
                tell(f"a worker did not start: {problem}")
            if not failed:
                tell(f"joined {scheduler}: {workers} at a time")
                await _watch(nannies, stop)
            if not stop.is_set():
                tell("lost the scheduler" if not failed else "trying again")
                await _rest(stop)
    finally:
        ending.cancel()
        starting.cancel()
        await asyncio.gather(*(_end(nanny) for nanny in nannies), return_exceptions=True)


async def _start(nannies: list[Nanny]) -> list[str]:
    """Start them all; what kept some from starting."""
    ends = await asyncio.gather(*nannies, return_exceptions=True)
    return [f"{type(end).__name__}: {end}" for end in ends if isinstance(end, BaseException)]


async def _watch(nannies: list[Nanny], stop: asyncio.Event) -> None:
    """Return when there is a stop, or a nanny has closed, or has no process any more."""
    alive = time.monotonic()
    while not stop.is_set():
        if any(nanny.status not in (Status.running, Status.starting) for nanny in nannies):
            return
        if all(nanny.is_alive() for nanny in nannies):
            alive = time.monotonic()
        elif time.monotonic() - alive > _DEAD_SECONDS:
            return
        await _rest(stop)


async def _end(nanny: Nanny) -> None:
    """Leave the cluster in good order: what runs here is done elsewhere, and is no death."""
    address = nanny.worker_address
    if address and nanny.status == Status.running:
        with suppress(Exception):  # the scheduler is gone, and with it what was to be kept
            retire = nanny.scheduler.retire_workers(workers=[address], remove=True)
            await asyncio.wait_for(retire, _RETIRE_SECONDS)
    await nanny.close()


def _make_nanny(
    scheduler: str, options: WorkerOptions, threads: int, workers: int, number: int
) -> Nanny:
    name = f"{options.name}-{number}" if options.name and workers > _PER_PROCESS else options.name
    with dask.config.set({"distributed.nanny.pre-spawn-environ": {}}):
        return Nanny(
            scheduler,
            nthreads=threads,
            name=name or None,
            memory_limit=0,  # the work is in processes that Dask does not measure
            silence_logs=logging.WARNING,
            security=options.make_security(),
            dashboard=False,
            env={THREADS_VARIABLE: str(max(1, count_cores() // workers))},
        )
