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
    """Keeps the result of each submission that counts, with its artifacts, and all other results.

    A store holds one assessment. Those in the entry-point group `autograder.stores` are made from
    a `root: Path`; the SQL store is opened (`opening`). Results are append-only: a new one never
    destroys an earlier one. A submission without result, or whose result was not wholly written
    (the grader died), is no failure: `load` gives None, and it is graded again. Exceptions, always
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


def check_assessment(given: str, own: str) -> None:
    """Refuse what belongs to another assessment than the store's.

    Raises:
        GraderError: naming both.
    """
    if given != own:
        raise GraderError(
            f"store: a result of {given} cannot go to the store of {own}; open its own"
        )


def check_artifacts(artifacts: Mapping[str, bytes]) -> None:
    """Refuse names of artifacts that would take another file's place.

    Raises:
        GraderError: naming the artifact.
    """
    for name in artifacts:
        if check_name(name) in (RESULT_FILE, "history"):
            raise GraderError(f"store: {name!r} is the store's own; call the artifact otherwise")
