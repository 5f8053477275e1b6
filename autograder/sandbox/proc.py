"""Reads the small files in which Linux tells of its processes and control groups.

They are asked for several times a second for each kernel: `Path.read_text`, which makes a path, a
decoder and two buffers each time, takes several times as long.
"""

from __future__ import annotations

import os

_MOST_BYTES = 2**16  # of these files, each of which Linux writes in one piece


def read_proc(path: str) -> str:
    """The text of one such file.

    Raises:
        OSError: if there is none, or what it tells of is gone.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _MOST_BYTES).decode("ascii", "replace")
    finally:
        os.close(descriptor)
