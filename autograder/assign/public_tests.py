"""Writes the public tests in the form that plain otter-grader reads: one file per question.

otter's own writer is not used: it breaks decorators, `except (A, B)`, tests that print twice and
messages with quotes, and on Windows reads files in the local code page. These files are ASCII.
"""

from __future__ import annotations

import ast
import doctest
import pprint
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from autograder.assign.cases import Case
from autograder.assign.code import group_statements, write_import
from autograder.errors import Problem
from autograder.wire.test_code import find_free_names

_QUIET = (
    ast.Import,
    ast.ImportFrom,
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.Assert,
    ast.Delete,
    ast.FunctionDef,
    ast.ClassDef,
)


def write_test_file(
    question: str,
    cases: Sequence[tuple[Case, float]],
    imports: Mapping[str, str],
    all_or_nothing: bool,
) -> str:
    """Text of `<question>.py` for otter, in ASCII.

    Args:
        question: its name.
        cases: its public test cases with their points, all of one style.
        imports: names that the master imports; functions `test_*` have no other globals.
        all_or_nothing: whether one failure costs all points.
    """
    if cases[0][0].style == "ok":
        text = _write_ok(question, cases, all_or_nothing)
    else:
        text = _write_exception(question, cases, imports, all_or_nothing)
    return to_ascii(text)


def to_ascii(text: str) -> str:
    """Python text with every other character written as an escape, as in a string literal."""
    return text.encode("ascii", "backslashreplace").decode("ascii")


def find_form_problems(cases: Sequence[Case]) -> list[Problem]:
    """Every public test that cannot be written in otter's form."""
    problems = []
    for case in cases:
        if case.hidden:
            continue
        # Statements stand in a string of the file, so only functions can be changed by escapes.
        if case.style == "exception" and not _survives_ascii(case.source):
            what = "the test uses letters outside ASCII in a name or a raw string"
            fix = "use them in plain strings and comments only: Windows reads test files otherwise"
            problems.append(case.place.problem(what, fix))
        if case.style == "ok" and not _survives_doctest(case):
            what = "its output cannot be written as a doctest"
            problems.append(case.place.problem(what, "compare with `assert` instead of printing"))
    return problems


def _survives_ascii(source: str) -> bool:
    try:
        return ast.dump(ast.parse(to_ascii(source))) == ast.dump(ast.parse(source))
    except SyntaxError:
        return False


def _survives_doctest(case: Case) -> bool:
    try:
        examples = doctest.DocTestParser().get_examples(write_doctest(case))
    except ValueError:
        return False
    wanted = "".join(example.want for example in examples).replace("<BLANKLINE>", "")
    return wanted.strip() == case.expected_output.strip()


def _write_ok(question: str, cases: Sequence[tuple[Case, float]], all_or_nothing: bool) -> str:
    spec = {
        "name": question,
        "points": None,
        "all_or_nothing": all_or_nothing,
        "suites": [
            {
                "cases": [_ok_case(case, points) for case, points in cases],
                "scored": True,
                "setup": "",
                "teardown": "",
                "type": "doctest",
            }
        ],
    }
    return f"OK_FORMAT = True\n\ntest = {pprint.pformat(spec, width=100, sort_dicts=False)}\n"


def _ok_case(case: Case, points: float) -> dict[str, object]:
    messages = {"success_message": case.success_message, "failure_message": case.failure_message}
    said = {key: text for key, text in messages.items() if text}
    code = write_doctest(case)
    return {"code": code, "hidden": False, "locked": False, "points": points, **said}


def write_doctest(case: Case) -> str:
    """Doctest of an OK-style test: one example per statement, output after the last.

    doctest compares after every example, so statements that print before the last one are joined
    with it into one.
    """
    groups = group_statements(case.source)
    examples = [lines for _, lines in groups]
    if case.expected_output:
        quiet = _count_quiet(groups)
        if len(groups) - quiet > 1:
            examples = [*examples[:quiet], _join(groups[quiet:])]
    text = "\n".join(line for lines in examples for line in _prompt(lines))
    output = case.expected_output.rstrip("\n").split("\n") if case.expected_output else []
    return "\n".join([text, *(line or "<BLANKLINE>" for line in output)])


def _count_quiet(groups: Sequence[tuple[list[ast.stmt], list[str]]]) -> int:
    """How many statements at the beginning print nothing for certain."""
    for number, (nodes, _) in enumerate(groups):
        if not all(isinstance(node, _QUIET) for node in nodes):
            return number
    return len(groups)


def _join(groups: Sequence[tuple[list[ast.stmt], list[str]]]) -> list[str]:
    lines = [line for _, part in groups for line in part]
    nodes = [node for part, _ in groups for node in part]
    if any(_spans_string(node) for node in nodes):
        lines = ast.unparse(ast.Module(nodes, [])).split("\n")
    return ["if True:", *textwrap.indent("\n".join(lines), "    ").split("\n")]


def _spans_string(node: ast.stmt) -> bool:
    """Whether a text of several lines is in the statement, which indenting would change."""
    return any(
        isinstance(item, ast.Constant | ast.JoinedStr) and item.lineno != item.end_lineno
        for item in ast.walk(node)
    )


def _prompt(lines: Sequence[str]) -> Iterator[str]:
    yield f">>> {lines[0]}"
    yield from (f"... {line}" for line in lines[1:])


def _write_exception(
    question: str,
    cases: Sequence[tuple[Case, float]],
    imports: Mapping[str, str],
    all_or_nothing: bool,
) -> str:
    used = {name for case, _ in cases for name in find_free_names(case.source)}
    parameters = {name for case, _ in cases for name in case.parameters}
    needed = [name for name in imports if name in used - parameters]
    head = [
        "from otter.test_files import test_case as _otter_case",
        *(write_import(name, imports[name]) for name in needed),
        "",
        "OK_FORMAT = False",
        "",
        f"name = {question!r}",
        "points = None",
        f"all_or_nothing = {all_or_nothing}",
    ]
    return "\n".join([*head, *(_exception_case(case, points) for case, points in cases), ""])


def _exception_case(case: Case, points: float) -> str:
    messages = {"success_message": case.success_message, "failure_message": case.failure_message}
    said = "".join(f", {key}={text!r}" for key, text in messages.items() if text)
    decorator = f"@_otter_case(points={points!r}, hidden=False{said})"
    lines = case.source.split("\n")
    function = ast.parse(case.source).body[-1]
    assert isinstance(function, ast.FunctionDef)
    first = min([function.lineno, *(item.lineno for item in function.decorator_list)]) - 1
    return "\n\n" + "\n".join([*lines[:first], decorator, *lines[first:]])
