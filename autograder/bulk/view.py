"""The folder of results that people look into, written from what the store keeps."""

from __future__ import annotations

from pathlib import Path

from autograder.bulk.upload import EXECUTED_FILE, NOTEBOOK_FILE
from autograder.report import write_submission_report
from autograder.schema import Bundle, Result
from autograder.store import FolderStore
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

    def show(self, result: Result) -> None:
        """Write the files of a result that counts.

        Raises:
            GraderError: if they cannot be written.
        """
        read = {name: self._store.read_artifact(result.submission, name) for name in _SHOWN}
        self._files.save(result, {name: content for name, content in read.items() if content})
        self.write_feedback(result)

    def show_missing(self, result: Result) -> None:
        """Write them where the folder has another result, or none.

        Raises:
            GraderError: if they cannot be written.
        """
        if self._files.load(result.submission) != result:
            self.show(result)

    def write_feedback(self, result: Result) -> None:
        """Write the feedback page and the file for Gradescope again."""
        folder = self._folder / result.submission
        write_submission_report(folder, result, visibility=self._visibility)
