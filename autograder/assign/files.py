"""Reads the files that `# ASSIGNMENT CONFIG` ships to students beside the notebook (`files:`)."""

from __future__ import annotations

from pathlib import Path

from autograder.assign.dialect import Master
from autograder.assign.place import Place
from autograder.errors import Problem

_SECRET = ("data.py", "metrics.py", "assessment.toml", "calibration.json", "reference")


def read_public_files(master: Master, folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """Content of each file that `files:` names (folders whole), by path relative to `folder`."""
    named = master.settings.get("files") or []
    place = Place(master.file)
    if not isinstance(named, list):
        return {}, [place.problem("`files` is not a list", "write one `- path` a line")]
    contents: dict[str, bytes] = {}
    problems = []
    for name in map(str, named):
        what = _refusal(folder, name, master.file)
        if what:
            problems.append(place.problem(what, "correct `files` in `# ASSIGNMENT CONFIG`"))
            continue
        path = folder / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        contents |= {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in found
            if file.is_file()
        }
    return contents, problems


def _refusal(folder: Path, name: str, master: str) -> str:
    """Why a file may not be shipped; empty if it may."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or path == folder.resolve():
        return f"file `{name}` is not inside the folder of the master"
    if not path.exists():
        return f"file `{name}` does not exist"
    if path.relative_to(folder.resolve()).parts[0] in (*_SECRET, master):
        return f"file `{name}` is not for students"
    return ""
