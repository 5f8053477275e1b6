"""A small master in NumPy, and what tests need to change one thing in it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.assign import Release, build_release
from autograder.errors import AuthoringError
from autograder.notebook import (
    NotebookNode,
    make_code_cell,
    make_markdown_cell,
    make_notebook,
    serialize_notebook,
)

NAME = "a01_numbers"


def raw(source: str) -> NotebookNode:
    return NotebookNode(cell_type="raw", id="x", metadata=NotebookNode(), source=source)


def code(source: str, shows: str = "", prints: str = "", warns: str = "") -> NotebookNode:
    """Code cell as Jupyter saves it: what it printed, warned about, and showed."""
    cell = make_code_cell(source)
    for name, text in (("stderr", warns), ("stdout", prints)):
        if text:
            output = NotebookNode(output_type="stream", name=name, text=text)
            cell.outputs.append(output)
    if shows:
        data = NotebookNode({"text/plain": shows})
        cell.outputs.append(
            NotebookNode(output_type="execute_result", data=data, metadata={}, execution_count=1)
        )
    return cell


def question(
    config: str, *tests: NotebookNode, solution: str = "answer = 42  # SOLUTION", text: str = "## Q"
) -> list[NotebookNode]:
    """Cells of one question."""
    return [
        raw(f"# BEGIN QUESTION\n{config}"),
        make_markdown_cell(text),
        raw("# BEGIN SOLUTION"),
        make_code_cell(solution),
        raw("# END SOLUTION"),
        *([raw("# BEGIN TESTS"), *tests, raw("# END TESTS")] if tests else []),
        raw("# END QUESTION"),
    ]


SCALE = '''\
def scale(x):
    """Return x in [0, 1]."""
    # BEGIN SOLUTION
    return x / 255.0
    # END SOLUTION'''


@dataclass
class Course:
    """A course with one assessment, to be changed before it is built."""

    folder: Path
    cells: list[NotebookNode] = field(default_factory=list)

    @property
    def source(self) -> Path:
        return self.folder / "solutions" / NAME

    def write(self, name: str, text: str) -> None:
        self.source.mkdir(parents=True, exist_ok=True)
        (self.source / name).write_text(text, encoding="utf-8")

    def save(self, cells: list[NotebookNode] | None = None) -> None:
        self.source.mkdir(parents=True, exist_ok=True)
        copied = [copy.deepcopy(cell) for cell in (self.cells if cells is None else cells)]
        for number, cell in enumerate(copied):
            cell.id = f"cell-{number}"
        notebook = make_notebook(copied)
        (self.source / f"{NAME}.ipynb").write_bytes(serialize_notebook(notebook))

    def build(self, cells: list[NotebookNode] | None = None) -> Release:
        self.save(cells)
        return build_release(self.folder, NAME)

    def problems(self, cells: list[NotebookNode] | None = None) -> str:
        """Every problem of the assessment, one a line; empty if it can be built."""
        try:
            self.build(cells)
        except AuthoringError as error:
            return "\n".join(map(str, error.problems))
        return ""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Course whose master has a function (q1) and a number (q2)."""
    cells = [
        make_markdown_cell(
            "# 숫자 다루기\n시작합니다.\n<!-- lang:en -->\n# Numbers\nLet us start."
        ),
        make_code_cell("import numpy as np"),
        *question(
            "name: q1\npoints: 3",
            code("scale(np.array([255.0]))[0] == 1.0 and True", shows="True"),
            code("# HIDDEN\nassert scale(np.array([51.0]))[0] == 0.2, '다시 보세요'"),
            solution=SCALE,
            text="## 1. 크기 맞추기 (3점)\n<!-- lang:en -->\n## 1. **Scaling** (3 points)",
        ),
        *question("name: q2", code("assert answer == 42"), text="마지막 문제\n\n### 2. 답"),
    ]
    return Course(tmp_path, cells)


@pytest.fixture
def make() -> SimpleNamespace:
    """Makers of cells."""
    return SimpleNamespace(
        raw=raw, code=code, question=question, markdown=make_markdown_cell, name=NAME
    )
