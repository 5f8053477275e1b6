"""Starts a kernel in a container of its own, for any Jupyter client: `autograder-container`.

The kernel gets a copy of its working folder, and its sockets are carried over the container's
standard streams: no folder of the machine is shared, and no port opened. Left out: which walls
there are (`container_command`).
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Integer, Unicode

from autograder.sandbox.base import Death, Usage, read_status
from autograder.sandbox.carriers import Carriers
from autograder.sandbox.cgroup import Cgroup
from autograder.sandbox.container_cgroup import find_container_cgroup
from autograder.sandbox.container_command import make_name, make_run_command
from autograder.sandbox.container_order import (
    make_container_environment,
    make_order,
    pack_folder,
    read_connection,
)
from autograder.sandbox.container_walls import list_walls
from autograder.sandbox.delay import DelayClock
from autograder.sandbox.engine import Engine, find_engine
from autograder.sandbox.grader import remove_container
from autograder.sandbox.image import find_image
from autograder.sandbox.line import Line
from autograder.sandbox.processes import list_descendants, measure_tree
from autograder.schema.assessment import Limits

_LEAVE_SECONDS = 20


class ContainerProcess:
    """The kernel behind a line, with the methods of `subprocess.Popen` that Jupyter uses."""

    stdin = stdout = stderr = None

    def __init__(self, line: Line) -> None:
        self._line = line

    def poll(self) -> int | None:
        """Its status once it has ended, None while it runs."""
        return self._line.status

    def wait(self, timeout: float | None = None) -> int:
        """Its status.

        Raises:
            subprocess.TimeoutExpired: if it runs; Jupyter waits with `poll`.
        """
        if self._line.status is None:
            raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
        return self._line.status

    def send_signal(self, number: int) -> None:
        """Send it a signal; nothing happens where it has ended."""
        self._line.send_signal(number)

    def kill(self) -> None:
        """End the kernel's own process; `ContainerProvisioner.kill` ends all of the container."""
        self.send_signal(signal.SIGKILL)


class ContainerProvisioner(LocalProvisioner):
    """Starts a kernel in a container.

    Configured in a kernel spec's `metadata.kernel_provisioner.config`, where everything has a
    default: `engine` (a dictionary of `Engine`'s attributes), `image`, `limits` (of `Limits`),
    `threads` (of one training). The environment of whoever starts it stays outside.
    """

    engine = Dict(help="attributes of the engine").tag(config=True)
    image = Unicode(help="image to start").tag(config=True)
    limits = Dict(help="what the kernel may use").tag(config=True)
    threads = Integer(1, help="threads of one training").tag(config=True)

    name = ""
    walls: tuple[str, ...] = ()
    _line: Line | None = None
    _run: asyncio.subprocess.Process | None = None
    _cgroup: Cgroup | None = None
    _carriers: Carriers | None = None
    _last = Usage(0.0, 0.0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._delays = DelayClock()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the container, and the kernel in it.

        Raises:
            SandboxError: if the engine cannot.
        """
        engine = self._engine()
        image = self.image or find_image(engine).id
        self.name = make_name()
        command = make_run_command(engine, image, self.name, Limits.model_validate(self.limits))
        self._run = await asyncio.create_subprocess_exec(
            *command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is the grader's to handle
            cwd=Path(self.parent.connection_file).parent,  # where Podman leaves a file `oom`
        )
        self._line = Line(self._run, self._measure_last)
        try:
            await self._begin(self._line, engine, cmd, kwargs)
            self._carriers = Carriers(self._run.pid, self.pid)
        except BaseException:
            await self._remove()
            raise
        return self.connection_info

    async def _begin(
        self, line: Line, engine: Engine, cmd: list[str], kwargs: dict[str, Any]
    ) -> None:
        self.walls = list_walls(await line.wait_until_ready())
        self.pid = await asyncio.to_thread(find_first_process, engine, self.name)
        self._cgroup = find_container_cgroup(self.pid)
        path = str(self.parent.connection_file)
        connection = read_connection(path)
        await line.listen(connection)
        environment = make_container_environment(self.threads) | dict(self.kernel_spec.env)
        order = make_order(cmd, path, connection, environment)
        files = await asyncio.to_thread(pack_folder, kwargs["cwd"])
        await line.start(order, files)
        self.process = ContainerProcess(line)

    def measure(self) -> Usage:
        """What the container has used, from its control group or its processes."""
        if self._line is not None and not self._line.ended.is_set():
            self._last = self._measure_now()
        return self._last

    def read_delay(self) -> float:
        """Seconds for which its threads had no core."""
        if self._cgroup is not None:
            return self._delays.read(self._cgroup.list_processes())
        return self._delays.read(list_descendants(self.pid)) if self.pid else 0.0

    def read_carrying(self) -> float:
        """CPU seconds of the engine's processes that carry its streams."""
        return self._carriers.read_cpu_seconds() if self._carriers is not None else 0.0

    def read_death(self) -> Death:
        """By whom it was ended; a container that went as a whole was not left by the kernel."""
        if self._line is None or self._line.was_cut:
            return Death.KILLED  # its engine ends it for memory, too, and does not always say so
        return read_status(-(self._line.status or 0))

    def _measure_now(self) -> Usage:
        if self._cgroup is not None:
            return self._cgroup.usage()
        return measure_tree(self.pid) if self.pid else self._last

    def _measure_last(self) -> None:
        now = self._measure_now()
        cpu_seconds = max(now.cpu_seconds, self._last.cpu_seconds)
        self._last = Usage(cpu_seconds, 0.0, now.out_of_memory)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 - Jupyter's signature
        """End the container and everything in it."""
        await self._remove()

    async def terminate(self, restart: bool = False) -> None:
        """The same: nothing in it needs time to leave."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the container."""
        await self._remove()
        await super().cleanup(restart)

    async def _remove(self) -> None:
        if self._line is None or self._run is None:
            return
        line, run = self._line, self._run
        if not line.ended.is_set():
            line.stop()
            await asyncio.to_thread(remove_container, self._engine(), self.name)
        await line.close()
        try:
            await asyncio.wait_for(run.wait(), _LEAVE_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                run.kill()
            await asyncio.to_thread(remove_container, self._engine(), self.name)

    def _engine(self) -> Engine:
        given = dict(self.engine)
        if not given:
            return find_engine()
        return Engine(**{**given, "runtime": tuple(given.get("runtime", ()))})


def find_first_process(engine: Engine, name: str) -> int:
    """Process id, on this machine, of the first process of a container; 0 where it is not told."""
    told = engine.run(["inspect", "--format", "{{.State.Pid}}", name]).decode().strip()
    return int(told) if told.isdecimal() else 0
