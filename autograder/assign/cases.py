"""Reads test cells: hidden or public, configuration, code, and what it must print.

Left out: what a test case is worth (`questions`) and its form for students (`public_tests`).
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from autograder.assign.dialect import Block, Master, MasterCell
from autograder.assign.place import Place
from autograder.errors import Problem
from autograder.notebook import NotebookNode

_BEGIN_CONFIG = re.compile(r'(?:\w\s*=\s*)?"""?\s*#\s*BEGIN\s*TEST\s*CONFIG', re.IGNORECASE)
_END_CONFIG = re.compile(r'"""?\s*;?\s*#\s*END\s*TEST\s*CONFIG', re.IGNORECASE)
_LIKE_CONFIG = re.compile(r"#\s*(BEGIN|END)\s*TEST\s*CONFIG", re.IGNORECASE)
_HIDDEN = re.compile(r"#\s*hidden\s*$", re.IGNORECASE)
_NUMPY_SCALAR = re.compile(r"\bnp\.(?:(True_|False_)|(str_|float\d+|u?int\d+|bool_?)\()")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_TIMING = re.compile(r"\d+m?s/step|\x08|\r")
_KEYS = ("hidden", "points", "success_message", "failure_message")
_RUN = "run the cell and save the master"


@dataclass(frozen=True)
class Case:
    """One test cell.

    Attributes:
        points: what its configuration says, or None.
        function: name of the function of an `exception` case.
        parameters: names of that function's parameters.
    """

    place: Place
    style: Literal["ok", "exception"]
    source: str
    expected_output: str = ""
    hidden: bool = False
    points: float | None = None
    success_message: str | None = None
    failure_message: str | None = None
    function: str = ""
    parameters: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        """Name of the question it tests."""
        return self.place.question or ""


def read_cases(master: Master) -> tuple[tuple[Case, ...], list[Problem]]:
    """Every test case of the master in order, and every problem of test cells."""
    problems: list[Problem] = []
    cells = [cell for cell in master.cells if cell.block is Block.TESTS and cell.source.strip()]
    cases = [case for cell in cells if (case := _read_case(cell, master.ok_format, problems))]
    return tuple(cases), problems + _double_functions(cases)


def _read_case(cell: MasterCell, ok_format: bool, problems: list[Problem]) -> Case | None:
    reader = _CaseReader(cell, problems)
    config, body = reader.split_config()
    hidden, body = reader.read_hidden(config, body)
    tree = reader.parse("\n".join(body))
    if tree is None:
        return None
    values: dict[str, Any] = {
        "place": cell.place,
        "hidden": hidden,
        "points": reader.read_points(config),
        "success_message": reader.read_text(config, "success_message"),
        "failure_message": reader.read_text(config, "failure_message"),
    }
    if ok_format:
        output = reader.read_output(tree)
        source = "\n".join(body).strip("\n")
        return Case(style="ok", source=source, expected_output=output, **values)
    return reader.read_function(tree, body, values)


