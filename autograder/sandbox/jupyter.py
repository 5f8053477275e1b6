"""A kernel driven through Jupyter's own client: what all real sandboxes share."""

from __future__ import annotations

import asyncio
import queue
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from autograder.errors import KernelLostError, SandboxError
from autograder.sandbox.base import CellRun, Death, KernelDiedError, Usage
from autograder.sandbox.cells import BoundedClient, make_client, run_cell
from autograder.sandbox.channel import GuardedClient
from autograder.sandbox.comm import AgentComm
from autograder.sandbox.folders import KernelFolders
from autograder.sandbox.ready import wait_until_ready
from autograder.schema.assessment import Limits
from autograder.wire.frame import Frame

KernelManager = Any  # jupyter_client's, which has no types here
START_SECONDS = 120  # importing TensorFlow on a busy machine


class Provisioner(Protocol):
    """What our kernel provisioners have beyond Jupyter's own methods."""

    @property
    def walls(self) -> tuple[str, ...]:
        """Names of the walls that hold around the kernel, once it is launched."""

    def measure(self) -> Usage:
        """What the kernel's process tree has used so far, measured from outside."""

    def read_delay(self) -> float:
        """Seconds for which its threads had no core; see `Kernel`."""

    def read_carrying(self) -> float:
        """CPU seconds of the processes that carry its messages to this one."""

    def read_death(self) -> Death:
        """By whom the kernel was ended."""


class _OneSpec(KernelSpecManager):
    """Knows one kernel spec: the machine's own are not asked, so none needs to be installed."""

    spec: KernelSpec

    def get_kernel_spec(self, _kernel_name: str) -> KernelSpec:
        """The one spec, whatever the name."""
        return self.spec


class _Manager(AsyncKernelManager):
    """Jupyter's manager without its own socket to the kernel.

    Kernels are interrupted and ended by signals. What one sends on a line that nobody reads and no
    sieve bounds would pile up in the grader.
    """

    def _connect_control_socket(self) -> None:
        """See the class."""


class JupyterKernel:
    """A running kernel; see `base.Kernel`."""

    def __init__(self, manager: KernelManager, client: BoundedClient) -> None:
        self._manager = manager
        self._client = client
        self._comm = AgentComm(client.kc, manager)
        self._comm.open()

    @property
    def walls(self) -> tuple[str, ...]:
        """Names of the walls that hold around it."""
        return self._provisioner.walls

    @property
    def _provisioner(self) -> Provisioner:
        provisioner: Provisioner = self._manager.provisioner
        return provisioner

    async def run_cell(self, source: str) -> CellRun:
        """Run one cell to its end."""
        await self._check_alive()
        return await run_cell(self._client, source)

    async def ask(self, request: Frame) -> Frame:
        """Reply of the agent to one request."""
        await self._check_alive()
        return await self._comm.ask(request)

    async def _check_alive(self) -> None:
        """See at once that a kernel is gone: sending to it would first wait for somebody to listen.

        Raises:
            KernelDiedError: if it is gone.
        """
        if not await self._manager.is_alive():
            raise KernelDiedError("the kernel has ended")

    async def interrupt(self) -> None:
        """Interrupt what runs."""
        with suppress(RuntimeError, ProcessLookupError):
            await self._manager.interrupt_kernel()

    async def kill(self) -> None:
        """End the process and all its descendants now."""
        await self._manager.provisioner.kill()

    def usage(self) -> Usage:
        """What the process tree has used so far."""
        return self._provisioner.measure()

    def read_delay(self) -> float:
        """Seconds for which its threads had no core."""
        return self._provisioner.read_delay()

    def read_carrying(self) -> float:
        """CPU seconds for which its messages were carried, by this thread and on the way to it."""
        return time.thread_time() + self._provisioner.read_carrying()

    def read_death(self) -> Death:
        """By whom it was ended."""
        return self._provisioner.read_death()


@asynccontextmanager
async def open_jupyter_kernel(
    spec: KernelSpec, folders: KernelFolders, environment: dict[str, str], limits: Limits
) -> AsyncIterator[JupyterKernel]:
    """A kernel of `spec`, started in `folders`, shut down when the context ends.

    Raises:
        SandboxError: if it does not come up.
    """
    specs = _OneSpec()
    specs.spec = spec
    manager = _Manager(
        kernel_spec_manager=specs,
        kernel_name="autograder",
        client_factory=GuardedClient,
        transport="ipc",  # sockets in a folder of our own: no port for others to connect to
        connection_file=str(folders.connection),
    )
    client = make_client(manager, limits.output_bytes)
    try:
        await _start(client, folders, environment)
        yield JupyterKernel(manager, client)
    finally:
        await _stop(manager, client)


async def _start(
    client: BoundedClient, folders: KernelFolders, environment: dict[str, str]
) -> None:
    try:
        await client.km.start_kernel(
            cwd=str(folders.work),
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        client.kc = client.km.client()
        client.kc.start_channels()
        await wait_until_ready(client.kc, client.km, START_SECONDS)
        client.kc.allow_stdin = False
    except TimeoutError as error:
        raise SandboxError(f"a kernel did not start: {error}") from error
    except (RuntimeError, OSError, queue.Empty) as error:  # no student code was in it yet
        raise KernelLostError(f"a kernel did not start: {error}") from error


async def _stop(manager: KernelManager, client: BoundedClient) -> None:
    if client.kc is not None:
        client.kc.stop_channels()
    if manager.has_kernel:
        with suppress(RuntimeError, OSError):
            await asyncio.wait_for(manager.shutdown_kernel(now=True), timeout=20)
    context = getattr(manager, "context", None)
    if context is not None:
        context.destroy(linger=0)
