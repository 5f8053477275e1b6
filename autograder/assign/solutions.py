"""Checks and repairs the solution markers of a master, so that no line of a solution is shipped.

otter reads markers by regular expressions over single lines: it turns `x == y # SOLUTION` into
`x = ...`, and ships the first lines of a longer call. Here each marker is held against the syntax
tree first; otter then does the stripping.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from autograder.assign import otter_adapter
from autograder.assign.code import parse_cell, to_python
from autograder.assign.dialect import Block, Master, MasterCell
from autograder.errors import Problem

_MARKER = re.compile(r"#\s*((?:begin|end)\s+)?solution(\s+no\s+prompt)?\s*$", re.IGNORECASE)
_LIKE_MARKER = re.compile(r"#+\s*(?:(?i:begin|end)\s+(?i:solution)|SOLUTION)\b")
_LINE_MARKERS = ("# SOLUTION", "#SOLUTION")
_WHOLE_LINE_MARKERS = ("# BEGIN SOLUTION", "# BEGIN SOLUTION NO PROMPT", "# END SOLUTION")
_DROP_MARKER = "# SOLUTION NO PROMPT"
_NOT_PYTHON = ("its code is not valid Python", "run the cell and mend it")
_WRAP = "put `# BEGIN SOLUTION` and `# END SOLUTION` lines around what is solution"


def release_source(source: str) -> str:
    """Student version of the text of a solution cell."""
    return otter_adapter.strip_source(repair_solution(source))


def repair_solution(source: str) -> str:
    """Solution cell in which every line marked `# SOLUTION` is already its prompt.

    otter finds the targets of an assignment by a greedy regular expression, which can keep part of
    the solution.
    """
    tree = parse_cell(source)
    if tree is None:
        return source
    lines = source.split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.rstrip().endswith(_LINE_MARKERS):
            continue
        node = _statement_on(tree, number)
        if node is not None:
            lines[number - 1] = _prompt_for(node, line)
    return "\n".join(lines)


def _prompt_for(node: ast.stmt, line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    if isinstance(node, ast.Assign):
        end = node.targets[-1].end_col_offset
    elif isinstance(node, ast.AnnAssign):
        end = node.annotation.end_col_offset
    else:
        return indent + "..."
    # Offsets of the syntax tree count UTF-8 bytes, and names may be Korean.
    targets = line.encode()[:end].decode()
    opened = targets.count("(") - targets.count(")")
    return targets + ")" * opened + " = ..."


def find_marker_problems(master: Master) -> list[Problem]:
    """Every marker that otter would not read, read wrongly, or ship."""
    problems: list[Problem] = []
    for cell in master.cells:
        if not cell.is_code:
            continue
        if cell.block is Block.SOLUTION:
            problems += _solution_problems(cell)
        elif not master.strips_all_cells or cell.block is Block.TESTS:
            problems += _stray_problems(cell)
        else:
            problems += _marker_problems(cell)
    return problems


def _stray_problems(cell: MasterCell) -> list[Problem]:
    if cell.block is Block.GIVEN and parse_cell(cell.source) is None:
        return [cell.place.problem(*_NOT_PYTHON)]
    return [
        cell.place.problem(
            f"`{text}` in line {line} is outside a solution block, so students would get the line",
            "move the cell between raw cells `# BEGIN SOLUTION` and `# END SOLUTION`",
        )
        for line, text in _find_markers(cell.source)
    ]


def _solution_problems(cell: MasterCell) -> list[Problem]:
    problems = _marker_problems(cell)
    if problems:
        return problems
    try:
        released = release_source(cell.source)
    except AssertionError as error:
        return [cell.place.problem(str(error).split(" in [")[0], _WRAP)]
    if cell.source.strip() and released == cell.source:
        return [cell.place.problem("students would get this whole solution cell", _WRAP)]
    if parse_cell(cell.source) is not None and parse_cell(released) is None:
        what = "what students get of this cell is not valid Python"
        return [cell.place.problem(what, "leave `...` where code is needed (no `NO PROMPT`)")]
    return []


def _marker_problems(cell: MasterCell) -> list[Problem]:
    tree = parse_cell(cell.source)
    if tree is None:
        return [cell.place.problem(*_NOT_PYTHON)]
    problems = []
    open_line: int | None = None
    lines = cell.source.split("\n")
    for number, text in _find_markers(cell.source):
        line = lines[number - 1].strip() if number <= len(lines) else text
        what, fix = _judge(text, line, number, tree)
        if not what and text.startswith("# BEGIN"):
            what = f"`{text}` in line {number} is inside another" if open_line else ""
            open_line = number
        elif not what and text == "# END SOLUTION":
            what = "" if open_line else f"`{text}` in line {number} ends nothing"
            open_line = None
        if what:
            problems.append(cell.place.problem(what, fix))
    if open_line and not problems:
        what = f"`# BEGIN SOLUTION` in line {open_line} is never ended"
        problems.append(cell.place.problem(what, "add a line `# END SOLUTION`"))
    return problems


def _judge(text: str, line: str, number: int, tree: ast.Module) -> tuple[str, str]:
    """What is wrong with one marker, and the fix; empty if nothing is."""
    alone = line == text
    if text in _WHOLE_LINE_MARKERS:
        where = f"`{text}` in line {number} shares its line with code"
        return ("", _WRAP) if alone else (where, "put it on a line of its own")
    if text not in {*_LINE_MARKERS, _DROP_MARKER}:
        known = "`# SOLUTION`, `# BEGIN SOLUTION` or `# END SOLUTION`"
        return f"`{text}` in line {number} is not read as a marker", f"write exactly {known}"
    if alone:
        return f"`{text}` stands alone in line {number}; it strips only its own line", _WRAP
    if _statement_on(tree, number) is None:
        return f"`{text}` in line {number} is part of a statement of several lines", _WRAP
    return "", _WRAP


def _find_markers(source: str) -> Iterator[tuple[int, str]]:
    """Line number and text of each comment that is, or was meant as, a solution marker."""
    for number, comment in _comments(source):
        match = _MARKER.search(comment)
        if match:
            yield number, match.group().rstrip()
        elif _LIKE_MARKER.match(comment):
            yield number, comment


def _comments(source: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(to_python(source)).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _statement_on(tree: ast.Module, number: int) -> ast.stmt | None:
    """The statement that is all of one line, or None where the line is part of a longer one."""
    found: ast.stmt | None = None
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or node.end_lineno is None:
            continue
        if node.lineno == node.end_lineno == number:
            found = found or node
        elif node.lineno <= number <= node.end_lineno and not _is_compound(node):
            return None
    return found


def _is_compound(node: ast.stmt) -> bool:
    return hasattr(node, "body") or isinstance(node, ast.Match)
