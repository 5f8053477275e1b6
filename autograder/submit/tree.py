"""The files of a folder or an archive as one flat list, safe to read and to write elsewhere.

Left out: what the files mean, which `layout` decides, and zip files, which `archive` lists.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from autograder.errors import UsageError

NOTEBOOK_ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json")
JUNK_FOLDERS = frozenset({"__macosx", ".ipynb_checkpoints", "__pycache__", ".git"})
JUNK_FILES = frozenset({"thumbs.db", "desktop.ini"})
OTTER_MARK = "__zip_filename__"


@dataclass(frozen=True)
class FileEntry:
    """One regular file of a tree.

    Attributes:
        path: relative, parts joined by `/`, NFC, printable, without `..`; of any length.
        size: in bytes, as the folder or archive says.
        read: gives the content; raises OSError, or SubmissionError with a text for the student.
        origin: where it was found, for messages to staff; kept when `path` is made shorter.
        order: later uploads of one student have a larger one.
    """

    path: str
    size: int
    read: Callable[[], bytes]
    origin: str = ""
    order: int = 0

    @property
    def is_notebook(self) -> bool:
        """Whether the name is a notebook's (browsers append `.txt` or `.json`)."""
        return self.path.casefold().endswith(NOTEBOOK_ENDINGS)

    @property
    def is_zip(self) -> bool:
        """Whether the name is a zip file's."""
        return self.path.casefold().endswith(".zip")

    @property
    def is_sent(self) -> bool:
        """Whether it alone may be what a student sent: a notebook, or a zip with one."""
        return self.is_notebook or self.is_zip

    @property
    def top(self) -> str:
        """First part of the path: the file itself, or the folder that holds it."""
        return self.path.split("/", 1)[0]

    def below(self, folder: str) -> FileEntry:
        """The same file with its path relative to `folder`."""
        return replace(self, path=self.path.removeprefix(f"{folder}/"))


def decode_name(raw: bytes) -> str:
    """Text of a file name written by an unknown system: UTF-8, Korean Windows, or DOS."""
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def clean_path(text: str) -> str | None:
    """`text` as a relative path in NFC; None if it is absolute, leads outside or is junk.

    Control, format and undecodable characters become `_`: a student with one is not lost.
    """
    path = _printable(text.replace("\\", "/"))
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if re.match("/|[A-Za-z]:/", path) or not parts or ".." in parts:
        return None
    return None if _is_junk(parts) else "/".join(parts)


def list_folder(folder: Path) -> list[FileEntry]:
    """Regular files under `folder`, sorted by path; links are not followed.

    Raises:
        UsageError: naming a folder that may not be read.
    """
    return sorted(_walk(folder), key=lambda entry: entry.path)


def list_files(files: Sequence[Path]) -> list[FileEntry]:
    """The given files as the only files of one folder, sorted by name; none is left out."""
    entries = [
        _make_entry(file, clean_path(_decode(file.name)) or _printable(file.name).strip("./"))
        for file in files
    ]
    return sorted(entries, key=lambda entry: entry.path)


def peel(entries: Sequence[FileEntry]) -> Iterator[tuple[str, list[FileEntry]]]:
    """The tree itself, then without each folder that alone holds everything, outermost first.

    Yields:
        name of the last folder taken away (`""` at first), and the files relative to it.
    """
    root, below = "", list(entries)
    yield root, below
    while len({entry.top for entry in below}) == 1 and below[0].path != below[0].top:
        root = below[0].top
        below = [entry.below(root) for entry in below]
        yield root, below


def _walk(folder: Path) -> Iterator[FileEntry]:
    for parent, _, names in os.walk(folder, onerror=_refuse, followlinks=False):
        for name in names:
            file = Path(parent, name)
            path = clean_path(_decode(str(file.relative_to(folder))))
            if path is not None and file.is_file() and not file.is_symlink():
                yield _make_entry(file, path)


def _refuse(error: OSError) -> NoReturn:
    raise UsageError(f"{error.filename}: {error.strerror}; make the folder readable") from error


def _make_entry(file: Path, path: str) -> FileEntry:
    return FileEntry(path, file.stat().st_size, file.read_bytes, _printable(_decode(str(file))))


def _decode(name: str) -> str:
    """A name from the file system, also where its bytes are not UTF-8."""
    return decode_name(os.fsencode(name))


def _printable(text: str) -> str:
    normal = unicodedata.normalize("NFC", text)
    return "".join("_" if unicodedata.category(c).startswith("C") else c for c in normal)


def _is_junk(parts: Sequence[str]) -> bool:
    name = parts[-1].casefold()
    in_junk = any(part.casefold() in JUNK_FOLDERS for part in parts[:-1])
    return in_junk or name in JUNK_FILES or name.startswith(".")
