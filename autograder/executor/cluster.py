"""The connection to a Dask scheduler and its workers: made, checked, and made again when lost.

Left out: what is sent over it (`dask`), and what runs on the workers (`remote`).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import dask
from distributed import Client, Future, Security

from autograder.errors import GraderError, UsageError
from autograder.executor.event import Event, Observe
from autograder.executor.remote import BEGAN, Parcel, Reply, SitePlugin, do_item
from autograder.executor.scheduler import SITE_PREFIX, drop_stale_sites, prepare_scheduler
from autograder.executor.version import compare_versions, compare_with_scheduler, read_versions

_CONNECT_SECONDS = 10.0
_CLOSE_SECONDS = 5.0
_PAUSE_SECONDS = 0.5
_FRESH_SECONDS = 1.0  # how old our knowledge of the workers may be
_QUIET = {
    "distributed.admin.large-graph-warning-threshold": "1GiB",  # a submission is no graph
    "distributed.diagnostics.computations.nframes": 0,  # no source text to the dashboard
}


@dataclass(frozen=True)
class SitePackage:
    """A site, packed for travelling.

    Attributes:
        digest: tells it from others.
        parcel: the site.
    """

    digest: str
    parcel: Parcel


class Cluster:
    """One scheduler and its workers, for one run.

    Args:
        address: of the scheduler, as Dask writes it: `tcp://host:8786`, `tls://…`.
        site: what the workers are to open.
        patience_seconds: how long to wait for a scheduler or workers that are gone.
        observe: told what is waited for.
        is_interrupted: tells whether whoever waits wants no more of it.

    Raises:
        UsageError: if it needs certificates and Dask's configuration names none.
    """

    def __init__(
        self,
        address: str,
        site: SitePackage,
        patience_seconds: float,
        observe: Observe,
        is_interrupted: Callable[[], bool],
    ) -> None:
        self.address = address
        self._site = site
        self._patience_seconds = patience_seconds
        self._observe = observe
        self._is_interrupted = is_interrupted
        self._security = _read_certificates(address)
        self._client: Client | None = None
        self._threads: Mapping[str, int] = {}
        self._looked = 0.0
        self._missed_since: float | None = None
        self._told = False

    def connect(self, listen: Callable[[tuple[float, Any]], None]) -> None:
        """Connect, prepare the scheduler, bring the site.

        Args:
            listen: gets what workers tell of items that began, in another thread.

        Raises:
            GraderError: if the scheduler stays away.
            UsageError: if other versions run there.
            KeyboardInterrupt: if nobody wants to wait.
        """
        while not self._try_connecting():
            self._miss(f"the scheduler at {self.address}", _START_SCHEDULER)
            if self._is_interrupted():
                raise KeyboardInterrupt
            time.sleep(_PAUSE_SECONDS)
        self._missed_since = None
        assert self._client is not None
        self._client.subscribe_topic(BEGAN, listen)

    def _miss(self, what: str, step: str) -> None:
        """Something is not there, again: tell so once, and not for ever."""
        now = time.monotonic()
        if self._missed_since is None:
            self._missed_since, self._told = now, False
        waited = now - self._missed_since
        if waited > self._patience_seconds:
            raise GraderError(f"waited {waited:.0f} s for {what}; {step}")
        if not self._told and waited > 1:  # a worker that is started again needs about a second
            self._told = True
            note = f"Waiting for {what}, at most {self._patience_seconds:.0f} s; {step}."
            self._observe(Event("waiting", note=note))

    def _try_connecting(self) -> bool:
        self.close()
        if not is_listening(self.address):
            return False
        try:
            with dask.config.set(_QUIET):
                self._client = Client(
                    self.address,
                    timeout=_CONNECT_SECONDS,
                    set_as_default=False,
                    security=self._security,
                )
            self._prepare(self._client)
        except ImportError as error:  # also how Dask says that versions cannot work together
            self.close()
            raise UsageError(f"{self.address}: {error}; {_SAME_VERSIONS}") from None
        except (OSError, TimeoutError):  # it went away again, or has just come
            self.close()
            return False
        return True

    def _prepare(self, client: Client) -> None:
        versions = read_versions()
        theirs = client.run_on_scheduler(prepare_scheduler)
        differing = compare_with_scheduler(versions, theirs)
        if differing:
            raise UsageError(f"the scheduler at {self.address}: {differing}; {_SAME_VERSIONS}")
        self._compare_workers(client, versions)
        name = f"{SITE_PREFIX}-{self._site.digest[:12]}@{client.id}"
        plugin = SitePlugin(client.id, self._site.digest, self._site.parcel, versions)
        client.register_plugin(plugin, name=name)
        client.run_on_scheduler(drop_stale_sites)

    def check_versions(self) -> None:
        """Compare the versions of every worker with ours.

        One that joins later is checked when it opens the site (`remote`).

        Raises:
            UsageError: if one differs; it lists all that do.
        """
        assert self._client is not None
        self._compare_workers(self._client, read_versions())

    def _compare_workers(self, client: Client, here: Mapping[str, str]) -> None:
        lines = []
        for address, there in sorted(client.run(read_versions, on_error="return").items()):
            if isinstance(there, ImportError):
                lines.append(f"  worker {address}: keras-autograder is not installed")
            elif isinstance(there, dict) and (differing := compare_versions(here, there)):
                lines.append(f"  worker {address}: {differing}")
        if lines:
            listed = "\n".join(lines)
            raise UsageError(f"other versions run at {self.address}:\n{listed}\n{_SAME_VERSIONS}")

    @property
    def is_connected(self) -> bool:
        """Whether the scheduler is there, as far as we know."""
        return self._client is not None and self._client.status == "running"

    def count_places(self) -> int:
        """How many items the workers can do at a time; 0 while there are none.

        Raises:
            GraderError: if there have been none for too long.
        """
        if not self.list_workers():
            self._miss(f"workers at {self.address}", _START_WORKER)
        else:
            self._missed_since = None
        return sum(self._threads.values())

    def list_workers(self) -> list[str]:
        """Addresses of the workers that are there."""
        fresh = time.monotonic() - self._looked < _FRESH_SECONDS
        if self._client is not None and not (fresh and self._threads):
            self._looked = time.monotonic()
            with suppress(OSError, TimeoutError, AttributeError):  # lost meanwhile: noticed later
                self._threads = dict(self._client.nthreads())
        return list(self._threads)

    def submit(self, key: str, item: Parcel, avoid: Set[str]) -> Future[Reply]:
        """Send an item to a worker; one at another address or host than `avoid` if there is one."""
        assert self._client is not None
        others = [address for address in self._threads if not (avoid & list_names(address))]
        where: dict[str, Any] = {}
        if avoid and others:
            where = {"workers": others, "allow_other_workers": True}
        return self._client.submit(do_item, self._site.digest, item, key=key, pure=False, **where)

    def close(self) -> None:
        """Let go of the scheduler; workers keep the site warm until another comes."""
        client, self._client = self._client, None
        self._threads = {}
        if client is not None:
            with suppress(OSError, TimeoutError, RuntimeError, AssertionError):
                client.close(timeout=_CLOSE_SECONDS)


_START_SCHEDULER = (
    "start it there with `dask scheduler`, or look whether a firewall is between, "
    "and whether it has TLS (`dask+tls://`)"
)
_START_WORKER = "start one with `autograder worker`"
_SAME_VERSIONS = (
    "install the same versions everywhere (`pip install -c constraints.txt keras-autograder`)"
)


def _read_certificates(address: str) -> Security | None:
    if not address.startswith("tls://"):
        return None
    names = ("ca-file", "client.cert", "client.key")
    missing = [name for name in names if not dask.config.get(f"distributed.comm.tls.{name}", None)]
    if missing:
        variables = [_name_variable(name) for name in missing]
        raise UsageError(f"{address}: set {', '.join(variables)} to the files of your certificates")
    return Security(require_encryption=True)


def _name_variable(name: str) -> str:
    """Environment variable from which Dask reads a TLS setting."""
    words = name.replace("-", "_").replace(".", "__").upper()
    return f"DASK_DISTRIBUTED__COMM__TLS__{words}"


def is_listening(address: str) -> bool:
    """Whether anything takes connections at `address`."""
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 8786), timeout=3):
            return True
    except OSError:
        return False


def list_names(address: str) -> set[str]:
    """What may stand for a worker where it is to be avoided: its address and its host's."""
    return {address, urlsplit(address).hostname or ""}
