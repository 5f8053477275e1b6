"""Starts the student's kernel: `python -m autograder.kernel [--preload keras,…] -f FILE`.

Everything here runs before any student code. Left out: walls (`sandbox` puts them around it).
"""

from __future__ import annotations

import importlib
import sys

from ipykernel.kernelapp import IPKernelApp

from autograder.kernel.agent import install_agent, seed_everything
from autograder.kernel.stubs import install_stubs


def _take_preload(arguments: list[str]) -> list[str]:
    if "--preload" not in arguments:
        return []
    place = arguments.index("--preload")
    names = arguments[place + 1].split(",")
    del arguments[place : place + 2]
    return names


def main(arguments: list[str]) -> None:
    """Run a kernel until the grader ends it."""
    for name in _take_preload(arguments):
        importlib.import_module(name)
    app = IPKernelApp.instance()
    app.initialize(arguments)
    install_stubs(app.shell)
    install_agent(app.shell)
    seed_everything(0)
    app.start()


if __name__ == "__main__":
    main(sys.argv[1:])
