"""One change of a text: a node of its syntax tree is replaced by other text."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard, TypeVar

from autograder.verify.mutants.mutant import Kind

N = TypeVar("N", bound=ast.AST)
_SHOWN = 100
_NEEDS_NO_BRACKETS = (
    *(ast.Constant, ast.Name, ast.Call, ast.Attribute, ast.Subscript),
    *(ast.List, ast.Dict, ast.Set, ast.Tuple, ast.GeneratorExp),
)


@dataclass(frozen=True)
class Edit:
    """A change of one node.

    Attributes:
        node: what is replaced.
        text: what it is replaced by.
        before: what stood there, for people; may be a part of the node.
        after: what stands there now; empty where it was removed.
        line: where, from 1.
    """

    kind: Kind
    node: ast.expr | ast.stmt
    text: str
    before: str
    after: str
    line: int


def replace(kind: Kind, node: ast.expr, new: ast.expr) -> Edit:
    """Edit that puts `new` in the place of `node`."""
    return Edit(kind, node, write(new), show(node), show(new), node.lineno)


def replace_part(
    kind: Kind, node: ast.expr, new: ast.expr, part: ast.expr | ast.keyword, after: str = ""
) -> Edit:
    """Edit of `node` that people read as `part` of it becoming `after`, or being removed."""
    line = getattr(part, "lineno", node.lineno)
    return Edit(kind, node, write(new), show(part), _cut(after), line)


def remove_statement(kind: Kind, node: ast.stmt) -> Edit:
    """Edit that leaves out `node`."""
    return Edit(kind, node, "pass", show(node), "", node.lineno)


def change(node: N, **fields: Any) -> N:
    """Copy of `node` with other fields."""
    kept: dict[str, Any] = {name: getattr(node, name) for name in node._fields}
    make: Callable[..., N] = type(node)
    return ast.copy_location(make(**{**kept, **fields}), node)


def write(node: ast.expr) -> str:
    """Text of an expression that means the same wherever it is put."""
    text = ast.unparse(node)
    plain = isinstance(node, _NEEDS_NO_BRACKETS) and not text.startswith("-")
    return text if plain else f"({text})"


def show_within(parent: ast.expr | ast.keyword, edit: Edit) -> Edit:
    """The same edit, shown with the expression around it where that is short."""
    new = ast.parse(edit.text, mode="eval").body
    fields = {name: getattr(parent, name) for name in parent._fields}
    swapped = {name: _swap(value, edit.node, new) for name, value in fields.items()}
    before, after = show(parent), show(change(parent, **swapped))
    if before.endswith("…") or after.endswith("…"):
        return edit
    return dataclasses.replace(edit, before=before, after=after)


def _swap(value: Any, old: ast.AST, new: ast.AST) -> Any:
    if isinstance(value, list):
        return [new if item is old else item for item in value]
    return new if value is old else value


def show(node: ast.AST) -> str:
    """A node on one line, for people."""
    text = f"{node.arg}={ast.unparse(node.value)}" if is_named(node) else ast.unparse(node)
    return _cut(" ".join(text.split()))


def is_named(node: ast.AST) -> TypeGuard[ast.keyword]:
    """Whether it is a keyword argument."""
    return isinstance(node, ast.keyword) and node.arg is not None


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def apply_edit(source: str, edit: Edit) -> str:
    """`source` with the change made; its other lines stay as they are."""
    node = edit.node
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    # Columns of the syntax tree count UTF-8 bytes.
    lines = [line.encode() for line in source.split("\n")]
    head = [*lines[: node.lineno - 1], lines[node.lineno - 1][: node.col_offset]]
    tail = [lines[node.end_lineno - 1][node.end_col_offset :], *lines[node.end_lineno :]]
    return (b"\n".join(head) + edit.text.encode() + b"\n".join(tail)).decode()
