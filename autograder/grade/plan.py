"""Reads a submitted notebook as a plan: which cell belongs to which question, and what to skip.

Metadata of the submitted file is a hint at most: students edit, delete and duplicate cells.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder import notebook
from autograder.notebook import NotebookNode
from autograder.schema.bundle import Bundle, Question

_CHECKS_ONLY = re.compile(
    r"""(?:\s*(?:\#[^\n]*)?\n)*\s*(?:grader\s*\.\s*(?:check\s*\(\s*["'][\w.-]+["']\s*\)|"""
    r"""check_all\s*\(\s*\)|export\s*\([^\n]*\))\s*;?\s*(?:\#[^\n]*)?\s*)+"""
)


@dataclass(frozen=True)
class Step:
    """One code cell of the submission.

    Attributes:
        number: among the code cells, from 1.
        index: among all cells, from 0.
        question: it belongs to, or None.
        runs: whether it is run; checks and unchanged try-outs are not.
        checks: question that is checked after it, or None.
    """

    number: int
    index: int
    source: str
    question: str | None
    runs: bool
    checks: str | None


def make_plan(submitted: NotebookNode, bundle: Bundle) -> list[Step]:
    """Steps of the notebook, in order."""
    sources = [
        (index, notebook.source_of(cell), cell)
        for index, cell in enumerate(submitted.cells)
        if cell.cell_type == "code"
    ]
    checks = _find_checks([source for _, source, _ in sources], bundle)
    owners = _find_owners([(source, cell) for _, source, cell in sources], checks, bundle)
    try_outs = {_normal(cell.source) for cell in bundle.cells if cell.role == "try_out"}
    checked: set[str] = set()
    steps = []
    for number, (index, source, _) in enumerate(sources, start=1):
        check = checks[number - 1]
        first = check is not None and check not in checked
        checked.update([check] if check and first else [])
        runs = bool(source.strip()) and not _CHECKS_ONLY.fullmatch(source)
        runs = runs and _normal(source) not in try_outs
        owner = owners[number - 1]
        steps.append(Step(number, index, source, owner, runs, check if first else None))
    return steps


def _find_checks(sources: list[str], bundle: Bundle) -> list[str | None]:
    """Question that each cell checks: by its call of `grader.check`, or as released.

    A question with hidden tests only has no such call, but a cell that was released in its place.
    """
    names = {question.name for question in bundle.questions if not question.manual}
    released = {
        _normal(cell.source): cell.question
        for cell in bundle.cells
        if cell.role == "check" and cell.question in names
    }
    called = [notebook.find_check(source) for source in sources]
    return [
        name if name in names else released.get(_normal(source))
        for name, source in zip(called, sources, strict=True)
    ]


def _find_owners(
    cells: list[tuple[str, NotebookNode]], checks: list[str | None], bundle: Bundle
) -> list[str | None]:
    """Question of each code cell: given setup to none, the rest to the next check below it."""
    names = {question.name for question in bundle.questions}
    setup = _Given(
        cell.source for cell in bundle.cells if cell.role == "setup" and cell.question is None
    )
    owners: list[str | None] = []
    coming: str | None = None
    for (source, cell), check in zip(reversed(cells), reversed(checks), strict=True):
        coming = check or coming
        hint = cell.metadata.get(notebook.OUR_METADATA, {})
        hinted = hint.get("question") if isinstance(hint, dict) else None
        owner = hinted if hinted in names else coming
        owners.append(None if source in setup else owner)
    return owners[::-1]


def is_untouched(question: Question, steps: list[Step], bundle: Bundle) -> bool:
    """Whether the answer cells of `question` are as released, and nothing was added for it."""
    if not question.prompts:
        return False
    present = {_normal(step.source) for step in steps}
    if not all(_normal(prompt) in present for prompt in question.prompts):
        return False
    released = _Given(cell.source for cell in bundle.cells)
    return not any(
        step.runs and step.source not in released
        for step in steps
        if step.question in (question.name, None)
    )


def list_names(question: Question) -> Iterator[str]:
    """Names that the training of `question` takes from the notebook."""
    spec = question.training
    if spec is not None:
        names = (spec.model,) if spec.model else (spec.build, spec.train)
        yield from (name for name in (*names, spec.preprocess, spec.predict) if name)


def make_plan_key(steps: Iterable[Step], untouched: Iterable[str]) -> str:
    """Digest of how a notebook is gone through; `untouched` names questions."""
    plan = [[step.question, step.runs, step.checks] for step in steps]
    return hashlib.sha256(json.dumps([plan, sorted(untouched)]).encode()).hexdigest()


class _Given:
    """Cells as released.

    One with a title (`#@title`, the checker's own) counts as given by that line alone: the public
    tests in it are others where they were mended after the release.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self._sources = {_normal(source) for source in sources}
        self._titles = {_first_line(source) for source in self._sources} - {""}

    def __contains__(self, source: str) -> bool:
        plain = _normal(source)
        return plain in self._sources or _first_line(plain) in self._titles


def _first_line(source: str) -> str:
    """Title of a cell; empty where it has none."""
    line = source.partition("\n")[0]
    return line if line.startswith("#@title") else ""


def _normal(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
