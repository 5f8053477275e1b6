"""Patches of a notebook in percent format: a reference that differs in a few cells only.

# What is wrong with it, in a comment or docstring.
# %% q1
code that takes the place of the answer cells of q1 (once more `# %% q1`: a further cell)
# %% after q1
code of a new cell after the answer cells of q1
"""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass

from autograder.errors import Problem
from autograder.notebook import OUR_METADATA, NotebookNode, make_code_cell

_SEPARATOR = re.compile(r"^#[ \t]*%%[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_TARGET = re.compile(r"(after\s+)?([\w-]+)$")


@dataclass(frozen=True)
class Block:
    """One block of a patch: the new text of a question's answer, or a cell after it."""

    question: str
    source: str
    after: bool = False


@dataclass(frozen=True)
class Patch:
    """What a reference changes, and the comment that says why it is wrong."""

    description: str
    blocks: tuple[Block, ...]


def read_patch(text: str, place: str) -> tuple[Patch, list[Problem]]:
    """Patch in `text`, and what is wrong with its form; `place` names its file."""
    head, *parts = _SEPARATOR.split(text)
    description, problems = _read_head(head, place)
    blocks = []
    for target, source in zip(parts[::2], parts[1::2], strict=True):
        match = _TARGET.match(target)
        if match is None:
            fix = "write `# %% q1` or `# %% after q1`"
            problems.append(Problem(place, f"`# %% {target}` names no question", fix))
            continue
        blocks.append(Block(match.group(2), source.strip("\n"), after=bool(match.group(1))))
    return Patch(description, tuple(blocks)), problems


def _read_head(head: str, place: str) -> tuple[str, list[Problem]]:
    try:
        tree = ast.parse(head)
    except SyntaxError:
        tree = None
    docstring = ast.get_docstring(tree) if tree else None
    if tree is None or len(tree.body) > (1 if docstring else 0):
        what = "has code above its first `# %%` line"
        return "", [Problem(place, what, "put a line such as `# %% q1` above it")]
    comment = "\n".join(line.lstrip("# ") for line in head.splitlines() if line.startswith("#"))
    return (docstring or comment).strip(), []


def apply_patch(base: NotebookNode, patch: Patch, place: str) -> tuple[NotebookNode, list[Problem]]:
    """Copy of `base` with the blocks of `patch` in place, and blocks without a place."""
    notebook = copy.deepcopy(base)
    problems = []
    for question in dict.fromkeys(block.question for block in patch.blocks):
        answers = [index for index, cell in enumerate(notebook.cells) if _is_answer(cell, question)]
        if not answers:
            known = ", ".join(sorted(_questions(base)))
            what = f"question `{question}` has no answer cell"
            problems.append(Problem(place, what, f"questions with one are {known}"))
            continue
        own = [block for block in patch.blocks if block.question == question]
        notebook.cells = _replace(notebook.cells, answers, own)
    return notebook, problems


def _replace(
    cells: list[NotebookNode], answers: list[int], blocks: list[Block]
) -> list[NotebookNode]:
    new = [_make_answer(block) for block in blocks if not block.after]
    later = [make_code_cell(block.source) for block in blocks if block.after]
    between = [cells[i] for i in range(answers[0], answers[-1] + 1) if i not in answers]
    middle = [*new, *between] if new else cells[answers[0] : answers[-1] + 1]
    return [*cells[: answers[0]], *middle, *later, *cells[answers[-1] + 1 :]]


def _make_answer(block: Block) -> NotebookNode:
    metadata = {OUR_METADATA: {"question": block.question, "role": "answer"}}
    return make_code_cell(block.source, **metadata)


def _is_answer(cell: NotebookNode, question: str) -> bool:
    ours = cell.metadata.get(OUR_METADATA, {})
    return bool(ours.get("question") == question and ours.get("role") == "answer")


def _questions(notebook: NotebookNode) -> set[str]:
    ours = [cell.metadata.get(OUR_METADATA, {}) for cell in notebook.cells]
    return {str(item["question"]) for item in ours if item.get("role") == "answer"}
