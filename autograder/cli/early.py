"""Begins to load TensorFlow while the grader itself still loads: on the other core, a second less.

Imports nothing heavy, for it runs before everything that is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.executor import LOCAL
from autograder.warmth.ancestor import Ancestor


@contextmanager
def load_early(
    course: Path, assessment: str, executor: str, workers: int, *, here: bool
) -> Iterator[Ancestor | None]:
    """An ancestor that is loading; None where gradings are not done by this process's own.

    Args:
        course: folder of the course.
        assessment: what is to be graded; without a bundle nothing will be.
        executor: as after `--executor`.
        workers: as after `--workers`; fewer than by default may train in several threads each.
        here: whether this process grades, not one in a container.
    """
    bundle = course / "build" / assessment / "bundle"
    if not (here and executor == LOCAL and workers == 0 and bundle.is_dir()):
        yield None
        return
    with Ancestor(rehearses=True) as ancestor:
        with suppress(OSError):  # what is in the way is told where it is needed
            ancestor.launch()
        yield ancestor
