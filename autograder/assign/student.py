"""Puts the notebooks together: plain otter notebooks that carry their public tests along.

Left out: stripping of solutions (`otter_adapter`), and what the files of tests say
(`public_tests`).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import yaml

from autograder.assign import otter_adapter
from autograder.assign.dialect import Block, Master, MasterCell
from autograder.assign.editions import text_for
from autograder.assign.solutions import repair_solution
from autograder.language import translate
from autograder.notebook import (
    OUR_METADATA,
    NotebookNode,
    find_check,
    make_code_cell,
    make_markdown_cell,
    make_notebook,
    source_of,
)

TRY_OUT_TAG = "try-out"
_OTTER_KEYS = ("name", "points", "manual", "check_cell", "export")
_OTTER_IGNORES = re.compile(r"(##\s*ignore\s*##|#\s*ignore)", re.IGNORECASE)
_OTTER_RESPONSE = "_Type your answer here, replacing this text._"
_KEPT_METADATA = ("tags", "editable", "deletable", "slideshow", "cellView", OUR_METADATA)
_HIDDEN_ONLY = 'print("{name}: 제출한 뒤에 채점합니다 · graded after you submit")'

Role = Literal["setup", "answer", "check", "try_out"]

_SETUP = """\
#@title 채점 준비: 먼저 실행하세요 · Checker setup: run this first {{ display-mode: "form" }}
# 이 셀은 고치지 마세요. 공개 테스트를 파일로 쓰고 채점기를 엽니다.
# Please do not change this cell. It writes the public tests to files and opens the checker.
from pathlib import Path

try:
    import otter
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "otter-grader가 없습니다. 새 셀에서 다음을 실행한 뒤 이 셀을 다시 실행하세요.\\n"
        "otter-grader is not installed. Run this in a new cell, then run this cell again:\\n"
        '    %pip install "otter-grader>=7,<8"'
    ) from None


def _write_public_tests(folder, tests):
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.py"):
        old.unlink()
    for name, text in tests.items():
        (folder / name).write_text(text, encoding="ascii")


_write_public_tests(
    Path("tests/{assessment}"),
    {tests},
)
grader = otter.Notebook(tests_dir="tests/{assessment}")"""


@dataclass(frozen=True)
class Edition:
    """One language of a release: what students get, and the same with the solutions in place."""

    student: NotebookNode
    solution: NotebookNode


def build_edition(
    master: Master,
    edition: str,
    main: str,
    assessment: str,
    points: Mapping[str, float],
    tests: Mapping[str, str],
) -> Edition:
    """Both notebooks of one edition.

    Args:
        master: a master without problems.
        edition: its language.
        main: language of the text above `<!-- lang:en -->`.
        assessment: id of the assessment.
        points: of each question that is checked.
        tests: text of the file of public tests of each question that has some.
    """
    canonical = write_canonical(master, edition, main)
    transformed = otter_adapter.transform_master(canonical, master.settings, points)
    _name_checks(transformed, tests)
    _translate_responses(transformed, edition)
    released = copy.deepcopy(transformed)
    for cell in _repairable(released, master.strips_all_cells):
        cell.source = repair_solution(source_of(cell))
    released = otter_adapter.strip_solutions(released, master.settings)
    student = [cell for cell in released.cells if not _is_empty_answer(cell)]
    solved = _with_solutions(transformed.cells)
    checks_all = bool(master.settings.get("check_all_cell", True))
    frame = _Frame(assessment, edition, tests, checks_all)
    return Edition(student=frame.put_around(student), solution=frame.put_around(solved))


def write_canonical(master: Master, edition: str, main: str) -> NotebookNode:
    """The master as otter reads it without surprises: no tests, no settings, our keys removed."""
    configs = {block.name: block.config for block in master.questions}
    cells: list[NotebookNode] = []
    for question, group in groupby(master.cells, key=lambda cell: cell.question):
        inside = _write_blocks(list(group), edition, main)
        if question is None:
            cells += inside
            continue
        config = {key: configs[question][key] for key in _OTTER_KEYS if key in configs[question]}
        begin = "# BEGIN QUESTION\n" + yaml.safe_dump(config, allow_unicode=True)
        cells += [_raw_cell(begin), *inside, _raw_cell("# END QUESTION")]
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=cells)


def _raw_cell(source: str) -> NotebookNode:
    return NotebookNode(cell_type="raw", id="structure", metadata=NotebookNode(), source=source)


def _write_blocks(cells: list[MasterCell], edition: str, main: str) -> list[NotebookNode]:
    written: list[NotebookNode] = []
    for block, group in groupby(cells, key=lambda cell: cell.block):
        if block is Block.TESTS:
            continue
        inside = [_write_cell(cell, edition, main) for cell in group]
        name = block.value.upper()
        if block is not Block.GIVEN:
            inside = [_raw_cell(f"# BEGIN {name}"), *inside, _raw_cell(f"# END {name}")]
        written += inside
    return written


def _write_cell(cell: MasterCell, edition: str, main: str) -> NotebookNode:
    node = copy.deepcopy(cell.node)
    if cell.is_code:
        node.metadata[OUR_METADATA] = {"question": cell.question, "role": _role(cell)}
    elif node.cell_type == "markdown":
        node.source = text_for(cell.source, edition, main)
    if _OTTER_IGNORES.match(source_of(node)):
        # otter drops every cell that begins like `# Ignore…`; an empty line before it saves it.
        node.source = "\n" + source_of(node)
        node.metadata.setdefault(OUR_METADATA, {})["saved"] = True
    return node


def _role(cell: MasterCell) -> Role:
    if cell.block in (Block.PROMPT, Block.SOLUTION):
        return "answer"
    return "try_out" if TRY_OUT_TAG in cell.node.metadata.get("tags", []) else "setup"


def _name_checks(notebook: NotebookNode, tests: Mapping[str, str]) -> None:
    for cell in notebook.cells:
        question = find_check(source_of(cell)) if cell.cell_type == "code" else None
        if question is None or OUR_METADATA in cell.metadata:
            continue
        cell.metadata[OUR_METADATA] = {"question": question, "role": "check"}
        if question not in tests:
            cell.source = _HIDDEN_ONLY.format(name=question)


def _translate_responses(notebook: NotebookNode, edition: str) -> None:
    for cell in notebook.cells:
        if source_of(cell) == _OTTER_RESPONSE:
            cell.source = translate(edition, _OTTER_RESPONSE)


def _repairable(notebook: NotebookNode, all_cells: bool) -> Iterator[NotebookNode]:
    for cell in notebook.cells:
        if cell.cell_type == "code" and (all_cells or _role_of(cell) == "answer"):
            yield cell


def _role_of(cell: NotebookNode) -> str | None:
    return cell.metadata.get(OUR_METADATA, {}).get("role")


def _is_empty_answer(cell: NotebookNode) -> bool:
    return _role_of(cell) == "answer" and not source_of(cell).strip()


def _with_solutions(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Cells with solutions and without the prompts that stand for them."""
    tag = "otter_assign_solution_cell"
    code = [cell for cell in cells if cell.cell_type == "code"]
    solved = {
        cell.metadata[OUR_METADATA]["question"]
        for cell in code
        if tag in cell.metadata.get("tags", [])
    }
    return [
        cell
        for cell in cells
        if _role_of(cell) != "answer"
        or tag in cell.metadata.get("tags", [])
        or cell.metadata[OUR_METADATA]["question"] not in solved
    ]


