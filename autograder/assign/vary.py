"""Puts the values of a variant into a master: texts, the cell that shows `VARIANT`, and tests.

Students see only the values that the master's own `VARIANT = {...}` names; hidden tests see all.
Only the masters of assessments with parameters are touched, and texts that name `RULES`: the
thresholds and limits of questions, which calibration sets. Left out: data (`data_groups`), and
which values there are (`variants`).
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jinja2

from autograder.assign.cases import Case
from autograder.assign.dialect import Block, Master, MasterCell
from autograder.assign.place import Place
from autograder.errors import Problem
from autograder.wire.test_code import find_free_names

NAME = "VARIANT"
RULES = "RULES"
_LINE = 88
_NAMES_RULES = re.compile(r"\{[{%][^{}]*\bRULES\b")
_TEXTS = jinja2.Environment(  # markdown, which is read by a notebook, not HTML
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701
)


@dataclass(frozen=True)
class Shown:
    """The statement by which a master shows `VARIANT` to students.

    Attributes:
        cell: the cell that it stands in.
        node: its dictionary.
        values: what the dictionary says in the master.
    """

    cell: MasterCell
    node: ast.Dict
    values: Mapping[str, Any]


def vary_master(
    master: Master, values: Mapping[str, Any], rules: Mapping[str, Mapping[str, float]]
) -> tuple[Master, list[Problem]]:
    """`master` with `values` in its texts and its `VARIANT`, and what is wrong with its use.

    Args:
        master: as it was read.
        values: of the variant; empty where the assessment has no parameters.
        rules: by question, the numbers that texts may name.
    """
    problems: list[Problem] = []
    shown = _find_shown(master, values, problems) if values else None
    known = {NAME: values, RULES: rules}
    cells = []
    for cell in master.cells:
        if shown is not None and cell is shown.cell:
            cells.append(_with_source(cell, _write_shown(shown, values)))
        elif (
            not cell.is_code
            and cell.node.cell_type == "markdown"
            and (values or _NAMES_RULES.search(cell.source))
        ):
            cells.append(_fill_text(cell, known, problems))
        else:
            cells.append(cell)
    return replace(master, cells=tuple(cells)), problems


def vary_cases(
    cases: Iterable[Case], master: Master, values: Mapping[str, Any]
) -> tuple[tuple[Case, ...], list[Problem]]:
    """Test cases with `VARIANT` bound in them: to all values if hidden, else to those shown."""
    if not values:
        return tuple(cases), []
    problems: list[Problem] = []
    shown = _find_shown(master, values, [])
    public = {key: values[key] for key in (shown.values if shown else {}) if key in values}
    return tuple(
        _vary_case(case, values if case.hidden else public, problems) for case in cases
    ), problems


def _find_shown(master: Master, values: Mapping[str, Any], problems: list[Problem]) -> Shown | None:
    """Where the master assigns `VARIANT`; problems of that are added."""
    found: list[Shown] = []
    used: list[Place] = []
    for cell in master.cells:
        if not cell.is_code or cell.block is Block.TESTS or NAME not in cell.source:
            continue
        nodes = _find_assignments(cell.source)
        if nodes and cell.block is not Block.GIVEN:
            what = f"`{NAME}` is assigned in an answer"
            problems.append(cell.place.problem(what, "assign it in a given cell"))
        elif nodes:
            found += [_read_shown(cell, node, values, problems) for node in nodes]
        else:
            used.append(cell.place)
    if used and not found:
        fix = f'write `{NAME} = {{"name": value}}` in a given cell above it, with what students see'
        problems.append(used[0].problem(f"`{NAME}` is used, but no given cell assigns it", fix))
    if len(found) > 1:
        place = found[1].cell.place
        problems.append(place.problem(f"`{NAME}` is assigned a second time", "keep one of them"))
    return found[0] if found else None


def _find_assignments(source: str) -> list[ast.expr]:
    """What `VARIANT` is assigned at the top level of a cell."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # magics, or a solution's marks: nothing that may be changed
        return []
    return [
        node.value
        for node in body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == NAME for target in node.targets)
    ]


def _read_shown(
    cell: MasterCell, node: ast.expr, values: Mapping[str, Any], problems: list[Problem]
) -> Shown:
    try:
        read = ast.literal_eval(node)
    except ValueError:
        read = None
    if not isinstance(node, ast.Dict) or not isinstance(read, dict):
        what = f"`{NAME}` is not a dictionary of plain values"
        problems.append(cell.place.problem(what, f'write `{NAME} = {{"name": value}}`'))
        return Shown(cell, ast.Dict(keys=[], values=[]), {})
    problems += [
        cell.place.problem(
            f"`{NAME}` names `{key}`, which is no parameter",
            f"parameters in assessment.toml are {', '.join(values)}",
        )
        for key in read
        if key not in values
    ]
    return Shown(cell, node, {str(key): value for key, value in read.items()})


