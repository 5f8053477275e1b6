"""Starts the student's kernel: `python -m autograder.kernel [--preload keras,…] -f FILE`.

Everything here runs before any student code. Left out: walls (`sandbox` puts them around it).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

from ipykernel.kernelapp import IPKernelApp

from autograder.kernel.agent import install_agent, seed_everything
from autograder.kernel.stubs import install_stubs
from autograder.kernel.tracebacks import install_own_tracebacks

_OPTIONS = ("--HistoryManager.enabled=False", "--InteractiveShell.colors=nocolor")


def _take_preload(arguments: list[str]) -> list[str]:
    if "--preload" not in arguments:
        return []
    place = arguments.index("--preload")
    names = arguments[place + 1].split(",")
    del arguments[place : place + 2]
    return names


def main(arguments: list[str], before_start: Callable[[], None] = lambda: None) -> None:
    """Run a kernel until the grader ends it.

    Args:
        arguments: of the command line.
        before_start: called when all is ready and no student code has run.
    """
    for name in _take_preload(arguments):
        importlib.import_module(name)
    app = IPKernelApp.instance()
    app.initialize([*arguments, *_OPTIONS])
    install_stubs(app.shell)
    install_agent(app.shell)
    install_own_tracebacks(app.shell)
    add_working_folder()
    seed_everything(0)
    before_start()
    app.start()


def add_working_folder() -> None:
    """Let notebooks import modules beside them, from where Jupyter looks for them.

    Python was started with `-P`, so that nothing in that folder could stand in for ours until now.
    """
    places = (number for number, path in enumerate(sys.path) if path.endswith("site-packages"))
    sys.path.insert(next(places, len(sys.path)), "")


if __name__ == "__main__":
    main(sys.argv[1:])
