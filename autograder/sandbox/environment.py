"""What a kernel starts with: its command, its whole environment, its resource limits."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.schema.assessment import Limits

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
        threads: threads of one training. Two kernels on two cores with two threads each fight, and
            two threads cost a fifth more CPU time than one (measured).
        network: whether `!pip` and the like may do what they are for (`kernel.offline`).
    """
    marked = {"AUTOGRADER_KERNEL": token} if token else {}
    marked |= {"AUTOGRADER_NETWORK": "1"} if network else {}
    return marked | {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": temporary,
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
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": str(threads),
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
    }


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
