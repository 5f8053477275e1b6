"""Keeps the grader's memory flat over many gradings.

What comes from kernels arrives in blocks of a quarter of a megabyte. The C library raises its limit
for blocks of their own while it runs, puts such blocks among small ones, and the holes between
them add up (measured: 25 KiB a grading). A fixed limit keeps them apart.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache

_M_MMAP_THRESHOLD = -3
_BYTES = 1 << 16


@cache
def keep_large_blocks_apart() -> None:
    """Fix the limit, once; a C library without such a setting stays as it is."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _BYTES)
