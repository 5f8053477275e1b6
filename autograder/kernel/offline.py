"""Lets commands that need a network do nothing: said once per kind, and the cell goes on.

`!pip install`, `!wget`, `!git clone`, `%pip`, `%%bash` with such lines. Run for real they would
wait for time-outs, and where there is a network they would change what grades the others. Where
the assessment allows a network (`AUTOGRADER_NETWORK=1` in the kernel's environment) they run.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import Any

Shell = Any  # IPython's, which has no types
_NEEDS_NETWORK = re.compile(
    r"(?:^|[;&|(])\s*(?:sudo\s+)?(?:\S*python[\d.]*\s+-m\s+)?"
    r"(?P<command>(?:pip3?|conda|mamba|npm|apt|apt-get)\s+(?:-\S+\s+)*(?:install|update|upgrade|download)"
    r"|wget|curl|gdown|git\s+(?:clone|pull|fetch)|kaggle\s+\w+)\b",
    re.MULTILINE,
)


def install_offline(shell: Shell) -> None:
    """Put the stand-ins in place in a running IPython kernel."""
    if os.environ.get("AUTOGRADER_NETWORK") == "1":
        return
    announce = _make_announcer()
    run, read = shell.system, shell.getoutput

    def system(command: str) -> None:
        found = find_command(command)
        if found is None:
            run(command)
            return
        announce(found)
        shell.user_ns["_exit_code"] = 1

    def getoutput(command: str, *args: object, **options: object) -> Any:
        found = find_command(command)
        if found is None:
            return read(command, *args, **options)
        announce(found)
        return type(read(":"))([]) if options.get("split", True) else ""

    shell.system, shell.getoutput = system, getoutput
    for name in ("pip", "conda", "mamba"):
        shell.register_magic_function(_make_magic(name, system), "line", name)
    for name in ("bash", "sh"):
        shell.register_magic_function(_make_script(shell, name, announce), "cell", name)


def find_command(text: str) -> str | None:
    """The command in `text` that needs a network, or None."""
    found = _NEEDS_NETWORK.search(text)
    return " ".join(found["command"].split()) if found else None


def _make_announcer() -> Callable[[str], None]:
    told: set[str] = set()

    def announce(command: str) -> None:
        if command not in told:
            told.add(command)
            print(f"`{command}` does nothing here: grading has no network", file=sys.stderr)  # noqa: T201

    return announce


def _make_magic(name: str, system: Callable[[str], None]) -> Callable[[str], None]:
    return lambda line: system(f"{name} {line}")


def _make_script(
    shell: Shell, name: str, announce: Callable[[str], None]
) -> Callable[[str, str], None]:
    """The cell magic `name`, without the lines that need a network."""

    def run_script(line: str, cell: str) -> None:
        kept = []
        for row in cell.splitlines():
            found = find_command(row)
            if found is None:
                kept.append(row)
            else:
                announce(found)
        shell.run_cell_magic("script", f"{name} {line}", "\n".join(kept) + "\n")

    return run_script
