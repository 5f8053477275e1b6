"""The `fork` sandbox, the default on Linux: every kernel is a fork of a warm process, behind walls.

Which walls depends on what the machine permits; a kernel says which hold. Where fewer hold than
`minimum`, none is opened.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from functools import cache
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, List, Unicode

from autograder.errors import SandboxError
from autograder.sandbox.base import (
    DEFAULT_OPTIONS,
    Death,
    Kernel,
    KernelRequest,
    SandboxOptions,
    Usage,
)
from autograder.sandbox.folders import KernelFolders, make_folders
from autograder.sandbox.jupyter import open_jupyter_kernel
from autograder.sandbox.launch import Choice, Launch
from autograder.sandbox.walls import ADVICE, PROTECTIONS, list_missing
from autograder.sandbox.warm import WarmKernels
from autograder.schema.assessment import Limits
from autograder.warmth.ancestor import KERAS_MODULES, Ancestor

_WARMED = {"keras": (*KERAS_MODULES, "matplotlib.pyplot")}


class Warmth:
    """The warm processes of one sandbox, by the modules that they have loaded.

    Args:
        threads: of one training.
        ancestor: shared with others; whoever made it ends it.
    """

    def __init__(self, threads: int, ancestor: Ancestor | None = None) -> None:
        self.threads = threads
        self.choice = Choice()
        self._shared = ancestor
        self._own: list[Ancestor] = []
        self._warm: dict[tuple[str, ...], WarmKernels] = {}
        self._lock = threading.Lock()

    def find(self, modules: tuple[str, ...]) -> WarmKernels:
        """The warm process with `modules` (and what is used beside them) loaded."""
        names = tuple(dict.fromkeys(name for key in modules for name in _WARMED.get(key, (key,))))
        with self._lock:
            if names not in self._warm:
                self._warm[names] = WarmKernels(self._choose_ancestor(names), names)
            return self._warm[names]

    def _choose_ancestor(self, names: tuple[str, ...]) -> Ancestor:
        """The shared one where nothing is loaded in it that was not asked for."""
        if self._shared is not None and set(self._shared.modules) <= set(names):
            return self._shared
        self._own.append(Ancestor(names))
        return self._own[-1]

    def close(self) -> None:
        """End them all."""
        for kernels in self._warm.values():
            kernels.close()
        for ancestor in self._own:
            ancestor.close()
        self._warm.clear()
        self._own.clear()


_LAUNCHES: dict[str, tuple[Launch, int]] = {}  # a provisioner's configuration is only JSON


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel as a walled fork, for any Jupyter client (nbclient, papermill, Jupyter).

    Configured in a kernel spec's `metadata.kernel_provisioner.config`, all of it optional: `limits`
    (keys of `[limits]`), `modules` (loaded in the warm process), `given` (a folder whose files
    the working folder begins with).
    """

    limits = Dict(help="keys of [limits] in assessment.toml").tag(config=True)
    modules = List(Unicode(), help="modules loaded in the warm process").tag(config=True)
    launch = Unicode(help="key of a launch prepared in this process").tag(config=True)
    _started: Launch | None = None
    _owned: ExitStack | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare a launch of its own where none was prepared; sockets are files in its folder."""
        if not self.launch:
            self._prepare()
        return await super().pre_launch(**kwargs)

    def _prepare(self) -> None:
        self._owned = ExitStack()
        folders = self._owned.enter_context(make_folders({}))
        request = KernelRequest({}, Limits.model_validate(self.limits), tuple(self.modules))
        self.launch = uuid.uuid4().hex
        self._owned.callback(register_launch(self.launch, request, folders, _share_warmth()).close)
        manager: Any = self.parent
        manager.transport = "ipc"
        manager.connection_file = str(folders.connection)
        manager.ip = str(folders.connection.with_suffix("")) + "-ipc"

    async def launch_kernel(self, cmd: list[str], **_kwargs: Any) -> Any:
        """Fork the kernel; student code has not run when this returns."""
        launch, threads = _LAUNCHES[self.launch]
        arguments = [word for word in cmd if word.startswith("--")]
        connection = _make_connection(self.parent)
        self._started = launch
        self.process = await asyncio.to_thread(launch.start, arguments, connection, threads)
        self.pid = self.process.pid
        self.connection_info = connection | {"key": connection["key"].encode()}
        return self.connection_info

    @property
    def walls(self) -> tuple[str, ...]:
        """Names of the walls that hold."""
        return self._started.walls if self._started else ()

    def measure(self) -> Usage:
        """What its processes have used so far."""
        return self._started.usage() if self._started else Usage(0.0, 0.0)

    def read_delay(self) -> float:
        """Seconds for which its threads had no core."""
        return self._started.read_delay() if self._started else 0.0

    def read_carrying(self) -> float:
        """Nothing: its sockets are read by the grader itself."""
        return 0.0

    def read_death(self) -> Death:
        """By whom it was ended."""
        return self._started.read_death() if self._started else Death.OUTSIDE

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 - Jupyter's signature
        """End the kernel and every process it started."""
        if self._started is not None:
            await asyncio.to_thread(self._started.kill)

    async def cleanup(self, restart: bool = False) -> None:
        """End what the kernel left, and remove what was its own."""
        await self.kill(restart)
        if self._owned is not None and not restart:
            _LAUNCHES.pop(self.launch, None)
            self._owned.close()
            self._owned = None
        await super().cleanup(restart)


def register_launch(
    key: str, request: KernelRequest, folders: KernelFolders, warmth: Warmth
) -> Launch:
    """Prepare the launch of one kernel, for a provisioner to find by `key`."""
    launch = Launch(request, folders, warmth.find(request.preload), warmth.choice, key)
    _LAUNCHES[key] = (launch, warmth.threads)
    return launch


@cache
def _share_warmth() -> Warmth:
    """Warm processes of kernels that Jupyter starts by itself; they end with this process."""
    warmth = Warmth(threads=1)
    atexit.register(warmth.close)
    return warmth


def _make_connection(manager: Any) -> dict[str, Any]:
    information: dict[str, Any] = manager.get_connection_info()
    return {**information, "key": information["key"].decode()}


class ForkSandbox:
    """Kernels as walled forks of warm processes.

    Raises:
        SandboxError: on a machine that is not Linux.
    """

    name = "fork"

    def __init__(self, options: SandboxOptions = DEFAULT_OPTIONS) -> None:
        if not hasattr(os, "pidfd_open"):
            raise SandboxError("the fork sandbox needs Linux; use `--sandbox process` here")
        self._minimum = options.minimum
        self._warmth = Warmth(options.threads, options.ancestor)

    def open_kernel(self, request: KernelRequest) -> AbstractAsyncContextManager[Kernel]:
        """A fresh kernel in a fresh folder, behind walls."""
        return self._open_kernel(request)

    def close(self) -> None:
        """End the warm processes."""
        self._warmth.close()

    @asynccontextmanager
    async def _open_kernel(self, request: KernelRequest) -> AsyncIterator[Kernel]:
        key = uuid.uuid4().hex
        with make_folders(request.files) as folders, ExitStack() as stack:
            launch = register_launch(key, request, folders, self._warmth)
            stack.callback(_LAUNCHES.pop, key, None)
            stack.callback(launch.close)
            spec = make_kernel_spec({"launch": key})
            async with open_jupyter_kernel(spec, folders, {}, request.limits) as kernel:
                _check_walls(self._minimum, launch)
                yield kernel


def _check_walls(minimum: Sequence[str], launch: Launch) -> None:
    missing = list_missing(minimum, launch.walls)
    if not missing:
        return
    advice = {item.name: " or ".join(item.walls) for item in PROTECTIONS} | ADVICE
    met = {**launch.missing, **launch.refused}
    steps = "; ".join(f"{name} ({advice[name]})" for name in missing)
    tried = "".join(f"; {name}: {why}" for name, why in met.items())
    raise SandboxError(
        f"walls are missing: {steps}{tried}. `autograder doctor` says more; "
        "`--sandbox container` brings its own"
    )


def make_kernel_spec(config: dict[str, Any]) -> KernelSpec:
    """Kernel spec that starts our kernel through `ForkProvisioner`."""
    return KernelSpec(
        argv=["python", "-m", "autograder.kernel", "-f", "{connection_file}"],
        display_name="autograder (fork)",
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": "autograder-fork", "config": config}},
    )
