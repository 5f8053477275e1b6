"""Keeps a light scorer light: it ends what would load Keras, and says so.

A light scorer is a fork of a process that has NumPy and no more: that one is there in a tenth of
the time, and tests that look at plain values need nothing else. Which tests those are nobody has to
know beforehand: where one asks for Keras, or for what comes with it, what it did is void, and a
scorer that has Keras runs it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from autograder.warmth.ancestor import KERAS_MODULES, LIGHT_MODULES

_HEAVY = frozenset(KERAS_MODULES) - frozenset(LIGHT_MODULES) | {"scipy"}


class KerasAskedError(BaseException):
    """Ends a test that asks for Keras; no `except Exception` of its own catches it."""


class KerasWatch(MetaPathFinder):
    """Sees whether anything asks for Keras.

    Attributes:
        asked: whether something has, even if the test went on nevertheless.
    """

    def __init__(self) -> None:
        self.asked = False

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the protocol's
        target: ModuleType | None = None,  # noqa: ARG002 - the same
    ) -> ModuleSpec | None:
        """Nothing for a light module; see `MetaPathFinder`."""
        if fullname.partition(".")[0] not in _HEAVY:
            return None
        self.asked = True
        raise KerasAskedError(fullname)


def watch_for_keras() -> KerasWatch | None:
    """A watch from here on; None in a process that has Keras."""
    if has_keras():
        return None
    watch = KerasWatch()
    sys.meta_path.insert(0, watch)
    return watch


def has_keras() -> bool:
    """Whether this process has Keras loaded."""
    return "keras" in sys.modules
