"""Reads the structure of a master notebook: its blocks and their cells, with cell numbers.

Left out: what the keys of a question mean (`questions`), what a test cell says (`cases`), and
which lines of a cell are solution (`solutions`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from autograder.assign import otter_adapter
from autograder.assign.place import Place
from autograder.errors import Problem
from autograder.notebook import NotebookNode, source_of

_KINDS = "question|prompt|solution|tests"
_BOUNDARY = re.compile(rf"#\s+(begin|end)\s+({_KINDS})\s*$", re.IGNORECASE)
_LIKE_BOUNDARY = re.compile(
    r"\s*#*\s*(begin|end)\s+(questions?|prompts?|solutions?|tests?)\b", re.IGNORECASE
)
_SETTINGS = re.compile(r"#\s+assignment\s+config\s*$", re.IGNORECASE)
_LIKE_SETTINGS = re.compile(r"\s*#*\s*assignment\s*config", re.IGNORECASE)
_IGNORED = re.compile(r"(#\s*ignore|##\s*ignore\s*##)\s*$", re.IGNORECASE)
_QUESTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*$")


class Block(StrEnum):
    """Kind of block a cell stands in; `GIVEN` is text and code that everybody gets."""

    GIVEN = "given"
    PROMPT = "prompt"
    SOLUTION = "solution"
    TESTS = "tests"


@dataclass(frozen=True)
class MasterCell:
    """A cell of the master that is not structure, with the block and question it stands in."""

    node: NotebookNode
    block: Block
    place: Place

    @property
    def source(self) -> str:
        """Text of the cell."""
        return source_of(self.node)

    @property
    def is_code(self) -> bool:
        """Whether it is a code cell."""
        return bool(self.node.cell_type == "code")

    @property
    def question(self) -> str | None:
        """Name of its question."""
        return self.place.question


@dataclass(frozen=True)
class QuestionBlock:
    """Name and configuration of a `# BEGIN QUESTION` cell."""

    name: str
    config: dict[str, Any]
    place: Place


@dataclass(frozen=True)
class Master:
    """Structure of a master notebook.

    Attributes:
        settings: contents of `# ASSIGNMENT CONFIG`.
    """

    file: str
    settings: dict[str, Any]
    questions: tuple[QuestionBlock, ...]
    cells: tuple[MasterCell, ...]

    @property
    def ok_format(self) -> bool:
        """Whether test cells are statements with their output, not functions `test_*`."""
        tests = self.settings.get("tests")
        return bool(tests.get("ok_format", True)) if isinstance(tests, dict) else True

    @property
    def strips_all_cells(self) -> bool:
        """Whether solution markers count outside solution blocks too."""
        return bool(self.settings.get("strip_solutions_from_all_cells", False))

    def heading_cells(self, question: str) -> list[MasterCell]:
        """Markdown that introduces a question: its own, or else the heading just before it."""
        own = [cell for cell in self.cells if cell.question == question]
        texts = [cell for cell in own if not cell.is_code and cell.block is Block.GIVEN]
        if texts or not own:
            return texts
        for cell in reversed(self.cells[: self.cells.index(own[0])]):
            if cell.question is not None:
                return []
            if not cell.is_code and re.search(r"^#", cell.source, re.MULTILINE):
                return [cell]
        return []


def read_master(notebook: NotebookNode, file: str, folder: Path) -> tuple[Master, list[Problem]]:
    """Structure of `notebook`, and every problem of structure.

    Args:
        notebook: the master, with outputs.
        file: its name, for messages.
        folder: where `config_file` is looked for.
    """
    reader = _Reader(file, folder)
    for number, cell in enumerate(notebook.cells, start=1):
        reader.read(number, cell)
    reader.finish()
    if not reader.questions:
        fix = "put each question between raw cells `# BEGIN QUESTION` and `# END QUESTION`"
        reader.problems.append(Place(file).problem("has no question", fix))
    master = Master(file, reader.settings, tuple(reader.questions), tuple(reader.cells))
    unknown = otter_adapter.find_unknown_settings(master.settings)
    problems = [
        Place(file).problem(
            f"`# ASSIGNMENT CONFIG` has an unknown key `{key}`",
            f"known keys there are {', '.join(known)}",
        )
        for key, known in unknown
    ]
    return master, [*_language_problems(notebook, file), *reader.problems, *problems]


def _language_problems(notebook: NotebookNode, file: str) -> list[Problem]:
    language = str(notebook.metadata.get("kernelspec", {}).get("language", "python")).lower()
    if language == "python":
        return []
    return [Place(file).problem(f"is a notebook for {language}", "choose a Python kernel and save")]


class _Reader:
    """Goes through the cells once, keeping which question and block is open."""

    def __init__(self, file: str, folder: Path) -> None:
        self.file = file
        self.folder = folder
        self.settings: dict[str, Any] = {}
        self.questions: list[QuestionBlock] = []
        self.cells: list[MasterCell] = []
        self.problems: list[Problem] = []
        self._question: QuestionBlock | None = None
        self._block: Block | None = None
        self._opened = Place(file)
        self._seen: set[Block] = set()

    def read(self, number: int, cell: NotebookNode) -> None:
        place = Place(self.file, number, self._question.name if self._question else None)
        cell.source = source_of(cell).replace("\r\n", "\n")
        for piece in self._split(cell, place):
            first = source_of(piece).split("\n", 1)[0]
            boundary = _BOUNDARY.match(first)
            if piece.cell_type == "raw" and boundary:
                self._cross(boundary.group(1).lower(), boundary.group(2).lower(), piece, place)
            elif piece.cell_type == "raw" and _SETTINGS.match(first):
                self._read_settings(piece, place)
            elif not _IGNORED.match(first):
                self._keep(piece, first, place)

    def finish(self) -> None:
        if self._block is not None:
            self._report_open(self._block)
        if self._question is not None:
            self._report_open("question")

    def _split(self, cell: NotebookNode, place: Place) -> list[NotebookNode]:
        if "```otter" not in source_of(cell):
            return [cell]
        try:
            return otter_adapter.split_fenced(cell)
        except ValueError:
            self._add(place, 'a "```otter" block is not closed', "end it with a line ```")
            return []

    def _cross(self, side: str, kind: str, cell: NotebookNode, place: Place) -> None:
        if kind == "question" and side == "begin":
            self._begin_question(cell, place)
        elif kind == "question":
            self._end_question(place)
        elif side == "begin":
            self._begin_block(Block(kind), place)
        else:
            self._end_block(Block(kind), place)

    def _begin_question(self, cell: NotebookNode, place: Place) -> None:
        if self._question is not None:
            self.finish()
        config = self._read_yaml(cell, place)
        name = str(config.get("name", ""))
        here = replace(place, question=name or None)
        if not _QUESTION_NAME.match(name):
            known = "letters, digits, - and _, such as `name: q1`"
            self._add(place, f"a question has no usable name (`{name}`)", f"name it with {known}")
        elif any(name == question.name for question in self.questions):
            self._add(here, f"a second question is called {name}", "give every question its name")
        self._question, self._block, self._opened = QuestionBlock(name, config, here), None, here
        self._seen = set()
        self.questions.append(self._question)

    def _end_question(self, place: Place) -> None:
        if self._question is None:
            self._add(place, "`# END QUESTION` ends nothing", "remove it or add its begin cell")
            return
        if self._block is not None:
            self._report_open(self._block)
        self._question, self._block = None, None

    def _begin_block(self, block: Block, place: Place) -> None:
        name = block.value.upper()
        if self._question is None:
            self._add(place, f"`# BEGIN {name}` is outside a question", "move it into a question")
            return
        if self._block is not None:
            self._report_open(self._block)
        if block is Block.PROMPT and Block.SOLUTION in self._seen:
            self._add(place, "a prompt block stands after the solution", "move it before")
        self._seen.add(block)
        self._block, self._opened = block, place

    def _end_block(self, block: Block, place: Place) -> None:
        if self._block is block:
            self._block = None
            return
        name = block.value.upper()
        self._add(place, f"`# END {name}` ends nothing", f"add `# BEGIN {name}` or remove it")

    def _report_open(self, kind: str) -> None:
        opened = self._opened if kind != "question" or not self._question else self._question.place
        name = str(kind).upper()
        self._add(
            opened,
            f"`# BEGIN {name}` has no `# END {name}`",
            f"add a raw cell `# END {name}` where it ends",
        )
        if kind == "question":
            self._question = None
        self._block = None

    def _keep(self, cell: NotebookNode, first: str, place: Place) -> None:
        if self._looks_like_structure(cell, first):
            self._add(
                place,
                f"`{first.strip()}` is not read as structure",
                "put it alone on the first line of a raw cell, spelled like `# BEGIN TESTS`",
            )
        block = self._block or Block.GIVEN
        if block is Block.TESTS and cell.cell_type != "code":
            self._add(place, "a tests block holds a cell that is not code", "move it out")
            return
        self.cells.append(MasterCell(cell, block, place))

    @staticmethod
    def _looks_like_structure(cell: NotebookNode, first: str) -> bool:
        match = _LIKE_BOUNDARY.match(first)
        if cell.cell_type != "code":
            return bool(match or _LIKE_SETTINGS.match(first))
        # In code, `# BEGIN SOLUTION` and `# BEGIN PROMPT` mark lines; only the others are lost.
        return bool(match and match.group(2).lower().startswith(("question", "test")))

    def _read_settings(self, cell: NotebookNode, place: Place) -> None:
        settings = self._read_yaml(cell, place)
        name = settings.get("config_file")
        if name:
            path = self.folder / str(name)
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                self.settings |= self._parse_yaml(text, Place(str(name)))
            else:
                self._add(place, f"`config_file: {name}` does not exist", "correct its path")
        self.settings |= settings

    def _read_yaml(self, cell: NotebookNode, place: Place) -> dict[str, Any]:
        return self._parse_yaml(source_of(cell), place)

    def _parse_yaml(self, text: str, place: Place) -> dict[str, Any]:
        try:
            config = yaml.safe_load(text)
        except yaml.YAMLError as error:
            what = " ".join(str(error).split())
            self._add(
                place, f"its configuration is not YAML ({what})", "write one `key: value` a line"
            )
            return {}
        if config is None:
            return {}
        if not isinstance(config, dict):
            self._add(place, "its configuration is not a list of keys", "write `key: value` lines")
            return {}
        return {str(key): value for key, value in config.items()}

    def _add(self, place: Place, what: str, fix: str) -> None:
        self.problems.append(place.problem(what, fix))
