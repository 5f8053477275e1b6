"""Starts one kernel as a fork behind walls, and ends all of it.

Which namespaces the machine permits is found by trying, strongest first. Left out: what happens
beyond the line (`kernel.first`), and Jupyter (`fork`).
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import autograder
from autograder.errors import KernelLostError, SandboxError, WireError
from autograder.sandbox.base import Death, KernelRequest, Usage, read_status
from autograder.sandbox.cgroup import Caps, make_cgroup
from autograder.sandbox.delay import DelayClock
from autograder.sandbox.environment import make_environment, make_resource_limits
from autograder.sandbox.folders import KernelFolders
from autograder.sandbox.processes import kill_tree, list_descendants, measure_tree
from autograder.sandbox.uids import choose_uid
from autograder.sandbox.warm import WarmKernels
from autograder.schema.assessment import Limits
from autograder.warmth.forked import ForkedProcess
from autograder.wire.launch import (
    SHOWN_UID,
    KernelOrder,
    KernelWord,
    Namespaces,
    View,
    receive_value,
    send_value,
)

_START_SECONDS = 60.0
_POLL_SECONDS = 0.003
_WORD_SECONDS = 1.0  # for a last word that is on its way
_TEMPORARY = (errno.EAGAIN, errno.ENOMEM, errno.EDEADLK)  # not the machine's last word
_HOME, _WORK, _RUNTIME = "/home/student", "/home/student/work", "/run/kernel"
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = (
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ssl",
    "/etc/ca-certificates",
    "/sys/devices/system/cpu",
)
_COPIED = ("/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/etc/mime.types")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts")


@dataclass
class Choice:
    """Which namespaces this machine permits, once known.

    Attributes:
        proven: those that a kernel was started in; no later one gets less.
        refused: namespaces that the machine does not permit, and why.
    """

    proven: Namespaces | None = None
    refused: dict[Namespaces, str] = field(default_factory=dict)

    def list_candidates(self) -> list[Namespaces]:
        """Namespaces worth trying, strongest first."""
        if self.proven is not None:
            return [self.proven]
        all_kinds: list[Namespaces] = ["machine", "user", "none"]
        if os.geteuid() != 0:
            all_kinds.remove("machine")
        return [kind for kind in all_kinds if kind not in self.refused]


class _RefusedError(Exception):
    """The machine does not permit these namespaces, or a wall that goes with them."""


class Launch:
    """One kernel: its fork, its walls, its control group.

    Args:
        request: what the kernel is opened with.
        folders: where it lives on this machine.
        warm: the process it is forked from.
        choice: shared by all kernels of a sandbox; what was learnt stays learnt.
        token: marks it.

    Attributes:
        walls: those that hold, once it is started.
        missing: walls that it tried to put up and could not, and why.
    """

    def __init__(
        self,
        request: KernelRequest,
        folders: KernelFolders,
        warm: WarmKernels,
        choice: Choice,
        token: str,
    ) -> None:
        self.walls: tuple[str, ...] = ()
        self.missing: dict[str, str] = {}
        self._request = request
        self._folders = folders
        self._warm = warm
        self._choice = choice
        self._token = token
        self._uid = choose_uid()
        self._cgroup = make_cgroup(token[:12], _make_caps(request.limits))
        self._process: ForkedProcess | None = None
        self._line: socket.socket | None = None
        self._namespaces: Namespaces = "none"
        self._start_usage = Usage(0.0, 0.0)
        self._delays = DelayClock()

    def start(
        self, arguments: list[str], connection: dict[str, Any], threads: int
    ) -> ForkedProcess:
        """Fork the kernel and wait until its walls are up.

        Args:
            arguments: of the kernel, without the connection file.
            connection: Jupyter's connection information, with ipc sockets in `folders.runtime`.
            threads: threads of one training.

        Raises:
            SandboxError: if it cannot be started in any way; says what was tried.
        """
        if self._uid is not None:
            self._folders.give_to(self._uid)
        met = dict(self._choice.refused)
        for namespaces in self._choice.list_candidates():
            try:
                self._try(namespaces, arguments, connection, threads)
            except _RefusedError as error:
                self.kill()
                met[namespaces] = str(error)
                continue
            except (OSError, WireError) as error:  # a bad moment is no reason for weaker walls
                self.kill()
                said = str(error) or type(error).__name__
                kind = SandboxError if isinstance(error, TimeoutError) else KernelLostError
                raise kind(f"a kernel did not start: {said}") from error
            assert self._process is not None
            self._choice.proven, self._choice.refused = namespaces, met
            self._start_usage = Usage(0.0, self._measure().memory_mib)
            return self._process
        tried = "; ".join(f"{kind}: {why}" for kind, why in met.items())
        raise SandboxError(f"no kernel could be forked ({tried})")

    @property
    def refused(self) -> Mapping[str, str]:
        """Namespaces that the machine does not permit, and why."""
        return {str(kind): why for kind, why in self._choice.refused.items()}

    def _try(
        self,
        namespaces: Namespaces,
        arguments: list[str],
        connection: dict[str, Any],
        threads: int,
    ) -> None:
        network = self._request.limits.network
        self._namespaces = namespaces
        if namespaces != "machine" and self._uid is not None:
            _check_python()
        order = self._make_order(arguments, connection, threads)
        try:
            self._process, line = self._warm.fork(namespaces, network=network)
        except OSError as error:
            if error.errno in _TEMPORARY:
                raise
            raise _RefusedError(str(error)) from error
        self._drop_line()
        self._line = line
        line.settimeout(_START_SECONDS)
        if self._cgroup is not None:
            self._cgroup.add(self._process.pid)
        send_value(line, order)
        self._listen(line)
        self._seal(line, int(connection["hb_port"]))

    def _listen(self, line: socket.socket) -> None:
        """Follow the kernel until it is ready."""
        while True:
            word = KernelWord.model_validate(receive_value(line))
            if word.say == "failed":
                raise _RefusedError(word.reason)
            if word.say == "ready":
                break
            self._map_user()
            send_value(line, KernelWord(say="go"))
        groups = ("cgroup",) if self._cgroup is not None else ()
        self.walls = (*word.walls, *groups)
        self.missing = dict(word.missing)

    def _seal(self, line: socket.socket, sockets: int) -> None:
        """Wait for the kernel's sockets, then let nothing more be written beside them."""
        assert self._process is not None
        runtime = self._folders.runtime
        deadline = time.monotonic() + _START_SECONDS
        while len(list(runtime.glob("*-ipc-*"))) < sockets:
            if self._process.poll() is not None:
                raise WireError(_read_failure(line) or "it ended before it opened its sockets")
            if time.monotonic() > deadline:
                raise TimeoutError("timed out")
            time.sleep(_POLL_SECONDS)
        if self._uid is not None:
            os.chown(runtime, os.geteuid(), os.getegid())
            runtime.chmod(0o755)
        send_value(line, KernelWord(say="go"))

    def _map_user(self) -> None:
        """Say who the kernel is: one user inside, one that nobody else is outside."""
        assert self._process is not None
        outside = os.geteuid() if self._uid is None else self._uid
        group = os.getegid() if self._uid is None else self._uid
        place = Path(f"/proc/{self._process.pid}")
        (place / "setgroups").write_text("deny")
        (place / "uid_map").write_text(f"{SHOWN_UID} {outside} 1")
        (place / "gid_map").write_text(f"{SHOWN_UID} {group} 1")

    def _make_order(
        self, arguments: list[str], connection: dict[str, Any], threads: int
    ) -> KernelOrder:
        folders, limits = self._folders, self._request.limits
        view = self._make_view() if self._namespaces != "none" else None
        home, temporary, work, runtime = (
            (_HOME, "/tmp", _WORK, _RUNTIME)  # noqa: S108 - the kernel's own
            if view
            else map(str, (folders.home, folders.home / "tmp", folders.work, folders.runtime))
        )
        inside = connection["ip"].replace(str(folders.runtime), runtime, 1)
        return KernelOrder(
            arguments=tuple(arguments),
            connection=connection | {"ip": inside},
            connection_file=f"{runtime}/kernel.json",
            environment=make_environment(
                home, temporary, token=self._token, threads=threads, network=limits.network
            ),
            folder=work,
            resource_limits=make_resource_limits(limits),
            namespaces=self._namespaces,
            view=view,
            uid=self._uid,
            readable=("/",) if view else _list_readable(),
            writable=(home, temporary, "/dev", runtime) if view else _list_writable(folders),
            network=limits.network,
        )

    def _make_view(self) -> View:
        staging = self._folders.root / "view"
        staging.mkdir(exist_ok=True)
        network = ("/etc/resolv.conf",) if self._request.limits.network else ()
        return View(
            staging=str(staging),
            readable=(*_SYSTEM, *_SETTINGS, *_list_python()),
            copied=(*_COPIED, *network),
            given=str(self._folders.work),
            runtime_source=str(self._folders.runtime),
            runtime=_RUNTIME,
            home=_HOME,
            work=_WORK,
            disk_mib=self._request.limits.disk_mib,
        )

    def usage(self) -> Usage:
        """What its processes have used so far, beyond what it was forked with."""
        now = self._measure()
        memory = max(0.0, now.memory_mib - self._start_usage.memory_mib)
        return Usage(now.cpu_seconds, memory, now.out_of_memory)

    def _measure(self) -> Usage:
        if self._cgroup is not None:
            return self._cgroup.usage()
        return measure_tree(self._process.pid) if self._process else Usage(0.0, 0.0)

    def read_delay(self) -> float:
        """Seconds for which its threads had no core; see `Kernel`."""
        if self._process is None:
            return 0.0
        if self._cgroup is not None:
            return self._delays.read(self._cgroup.list_processes())
        return self._delays.read(list_descendants(self._process.pid))

    def read_death(self) -> Death:
        """By whom it was ended; its first process, which nobody inside can end, says how it went.

        Without namespaces there is no such process, and nobody can tell.
        """
        if self._cgroup is not None and self._cgroup.was_thinned():
            return Death.OUTSIDE
        if self._namespaces == "none" or self._line is None:
            return Death.KILLED
        self._line.settimeout(_WORD_SECONDS)
        try:
            word = KernelWord.model_validate(receive_value(self._line))
        except TimeoutError:
            return Death.OWN  # it lives, and answers no more
        except (OSError, WireError):
            return Death.OUTSIDE
        return read_status(word.status, self.walls)

    def _drop_line(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def kill(self) -> None:
        """End all of it now; once its first process is gone, no other is left."""
        if self._process is None:
            return
        if self._namespaces == "none":
            kill_tree(self._process.pid, self._token)
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)
        if self._cgroup is not None:
            self._cgroup.kill()

    def close(self) -> None:
        """End it and remove its control group."""
        self.kill()
        self._drop_line()
        if self._cgroup is not None:
            self._cgroup.remove()


