"""Finds the solution in a solution notebook: its cells, and which of their lines are solution.

The markers are those that `autograder assign` has checked: a line that ends in `# SOLUTION`, and
the lines between `# BEGIN SOLUTION` and `# END SOLUTION`. A cell without any is all solution.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.notebook import OUR_METADATA, NotebookNode, source_of

_BEGIN = ("# BEGIN SOLUTION", "# BEGIN SOLUTION NO PROMPT")
_END = "# END SOLUTION"
_LINE_ENDS = ("# SOLUTION", "#SOLUTION", "# SOLUTION NO PROMPT")


@dataclass(frozen=True)
class Answer:
    """One code cell with a question's solution.

    Attributes:
        index: of the cell in the solution notebook, from 0.
        place: of the cell for people: in the master, where it is still there as it was built.
        lines: numbers of the lines, from 1, that are solution.
    """

    question: str
    index: int
    place: str
    source: str
    lines: frozenset[int]


def find_answers(
    solution: NotebookNode, master: NotebookNode | None = None, name: str = "solution.ipynb"
) -> list[Answer]:
    """Cells with solutions, in order.

    Args:
        solution: notebook with all answers, as `assign` writes it.
        master: notebook that staff edit, to name its cells.
        name: of the master's file.
    """
    numbers = _number_cells(master) if master else {}
    answers = []
    for index, cell in enumerate(solution.cells):
        ours = cell.metadata.get(OUR_METADATA, {})
        if cell.cell_type != "code" or ours.get("role") != "answer" or not ours.get("question"):
            continue
        source = source_of(cell)
        number = numbers.get(source.strip())
        built = f"solution.ipynb, cell {index + 1}"
        place = f"{name}, cell {number}" if number else built
        lines = frozenset(find_solution_lines(source))
        answers.append(Answer(ours["question"], index, place, source, lines))
    return answers


def _number_cells(master: NotebookNode) -> dict[str, int]:
    """Numbers of code cells, from 1 and counting every cell, by their text; the first of equals."""
    cells = [(source_of(cell).strip(), cell) for cell in master.cells]
    numbered = [(text, i) for i, (text, cell) in enumerate(cells, 1) if cell.cell_type == "code"]
    return dict(reversed(numbered))


def find_solution_lines(source: str) -> Iterator[int]:
    """Numbers of the lines that are solution, from 1."""
    lines = source.split("\n")
    inside = marked = False
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text in _BEGIN:
            inside = marked = True
        elif text == _END:
            inside = False
        elif inside or text.endswith(_LINE_ENDS):
            marked = True
            yield number
    if not marked:
        yield from range(1, len(lines) + 1)


def parse_answer(source: str) -> ast.Module | None:
    """Syntax tree with the lines of the cell, magics left out; None where it is not Python."""
    lines = source.split("\n")
    try:
        return ast.parse("\n".join(map(_blank_magic, lines)))
    except (SyntaxError, ValueError):
        return None


def _blank_magic(line: str) -> str:
    bare = line.lstrip()
    return line[: len(line) - len(bare)] + "pass" if bare.startswith(("%", "!")) else line
