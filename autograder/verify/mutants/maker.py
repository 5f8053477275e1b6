"""Makes every mutant of a solution: the prompt in its place, and each single change of it once."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from autograder.schema import Bundle, Question
from autograder.verify.mutants.answer import Answer, parse_answer
from autograder.verify.mutants.calls import change_call
from autograder.verify.mutants.edit import Edit, apply_edit, show_within
from autograder.verify.mutants.expressions import (
    change_comparison,
    change_constant,
    change_operator,
    change_order,
    change_slice,
    negate_condition,
)
from autograder.verify.mutants.mutant import Kind, Mutant
from autograder.verify.mutants.neutral import find_neutral
from autograder.verify.mutants.statements import change_statement

_EXPRESSION_CHANGES = (
    change_operator,
    change_comparison,
    change_constant,
    change_slice,
    change_order,
)


def make_mutants(answers: Sequence[Answer], bundle: Bundle) -> list[Mutant]:
    """Mutants of each question that the grader judges, in the order of the notebook."""
    judged = {item.name: item for item in bundle.questions if not item.manual and item.points}
    mutants: list[Mutant] = []
    for name, question in judged.items():
        cells = [answer for answer in answers if answer.question == name]
        if cells:
            mutants.append(_make_stub(question, cells))
        for answer in cells:
            for edit, source in find_changes(answer, bundle.imports):
                number = sum(mutant.question == name for mutant in mutants)
                mutants.append(_make_mutant(answer, edit, source, number))
    return mutants


def _make_stub(question: Question, answers: Sequence[Answer]) -> Mutant:
    prompt = "\n\n".join(question.prompts)
    sources = {answer.index: prompt if answer is answers[0] else "" for answer in answers}
    place = answers[0].place
    return Mutant(f"{question.name}-0", question.name, Kind.STUB, place, None, "", "", sources)


def _make_mutant(answer: Answer, edit: Edit, source: str, number: int) -> Mutant:
    return Mutant(
        f"{answer.question}-{number}",
        answer.question,
        edit.kind,
        answer.place,
        edit.line,
        edit.before,
        edit.after,
        {answer.index: source},
    )


def find_changes(answer: Answer, modules: Collection[str]) -> Iterator[tuple[Edit, str]]:
    """Single changes of the solution in one cell, with the cell's text after each.

    Those that give the same program as an earlier one, or as the solution, are left out.
    """
    tree = parse_answer(answer.source)
    if tree is None:
        return
    seen = {_normalize(tree)}
    for edit in _find_edits(tree, answer.lines, modules):
        source = apply_edit(answer.source, edit)
        changed = parse_answer(source)
        form = _normalize(changed) if changed else ""
        if form and form not in seen:
            seen.add(form)
            yield edit, source


def _find_edits(
    tree: ast.Module, lines: Collection[int], modules: Collection[str]
) -> Iterator[Edit]:
    neutral = find_neutral(tree, modules)
    for parent, node in _walk(tree, neutral):
        if not _is_within(node, lines):
            continue
        if isinstance(node, ast.stmt):
            yield from change_statement(node)
        if isinstance(node, ast.expr):
            yield from _change_expression(node, parent)
            yield from change_call(node, modules, neutral)
        yield from negate_condition(node)


def _change_expression(node: ast.expr, parent: ast.AST) -> Iterator[Edit]:
    for find in _EXPRESSION_CHANGES:
        for edit in find(node):
            if isinstance(node, ast.Constant) and isinstance(parent, ast.expr | ast.keyword):
                yield show_within(parent, edit)  # a number alone says little
            else:
                yield edit


def _walk(parent: ast.AST, neutral: Collection[ast.AST]) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Nodes and what holds them, in the order of the tree, without what lies in `neutral`."""
    for child in ast.iter_child_nodes(parent):
        if child not in neutral:
            yield parent, child
            yield from _walk(child, neutral)


def _is_within(node: ast.AST, lines: Collection[int]) -> bool:
    if not isinstance(node, ast.stmt | ast.expr) or node.end_lineno is None:
        return False
    return node.lineno in lines and node.end_lineno in lines


class _Normalizer(ast.NodeTransformer):
    """Writes the same program in the same way.

    Takes out values that stand alone, signs before numbers, zeros that are added or begin a slice.
    """

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """See `NodeTransformer`."""
        self.generic_visit(node)
        does_nothing = isinstance(node.value, ast.Constant | ast.Name)
        return ast.Pass() if does_nothing else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """See `NodeTransformer`."""
        self.generic_visit(node)
        operand = node.operand
        value = operand.value if isinstance(operand, ast.Constant) else None
        if isinstance(node.op, ast.USub) and isinstance(value, int | float):
            return ast.Constant(-value)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """See `NodeTransformer`."""
        self.generic_visit(node)
        is_sum = isinstance(node.op, ast.Add | ast.Sub)
        return node.left if is_sum and _is_zero(node.right) else node

    def visit_Slice(self, node: ast.Slice) -> ast.AST:
        """See `NodeTransformer`."""
        self.generic_visit(node)
        if node.step is None and node.lower is not None and _is_zero(node.lower):
            node.lower = None
        return node


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == 0


def _normalize(tree: ast.Module) -> str:
    """The program alone, as text; the tree is spent."""
    return ast.dump(_Normalizer().visit(tree))
