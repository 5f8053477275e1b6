"""A mutant: where the solution was changed, what stood there, and what stands there now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from autograder.notebook import NotebookNode, serialize_notebook
from autograder.schema import Submission


class Kind(StrEnum):
    """What sort of thing was changed."""

    STUB = "stub"
    OPERATOR = "operator"
    COMPARISON = "comparison"
    CONDITION = "condition"
    CONSTANT = "constant"
    AXIS = "axis"
    ORDER = "order"
    SLICE = "slice"
    KEYWORD = "keyword"
    CALL = "call"
    LAYER = "layer"
    ACTIVATION = "activation"
    LOSS = "loss"
    STATEMENT = "statement"
    RETURN = "return"


@dataclass(frozen=True)
class Mutant:
    """The solution of one question with one thing changed.

    Attributes:
        name: `<question>-<number from 1>`.
        kind: of the change.
        place: notebook and cell, such as `a01_digits.ipynb, cell 21`.
        line: in the cell, from 1; None where the whole answer was changed.
        before: what stood there.
        after: what stands there now; empty where it was removed.
        sources: new texts of the solution notebook's cells, by index from 0.
        allowed: why staff call it right as well; empty where it is taken for a mistake.
    """

    name: str
    question: str
    kind: Kind
    place: str
    line: int | None
    before: str
    after: str
    sources: Mapping[int, str]
    allowed: str = ""

    @property
    def where(self) -> str:
        """Place for people, with question and line."""
        line = "" if self.line is None else f", line {self.line}"
        return f"{self.place} ({self.question}){line}"

    @property
    def change(self) -> str:
        """What was changed, in words."""
        if self.kind is Kind.STUB:
            return "the released prompt in place of the solution"
        return f"`{self.before}` → `{self.after}`" if self.after else f"`{self.before}` removed"

    def submit(self, solution: NotebookNode) -> Submission:
        """It as an upload; `solution` is the notebook that it changes."""
        cells = [
            NotebookNode({**cell, "source": self.sources.get(index, cell.source)})
            for index, cell in enumerate(solution.cells)
        ]
        content = serialize_notebook(NotebookNode({**solution, "cells": cells}))
        name = f"mutant-{self.name}"
        return Submission(name=name, student=name, notebook=content)
