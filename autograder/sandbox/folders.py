"""A submission's folders: an empty working folder, a home, and nothing of the grader's."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.errors import SandboxError


@dataclass(frozen=True)
class KernelFolders:
    """Where one kernel lives.

    Attributes:
        root: all of it; removed at the end.
        work: the working folder, with the public files in it.
        home: `HOME` and `TMPDIR` of the student's code.
        runtime: Jupyter's sockets.
    """

    root: Path
    work: Path
    home: Path
    runtime: Path

    @property
    def connection(self) -> Path:
        """Jupyter's connection file."""
        return self.runtime / "k.json"

    def give_to(self, uid: int) -> None:
        """Make `uid` the owner of all of it.

        Raises:
            SandboxError: if this process may not.
        """
        try:
            give_tree(self.root, uid, uid)
        except OSError as error:
            raise SandboxError(f"a kernel's folder cannot be given to it: {error}") from error


def give_tree(root: Path, uid: int, gid: int) -> None:
    """Make a user the owner of a file or folder with all in it; links are not followed."""
    os.chown(root, uid, gid, follow_symlinks=False)
    for folder, names, files in os.walk(root):
        for name in (*names, *files):
            os.chown(Path(folder, name), uid, gid, follow_symlinks=False)


@contextmanager
def make_folders(files: Mapping[str, bytes]) -> Iterator[KernelFolders]:
    """Fresh folders with `files` in the working folder; gone when the context ends.

    Raises:
        SandboxError: if a file's path leaves the working folder, or the disk is full.
    """
    try:
        root = Path(tempfile.mkdtemp(prefix="ag-"))
    except OSError as error:
        raise SandboxError(f"no temporary folder for a kernel: {error}") from error
    folders = KernelFolders(root, root / "work", root / "home", root / "run")
    try:
        folders.work.mkdir()
        folders.runtime.mkdir()
        (folders.home / "tmp").mkdir(parents=True)
        for name, content in files.items():
            _write(folders.work, name, content)
        yield folders
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _write(work: Path, name: str, content: bytes) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise SandboxError(f"file {name!r} lies outside the working folder")
    target = work / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except OSError as error:
        raise SandboxError(f"file {name!r} cannot be written for a kernel: {error}") from error
