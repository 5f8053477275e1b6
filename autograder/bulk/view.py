"""The folder of results that people look into, written from what the store keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.bulk.upload import EXECUTED_FILE, NOTEBOOK_FILE
from autograder.errors import GraderError
from autograder.report.writer import (
    FEEDBACK_FILE,
    GRADESCOPE_FILE,
    write_submission_report,
)
from autograder.schema import Bundle, Result
from autograder.store import FolderStore

if TYPE_CHECKING:  # SQLAlchemy is loaded where a store is opened
    from autograder.store.sql import SqlStore

_SHOWN = (EXECUTED_FILE, NOTEBOOK_FILE)


class View:
    """A folder per submission: result, notebooks, feedback page.

    Args:
        store: what it shows.
        folder: where.
        bundle: whose visibility decides what students read.
    """

    def __init__(self, store: SqlStore, folder: Path, bundle: Bundle) -> None:
        self._store = store
        self._folder = folder
        self._files = FolderStore(folder)
        self._visibility = bundle.config.visibility

    def show(self, result: Result, artifacts: Mapping[str, bytes]) -> None:
        """Write the files of a result that counts, with those of its `artifacts` that are shown.

        Raises:
            GraderError: if they cannot be written.
        """
        shown = {name: artifacts[name] for name in _SHOWN if artifacts.get(name)}
        self._files.save(result, shown)
        self.write_feedback(result)

    def show_missing(self, result: Result) -> None:
        """Write them where the folder has another result, or a file is missing.

        Raises:
            GraderError: if they cannot be written.
        """
        if self._files.load(result.submission) != result or self._lacks_files(result.submission):
            read = {name: self._store.read_artifact(result.submission, name) for name in _SHOWN}
            self.show(result, {name: content for name, content in read.items() if content})

    def _lacks_files(self, name: str) -> bool:
        """Whether somebody deleted one, or a grader ended before it was written."""
        with telling_what_to_do(self._folder / name):
            present = {path.name for path in (self._folder / name).iterdir()}
        if not present >= {FEEDBACK_FILE, GRADESCOPE_FILE}:
            return True
        if present >= set(_SHOWN):
            return False
        return not present >= self._store.list_artifacts(name).keys() & set(_SHOWN)

    def write_feedback(self, result: Result) -> None:
        """Write the feedback page and the file for Gradescope again.

        Raises:
            GraderError: if they cannot be written.
        """
        folder = self._folder / result.submission
        with telling_what_to_do(folder):
            write_submission_report(folder, result, visibility=self._visibility)


@contextmanager
def telling_what_to_do(folder: Path) -> Iterator[None]:
    """Say what a person can do where something below `folder` cannot be written.

    Raises:
        GraderError: in that case.
    """
    try:
        yield
    except OSError as error:
        place, reason = error.filename or folder, error.strerror or type(error).__name__
        raise GraderError(
            f"{place}: {reason}; make room and {folder} writable, then run the same command "
            "again: finished results are kept"
        ) from error
