"""The command line that starts a container around student code: every wall is an option here.

Only options that Podman and Docker both know, but for one.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from autograder.sandbox.engine import Engine
from autograder.sandbox.grader import name_grader
from autograder.schema.assessment import Limits

LABEL = "autograder.kernel"
MODULE = "autograder.kernel.line"
_MIB = 2**20
_OVERHEAD_MIB = 128  # Python's first process, the kernel's own files, what the machine counts along
_SHARED_MEMORY_MIB = 64
_OWN_PROCESSES = 32  # of the line, beside those of student code
_OPEN_FILES = 1024
_FIRST_UID, _UIDS = 20_000, 40_000  # nobody's, and inside what a rootless engine may give


def make_run_command(engine: Engine, image: str, name: str, limits: Limits) -> list[str]:
    """Command line of the container `name` of `image`, which waits for a kernel's order.

    Memory is capped above the submission's limit by its disk (which is memory) and an overhead:
    the grader stops at the limit itself; this stop is for what grows faster than it looks.
    """
    uid = _FIRST_UID + secrets.randbelow(_UIDS)
    memory = f"{limits.memory_mib + limits.disk_mib + _OVERHEAD_MIB}m"
    return [
        *(engine.command, "run", *engine.runtime),
        *("--rm", "--interactive", "--pull", "never", "--log-driver", "none"),
        *("--name", name, "--label", LABEL, "--stop-timeout", "0"),
        *([] if limits.network else ["--network", "none"]),
        *("--user", f"{uid}:{uid}", "--hostname", "student"),
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--read-only", *_only_our_disk(engine)),
        *("--tmpfs", f"/tmp:rw,nosuid,nodev,exec,mode=1777,size={limits.disk_mib}m"),  # noqa: S108
        *("--shm-size", f"{_SHARED_MEMORY_MIB}m"),
        *(
            "--memory",
            memory,
            "--memory-swap",
            memory,
            "--pids-limit",
            str(limits.processes + _OWN_PROCESSES),
        ),
        *_limit_resources(limits),
        *("--workdir", "/", image, "python", "-P", "-m", MODULE),
    ]


def _only_our_disk(engine: Engine) -> Sequence[str]:
    """Podman would add more folders in memory beside ours."""
    return ["--read-only-tmpfs=false"] if engine.flavour == "podman" else []


def _limit_resources(limits: Limits) -> list[str]:
    bounds = {
        "nofile": _OPEN_FILES,
        "nproc": limits.processes + _OWN_PROCESSES,
        "fsize": limits.disk_mib * _MIB,
        "core": 0,
    }
    return [word for name, most in bounds.items() for word in ("--ulimit", f"{name}={most}:{most}")]


def make_name() -> str:
    """Name of a new container, which says whose it is."""
    return f"{name_grader()}-{secrets.token_hex(4)}"
