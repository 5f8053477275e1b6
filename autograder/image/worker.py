"""Runs a command of ours in a container of the image: the outer wall around a grader.

The grader inside starts its kernels as ever, `fork` ones behind walls of their own; for these the
container allows an ordinary user namespaces and mounts, and nothing more (docs/containers.md says
which option is for what). It has no network, a read-only root, no capability, and of this machine's
files those the command needs, its output folder being the only one it may write.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from autograder.errors import SandboxError, UsageError
from autograder.image.ownership import Caller, identify_caller, stage_copies
from autograder.language import find_templates
from autograder.sandbox.container import find_working_engine
from autograder.sandbox.engine import Engine, find_engine
from autograder.sandbox.folders import give_tree
from autograder.sandbox.grader import name_grader, remove_container, remove_left_over
from autograder.sandbox.image import INSIDE_VARIABLE, Image, find_image

LABEL = "autograder.worker"
_MIB = 2**20
_MEMORY_SHARE = 0.9  # of the machine's: the rest keeps it alive
_DISK_MIB = 4096
_SHARED_MEMORY_MIB = 256
_PROCESSES = 8192
_OPEN_FILES = _TASKS = 16_384
_ENGINE_FAILED = (125, 126, 127)  # what `run` returns where the command itself was not started


@dataclass(frozen=True)
class InsideOptions:
    """What of this machine a command inside may see.

    Attributes:
        readable: files and folders, at the same place inside.
        writable: folders, likewise.
        engine: `podman` or `docker`; the first that answers where empty.
        tag: the image; this version's own where empty.
    """

    readable: tuple[Path, ...]
    writable: tuple[Path, ...] = ()
    engine: str = ""
    tag: str = ""


def run_inside(arguments: Sequence[str], options: InsideOptions) -> int:
    """Exit code of `autograder arguments…`, run in a container; its output passes through.

    Raises:
        UnavailableError: if there is no engine or image.
        UsageError: if a path does not exist.
        SandboxError: if the container could not be started.
    """
    found = find_engine(options.engine)
    image = find_image(found, options.tag)
    engine = asyncio.run(find_working_engine(found, image.id))
    with suppress(SandboxError):
        remove_left_over(engine, LABEL)
    name = f"{name_grader()}-worker"
    with _show_folders(options, identify_caller(engine)) as (shown, caller):
        command = make_worker_command(engine, image, name, shown, caller)
        try:
            with tempfile.TemporaryDirectory() as place:  # where Podman leaves a file `oom`
                done = subprocess.run([*command, *arguments], cwd=place, check=False)
            code = done.returncode
        finally:
            remove_container(engine, name)
    if code in _ENGINE_FAILED:
        raise SandboxError(f"{engine.flavour} did not start the container; it says why above")
    return code


@dataclass(frozen=True)
class Shown:
    """A file or folder of this machine and where it is seen inside."""

    source: Path
    place: Path
    writable: bool = False


@contextmanager
def _show_folders(
    options: InsideOptions, caller: Caller
) -> Iterator[tuple[tuple[Shown, ...], Caller]]:
    """What is mounted. An administrator's files are shown as copies that a service user may read.

    Raises:
        UsageError: if a path does not exist.
    """
    missing = [str(path) for path in options.readable if not path.exists()]
    if missing:
        raise UsageError(f"{', '.join(missing)}: there is no such file or folder")
    for path in options.writable:
        path.mkdir(parents=True, exist_ok=True)
    written = tuple(
        Shown(path.resolve(), path.resolve(), writable=True) for path in options.writable
    )
    with tempfile.TemporaryDirectory(prefix="ag-inside-") as scratch:
        read = tuple(Shown(path.resolve(), path.resolve()) for path in options.readable)
        if not caller.is_service:
            yield (*read, *written), caller
            return
        copies = stage_copies([item.source for item in read], Path(scratch), caller)
        shown = tuple(replace(item, source=copy) for item, copy in zip(read, copies, strict=True))
        owners = [item.source.stat() for item in written]
        try:
            for item in written:
                give_tree(item.source, caller.uid, caller.gid)
            yield (*shown, *written), caller
        finally:
            for item, owner in zip(written, owners, strict=True):
                give_tree(item.source, owner.st_uid, owner.st_gid)


def make_worker_command(
    engine: Engine, image: Image, name: str, shown: Sequence[Shown], caller: Caller
) -> list[str]:
    """Command line that runs `autograder` in a container; its arguments are to follow."""
    memory = f"{int(psutil.virtual_memory().total * _MEMORY_SHARE / _MIB)}m"
    seccomp = find_templates() / "image" / "seccomp.json"
    return [
        *(engine.command, "run", *engine.runtime, "--rm", "--pull", "never"),
        *_pass_terminal(),
        *("--name", name, "--label", LABEL, "--stop-signal", "SIGINT"),
        *("--network", "none", "--hostname", "grader"),
        *caller.options,
        *("--read-only", "--cap-drop", "ALL", *_add_capabilities(caller)),
        *("--security-opt", "no-new-privileges", "--security-opt", f"seccomp={seccomp}"),
        # Let walls be built inside: a fresh /proc, and mounts in namespaces of one's own.
        *("--security-opt", "systempaths=unconfined", "--security-opt", "apparmor=unconfined"),
        *("--security-opt", "label=disable"),
        *("--tmpfs", f"/tmp:rw,nosuid,nodev,exec,mode=1777,size={_DISK_MIB}m"),  # noqa: S108
        *("--shm-size", f"{_SHARED_MEMORY_MIB}m"),
        *("--memory", memory, "--memory-swap", memory, "--pids-limit", str(_PROCESSES)),
        *_limit(resource.RLIMIT_NOFILE, "nofile", _OPEN_FILES),
        *_limit(resource.RLIMIT_NPROC, "nproc", _TASKS),
        *("--env", f"{INSIDE_VARIABLE}={image.id}", "--env", f"COLUMNS={_columns()}"),
        *(word for item in shown for word in ("--mount", write_mount(item))),
        *("--workdir", "/tmp", image.id, "autograder"),  # noqa: S108
    ]


def write_mount(item: Shown) -> str:
    """Value of `--mount`: comma-separated, and quoted as CSV where a path needs it."""
    fields = ["type=bind", f"source={item.source}", f"target={item.place}"]
    if not item.writable:
        fields.append("readonly")
    return ",".join(_quote(field) for field in fields)


def _quote(field: str) -> str:
    if not any(character in field for character in ',"\n'):
        return field
    return '"' + field.replace('"', '""') + '"'


def _add_capabilities(caller: Caller) -> list[str]:
    return [word for name in caller.capabilities for word in ("--cap-add", name)]


def _pass_terminal() -> list[str]:
    """A terminal where ours is one, for progress bars; pipes stay apart and as they are."""
    is_terminal = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    return ["--interactive", "--tty"] if is_terminal else []


def _limit(kind: int, name: str, most: int) -> list[str]:
    """An engine may not raise what this process itself may not."""
    own = resource.getrlimit(kind)[1]
    value = most if own == resource.RLIM_INFINITY else min(own, most)
    return ["--ulimit", f"{name}={value}:{value}"]


def _columns() -> int:
    return int(os.environ.get("COLUMNS") or shutil.get_terminal_size((100, 30)).columns)
