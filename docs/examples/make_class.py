"""Makes a small class to grade, for `make demo`: `make_class.py ID FOLDER`, in a course folder.

The submissions are reference submissions under students' names, of every kind that ends quickly.
Left out: endless loops and attacks, which use up their whole time limit.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import chain, zip_longest
from pathlib import Path

from autograder.pipeline import Course, list_references
from autograder.verify import Reference

STUDENTS = ("김서연", "이도윤", "박하은", "Emma Clarke", "최지호", "Liam O'Neill")
KINDS = ("full_score", "partial", "failed", "error", "untouched")


def make_class(course: Path, assessment: str, folder: Path) -> list[Path]:
    """Write one notebook per student into `folder`, in place of those that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.ipynb"):
        old.unlink()
    references = choose_references(list_references(Course(course), assessment))
    paths = []
    for student, reference in zip(STUDENTS, references, strict=False):
        path = folder / f"{student}.ipynb"
        path.write_bytes(reference.notebook)
        paths.append(path)
    return paths


def choose_references(references: Sequence[Reference]) -> list[Reference]:
    """The first of each kind, then the second of each, and so on."""
    by_kind = [[one for one in references if one.expected == kind] for kind in KINDS]
    return [one for one in chain(*zip_longest(*by_kind)) if one is not None]


if __name__ == "__main__":
    make_class(Path(), sys.argv[1], Path(sys.argv[2]))
