"""What is never changed: code in which a change is no mistake, or in which no test could see one.

Texts for people, plots, seeds; and free choices of whoever trains: widths of hidden layers, number
of epochs, size of batches, optimizer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator

from autograder.verify.mutants.names import find_axis, is_number, list_words, name_dotted, name_leaf

_TALK = frozenset(("print", "display", "tqdm"))
_PLOT_ROOTS = frozenset(("plt", "ax", "axes", "axis", "fig", "figure"))
_SEEDERS = list_words(
    "PRNGKey RandomState SeedGenerator default_rng manual_seed seed set_random_seed"
)
_OPTIMIZER = re.compile(
    r"(^|\.)(optimizers?|schedules)\.|"
    r"(^|\.)(Adam\w*|Nadam|Adadelta|Adagrad|Ftrl|Lion|RMSprop|SGD|\w+Decay)$"
)
_TUNED_LAYER = re.compile(
    r"(Dense|Embedding|LSTM|GRU|SimpleRNN|MultiHeadAttention|EinsumDense|Gaussian\w+"
    r"|(Separable|Depthwise)?Conv\dD(Transpose)?|(Max|Average)Pooling\dD|\w*Dropout\w*"
    r"|(Batch|Layer|Group|Unit)Normalization|LeakyReLU|ELU|PReLU)$"
)
_NEUTRAL_KEYWORDS = list_words(
    "alpha batch_size bias_initializer c cmap color desc epsilon figsize fontsize "
    "kernel_initializer kernel_regularizer label learning_rate linewidth lr marker metrics "
    "momentum name optimizer patience random_state seed shuffle title total use_multiprocessing "
    "verbose weight_decay workers xlabel ylabel"
)
_TUNED_KEYWORDS = frozenset(("epochs", "steps_per_epoch", "validation_split"))


def find_neutral(tree: ast.Module, modules: Collection[str]) -> set[ast.AST]:
    """Nodes below which nothing is changed.

    Args:
        tree: of one cell.
        modules: names that stand for imported modules.
    """
    found: set[ast.AST | None] = set()
    for node in ast.walk(tree):
        found.update(_find_unseen(node))
        if isinstance(node, ast.Call):
            found.update(_find_in_call(node, modules))
        if isinstance(node, ast.Module | ast.FunctionDef):
            found.update(_find_widths(node))
    neutral = {node for node in found if node is not None}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            _add_what_feeds(node, neutral)
    return neutral


def _find_unseen(node: ast.AST) -> Iterator[ast.AST | None]:
    """Texts, annotations, imports and errors; None for what is not there."""
    if isinstance(node, ast.JoinedStr | ast.Raise | ast.Import | ast.ImportFrom):
        yield node
    elif isinstance(node, ast.Expr):
        talks = isinstance(node.value, ast.Call) and _is_talk(node.value)
        yield node if talks or isinstance(node.value, ast.Constant) else None
    elif isinstance(node, ast.FunctionDef):
        yield node.returns
    elif isinstance(node, ast.arg | ast.AnnAssign):
        yield node.annotation
    elif isinstance(node, ast.Assert):
        yield node.msg
    elif isinstance(node, ast.Dict):
        yield from node.keys


def _is_talk(call: ast.Call) -> bool:
    root = name_dotted(call.func).partition(".")[0]
    return root in _TALK or root in _PLOT_ROOTS


def _find_in_call(call: ast.Call, modules: Collection[str]) -> Iterator[ast.AST | None]:
    name = name_dotted(call.func)
    if _is_talk(call) or name_leaf(call.func) in _SEEDERS or _OPTIMIZER.search(name):
        yield call
    yield find_axis(call, modules)  # changed as an axis, not as a number
    for keyword in call.keywords:
        if keyword.arg in _NEUTRAL_KEYWORDS:
            yield keyword
        elif keyword.arg in _TUNED_KEYWORDS:
            yield keyword.value


def _find_widths(scope: ast.Module | ast.FunctionDef) -> Iterator[ast.AST]:
    """Sizes of all layers but the last, which must fit the task; how any of them pads."""
    calls = [node for node in ast.walk(scope) if isinstance(node, ast.Call)]
    layers = [call for call in calls if _TUNED_LAYER.match(name_leaf(call.func))]
    layers.sort(key=lambda call: (call.lineno, call.col_offset))
    for call in layers:
        yield from (word for word in call.keywords if word.arg == "padding")
    for call in layers[:-1]:
        values = [*call.args, *(word.value for word in call.keywords)]
        yield from (value for value in values if _is_size(value))


def _is_size(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.List):
        return all(map(is_number, node.elts))
    return is_number(node)


def _add_what_feeds(function: ast.FunctionDef, neutral: set[ast.AST]) -> None:
    """Add values that are only computed for what is neutral, such as steps for a schedule."""
    assigned = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    while True:
        covered = {inner for node in neutral for inner in ast.walk(node)}
        is_covered = covered.__contains__
        new = {
            statement.value
            for statement in assigned
            if statement.value not in covered and _feeds_only(statement, names, is_covered)
        }
        if not new:
            return
        neutral |= new


def _feeds_only(
    statement: ast.Assign, names: Iterable[ast.Name], is_covered: Callable[[ast.AST], bool]
) -> bool:
    targets = [node for target in statement.targets for node in ast.walk(target)]
    bound = {node.id for node in targets if isinstance(node, ast.Name)}
    if any(isinstance(node, ast.Subscript | ast.Attribute) for node in targets):
        return False
    uses = [name for name in names if name.id in bound and isinstance(name.ctx, ast.Load)]
    return bool(uses) and all(map(is_covered, uses))
