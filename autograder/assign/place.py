"""Where in a master notebook something stands, for messages that staff can act on."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.errors import Problem


@dataclass(frozen=True)
class Place:
    """A file, the number of a cell in it (from 1, counting every cell), and its question."""

    file: str
    cell: int | None = None
    question: str | None = None

    def __str__(self) -> str:
        cell = f", cell {self.cell}" if self.cell is not None else ""
        return self.file + cell + (f" ({self.question})" if self.question else "")

    def problem(self, what: str, fix: str = "") -> Problem:
        """Problem at this place."""
        return Problem(str(self), what, fix)
