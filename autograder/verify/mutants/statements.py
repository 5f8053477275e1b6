"""Mistakes in statements: nothing returned, a step forgotten."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.verify.mutants.edit import Edit, change, remove_statement, show
from autograder.verify.mutants.expressions import OPERATORS
from autograder.verify.mutants.mutant import Kind


def change_statement(node: ast.stmt) -> Iterator[Edit]:
    """The statement left out where others can run without it; no value returned."""
    if isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield Edit(Kind.RETURN, node, "return None", show(node), "return None", node.lineno)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield remove_statement(Kind.CALL, node)
    elif isinstance(node, ast.AugAssign):
        other = OPERATORS.get(type(node.op))
        if other:
            new = ast.unparse(change(node, op=other()))
            yield Edit(Kind.OPERATOR, node, new, show(node), new, node.lineno)
        yield remove_statement(Kind.STATEMENT, node)
    elif isinstance(node, ast.Assign):
        stores = (ast.Subscript, ast.Attribute)
        if all(isinstance(target, stores) for target in node.targets):
            yield remove_statement(Kind.STATEMENT, node)
