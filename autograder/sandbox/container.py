"""The `container` sandbox: one Podman or Docker container per kernel, the strictest of all.

No network, a read-only root, no capabilities and no way to gain any, a user id of its own, limits
on memory, processes and disk, and nothing of the machine mounted. Each container says from inside
which of these walls hold. The price is a cold start for every kernel.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import asdict

from jupyter_client.kernelspec import KernelSpec

from autograder.errors import SandboxError, UnavailableError
from autograder.sandbox.base import DEFAULT_OPTIONS, Kernel, KernelRequest, SandboxOptions
from autograder.sandbox.container_command import LABEL, make_name, make_run_command
from autograder.sandbox.engine import Engine, find_engine, list_runtimes
from autograder.sandbox.environment import make_kernel_command
from autograder.sandbox.folders import make_folders
from autograder.sandbox.grader import remove_container, remove_left_over
from autograder.sandbox.image import find_image
from autograder.sandbox.jupyter import open_jupyter_kernel
from autograder.sandbox.line import Line
from autograder.sandbox.walls import list_missing
from autograder.schema.assessment import Limits

_LEAVE_SECONDS = 20


class ContainerSandbox:
    """Kernels in containers.

    Attributes:
        image: id of the image that kernels run in, `sha256:…`.

    Raises:
        UnavailableError: if this machine has no engine, or no image, or neither works.
    """

    name = "container"

    def __init__(self, options: SandboxOptions = DEFAULT_OPTIONS) -> None:
        found = find_engine()
        self.image = find_image(found).id
        self._threads = options.threads
        self._minimum = options.minimum
        with suppress(SandboxError):
            remove_left_over(found, LABEL)
        self._engine = asyncio.run(find_working_engine(found, self.image))

    def open_kernel(self, request: KernelRequest) -> AbstractAsyncContextManager[Kernel]:
        """A fresh kernel in a fresh container."""
        return self._open_kernel(request)

    def close(self) -> None:
        """Nothing is kept warm."""

    @asynccontextmanager
    async def _open_kernel(self, request: KernelRequest) -> AsyncIterator[Kernel]:
        with make_folders(request.files) as folders:
            spec = make_kernel_spec(self._engine, self.image, request, self._threads)
            async with open_jupyter_kernel(spec, folders, {}, request.limits) as kernel:
                check_walls(self._minimum, kernel.walls)
                yield kernel


def check_walls(minimum: Sequence[str], walls: Collection[str]) -> None:
    """Go on only where all of `minimum` holds.

    Raises:
        SandboxError: naming what is missing.
    """
    missing = list_missing(minimum, walls)
    if missing:
        names = ", ".join(missing)
        raise SandboxError(f"walls are missing around a container: {names}; see docs/containers.md")


def make_kernel_spec(
    engine: Engine, image: str, request: KernelRequest, threads: int
) -> KernelSpec:
    """Kernel spec that starts our kernel through `ContainerProvisioner`."""
    config = {
        "engine": {**asdict(engine), "runtime": list(engine.runtime)},
        "image": image,
        "limits": request.limits.model_dump(),
        "threads": threads,
    }
    return KernelSpec(
        argv=make_kernel_command("python", request.preload),
        display_name="autograder (container)",
        language="python",
        metadata={
            "kernel_provisioner": {"provisioner_name": "autograder-container", "config": config}
        },
    )


async def find_working_engine(engine: Engine, image: str) -> Engine:
    """The engine with an OCI runtime that works here.

    Raises:
        UnavailableError: if no container of the image can be started; says what the engine said.
    """
    complaints = []
    for candidate in list_runtimes(engine):
        try:
            await start_and_leave(candidate, image)
        except SandboxError as error:
            complaints.append(str(error))
        else:
            return candidate
    raise UnavailableError(f"{engine.flavour}: {'; then '.join(complaints)}")


async def start_and_leave(engine: Engine, image: str) -> None:
    """Start a container as for a kernel, and let go of it once it is up.

    Raises:
        SandboxError: if it does not start.
    """
    name = make_name()
    run = await asyncio.create_subprocess_exec(
        *make_run_command(engine, image, name, Limits()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    line = Line(run)
    try:
        await line.wait_until_ready()
    finally:
        await line.close()
        try:
            await asyncio.wait_for(run.wait(), _LEAVE_SECONDS)
        except TimeoutError:
            remove_container(engine, name)
