"""The store's seam: where results and what was made while grading are kept.

Left out: submissions waiting to be graded, and the classes of a course.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from autograder.errors import GraderError
from autograder.schema import Result

RESULT_FILE = "result.json"


class Store(Protocol):
    """Keeps the latest result of each submission with its artifacts, and all earlier results.

    A store is made from one `root: Path`. Results are append-only: a new one never destroys an
    earlier one. A submission without result, or whose result was not wholly written (the grader
    died), is no failure: `load` gives None, and it is graded again. Exceptions, always
    `GraderError` with one text that says what to do: a place that cannot be read or written (disk
    full, read-only), and a name that is not a plain file name.
    """

    def save(self, result: Result, artifacts: Mapping[str, bytes]) -> None:
        """Keep `result` and its `artifacts` (file name to content) as one step.

        Raises:
            GraderError: if they cannot be written; earlier results are untouched.
        """

    def load(self, name: str) -> Result | None:
        """Latest result of the submission called `name`, or None.

        To resume, compare its `bundle` and `notebook` with those about to be graded.

        Raises:
            GraderError: if the place cannot be read.
        """

    def results(self) -> Iterator[Result]:
        """Latest result of every submission, by name.

        Raises:
            GraderError: if the place cannot be read.
        """


def check_name(name: str) -> str:
    """`name`, if it is a plain file name that no store reserves.

    Raises:
        GraderError: otherwise.
    """
    if not name or name.startswith(".") or set("/\\\0") & set(name):
        raise GraderError(f"store: {name!r} is not a plain file name; make it safe first")
    return name


def check_artifacts(artifacts: Mapping[str, bytes]) -> None:
    """Refuse names of artifacts that would take another file's place.

    Raises:
        GraderError: naming the artifact.
    """
    for name in artifacts:
        if check_name(name) in (RESULT_FILE, "history"):
            raise GraderError(f"store: {name!r} is the store's own; call the artifact otherwise")
