"""Reads names and literal values in syntax trees: whom a call calls, along which axes it works."""

from __future__ import annotations

import ast
from collections.abc import Collection


def list_words(text: str) -> frozenset[str]:
    """Words of a text, to look names up in."""
    return frozenset(text.split())


_ALONG_AXES = list_words(
    "all any argmax argmin argsort concatenate cumprod cumsum expand_dims max mean median min norm "
    "prod repeat sort squeeze stack std sum var"
)
_AXIS_KEYWORDS = ("axis", "axes")


def name_dotted(node: ast.expr) -> str:
    """`np.linalg.norm` of such an expression; `.max` of one such as `f().max`."""
    if isinstance(node, ast.Attribute):
        return f"{name_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def name_leaf(node: ast.expr) -> str:
    """Last part of the dotted name."""
    return name_dotted(node).rpartition(".")[2]


def is_method(call: ast.Call, modules: Collection[str]) -> bool:
    """Whether it is called on a value rather than in a module."""
    root = name_dotted(call.func).partition(".")[0]
    return isinstance(call.func, ast.Attribute) and root not in modules


def is_class(name: str) -> bool:
    """Whether a name is written like that of a class."""
    return name[:1].isupper()


def is_number(node: ast.expr) -> bool:
    """Whether it is a number, with or without a sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def read_axes(node: ast.expr) -> int | tuple[int, ...] | None:
    """Value of a literal axis, or of a tuple of them; None where it is neither."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    if type(value) is int:
        return value
    good = isinstance(value, tuple) and all(type(item) is int for item in value)
    return value if good and value else None


def find_axis(call: ast.Call, modules: Collection[str]) -> ast.expr | None:
    """The expression that says along which axes a call works, if it is written out."""
    for keyword in call.keywords:
        if keyword.arg in _AXIS_KEYWORDS:
            return keyword.value if read_axes(keyword.value) is not None else None
    position = 0 if is_method(call, modules) else 1
    if name_leaf(call.func) not in _ALONG_AXES or len(call.args) <= position:
        return None
    found = call.args[position]
    return found if read_axes(found) is not None else None
