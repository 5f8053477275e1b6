"""The class as a matrix, students by questions, and the item analysis of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograder.report.class_report.item_analysis import (
    Array,
    Item,
    Reliability,
    estimate_reliability,
    measure_item,
)
from autograder.report.class_report.roster import find_share, group_questions, keep_read
from autograder.schema import Outcome, Result, TestCaseResult

_UNDECIDED = (Outcome.NOT_REACHED, Outcome.GRADER_ERROR)


@dataclass(frozen=True)
class Grid:
    """Shares of the points of every student in every question that is not graded by a person.

    Attributes:
        results: one per row; only those of notebooks that were read.
        names: of the questions, one per column.
        shares: from 0 to 1; NaN where there is none.
        points: of the questions.
        rests: per question, each student's points in the others; NaN for incomplete rows.
    """

    results: tuple[Result, ...]
    names: tuple[str, ...]
    shares: Array
    points: Array
    rests: Array

    def measure(self, name: str) -> Item:
        """Item analysis of the question `name`."""
        column = self.names.index(name)
        return measure_item(self.shares[:, column], self.rests[:, column])

    def estimate_reliability(self) -> Reliability | None:
        """Reliability over the complete rows; questions nobody differs in are kept."""
        scores = self.shares * self.points
        return estimate_reliability(scores[np.isfinite(scores).all(axis=1)])


def make_grid(results: Sequence[Result]) -> Grid:
    """The matrix of `results`."""
    kept = keep_read(results)
    groups = group_questions(kept)
    names = [
        name
        for name, pairs in groups.items()
        if any(not one.manual and one.points > 0 for _, one in pairs)
    ]
    columns = {name: i for i, name in enumerate(names)}
    shares = np.full((len(kept), len(names)), np.nan)
    points = np.zeros(len(names))
    for row, result in enumerate(kept):
        for question in result.questions:
            column = columns.get(question.name)
            share = find_share(question.score, question.points)
            if column is not None and share is not None:
                shares[row, column] = share
                points[column] = question.points
    return Grid(tuple(kept), tuple(names), shares, points, _find_rests(shares * points))


def _find_rests(scores: Array) -> Array:
    """Points in the other questions; NaN throughout where there is no other."""
    if scores.shape[1] < 2:
        return np.full_like(scores, np.nan)
    return scores.sum(axis=1, keepdims=True) - scores


@dataclass(frozen=True)
class CaseItem:
    """A test case over the class.

    Attributes:
        question: name of its question.
        name: of the test case.
        hidden: whether students never see it.
        item: its figures, over the students for whom it ran.
    """

    question: str
    name: str
    hidden: bool
    item: Item


def measure_cases(grid: Grid) -> list[CaseItem]:
    """Item analysis of every test case.

    The criterion is the score of the other questions; where there is only one question, the mean
    share of its other test cases. A test that did not run says nothing of the student.
    """
    found: list[CaseItem] = []
    for question, by_case in _collect_cases(grid).items():
        shares = {key: _fill(len(grid.results), cells) for key, cells in by_case.items()}
        for key, cells in by_case.items():
            item = measure_item(shares[key], _find_criterion(grid, question, key, shares))
            found.append(CaseItem(question, key, cells[0][1].hidden, item))
    return found


def _collect_cases(grid: Grid) -> dict[str, dict[str, list[tuple[int, TestCaseResult]]]]:
    """By question and test case: the row of each student, and the verdict."""
    cases: dict[str, dict[str, list[tuple[int, TestCaseResult]]]] = {
        name: {} for name in grid.names
    }
    for row, result in enumerate(grid.results):
        for question in result.questions:
            by_case = cases.get(question.name, {})
            for case in question.test_cases:
                by_case.setdefault(case.name, []).append((row, case))
    return cases


def _fill(rows: int, cells: Sequence[tuple[int, TestCaseResult]]) -> Array:
    column = np.full(rows, np.nan)
    for row, case in cells:
        if case.outcome not in _UNDECIDED:
            column[row] = _share_of(case)
    return column


def _share_of(case: TestCaseResult) -> float:
    share = find_share(case.score, case.points)
    return float(case.outcome is Outcome.PASSED) if share is None else share


def _find_criterion(grid: Grid, question: str, case: str, shares: dict[str, Array]) -> Array:
    if len(grid.names) > 1:
        return grid.rests[:, grid.names.index(question)]
    others = [column for name, column in shares.items() if name != case]
    return np.mean(others, axis=0) if others else np.full(len(grid.results), np.nan)
