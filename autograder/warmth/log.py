"""Where warm processes write their errors, and the last that one of them said."""

from __future__ import annotations

from typing import IO

_MOST_CHARACTERS = 2_000


def read_last_words(log: IO[bytes] | None) -> str:
    """The end of what a process wrote before it ended."""
    if log is None or log.closed:
        return "it left no word"
    log.seek(0)
    return log.read().decode(errors="replace")[-_MOST_CHARACTERS:]
