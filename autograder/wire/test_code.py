"""Runs the code of one test case: otter's two styles, with names bound by the caller.

Used by the scorer, and by the kernel only for tests whose author chose `isolation: shared`. Left
out: what an outcome is worth, and what a student is told (`grade`).
"""

from __future__ import annotations

import ast
import builtins
import doctest
import inspect
import io
import re
import symtable
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import Any

FILE_NAME = "<test>"
_DOCTEST_OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
_NUMPY_REPR = re.compile(r"\bnp\.(?:(True|False)_?\b|(?:\w+)\(([^()]*)\))")

FindName = Callable[[str], Any]


def find_free_names(source: str) -> list[str]:
    """Names that test code takes from outside: neither defined nor imported there, nor built in.

    For a function `test_*` its parameters count too: otter binds them by name.
    """
    return list(dict.fromkeys((*_global_names(source), *_parameters(source))))


def _global_names(source: str) -> list[str]:
    top = symtable.symtable(source, FILE_NAME, "exec")
    symbols = [
        (scope is top, symbol) for scope in _walk_scopes(top) for symbol in scope.get_symbols()
    ]
    outer = [symbol for is_top, symbol in symbols if is_top or symbol.is_global()]
    defined = {
        symbol.get_name() for symbol in outer if symbol.is_assigned() or symbol.is_imported()
    }
    names = [symbol.get_name() for symbol in outer if symbol.is_referenced()]
    return [name for name in names if name not in defined and not hasattr(builtins, name)]


def _walk_scopes(top: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield top
    for child in top.get_children():
        yield from _walk_scopes(child)


def run_test_code(source: str, style: str, find_name: FindName) -> str:
    """Run one test case and return what it printed.

    Args:
        source: its code.
        style: `ok` (statements at a prompt) or `exception` (one function `test_*`).
        find_name: called for every name that the code takes from outside.

    Raises:
        Whatever the code raises: for `exception` style that is how a test fails.
    """
    namespace: dict[str, Any] = {"__name__": "__test__"}
    for name in dict.fromkeys(_global_names(source)):
        namespace[name] = find_name(name)
    printed = io.StringIO()
    with redirect_stdout(printed):
        if style == "ok":
            _run_statements(source, namespace)
        else:
            _run_function(source, namespace, find_name)
    return printed.getvalue()


def _run_statements(source: str, namespace: dict[str, Any]) -> None:
    """Run as at a Python prompt: the value of each expression statement is printed."""
    hook, sys.displayhook = sys.displayhook, _print_value  # in a kernel it is IPython's own
    try:
        for node in ast.parse(source).body:
            code = compile(ast.Interactive([node]), FILE_NAME, "single")
            exec(code, namespace)  # noqa: S102 - staff's own test
    finally:
        sys.displayhook = hook


def _print_value(value: object) -> None:
    if value is not None:
        print(repr(value))  # noqa: T201 - stdout is where the test's output is collected


def _parameters(source: str) -> list[str]:
    """Parameters of the functions `test_*` that have no default."""
    names = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            names += [arg.arg for arg in node.args.args[: -len(node.args.defaults) or None]]
    return names


def _run_function(source: str, namespace: dict[str, Any], find_name: FindName) -> None:
    exec(compile(source, FILE_NAME, "exec"), namespace)  # noqa: S102 - staff's own test
    tests = [
        value
        for name, value in namespace.items()
        if name.startswith("test") and inspect.isfunction(value)
    ]
    if len(tests) != 1:
        raise ValueError(f"a test case defines one function test_*, this one {len(tests)}")
    tests[0](**{name: find_name(name) for name in _parameters(source)})


def output_matches(expected: str, printed: str) -> bool:
    """Whether what an OK-style test printed is what it must print.

    White space is folded and `...` matches anything, as in otter; `np.True_` and `np.float64(2.0)`
    (NumPy 2) count as `True` and `2.0` (NumPy 1), so that no correct solution fails by a version.
    """
    checker = doctest.OutputChecker()
    want, got = (normalize_output(text) for text in (expected, printed))
    return checker.check_output(want, got, _DOCTEST_OPTIONS)


def normalize_output(text: str) -> str:
    """Output with NumPy's scalar names taken off and one line end at the end."""
    stripped = text.strip()
    plain = _NUMPY_REPR.sub(lambda match: match.group(1) or match.group(2) or "", stripped)
    return f"{plain}\n" if plain else ""
