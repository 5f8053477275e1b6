"""Makes names: of students as people read them, of submissions as folders on any file system.

Left out: paths inside an upload, which `tree` checks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_CHARACTERS = 100
MAX_BYTES = 200
NAMELESS = "submission"
WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul"] + [f"{port}{n}" for port in ("com", "lpt") for n in range(10)]
)


def clean_text(text: str) -> str:
    """`text` on one line in NFC, without control, format and undecodable characters."""
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(mark for mark in spaced if not unicodedata.category(mark).startswith("C"))


def make_safe_name(text: str) -> str:
    """Folder name from `text`: letters and digits of any script, `-` and `_`.

    At most 100 characters and 200 bytes of UTF-8; never empty, hidden, an option (`-x`), a path,
    a Windows device or the name of a class file such as `results.json` (no dots remain).
    """
    normal = unicodedata.normalize("NFC", text)
    kept = "".join(mark if _is_kept(mark) else "_" for mark in normal)
    name = _shorten(re.sub("_{2,}", "_", kept).strip("_-")) or NAMELESS
    return f"{name}_" if name.casefold() in WINDOWS_DEVICES else name


def make_unique_names(texts: Iterable[str]) -> list[str]:
    """Safe name of each text; the second of one name gets `-2`, the third `-3`, in order given.

    Names that differ only in case count as one: Windows and macOS keep one folder for both.
    """
    taken: set[str] = set()
    counts: dict[str, int] = {}
    names = []
    for text in texts:
        wanted = make_safe_name(text)
        name = wanted
        while name.casefold() in taken:
            counts[wanted] = counts.get(wanted, 1) + 1
            suffix = f"-{counts[wanted]}"
            name = _shorten(wanted, room=len(suffix)) + suffix
        taken.add(name.casefold())
        names.append(name)
    return names


def _is_kept(mark: str) -> bool:
    return mark in "-_" or mark.isalnum() or unicodedata.category(mark).startswith("M")


def _shorten(name: str, room: int = 0) -> str:
    short = name[: MAX_CHARACTERS - room]
    whole = short.encode()[: MAX_BYTES - room].decode(errors="ignore")
    return whole.rstrip("_-")
