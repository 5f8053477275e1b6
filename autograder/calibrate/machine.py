"""Where calibration ran: the machine, and the versions of what trains."""

from __future__ import annotations

import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.machine import count_cores
from autograder.schema.calibration import Machine

_TENSORFLOW = ("tensorflow", "tensorflow-cpu")
_CPUINFO = Path("/proc/cpuinfo")


def describe_machine() -> Machine:
    """This machine, without importing TensorFlow."""
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=_find_processor(),
        cores=count_cores(),
        python=platform.python_version(),
        tensorflow=_find_version(*_TENSORFLOW),
        keras=_find_version("keras"),
    )


def name_versions() -> str:
    """Versions of what trains, in a line."""
    machine = describe_machine()
    return f"tensorflow {machine.tensorflow}, keras {machine.keras}, python {machine.python}"


def _find_version(*names: str) -> str:
    for name in names:
        with suppress(PackageNotFoundError):
            return version(name)
    return ""


def _find_processor() -> str:
    with suppress(OSError):
        for line in _CPUINFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
