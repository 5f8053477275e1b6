"""Reads a built solution and its master: what mutants are made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.notebook import NotebookNode, read_notebook
from autograder.schema import Bundle
from autograder.verify.mutants.allowed import ALLOWED_FILE, mark_allowed
from autograder.verify.mutants.answer import find_answers
from autograder.verify.mutants.maker import make_mutants
from autograder.verify.mutants.sample import Sample, sample_mutants


@dataclass(frozen=True)
class Mutants:
    """Mutants to try, and the solution that they change."""

    solution: NotebookNode
    sample: Sample


def read_mutants(course: Path, bundle: Bundle, most: int) -> Mutants:
    """At most `most` mutants of the solution in `course/build`.

    Cells are named as they are numbered in the master; the solution's own numbers are for where the
    master is not there, or was edited since.

    Raises:
        AuthoringError: with what is wrong with the changes that staff allow.
    """
    name = bundle.assessment
    solution = read_notebook(course / "build" / name / "solution.ipynb")
    path = course / "solutions" / name / bundle.notebook_name
    master = read_notebook(path) if path.exists() else None
    answers = find_answers(solution, master, path.name)
    allowed = path.parent / "reference" / ALLOWED_FILE
    mutants = mark_allowed(make_mutants(answers, bundle), allowed)
    return Mutants(solution, sample_mutants(mutants, most))