def _read_failure(line: socket.socket) -> str:
    """What a kernel that ended said last."""
    line.settimeout(1.0)
    with suppress(OSError, WireError, ValueError):
        return KernelWord.model_validate(receive_value(line)).reason
    return ""


def _make_caps(limits: Limits) -> Caps:
    """Files on the small disk lie in memory too, and must not take what a training may use."""
    return Caps(limits.memory_mib + limits.disk_mib, limits.processes)


@cache
def _list_python() -> tuple[str, ...]:
    """Folders of this Python and of our package, each below none of the others."""
    paths = {Path(sys.prefix), Path(sys.base_prefix), Path(autograder.__file__).parent}
    paths |= {Path(place) for place in sysconfig.get_paths().values()}
    paths |= {Path(sys.executable).resolve().parent}
    found = sorted(path for path in paths if path.exists() and str(path) != "/usr")
    return tuple(str(path) for path in found if not any(other in path.parents for other in found))


def _check_python() -> None:
    """See that a user other than the grader's can read this Python."""
    for place in _list_python():
        for folder in (Path(place), *Path(place).parents):
            if not folder.stat().st_mode & 0o005:
                raise _RefusedError(
                    f"student code gets a user id of its own, which cannot read Python in {place}, "
                    f"because {folder} is closed to others; install Python and this package below "
                    "/usr or /opt"
                )


def _list_readable() -> tuple[str, ...]:
    return (*_SYSTEM, "/etc", "/proc", "/sys/devices/system/cpu", "/dev", *_list_python())


def _list_writable(folders: KernelFolders) -> tuple[str, ...]:
    devices = tuple(f"/dev/{name}" for name in _DEVICES)
    return (str(folders.work), str(folders.home), str(folders.runtime), *devices)
