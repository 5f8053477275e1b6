"""The `process` sandbox: a separate process with resource limits, and no walls.

For authors who try their own notebooks, and for platforms without the other sandboxes. Student
code runs as the grader's own user and could read files of it: grade strangers behind `fork` or
`container`. A kernel starts cold.
"""

from __future__ import annotations

import resource
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Unicode

from autograder.sandbox.base import (
    DEFAULT_OPTIONS,
    Death,
    Kernel,
    KernelRequest,
    SandboxOptions,
    Usage,
    read_status,
)
from autograder.sandbox.delay import DelayClock
from autograder.sandbox.environment import (
    make_environment,
    make_kernel_command,
    make_resource_limits,
)
from autograder.sandbox.folders import make_folders
from autograder.sandbox.jupyter import open_jupyter_kernel
from autograder.sandbox.processes import kill_tree, list_descendants, measure_tree


class ProcessProvisioner(LocalProvisioner):
    """Starts a kernel as a local process with resource limits, for any Jupyter client.

    Configured in a kernel spec's `metadata.kernel_provisioner.config`: `limits` (name of a
    `resource.RLIMIT_*` to its value) and `token` (marks every process of this kernel).
    """

    limits = Dict(help="resource limit to value").tag(config=True)
    token = Unicode(help="marks the kernel's processes").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._delays = DelayClock()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch the kernel, limited before it can have read its first line."""
        info = await super().launch_kernel(cmd, **kwargs)
        for name, value in self.limits.items():
            with suppress(ProcessLookupError):
                resource.prlimit(self.pid, getattr(resource, name), (value, value))
        return info

    @property
    def walls(self) -> tuple[str, ...]:
        """Limits are all that stands around it."""
        return ("rlimits",)

    def measure(self) -> Usage:
        """What its process tree has used so far."""
        return measure_tree(self.pid) if self.pid else Usage(0.0, 0.0)

    def read_delay(self) -> float:
        """Seconds for which its threads had no core."""
        return self._delays.read(list_descendants(self.pid)) if self.pid else 0.0

    def read_carrying(self) -> float:
        """Nothing: its sockets are read by the grader itself."""
        return 0.0

    def read_death(self) -> Death:
        """By whom it was ended, as its status says."""
        return read_status((self.process.poll() if self.process else None) or 0)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and every process it started."""
        if self.pid is not None:
            kill_tree(self.pid, self.token)
        await super().kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """End what the kernel left running."""
        if self.pid is not None:
            kill_tree(self.pid, self.token)
        await super().cleanup(restart)


class ProcessSandbox:
    """Kernels as plain processes. It has no walls, so no minimum of them is asked for."""

    name = "process"

    def __init__(self, options: SandboxOptions = DEFAULT_OPTIONS) -> None:
        self._threads = options.threads

    def open_kernel(self, request: KernelRequest) -> AbstractAsyncContextManager[Kernel]:
        """A fresh kernel process in a fresh folder."""
        return self._open_kernel(request)

    def close(self) -> None:
        """Nothing is kept warm."""

    @asynccontextmanager
    async def _open_kernel(self, request: KernelRequest) -> AsyncIterator[Kernel]:
        with make_folders(request.files) as folders:
            token = uuid.uuid4().hex
            spec = make_kernel_spec(request, token)
            home = str(folders.home)
            temporary = str(folders.home / "tmp")
            environment = make_environment(
                home,
                temporary,
                token=token,
                threads=self._threads,
                network=request.limits.network,
            )
            async with open_jupyter_kernel(spec, folders, environment, request.limits) as kernel:
                yield kernel


def make_kernel_spec(request: KernelRequest, token: str) -> KernelSpec:
    """Kernel spec that starts our kernel through `ProcessProvisioner`."""
    config = {"limits": make_resource_limits(request.limits), "token": token}
    return KernelSpec(
        argv=make_kernel_command(sys.executable, request.preload),
        display_name="autograder (process)",
        language="python",
        metadata={
            "kernel_provisioner": {"provisioner_name": "autograder-process", "config": config}
        },
    )
