"""Finds a container engine, Podman or Docker, and runs its commands with time limits.

Only options that both know are used, but for the few named here. Left out: what is run in a
container (`container`, `autograder.image`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from autograder.errors import SandboxError, UnavailableError

FLAVOURS = ("podman", "docker")
ENGINE_VARIABLE = "AUTOGRADER_ENGINE"
_ANSWER_SECONDS = 30
_COMMAND_SECONDS = 120
_BUILDKIT = {"DOCKER_BUILDKIT": "1"}  # Docker before 23 builds with mounts only so
_LAST_WORDS = 600  # characters of an engine's complaint
_INSTALL = "install one (Debian, Ubuntu: apt-get install podman) or start its service"


@dataclass(frozen=True)
class Engine:
    """A container engine that answers.

    Attributes:
        command: the program's path.
        flavour: `podman` or `docker`, whatever the program is called.
        version: as it says.
        rootless: whether its containers are run by an ordinary user.
        runtime: options of `run` that choose another OCI runtime than the engine's own.
    """

    command: str
    flavour: str
    version: str = ""
    rootless: bool = False
    runtime: tuple[str, ...] = ()

    def run(
        self,
        arguments: Sequence[str],
        *,
        seconds: float = _COMMAND_SECONDS,
        given: bytes = b"",
    ) -> bytes:
        """Standard output of `engine arguments…`, given `given` as its input.

        Raises:
            SandboxError: if it fails or takes longer than `seconds`; says what the engine said.
        """
        said = f"{self.flavour} {arguments[0]}"
        try:
            done = subprocess.run(
                [self.command, *arguments],
                input=given,
                capture_output=True,
                timeout=seconds,
                check=False,
                env={**os.environ, **_BUILDKIT},
            )
        except subprocess.TimeoutExpired:
            raise SandboxError(f"`{said}` did not end within {seconds:.0f} s") from None
        except OSError as error:
            raise SandboxError(f"`{said}` cannot be started: {error}") from error
        if done.returncode:
            raise SandboxError(f"`{said}` failed: {shorten(done.stderr)}")
        return done.stdout

    def with_runtime(self, options: tuple[str, ...]) -> Engine:
        """The same engine with another OCI runtime."""
        return replace(self, runtime=options)


def shorten(complaint: bytes) -> str:
    """The end of what an engine wrote to stderr, in one line."""
    text = " ".join(complaint.decode("utf-8", "replace").split())
    return text[-_LAST_WORDS:] or "it said nothing"


@cache
def find_engine(name: str = "") -> Engine:
    """The engine called `name`; without one the first of Podman and Docker that answers.

    The environment variable `AUTOGRADER_ENGINE` may name it too.

    Raises:
        UnavailableError: if none answers; says what is wrong with each.
    """
    asked = name or os.environ.get(ENGINE_VARIABLE, "")
    complaints = []
    for command in [asked] if asked else FLAVOURS:
        try:
            return ask_engine(command)
        except SandboxError as error:
            complaints.append(str(error))
    raise UnavailableError(f"no container engine answers ({'; '.join(complaints)}); {_INSTALL}")


def ask_engine(command: str) -> Engine:
    """The engine behind a command, which has to answer: a client without its service does not.

    Raises:
        SandboxError: if it is not installed, or does not answer.
    """
    path = shutil.which(command)
    if path is None:
        raise SandboxError(f"{command} is not installed")
    version = Engine(path, command).run(["--version"], seconds=_ANSWER_SECONDS).decode()
    flavour = "podman" if "podman" in version.lower() else "docker"
    engine = Engine(path, flavour, version.strip())
    info = _read_info(engine)
    return replace(engine, rootless=_is_rootless(info, flavour))


def _read_info(engine: Engine) -> dict[str, Any]:
    form = "json" if engine.flavour == "podman" else "{{json .}}"
    answer = engine.run(["info", "--format", form], seconds=_ANSWER_SECONDS)
    try:
        info = json.loads(answer)
    except ValueError:
        raise SandboxError(f"`{engine.flavour} info` did not answer in JSON") from None
    if not isinstance(info, dict) or info.get("ServerErrors"):
        errors = info.get("ServerErrors") if isinstance(info, dict) else info
        raise SandboxError(f"{engine.flavour}: {errors}")
    return info


def _is_rootless(info: dict[str, Any], flavour: str) -> bool:
    if flavour == "podman":
        return bool(info.get("host", {}).get("security", {}).get("rootless", False))
    return any("rootless" in option for option in info.get("SecurityOptions") or ())


def list_runtimes(engine: Engine) -> list[Engine]:
    """The engine as it is, and with runc, for machines where Podman's crun is missing or fails."""
    if engine.flavour == "podman" and shutil.which("runc", path=_SEARCH):
        return [engine, engine.with_runtime(("--runtime", "runc"))]
    return [engine]


_SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
