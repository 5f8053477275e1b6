"""All that is used of otter-grader, behind plain functions; the only module that imports it.

otter is imported inside the functions, because that takes two seconds. Left out: otter's own
reading and writing of tests (`cases`, `public_tests`), its running of notebooks and its archives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.notebook import NotebookNode

if TYPE_CHECKING:
    from otter.assign.assignment import Assignment
    from otter.assign.question_config import QuestionConfig

_USED_SETTINGS = ("show_question_points", "strip_solutions_from_all_cells", "seed")


def transform_master(
    notebook: NotebookNode, settings: Mapping[str, Any], points: Mapping[str, float]
) -> NotebookNode:
    """Notebook with solutions, without otter's structure cells, with a check cell per question.

    Args:
        notebook: a master without tests and without `# ASSIGNMENT CONFIG`.
        settings: the contents of `# ASSIGNMENT CONFIG`.
        points: of every question that is checked; the others get no check cell.

    Raises:
        AssertionError, ValueError, RuntimeError: as otter does on a master it cannot read.
    """
    from otter.assign.notebook_transformer import NotebookTransformer  # noqa: PLC0415
    from otter.assign.tests_manager import AssignmentTestsManager  # noqa: PLC0415

    class KnownTests(AssignmentTestsManager):
        """Says which questions are checked; the tests themselves never pass through otter."""

        def has_tests(self, question: QuestionConfig) -> bool:
            return question.name in points

        def any_public_tests(self, question: QuestionConfig) -> bool:
            return question.name in points

        def determine_question_point_value(self, question: QuestionConfig) -> float:
            value = points.get(question.name, question.points or 0)
            return int(value) if value == int(value) else value

    assignment = _make_assignment(settings)
    transformer = NotebookTransformer(assignment, KnownTests(assignment))
    return transformer.transform_notebook(notebook).transformed_nb


def strip_solutions(notebook: NotebookNode, settings: Mapping[str, Any]) -> NotebookNode:
    """Student version of a notebook that `transform_master` returned: no solution, no output."""
    from otter.assign.solutions import (  # noqa: PLC0415
        overwrite_seed_vars,
        strip_solutions_and_output,
    )

    assignment = _make_assignment(settings)
    stripped = strip_solutions_and_output(assignment, notebook)
    seed = assignment.seed
    if seed and seed.variable:
        return overwrite_seed_vars(stripped, seed.variable, seed.student_value)
    return stripped


def strip_source(source: str) -> str:
    """Student version of one solution cell's text."""
    from otter.assign.solutions import replace_solutions  # noqa: PLC0415

    return "\n".join(replace_solutions(source.split("\n"), "python"))


def split_fenced(cell: NotebookNode) -> list[NotebookNode]:
    """Cells that a markdown cell with ```` ```otter ```` blocks stands for.

    Raises:
        ValueError: if a block is not closed.
    """
    from otter.assign.blocks import extract_all_fenced_otter_cells  # noqa: PLC0415
    from otter.assign.utils import AssignNotebookFormatException  # noqa: PLC0415

    try:
        return list(extract_all_fenced_otter_cells([cell]))
    except AssignNotebookFormatException as error:
        raise ValueError(str(error)) from error


def resolve_points(
    total: float | list[float | None] | None, explicit: Sequence[float | None]
) -> list[float]:
    """Points of each test case, by otter's rules.

    Args:
        total: `points` of the question: for all together, for each, or unsaid.
        explicit: `points` in the configuration of each test case.

    Raises:
        ValueError: if they contradict each other.
    """
    from otter.test_files.abstract_test import TestCase, TestFile  # noqa: PLC0415

    cases = [TestCase("", "", False, points, None, None) for points in explicit]  # noqa: FBT003
    return [float(case.points) for case in TestFile.resolve_test_file_points(total, cases)]


def find_unknown_settings(settings: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Each key of `# ASSIGNMENT CONFIG` that otter does not know, with the keys known there."""
    from otter.assign.assignment import Assignment  # noqa: PLC0415

    return _find_unknown(settings, Assignment, "")


def _find_unknown(
    settings: Mapping[str, Any], config: type, prefix: str
) -> list[tuple[str, list[str]]]:
    import fica  # noqa: PLC0415

    keys = {name: key for name, key in vars(config).items() if isinstance(key, fica.Key)}
    unknown = []
    for name, value in settings.items():
        if name not in keys:
            unknown.append((prefix + str(name), sorted(keys)))
        elif isinstance(value, Mapping) and keys[name].subkey_container is not None:
            unknown += _find_unknown(value, keys[name].subkey_container, f"{prefix}{name}.")
    return unknown


def _make_assignment(settings: Mapping[str, Any]) -> Assignment:
    from otter.assign.assignment import Assignment  # noqa: PLC0415

    used = {key: settings[key] for key in _USED_SETTINGS if key in settings}
    assignment = Assignment(
        {**used, "init_cell": False, "check_all_cell": False, "export_cell": False}
    )
    assignment.lang = "python"
    assignment.master = Path("master.ipynb")
    return assignment
