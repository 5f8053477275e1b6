"""What we do in the Dask scheduler's own process, so that a plain `dask scheduler` will do.

It tells us of every death of a worker at once, instead of trying again by itself three times, for
we count the deaths of each item, and who died beside it must not be counted the same.
"""

from __future__ import annotations

from typing import Any

from autograder.executor.version import read_versions

SITE_PREFIX = "autograder-site"
TTL_SECONDS = 60.0  # a worker that is silent for so long is taken for dead
_LOOKS_PER_TTL = 4


async def prepare_scheduler(dask_scheduler: Any) -> dict[str, str]:
    """Set how it treats dead and silent workers; returns its versions."""
    dask_scheduler.allowed_failures = 0
    known = dask_scheduler.worker_ttl or TTL_SECONDS
    _watch_heartbeats(dask_scheduler, min(known, TTL_SECONDS))
    return read_versions()


def _watch_heartbeats(scheduler: Any, ttl_seconds: float) -> None:
    if scheduler.worker_ttl == ttl_seconds and not _is_slow(scheduler, ttl_seconds):
        return
    scheduler.worker_ttl = ttl_seconds
    watch = scheduler.periodic_callbacks.get("worker-ttl")
    if watch is not None:  # else it was configured to watch nothing
        watch.stop()
        watch.callback_time = ttl_seconds * 1000 / _LOOKS_PER_TTL
        watch.start()


def _is_slow(scheduler: Any, ttl_seconds: float) -> bool:
    watch = scheduler.periodic_callbacks.get("worker-ttl")
    return watch is not None and watch.callback_time > ttl_seconds * 1000 / _LOOKS_PER_TTL


async def drop_stale_sites(dask_scheduler: Any) -> None:
    """Let workers close the sites of clients that are gone."""
    for name in list(dask_scheduler.worker_plugins):
        prefix, _, client = name.partition("@")
        if prefix.startswith(SITE_PREFIX) and client not in dask_scheduler.clients:
            await dask_scheduler.unregister_worker_plugin(None, name)
