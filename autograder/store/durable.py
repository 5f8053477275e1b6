"""Files and names that survive a power cut."""

from __future__ import annotations

import os
from pathlib import Path


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
