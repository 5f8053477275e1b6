"""One assessment's class: its bundle, the store of its results, and the folder that shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.bulk.sharing import share_equal_parts
from autograder.bulk.upload import NOTEBOOK_FILE
from autograder.bulk.view import View, telling_what_to_do
from autograder.course import Course
from autograder.report import write_class_report
from autograder.schema import Bundle, BundleFolder, Result
from autograder.services import Services
from autograder.variants.finder import Finder, open_finder

if TYPE_CHECKING:  # SQLAlchemy is loaded where a store is opened
    from autograder.store.sql import SqlStore

MOST_COMPARED = 400


@dataclass(frozen=True)
class Gradebook:
    """Where a class's results are, and what works on them.

    Attributes:
        output: folder of the results; the course's own where None.
    """

    course: Course
    assessment: str
    services: Services
    output: Path | None = None

    @property
    def folder(self) -> Path:
        """Folder of the results."""
        return self.output or self.course.results(self.assessment)

    @cached_property
    def bundle(self) -> BundleFolder:
        """The assessment's bundle, as it is when first asked for.

        Raises:
            UsageError: if it was not built.
        """
        return self.course.find_bundle(self.assessment)

    @cached_property
    def finder(self) -> Finder:
        """Finds the variant, and its bundle, of each submission.

        Raises:
            UsageError: if the assessment was not built, or its pool is damaged.
        """
        return open_finder(self.course, self.assessment)

    @contextmanager
    def open(self) -> Iterator[tuple[SqlStore, View]]:
        """The store, and what shows it.

        Raises:
            GraderError: if it cannot be opened or written.
            UsageError: if it cannot be used.
        """
        bundle = self.bundle.bundle
        with self.services.place.open_store(self.folder, bundle.assessment) as store:
            yield store, View(store, self.folder, bundle)

    def report(self, store: SqlStore) -> list[Result]:
        """Write the class page and grades of all results that count; returns them.

        Code is not compared in a class of over 400: every pair is held in memory at once.

        Raises:
            GraderError: if they cannot be written.
        """
        bundle = self.bundle.bundle
        results = list(share_equal_parts(store.results()))
        notebooks = _read_notebooks(store, results)
        with telling_what_to_do(self.folder):
            write_class_report(
                self.folder,
                results,
                title=bundle.title,
                language=bundle.config.language,
                notebooks=notebooks,
                released=self._read_released(bundle),
            )
        return results

    def _read_released(self, bundle: Bundle) -> bytes | None:
        """The notebook that students got; None where it is not there."""
        path = self.course.folder / "assignments" / self.assessment / bundle.notebook_name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def _read_notebooks(store: SqlStore, results: Sequence[Result]) -> dict[str, bytes] | None:
    """Submitted notebooks by the submission's name; None where they are too many to compare."""
    if len(results) > MOST_COMPARED:
        return None
    names = [result.submission for result in results]
    read = {name: store.read_artifact(name, NOTEBOOK_FILE) for name in names}
    return {name: content for name, content in read.items() if content}
