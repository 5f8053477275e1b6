"""Variables that libraries read when they are imported or first used.

They are the same for the kernels and the scorers, which come from one import, and nothing of the
grader's own environment is among them.
"""

from __future__ import annotations

import sys
from pathlib import Path


def make_library_environment(home: str, temporary: str, *, threads: int = 1) -> dict[str, str]:
    """Environment of a process that runs Keras and what people use beside it.

    Args:
        home: `HOME`, and where libraries keep settings.
        temporary: `TMPDIR`.
        threads: threads of one training. Two kernels on two cores with two threads each fight, and
            two threads cost a fifth more CPU time than one (measured).
    """
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": temporary,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": home,
        "IPYTHONDIR": home,
        **choose_computation(threads),
    }


def choose_computation(threads: int = 1) -> dict[str, str]:
    """The part of it that decides how numbers are computed."""
    return {
        "CUDA_VISIBLE_DEVICES": "-1",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "TF_OVERRIDE_GLOBAL_THREADPOOL": "1",  # each fork has threads of its own (`rehearsal`)
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": str(threads),
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
    }
