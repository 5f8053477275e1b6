"""Cells of the master notebooks that benchmarks grade, in otter's dialect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder import notebook
from autograder.notebook import NotebookNode


def make_raw_cell(text: str) -> NotebookNode:
    """Cell that says something to the tool that builds the assessment."""
    cell = notebook.make_code_cell(text)
    return NotebookNode(cell_type="raw", metadata=NotebookNode(), source=text, id=cell.id)


def make_expression_test(text: str) -> NotebookNode:
    """Test case of an expression that has to be `True`."""
    cell = notebook.make_code_cell(text)
    output = {
        "output_type": "execute_result",
        "execution_count": 1,
        "metadata": {},
        "data": {"text/plain": "True"},
    }
    cell.outputs = [notebook.make_output(output)]
    return cell


def make_question(
    config: str, solution: str, tests: Sequence[NotebookNode]
) -> Iterator[NotebookNode]:
    """Cells of one question: what it is worth, its solution, its tests."""
    yield make_raw_cell(f"# BEGIN QUESTION\n{config}")
    yield notebook.make_markdown_cell("What is asked.")
    yield make_raw_cell("# BEGIN SOLUTION")
    yield notebook.make_code_cell(solution)
    yield make_raw_cell("# END SOLUTION")
    yield make_raw_cell("# BEGIN TESTS")
    yield from tests
    yield make_raw_cell("# END TESTS")
    yield make_raw_cell("# END QUESTION")
