"""Reads the master's code without running it: statements, names, imports, magics.

Left out: what names a test takes from outside, which `wire.test_code` answers.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator

_RUNS_ITS_BODY = ("%%time", "%%timeit", "%%capture", "%%prun")


def to_python(source: str) -> str:
    """Text of a cell with its magics turned into calls, line by line."""
    first, _, rest = source.partition("\n")
    if first.startswith(_RUNS_ITS_BODY):
        source = f"#{first}\n{rest}"
    elif not any(line.lstrip().startswith(("%", "!")) for line in source.split("\n")):
        return source
    from IPython.core.inputtransformer2 import TransformerManager  # noqa: PLC0415 - 0.3 s

    return str(TransformerManager().transform_cell(source))


def parse_cell(source: str) -> ast.Module | None:
    """Syntax tree of a cell, or None where it is not Python."""
    try:
        return ast.parse(to_python(source))
    except (SyntaxError, ValueError):
        return None


def find_defined_names(source: str) -> set[str]:
    """Names that a cell binds at its top level, imports included."""
    if parse_cell(source) is None:
        return set()
    table = symtable.symtable(to_python(source), "<cell>", "exec")
    return {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported()
    }


def has_star_import(sources: Iterable[str]) -> bool:
    """Whether some cell imports `*`, which hides the names it binds."""
    trees = (parse_cell(source) for source in sources)
    return any(
        isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        for tree in trees
        if tree
        for node in ast.walk(tree)
    )


def find_imports(given: Iterable[str], answers: Iterable[str] = ()) -> dict[str, str]:
    """Names that cells import at their top level, as `module` or `module:attribute`.

    A name that some cell also defines is left out: it means that cell's object, not the module's.
    So is an attribute that only an answer imports: it may be the answer.
    """
    imports: dict[str, str] = {}
    defined: set[str] = set()
    sources = [(source, True) for source in given] + [(source, False) for source in answers]
    for source, is_given in sources:
        tree = parse_cell(source)
        if tree is not None:
            found = dict(_top_imports(tree.body))
            new = {name: to for name, to in found.items() if is_given or ":" not in to}
            imports |= {name: to for name, to in new.items() if name not in imports}
            defined |= _names_not_imported(source)
    return {name: target for name, target in sorted(imports.items()) if name not in defined}


def _names_not_imported(source: str) -> set[str]:
    table = symtable.symtable(to_python(source), "<cell>", "exec")
    return {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() and not symbol.is_imported()
    }


def _top_imports(body: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".", 1)[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                if alias.name != "*":
                    yield alias.asname or alias.name, f"{node.module}:{alias.name}"
        elif isinstance(node, ast.If | ast.With | ast.Try):
            yield from _top_imports(node.body)


def write_import(name: str, target: str) -> str:
    """Import statement that binds `name` to `target` (`module` or `module:attribute`)."""
    module, _, attribute = target.partition(":")
    if attribute:
        suffix = "" if attribute == name else f" as {name}"
        return f"from {module} import {attribute}{suffix}"
    return f"import {module}" + ("" if module == name else f" as {name}")


def group_statements(source: str) -> list[tuple[list[ast.stmt], list[str]]]:
    """Top-level statements of test code with their lines, decorators and inner comments included.

    Statements that share a line (`a = 1; b = 2`) are one group.
    """
    lines = source.split("\n")
    groups: list[tuple[list[ast.stmt], int, int]] = []
    for node in ast.parse(source).body:
        decorators = [item.lineno for item in getattr(node, "decorator_list", [])]
        start, end = min([node.lineno, *decorators]), node.end_lineno or node.lineno
        if groups and start <= groups[-1][2]:
            nodes, first, _ = groups.pop()
            groups.append(([*nodes, node], first, end))
        else:
            groups.append(([node], start, end))
    return [(nodes, lines[start - 1 : end]) for nodes, start, end in groups]
