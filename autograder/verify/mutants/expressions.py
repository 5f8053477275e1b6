"""Mistakes in expressions: operators, comparisons, numbers, bounds, order.

Each function takes one node and yields the edits of it; those that it does not know have none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.verify.mutants.edit import Edit, change, replace, replace_part
from autograder.verify.mutants.mutant import Kind

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_STRINGS = {
    **dict.fromkeys(("relu", "elu", "gelu", "selu", "silu", "swish"), (Kind.ACTIVATION, "linear")),
    **dict.fromkeys(("tanh", "sigmoid", "leaky_relu"), (Kind.ACTIVATION, "linear")),
    "softmax": (Kind.ACTIVATION, "sigmoid"),
    "sparse_categorical_crossentropy": (Kind.LOSS, "mean_squared_error"),
    "categorical_crossentropy": (Kind.LOSS, "binary_crossentropy"),
    "binary_crossentropy": (Kind.LOSS, "mean_squared_error"),
    **dict.fromkeys(("mse", "mean_squared_error"), (Kind.LOSS, "mean_absolute_error")),
    **dict.fromkeys(("mae", "mean_absolute_error"), (Kind.LOSS, "mean_squared_error")),
    "float32": (Kind.CONSTANT, "float64"),
    "float64": (Kind.CONSTANT, "float32"),
    "same": (Kind.CONSTANT, "valid"),
    "valid": (Kind.CONSTANT, "same"),
    "min": (Kind.CONSTANT, "max"),
    "max": (Kind.CONSTANT, "min"),
}
_TINY = 1e-4  # smaller numbers keep a division or a logarithm safe; their size is nobody's mistake


def change_operator(node: ast.expr) -> Iterator[Edit]:
    """Another operator; or the left operand alone."""
    if isinstance(node, ast.BinOp):
        other = OPERATORS.get(type(node.op))
        if other:
            yield replace(Kind.OPERATOR, node, change(node, op=other()))
        if isinstance(node.op, ast.FloorDiv):
            yield replace(Kind.OPERATOR, node, _round_up(node))
        yield replace(Kind.OPERATOR, node, node.left)
    elif isinstance(node, ast.BoolOp):
        swapped = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield replace(Kind.OPERATOR, node, change(node, op=swapped))
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
        yield replace(Kind.OPERATOR, node, node.operand)


def _round_up(node: ast.BinOp) -> ast.expr:
    negative = change(node, left=ast.UnaryOp(ast.USub(), node.left))
    return ast.UnaryOp(ast.USub(), negative)


def change_comparison(node: ast.expr) -> Iterator[Edit]:
    """The neighbouring comparison, and the opposite."""
    if not isinstance(node, ast.Compare):
        return
    for place, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            operators = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            yield replace(Kind.COMPARISON, node, change(node, ops=operators))


def change_constant(node: ast.expr) -> Iterator[Edit]:
    """The next number, the other truth value, the other word of a pair."""
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield replace(Kind.CONSTANT, node, ast.Constant(not value))
    elif isinstance(value, int | float):
        if abs(value) >= _TINY or not value:
            yield replace(Kind.CONSTANT, node, ast.Constant(_next_number(value)))
    elif isinstance(value, str) and value in _STRINGS:
        kind, other = _STRINGS[value]
        yield replace(kind, node, ast.Constant(other))


def _next_number(value: float) -> float:
    """One more; zero in place of one, and twice a fraction."""
    if type(value) is int and value == 1:
        return 0
    return value + 1 if value == int(value) else 2 * value


def change_slice(node: ast.expr) -> Iterator[Edit]:
    """A bound, or the step, left out."""
    if not isinstance(node, ast.Subscript):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for place, part in enumerate(parts):
        if not isinstance(part, ast.Slice):
            continue
        for bound in ("lower", "upper", "step"):
            if getattr(part, bound) is not None:
                fewer = change(part, **{bound: None})
                new = [*parts[:place], fewer, *parts[place + 1 :]]
                inner = change(node.slice, elts=new) if len(new) > 1 else fewer
                yield replace(Kind.SLICE, node, change(node, slice=inner))


def change_order(node: ast.expr) -> Iterator[Edit]:
    """The first two of a tuple exchanged; neighbouring values of a dictionary exchanged."""
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        first, second, *rest = node.elts
        if not any(isinstance(element, ast.Slice) for element in node.elts):
            yield replace(Kind.ORDER, node, change(node, elts=[second, first, *rest]))
    elif isinstance(node, ast.Dict):
        values = node.values
        for i in range(len(values) - 1):
            swapped = [*values[:i], values[i + 1], values[i], *values[i + 2 :]]
            new = change(node, values=swapped)
            before, after = (ast.Dict(d.keys[i : i + 2], d.values[i : i + 2]) for d in (node, new))
            part = ast.copy_location(before, values[i])
            yield replace_part(Kind.ORDER, node, new, part, ast.unparse(after))


def negate_condition(node: ast.AST) -> Iterator[Edit]:
    """The opposite of a condition that is neither a comparison nor made of others."""
    if not isinstance(node, ast.If | ast.While | ast.IfExp):
        return
    test = node.test
    if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):
        yield replace(Kind.CONDITION, test, ast.UnaryOp(ast.Not(), test))