@dataclass(frozen=True)
class _Frame:
    """What is put around the cells of an edition: the setup cell and the last check."""

    assessment: str
    edition: str
    tests: Mapping[str, str]
    checks_all: bool

    def put_around(self, cells: list[NotebookNode]) -> NotebookNode:
        cleaned = [_clean(cell) for cell in cells]
        starts_with_title = (
            bool(cleaned)
            and cleaned[0].cell_type == "markdown"
            and cleaned[0].metadata.get("editable", True)
        )
        first = 1 if starts_with_title else 0
        setup = make_setup_cell(self.assessment, self.tests)
        whole = [*cleaned[:first], setup, *cleaned[first:]]
        if self.tests and self.checks_all:
            whole += self._check_all()
        for number, cell in enumerate(whole, start=1):
            cell.id = f"cell-{number}"
        notebook = make_notebook(whole)
        notebook.metadata[OUR_METADATA] = {"assessment": self.assessment, "edition": self.edition}
        return notebook

    def _check_all(self) -> list[NotebookNode]:
        text = translate(self.edition, "The cell below runs every public test once more.")
        check = {OUR_METADATA: {"question": None, "role": "check"}}
        return [
            make_markdown_cell(f"---\n\n{text}"),
            make_code_cell("grader.check_all()", **check),
        ]


def make_setup_cell(assessment: str, tests: Mapping[str, str]) -> NotebookNode:
    """First code cell of a student notebook: writes the public tests and opens the checker."""
    source = _SETUP.format(assessment=assessment, tests=_write_tests(tests))
    metadata: dict[str, Any] = {
        OUR_METADATA: {"question": None, "role": "setup"},
        "cellView": "form",
        "jupyter": {"source_hidden": True},
    }
    return make_code_cell(source, **metadata)


def _write_tests(tests: Mapping[str, str]) -> str:
    """Dictionary of file names and texts, one line of text per line."""
    lines = ["{"]
    for question, text in tests.items():
        lines.append(f"        {question + '.py'!r}: (")
        lines += [f"            {line!r}" for line in text.splitlines(keepends=True)]
        lines.append("        ),")
    return "\n".join([*lines, "    }"])


def _clean(cell: NotebookNode) -> NotebookNode:
    """Copy of a cell with the metadata that students need, and without outputs."""
    copied = copy.deepcopy(cell)
    ours = copied.metadata.get(OUR_METADATA, {})
    if ours.pop("saved", False):
        copied.source = source_of(copied).removeprefix("\n")
    kept = {
        key: copied.metadata[key]
        for key in _KEPT_METADATA
        if copied.metadata.get(key) not in (None, {}, [])
    }
    if ours.get("role") == "try_out":
        kept.pop("editable", None)
    tags = [tag for tag in kept.pop("tags", []) if not tag.startswith("otter_")]
    copied.metadata = NotebookNode({**kept, **({"tags": tags} if tags else {})})
    if copied.cell_type == "code":
        copied.outputs, copied.execution_count = [], None
    return copied
