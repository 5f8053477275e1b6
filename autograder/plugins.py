"""Finds implementations of a seam by name, in its entry-point group.

The built-in ones are listed there like anybody else's, so another sandbox, store or executor
needs one line in its own package and none in ours.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from autograder.errors import UsageError

Plugin = Any  # a class that the seam's Protocol describes


def load_plugin(group: str, name: str) -> Plugin:
    """Object registered as `name` in the entry-point group `autograder.<group>`.

    Raises:
        UsageError: if there is none; it lists the names there are.
    """
    found = {point.name: point for point in entry_points(group=f"autograder.{group}")}
    if name not in found:
        raise UsageError(f"there is no {name!r} among the {group}: {', '.join(sorted(found))}")
    return found[name].load()


def list_plugins(group: str) -> list[str]:
    """Names registered in the entry-point group `autograder.<group>`."""
    return sorted(point.name for point in entry_points(group=f"autograder.{group}"))
