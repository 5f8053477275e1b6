"""The `process` sandbox: a separate process with resource limits, and no walls.

For authors trying their own notebooks, and for platforms without the other two. The kernel gets
an empty working folder, a home of its own, none of the grader's environment and none of its open
files. It could still read files of the same user: grade strangers behind `fork` or `container`.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import threading
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Unicode

from autograder.sandbox.base import Kernel, KernelRequest, Usage
from autograder.sandbox.folders import make_folders
from autograder.sandbox.jupyter import open_jupyter_kernel
from autograder.sandbox.processes import kill_tree, measure_tree
from autograder.sandbox.warm import WarmKernels, find_warm, forget_warm, register_warm
from autograder.schema.assessment import Limits

ConnectionInfo = dict[str, Any]
_MODULE = "autograder.kernel"
_MIB = 2**20
_THREADS = "1"  # one thread per training: two cost a fifth more CPU (measured), and grade no faster


class ProcessProvisioner(LocalProvisioner):
    """Starts a kernel as a local process with resource limits, for any Jupyter client.

    Configured in a kernel spec's `metadata.kernel_provisioner.config`: `limits` (name of a
    `resource.RLIMIT_*` to its value), `token` (marks every process of this kernel) and `warm`
    (key of a warm process in this interpreter to fork from; without one the kernel starts cold).
    """

    limits = Dict(help="resource limit to value").tag(config=True)
    token = Unicode(help="marks the kernel's processes").tag(config=True)
    warm = Unicode(help="key of a warm process to fork from").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch the kernel, limited before it can have read its first line."""
        warm = find_warm(self.warm)
        if warm is not None:
            return await self._fork(warm, cmd, kwargs)
        info = await super().launch_kernel(cmd, **kwargs)
        for name, value in self.limits.items():
            with suppress(ProcessLookupError):
                resource.prlimit(self.pid, getattr(resource, name), (value, value))
        return info

    async def _fork(self, warm: WarmKernels, cmd: list[str], kwargs: dict[str, Any]) -> Any:
        arguments = cmd[cmd.index(_MODULE) + 1 :]
        folder = Path(kwargs["cwd"])
        self.process = await asyncio.to_thread(
            warm.fork, arguments, folder, kwargs["env"], dict(self.limits)
        )
        self.pid = self.pgid = self.process.pid
        return self.connection_info

    @property
    def walls(self) -> tuple[str, ...]:
        """Limits are all that stands around it."""
        return ("rlimits",)

    def measure(self) -> Usage:
        """What its process tree has used so far."""
        return measure_tree(self.pid) if self.pid else Usage(0.0, 0.0)

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
    """Kernels as plain processes, forked from a warm one where modules are to be preloaded."""

    name = "process"

    def __init__(self) -> None:
        self._warm: dict[tuple[str, ...], WarmKernels] = {}
        self._lock = threading.Lock()

    def open_kernel(self, request: KernelRequest) -> AbstractAsyncContextManager[Kernel]:
        """A fresh kernel process in a fresh folder."""
        return self._open_kernel(request)

    def close(self) -> None:
        """End the warm processes."""
        for modules, kernels in self._warm.items():
            forget_warm(self._key(modules))
            kernels.close()
        self._warm.clear()

    @asynccontextmanager
    async def _open_kernel(self, request: KernelRequest) -> AsyncIterator[Kernel]:
        with make_folders(request.files) as folders:
            token = uuid.uuid4().hex
            spec = make_kernel_spec(request, token, self._find_warm(request.preload))
            environment = make_environment(folders.home, token)
            async with open_jupyter_kernel(spec, folders, environment, request.limits) as kernel:
                yield kernel

    def _find_warm(self, modules: tuple[str, ...]) -> str:
        """Key of the warm process that has `modules` loaded; empty where none is worth it."""
        if not modules or not hasattr(os, "pidfd_open"):
            return ""
        with self._lock:
            if modules not in self._warm:
                environment = make_environment(Path("/nonexistent"), "")
                self._warm[modules] = WarmKernels(modules, environment)
                register_warm(self._key(modules), self._warm[modules])
        return self._key(modules)

    def _key(self, modules: tuple[str, ...]) -> str:
        return f"{id(self)}:{','.join(modules)}"


def make_kernel_spec(request: KernelRequest, token: str, warm: str = "") -> KernelSpec:
    """Kernel spec that starts our kernel through `ProcessProvisioner`.

    `-P` keeps the working folder off the module path until the kernel is up, so that a student's
    `keras.py` cannot stand in for Keras, nor their `autograder/` for the agent.
    """
    command = [sys.executable, "-P", "-m", _MODULE]
    if request.preload:
        command += ["--preload", ",".join(request.preload)]
    config = {"limits": make_resource_limits(request.limits), "token": token, "warm": warm}
    return KernelSpec(
        argv=[*command, "-f", "{connection_file}"],
        display_name="autograder (process)",
        language="python",
        metadata={
            "kernel_provisioner": {"provisioner_name": "autograder-process", "config": config}
        },
    )


def make_resource_limits(limits: Limits) -> dict[str, int]:
    """Resource limits by name.

    Memory proper is watched from outside: TensorFlow reserves address space it never uses, so the
    limit on it is only a coarse stop.
    """
    return {
        "RLIMIT_AS": (limits.memory_mib + 32_768) * _MIB,
        "RLIMIT_FSIZE": limits.disk_mib * _MIB,
        "RLIMIT_NOFILE": 1024,
        "RLIMIT_NPROC": 4096,
        "RLIMIT_CORE": 0,
    }


def make_environment(folder: Path, token: str) -> dict[str, str]:
    """The whole environment of student code, at home in `folder`: nothing of the grader's own."""
    home = str(folder)
    return {
        "AUTOGRADER_KERNEL": token,
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": home,
        "IPYTHONDIR": home,
        "CUDA_VISIBLE_DEVICES": "-1",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "TF_NUM_INTRAOP_THREADS": _THREADS,
        "TF_NUM_INTEROP_THREADS": _THREADS,
        "OMP_NUM_THREADS": _THREADS,
        "OPENBLAS_NUM_THREADS": _THREADS,
    }
