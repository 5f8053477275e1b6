"""A course's folder: where its assessments are written, built and graded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.schema import BundleFolder, read_bundle


@dataclass(frozen=True)
class Course:
    """A folder with `solutions/`; `assignments/` and `build/` are written beside it."""

    folder: Path

    def find_bundle(self, assessment: str) -> BundleFolder:
        """Bundle of `assessment`.

        Raises:
            UsageError: if it was not built.
        """
        try:
            return read_bundle(self.folder / "build" / assessment / "bundle")
        except FileNotFoundError:
            step = f"build it with `autograder assign {assessment}`"
            raise UsageError(
                f"{assessment} has no bundle in {self.folder / 'build'}; {step}"
            ) from None

    def results(self, assessment: str) -> Path:
        """Where results of `assessment` go unless another folder is given."""
        return self.folder / "results" / assessment
