"""What an attack is, and where attacks are found.

A kernel attack is a notebook written as a text file (`<group>/<name>.py`): its first comment line
says what is tried, `# %% q1` begins a cell and names the question it aims at. An upload attack is
a function in `upload/`, which makes the file or zip that a stranger would send.
"""

from __future__ import annotations

import importlib
import json
import re
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import notebook

FOLDER = Path(__file__).parent
KERNEL_GROUPS = ("read", "forge", "exhaust", "escape")
GROUPS = (*KERNEL_GROUPS, "upload")
_CELL = re.compile(r"^# %% (q\d)\n", re.MULTILINE)
_MAKERS = ("archives", "names", "notebooks", "reports")


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes:
        title: what is tried, in a sentence.
        aim: the question it wants points for.
        cells: sources of a kernel attack.
        make: of an upload attack: writes the upload into a folder and returns its path.
    """

    group: str
    name: str
    title: str
    aim: str = "q1"
    cells: tuple[str, ...] = ()
    make: Callable[[Path, dict[str, object]], Path] | None = None

    def __str__(self) -> str:
        return f"{self.group}/{self.name}"


def list_attacks(groups: Sequence[str] = GROUPS) -> list[Attack]:
    """Attacks of `groups`, by group and name."""
    found = []
    for group in groups:
        found += _list_uploads() if group == "upload" else _list_notebooks(group)
    return found


def _list_notebooks(group: str) -> list[Attack]:
    return [_read_notebook(group, path) for path in sorted((FOLDER / group).glob("*.py"))]


def _read_notebook(group: str, path: Path) -> Attack:
    head, *parts = _CELL.split(path.read_text(encoding="utf-8"))
    title = head.removeprefix("# ").replace("\n# ", " ").strip()
    return Attack(group, path.stem, title, parts[0], tuple(parts[1::2]))


def _list_uploads() -> list[Attack]:
    found = []
    for name in _MAKERS:
        module = importlib.import_module(f"tests.hostile.upload.{name}")
        own = (item for item in vars(module).values() if isinstance(item, types.FunctionType))
        found += [
            Attack(
                "upload", make.__name__, make.__doc__ or "", getattr(make, "aim", "q1"), make=make
            )
            for make in own
            if make.__module__ == module.__name__ and not make.__name__.startswith("_")
        ]
    return sorted(found, key=lambda attack: attack.name)


def make_notebook(cells: Sequence[str], aim: str) -> bytes:
    """The notebook of `cells`, with the cell that checks `aim` at its end."""
    sources = [*cells, f"grader.check('{aim}')"]
    content = notebook.make_notebook([notebook.make_code_cell(source) for source in sources])
    return notebook.serialize_notebook(content)


def make_prelude(targets: dict[str, object]) -> str:
    """First cell of every attack: what the runner tells it, and the tools it may use."""
    tools = (FOLDER / "tools.py").read_text(encoding="utf-8")
    return f"{tools}\ntargets = {json.dumps(targets)!s}\n"