def _write_shown(shown: Shown, values: Mapping[str, Any]) -> str:
    """The cell with this variant's values; as it stands where they are those of the master."""
    source = shown.cell.source
    wanted = {key: values[key] for key in shown.values if key in values}
    if wanted == shown.values or not shown.node.keys:
        return source
    lines = source.split("\n")
    start, end = shown.node.lineno - 1, (shown.node.end_lineno or shown.node.lineno) - 1
    before = lines[start].encode()[: shown.node.col_offset].decode()
    after = lines[end].encode()[shown.node.end_col_offset :].decode()
    text = before + write_values(wanted, room=_LINE - len(before)) + after
    return "\n".join([*lines[:start], text, *lines[end + 1 :]])


def write_values(values: Mapping[str, Any], room: int = _LINE) -> str:
    """`values` as a dictionary of Python: on one line of `room` characters, or one line each."""
    items = [f'"{key}": {value!r}' for key, value in values.items()]
    line = "{" + ", ".join(items) + "}"
    if len(line) <= room:
        return line
    return "\n".join(["{", *(f"    {item}," for item in items), "}"])


def _fill_text(
    cell: MasterCell, known: Mapping[str, Mapping[str, Any]], problems: list[Problem]
) -> MasterCell:
    source = cell.source
    if "{{" not in source and "{%" not in source and "{#" not in source:
        return cell
    try:
        text = _TEXTS.from_string(source).render(known)
    except (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        what = f"its text cannot be filled ({error})"
        problems.append(cell.place.problem(what, _say_how(known)))
        return cell
    return _with_source(cell, text)


def _say_how(known: Mapping[str, Mapping[str, Any]]) -> str:
    """What a text may name."""
    ways = [f"`{{{{ {NAME}.name }}}}`"] if known[NAME] else []
    names = dict.fromkeys(name for rule in known[RULES].values() for name in rule)
    if names:
        question = next(iter(known[RULES]))
        ways.append(f"`{{{{ {RULES}.{question}.name }}}}` with {', '.join(names)}")
    fix = f"write {' or '.join(ways)}" if ways else "leave it out"
    return f"{fix}; put braces that are meant between `{{% raw %}}` and `{{% endraw %}}`"


def _with_source(cell: MasterCell, source: str) -> MasterCell:
    if source == cell.source:
        return cell
    node = copy.deepcopy(cell.node)
    node.source = source
    return replace(cell, node=node)


def _vary_case(case: Case, values: Mapping[str, Any], problems: list[Problem]) -> Case:
    if NAME in case.parameters:
        what = f"`{case.function}` takes `{NAME}` from the notebook, where a student may change it"
        problems.append(case.place.problem(what, "use it without taking it as a parameter"))
        return case
    if NAME not in case.source or NAME not in find_free_names(case.source):
        return case
    binding = f"{NAME} = {write_values(_select(case.source, values), room=10_000)}"
    if case.style == "ok":
        return replace(case, source=f"{binding}\n{case.source}")
    function = ast.parse(case.source).body[-1]
    assert isinstance(function, ast.FunctionDef)
    first = function.body[0]
    lines = case.source.split("\n")
    line = min([first.lineno, *_decorator_lines(first)]) - 1
    if lines[line][: first.col_offset].strip():
        what = f"the body of `{case.function}` begins on the line of its name"
        problems.append(case.place.problem(what, "begin it on a line of its own"))
        return case
    indented = " " * first.col_offset + binding
    return replace(case, source="\n".join([*lines[:line], indented, *lines[line:]]))


def _select(source: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values that a test names; all where it may mean any."""
    nodes = list(ast.walk(ast.parse(source)))
    uses = sum(isinstance(node, ast.Name) and node.id == NAME for node in nodes)
    named = [
        node.slice.value
        for node in nodes
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == NAME
        and isinstance(node.slice, ast.Constant)
    ]
    if len(named) < uses:
        return values
    return {key: value for key, value in values.items() if key in named}


def _decorator_lines(node: ast.stmt) -> Sequence[int]:
    return [item.lineno for item in getattr(node, "decorator_list", [])]
