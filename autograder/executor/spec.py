"""Makes an executor from what was written after `--executor`."""

from __future__ import annotations

from autograder.errors import UsageError
from autograder.executor.base import Executor
from autograder.plugins import load_plugin


def make_executor(spec: str, workers: int = 0, memory_mib: float = 0) -> Executor:
    """Executor of `spec`.

    Args:
        spec: a name (`local`, `inline`), or a name and a place: `dask://host:8786`,
            `dask+tls://host:8786`.
        workers: items at a time; 0 for as many as fit.
        memory_mib: how much they may use together on this machine; 0 for what is available.

    Raises:
        UsageError: if there is none of that name, or it needs a place, or takes none.
    """
    scheme, mark, place = spec.partition("://")
    name, _, transport = scheme.partition("+")
    plugin = load_plugin("executors", name)
    needs_place = getattr(plugin, "needs_place", False)
    if needs_place and not place:
        raise UsageError(f"--executor {spec}: say where it is, as in {name}://host:8786")
    if mark and not needs_place:
        raise UsageError(f"--executor {spec}: {name!r} runs here and takes no address")
    if needs_place and memory_mib:
        raise UsageError(
            f"--executor {spec}: a memory budget is for this machine; see the workers'"
        )
    if needs_place:
        executor: Executor = plugin(place, workers=workers, transport=transport or "tcp")
    elif memory_mib and getattr(plugin, "takes_memory", False):
        executor = plugin(workers=workers, memory_mib=memory_mib)
    elif memory_mib:
        raise UsageError(f"--executor {spec}: {name!r} has no memory budget; leave out --memory")
    else:
        executor = plugin(workers=workers)
    return executor
