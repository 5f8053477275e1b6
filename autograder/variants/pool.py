"""The pool of an assessment's variants, as `build/<id>/variants/` keeps it.

`pool.json` lists them; each has a folder of its name with `bundle/`, `student/` and
`solution.ipynb`. What was found of them is in `records/` (see `record`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from autograder.course import Course
from autograder.errors import UsageError
from autograder.schema import BundleFolder, read_bundle
from autograder.schema.base import Value

POOL_FILE = "pool.json"


class Built(Value):
    """A variant that was built.

    Attributes:
        name: see `schema.parameter.make_variant`.
        values: of its parameters.
        bundle: hash of its hidden bundle: what it is graded with now.
    """

    name: str
    values: dict[str, Any]
    bundle: str


class Pool(Value):
    """Every variant of an assessment, in the order that they were drawn."""

    assessment: str
    variants: tuple[Built, ...] = Field(min_length=1)

    def find(self, name: str) -> Built | None:
        """The variant of this name, or None."""
        return next((item for item in self.variants if item.name == name), None)


@dataclass(frozen=True)
class PoolFolder:
    """A pool together with the folder that it is in."""

    pool: Pool
    folder: Path

    def bundle_of(self, name: str) -> BundleFolder:
        """Bundle of a variant of the pool.

        Raises:
            UsageError: if its files are not there.
        """
        try:
            return read_bundle(self.folder / name / "bundle")
        except FileNotFoundError:
            step = f"build the pool again with `autograder assign {self.pool.assessment}`"
            raise UsageError(f"{self.folder / name} has no bundle; {step}") from None

    def choose(self, text: str) -> Built:
        """The variant whose name begins with `text`.

        Raises:
            UsageError: if none does, or several do.
        """
        found = [item for item in self.pool.variants if item.name.startswith(text)]
        if len(found) != 1:
            count = "several variants" if found else "no variant"
            step = f"`autograder variants list {self.pool.assessment}` names them"
            raise UsageError(f"{self.pool.assessment} has {count} called {text}…; {step}")
        return found[0]


def find_folder(course: Course, assessment: str) -> Path:
    """Where the pool of an assessment is, or would be."""
    return course.folder / "build" / assessment / "variants"


def find_pool(course: Course, assessment: str) -> PoolFolder | None:
    """Pool of an assessment; None where it has none.

    Raises:
        UsageError: if it is damaged.
    """
    folder = find_folder(course, assessment)
    try:
        text = (folder / POOL_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return PoolFolder(Pool.model_validate_json(text), folder.resolve())
    except ValueError as error:
        step = f"build it again with `autograder assign {assessment} --variants N`"
        raise UsageError(f"{folder / POOL_FILE} cannot be read; {step}") from error


def need_pool(course: Course, assessment: str) -> PoolFolder:
    """Pool of an assessment.

    Raises:
        UsageError: if there is none.
    """
    found = find_pool(course, assessment)
    if found is None:
        step = f"build them with `autograder assign {assessment} --variants N`"
        raise UsageError(f"{assessment} has no variants in {course.folder / 'build'}; {step}")
    return found
