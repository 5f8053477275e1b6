"""User ids for kernels: one that nobody else on the machine has."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_FIRST, _LAST = 0x7000_0000, 0x7FFF_0000  # far from those of people, services and containers


def choose_uid() -> int | None:
    """A user id for one kernel, by chance among many; None where this process may not give any."""
    if os.geteuid() != 0:
        return None
    first, last = _find_range()
    used = _list_used()
    while True:
        uid = first + secrets.randbelow(last - first)
        if uid not in used:
            return uid


def _find_range() -> tuple[int, int]:
    """Ids that exist here: in a container often only the first 65,536."""
    rows = [tuple(map(int, line.split())) for line in _read_map()]
    ends = [(inside, inside + count) for inside, _, count in rows]
    first, last = max(ends, key=lambda pair: pair[1] - pair[0])
    if first <= _FIRST and last >= _LAST:
        return _FIRST, _LAST
    return max(first, last - 30_000), max(first + 1, last - 2)


def _read_map() -> list[str]:
    return Path("/proc/self/uid_map").read_text().splitlines()


def _list_used() -> set[int]:
    found = set()
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                found.add(entry.stat().st_uid)
            except OSError:
                continue
    return found
