"""Files and names that survive a power cut."""

from __future__ import annotations

import os
from pathlib import Path

KEPT = "finished results are kept"


def describe_os_error(place: object, error: OSError) -> str:
    """`error` as one text that names `place`, the reason and the next step."""
    reason = error.strerror or type(error).__name__
    step = "make room and the folder writable"
    return f"{place}: {reason}; {step}, then run the same command again: {KEPT}"


def write_new_file(path: Path, content: bytes) -> None:
    """Make the file `path` and wait until its content is on the disk.

    Raises:
        OSError: if it exists or cannot be written; what was written may be left.
    """
    with path.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Make a new name in `folder` last; Windows cannot open folders and needs no such step."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