class _CaseReader:
    """Reads one test cell, adding to a list what is wrong with it."""

    def __init__(self, cell: MasterCell, problems: list[Problem]) -> None:
        self.cell = cell
        self.problems = problems

    def add(self, what: str, fix: str) -> None:
        self.problems.append(self.cell.place.problem(what, fix))

    def split_config(self) -> tuple[dict[str, Any], list[str]]:
        """Configuration of the test, and the lines after it."""
        lines = self.cell.source.split("\n")
        if not _BEGIN_CONFIG.match(lines[0]):
            if any(_LIKE_CONFIG.search(line) for line in lines):
                fix = 'begin the cell with `""" # BEGIN TEST CONFIG`'
                self.add("its test configuration is not on the first line", fix)
            return {}, lines
        ends = [number for number, line in enumerate(lines) if _END_CONFIG.match(line)]
        if not ends:
            self.add("its test configuration is not ended", 'add a line `""" # END TEST CONFIG`')
            return {}, []
        return self._parse_config("\n".join(lines[1 : ends[0]])), lines[ends[0] + 1 :]

    def _parse_config(self, text: str) -> dict[str, Any]:
        try:
            config = yaml.safe_load(text) or {}
        except yaml.YAMLError as error:
            self.add(f"its test configuration is not YAML ({' '.join(str(error).split())})", "")
            return {}
        if not isinstance(config, dict):
            self.add("its test configuration is not a list of keys", "write `key: value` lines")
            return {}
        for key in config:
            if key not in _KEYS:
                self.add(f"unknown test key `{key}`", f"known keys are {', '.join(_KEYS)}")
        return config

    def read_hidden(self, config: dict[str, Any], body: list[str]) -> tuple[bool, list[str]]:
        """Whether it is hidden, and the lines without `# HIDDEN`."""
        hidden = config.get("hidden", False)
        if not isinstance(hidden, bool):
            self.add(f"`hidden: {hidden}` is neither true nor false", "write `hidden: true`")
        first_of_cell = self.cell.source.split("\n", 1)[0]
        if _HIDDEN.match(first_of_cell):
            return True, body[1:]
        if first_of_cell.lstrip().startswith("#") and re.search(
            r"\bhidden\b", first_of_cell, re.IGNORECASE
        ):
            self.add(
                f"otter would hide the test for its comment `{first_of_cell.strip()}`",
                "write `# HIDDEN` alone to hide it, or reword the comment to keep it public",
            )
        if any(_HIDDEN.match(line.strip()) for line in body) and not hidden:
            fix = "move it to the first line, or write `hidden: true` in the test configuration"
            self.add("`# HIDDEN` is not the first line, so the test would be public", fix)
        return bool(hidden), body

    def parse(self, source: str) -> ast.Module | None:
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            self.add(f"the test is not valid Python ({error.msg})", "run the cell and mend it")
            return None
        if not tree.body:
            self.add("the test cell holds no code", "write a test or remove the cell")
            return None
        return tree

    def read_points(self, config: dict[str, Any]) -> float | None:
        points = config.get("points")
        if points is None or is_points(points):
            return points
        self.add(f"`points: {points}` is not a number from 0", "write a number")
        return None

    def read_text(self, config: dict[str, Any], key: str) -> str | None:
        value = config.get(key)
        return None if value is None else str(value)

    def read_output(self, tree: ast.Module) -> str:
        """What an OK-style test must print, from the outputs saved in the master."""
        self._refuse_uncalled(tree)
        expected, failed = read_expected_output(self.cell.node)
        if failed:
            self.add("its saved output is an error", f"mend the master; {_RUN}")
        self._refuse_unstable(expected)
        if not expected and self._shows_value(tree.body[-1]):
            self.add("the test shows a value but no output is saved", _RUN)
        for node in tree.body[:-1]:
            if self._shows_value(node):
                what = f"line {node.lineno} of the test computes a value that nothing checks"
                self.add(what, "write `assert` before it")
        return expected

    def _refuse_uncalled(self, tree: ast.Module) -> None:
        if len(tree.body) == 1 and isinstance(tree.body[0], ast.FunctionDef):
            name = tree.body[0].name
            fix = "write `tests: {ok_format: false}` in `# ASSIGNMENT CONFIG`, or call it"
            self.add(f"the test only defines `{name}`, so it tests nothing", fix)

    def _refuse_unstable(self, expected: str) -> None:
        scalar = _NUMPY_SCALAR.search(expected)
        if scalar:
            kind = "bool" if "bool" in scalar.group() or scalar.group(1) else _plain(scalar)
            fix = f"wrap the tested expression in `{kind}(…)`; {_RUN}"
            self.add(f"expects `{scalar.group()}`, which depends on NumPy's version", fix)
        if _ADDRESS.search(expected):
            self.add(
                "expects a memory address, which is new in every run", "compare something else"
            )
        if _TIMING.search(expected):
            fix = f"pass `verbose=0`; {_RUN}"
            self.add("expects a progress bar, which differs in every run", fix)

    @staticmethod
    def _shows_value(node: ast.stmt) -> bool:
        """Whether the statement certainly shows a value at a prompt."""
        kinds = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.Dict)
        return isinstance(node, ast.Expr) and isinstance(node.value, kinds)

    def read_function(
        self, tree: ast.Module, body: list[str], values: dict[str, Any]
    ) -> Case | None:
        """Test case in exception style: imports, one function, and perhaps a call of it."""
        *head, last = tree.body
        if head and isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
            *head, last = head
        imports = all(isinstance(node, ast.Import | ast.ImportFrom) for node in head)
        if not isinstance(last, ast.FunctionDef) or not imports:
            what = "holds more than imports, one function `test_*` and a call of it"
            self.add(what, "put each test in a cell of its own, helpers inside the function")
            return None
        if not last.name.startswith("test"):
            self.add(f"the test function `{last.name}` is not called `test_*`", "rename it")
        parameters = self._read_parameters(last)
        source = "\n".join(body[: last.end_lineno]).strip("\n")
        return Case(
            style="exception", source=source, function=last.name, parameters=parameters, **values
        )

    def _read_parameters(self, node: ast.FunctionDef) -> tuple[str, ...]:
        arguments = node.args
        if arguments.defaults or arguments.kw_defaults or arguments.vararg or arguments.kwarg:
            what = f"`{node.name}` has parameters with defaults or `*`; otter passes None for them"
            self.add(what, "take only names of the notebook as parameters")
        names = tuple(arg.arg for arg in arguments.posonlyargs + arguments.args)
        if "env" in names:
            what = f"`{node.name}` takes `env`, which cannot cross the wall"
            self.add(what, "take the names that it needs as parameters instead")
        return names


def is_points(value: object) -> bool:
    """Whether `value` is a number of points: from 0, and not a bool."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def read_expected_output(cell: NotebookNode) -> tuple[str, bool]:
    """What a test cell printed and showed, as a prompt would, and whether it raised an error.

    stderr (warnings of TensorFlow) and pictures never become part of what a test must print.
    """
    parts: list[str] = []
    failed = False
    for output in cell.get("outputs", []):
        kind = output.get("output_type")
        if kind == "stream" and output.get("name") == "stdout":
            parts.append(str(output.get("text", "")))
        elif kind == "execute_result":
            parts.append(str(output.get("data", {}).get("text/plain", "")) + "\n")
        failed = failed or kind == "error"
    return "".join(parts), failed


def _plain(scalar: re.Match[str]) -> str:
    name = scalar.group(2) or ""
    return "str" if name.startswith("str") else "float" if name.startswith("float") else "int"


def _double_functions(cases: list[Case]) -> list[Problem]:
    count = Counter((case.question, case.function) for case in cases if case.function)
    seen: set[tuple[str, str]] = set()
    problems = []
    for case in cases:
        key = (case.question, case.function)
        if key in seen and count[key] > 1:
            what = (
                f"a second test of {case.question} is called `{case.function}`; one would be lost"
            )
            problems.append(case.place.problem(what, "rename it"))
        seen.add(key)
    return problems
