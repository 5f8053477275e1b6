"""`autograder worker`: offers this machine to graders that use `--executor dask://…`."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress

from rich.markup import escape

from autograder.cli.console import notes
from autograder.errors import UsageError
from autograder.executor.nanny import WorkerOptions, keep_workers


def work(scheduler: str, options: WorkerOptions) -> int:
    """Run this machine's workers until SIGINT or SIGTERM; exit code 0.

    Args:
        scheduler: `host:8786`, or with `tcp://`, `tls://` or `dask://` before it.
        options: what this machine offers.

    Raises:
        UsageError: if the address or the options do not fit together.
        GraderError: if no scheduler answers there.
    """
    address = _make_address(scheduler, options)
    name = options.name or socket.gethostname()
    logging.getLogger("distributed").setLevel(logging.WARNING)

    def tell(text: str) -> None:
        notes.print(f"[dim]worker[/] {escape(name)}: {escape(text)}", soft_wrap=True)

    with suppress(KeyboardInterrupt):
        asyncio.run(keep_workers(address, options, tell))
    return 0


def _make_address(scheduler: str, options: WorkerOptions) -> str:
    scheme, mark, place = scheduler.rpartition("://")
    secure = bool(options.tls_ca_file)
    if scheme not in ("", "tcp", "tls", "dask", "dask+tls") or not place:
        raise UsageError(f"{scheduler!r} is no scheduler's address; write host:8786")
    if secure and not (options.tls_cert and options.tls_key):
        raise UsageError("--tls-ca-file needs --tls-cert and --tls-key")
    if mark and scheme.endswith("tls") and not secure:
        raise UsageError(f"{scheduler} needs --tls-ca-file, --tls-cert and --tls-key")
    transport = "tls" if secure else "tcp"
    host, colon, _ = place.rpartition(":")
    return f"{transport}://{place}" if colon and host else f"{transport}://{place}:8786"
