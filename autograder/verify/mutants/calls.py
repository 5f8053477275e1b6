"""Mistakes in calls: another axis or function, a keyword, a layer or the call itself forgotten."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from autograder.verify.mutants.edit import Edit, change, replace, replace_part, show
from autograder.verify.mutants.mutant import Kind
from autograder.verify.mutants.names import (
    find_axis,
    is_class,
    is_method,
    list_words,
    name_leaf,
    read_axes,
)

_PAIRS = (
    *(("max", "min"), ("argmax", "argmin"), ("maximum", "minimum"), ("amax", "amin")),
    *(("zeros", "ones"), ("zeros_like", "ones_like"), ("floor", "ceil"), ("any", "all")),
    *(("mean", "sum"), ("std", "var"), ("sin", "cos"), ("hstack", "vstack"), ("log", "log1p")),
)
_OTHER = {**dict(_PAIRS), **{second: first for first, second in _PAIRS}}
_CONVERSIONS = list_words(
    "array asarray ascontiguousarray bool convert_to_numpy convert_to_tensor dict float int item "
    "list numpy set str tolist tuple"
)
_MAKERS = list_words(
    "append arange choice compile count_nonzero empty enumerate evaluate eye fit format full get "
    "index isinstance items join keys len linspace load next ones open predict range reset "
    "split unravel_index values where zeros zip"
)
_COMMUTATIVE = list_words(
    "add allclose array_equal equal isclose logical_and logical_or max maximum min minimum "
    "multiply not_equal zip"
)
_NEEDED_KEYWORDS = list_words(
    "depth filters input_shape kernel_size loss pool_size shape units x y"
)
_FREE_LAYERS = list_words(
    "BatchNormalization GroupNormalization Input InputLayer LayerNormalization"
)


def change_call(
    node: ast.expr, modules: Collection[str], neutral: Collection[ast.AST]
) -> Iterator[Edit]:
    """Every mistake in one call, or in a list of layers; keywords in `neutral` stay."""
    if isinstance(node, ast.List):
        yield from _drop_layer(node)
    if not isinstance(node, ast.Call):
        return
    yield from _change_axis(node, modules)
    yield from _drop_keyword(node, neutral)
    yield from _change_function(node)
    yield from _swap_arguments(node)
    yield from _unwrap(node, modules)


def _change_axis(call: ast.Call, modules: Collection[str]) -> Iterator[Edit]:
    old = find_axis(call, modules)
    if old is None:
        return
    axes = read_axes(old)
    assert axes is not None
    if isinstance(axes, int):
        new: ast.expr = ast.Constant(_other_axis(axes))
    elif len(axes) == 1:
        new = ast.Constant(None)
    else:
        new = change(old, elts=old.elts[:-1]) if isinstance(old, ast.Tuple) else ast.Constant(0)
    keywords = [change(k, value=new) if k.value is old else k for k in call.keywords]
    args = [new if argument is old else argument for argument in call.args]
    changed = change(call, args=args, keywords=keywords)
    for keyword, other in zip(call.keywords, keywords, strict=True):
        if keyword is not other:
            yield replace_part(Kind.AXIS, call, changed, keyword, show(other))
            return
    yield replace(Kind.AXIS, call, changed)


def _other_axis(axis: int) -> int:
    return {0: 1, -1: 0}.get(axis, axis - 1 if axis > 0 else axis + 1)


def _drop_keyword(call: ast.Call, neutral: Collection[ast.AST]) -> Iterator[Edit]:
    for keyword in call.keywords:
        if keyword in neutral or keyword.arg is None or _is_no_mistake(keyword):
            continue
        rest = [other for other in call.keywords if other is not keyword]
        new = change(call, keywords=rest)
        yield replace_part(Kind.KEYWORD, call, new, keyword)


def _is_no_mistake(keyword: ast.keyword) -> bool:
    """Whether leaving it out cannot work, is another mutant already, or changes nothing."""
    value = keyword.value
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        return True  # the other truth value is as a rule the default
    if keyword.arg in _NEEDED_KEYWORDS or keyword.arg == "activation":
        return True
    return keyword.arg == "dtype" and isinstance(value, ast.Name)


def _change_function(call: ast.Call) -> Iterator[Edit]:
    other = _OTHER.get(name_leaf(call.func))
    if other is None:
        return
    func = call.func
    if isinstance(func, ast.Attribute):
        text = ast.unparse(change(func, attr=other))
        line = func.end_lineno or func.lineno
        yield Edit(Kind.CALL, func, text, func.attr, other, line)
    elif other in ("max", "min", "any", "all"):  # the others are nobody's builtins
        yield replace(Kind.CALL, func, ast.Name(other))


def _swap_arguments(call: ast.Call) -> Iterator[Edit]:
    name = name_leaf(call.func)
    if len(call.args) < 2 or name in _COMMUTATIVE or is_class(name):
        return
    first, second, *rest = call.args
    if not any(isinstance(argument, ast.Starred | ast.Constant) for argument in (first, second)):
        new = change(call, args=[second, first, *rest])
        part = ast.Call(call.func, [first, second], [])
        after = ast.unparse(ast.Call(call.func, [second, first], []))
        yield replace_part(Kind.ORDER, call, new, part, after)


def _unwrap(call: ast.Call, modules: Collection[str]) -> Iterator[Edit]:
    """What a call works on, in its place."""
    name = name_leaf(call.func)
    argument = call.args[0] if call.args and not isinstance(call.args[0], ast.Starred) else None
    if isinstance(call.func, ast.Call):
        if argument is not None and name_leaf(call.func.func) not in _FREE_LAYERS:
            yield replace(Kind.LAYER, call, argument)
    elif name in _CONVERSIONS or name in _MAKERS or is_class(name):
        return
    elif is_method(call, modules) and isinstance(call.func, ast.Attribute):
        yield replace(Kind.CALL, call, call.func.value)
    elif argument is not None:
        yield replace(Kind.CALL, call, argument)


def _drop_layer(node: ast.List) -> Iterator[Edit]:
    for element in node.elts:
        if not isinstance(element, ast.Call) or len(node.elts) == 1:
            continue
        name = name_leaf(element.func)
        if is_class(name) and name not in _FREE_LAYERS:
            rest = [other for other in node.elts if other is not element]
            yield replace_part(Kind.LAYER, node, change(node, elts=rest), element)
