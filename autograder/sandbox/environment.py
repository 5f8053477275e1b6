"""What a kernel starts with: its command, its whole environment, its resource limits."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.schema.assessment import Limits
from autograder.warmth.environment import make_library_environment

_MIB = 2**20


def make_kernel_command(python: str, preload: Sequence[str]) -> list[str]:
    """Command line of a cold kernel, for a kernel spec.

    `-P` keeps the working folder off the module path until the kernel is up, so that a student's
    `keras.py` cannot stand in for Keras, nor their `autograder/` for the agent.
    """
    loaded = ["--preload", ",".join(preload)] if preload else []
    return [python, "-P", "-m", "autograder.kernel", *loaded, "-f", "{connection_file}"]


def make_environment(
    home: str, temporary: str, *, token: str = "", threads: int = 1, network: bool = False
) -> dict[str, str]:
    """Environment of a kernel.

    Args:
        home: `HOME`.
        temporary: `TMPDIR`.
        token: marks the kernel's processes, where nothing better tells them.
        threads: threads of one training (`warmth.environment` says why few).
        network: whether `!pip` and the like may do what they are for (`kernel.offline`).
    """
    marked = {"AUTOGRADER_KERNEL": token} if token else {}
    marked |= {"AUTOGRADER_NETWORK": "1"} if network else {}
    quiet = {"PYTHONDONTWRITEBYTECODE": "1"}
    return marked | quiet | make_library_environment(home, temporary, threads=threads)


def make_resource_limits(limits: Limits) -> dict[str, int]:
    """Resource limits by name.

    Memory proper is held by a control group, or watched from outside: TensorFlow reserves address
    space it never uses, so the limit on it is only a coarse stop.
    """
    return {
        "RLIMIT_AS": (limits.memory_mib + 32_768) * _MIB,
        "RLIMIT_FSIZE": limits.disk_mib * _MIB,
        "RLIMIT_NOFILE": 1024,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_CORE": 0,
    }
