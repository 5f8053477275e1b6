"""One assessment's class: its bundle, the store of its results, and the folder that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.bulk.view import View
from autograder.course import Course
from autograder.report import write_class_report
from autograder.schema import BundleFolder, Result
from autograder.services import Services
from autograder.store.sql import SqlStore


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

    @property
    def bundle(self) -> BundleFolder:
        """The assessment's bundle as it is now.

        Raises:
            UsageError: if it was not built.
        """
        return self.course.find_bundle(self.assessment)

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
        """Write the class page and grades of all results that count; returns them."""
        bundle = self.bundle.bundle
        results = list(store.results())
        title, language = bundle.title, bundle.config.language
        write_class_report(self.folder, results, title=title, language=language)
        return results
