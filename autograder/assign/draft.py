"""Reads all of an assessment's folder, with everything that is wrong in it, before building.

Left out: what is built from it (`release`).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.assign import data_groups
from autograder.assign.cases import Case, read_cases
from autograder.assign.code import find_imports
from autograder.assign.dialect import Master, QuestionBlock, read_master
from autograder.assign.editions import find_editions
from autograder.assign.files import read_public_files
from autograder.assign.measured import Measured, make_question_key
from autograder.assign.names import (
    NameSpace,
    answer_sources,
    collect_names,
    find_name_problems,
    find_training_name_problems,
    given_sources,
)
from autograder.assign.place import Place
from autograder.assign.public_tests import find_form_problems
from autograder.assign.questions import QuestionRules, read_rules
from autograder.assign.solutions import find_marker_problems
from autograder.assign.vary import vary_cases, vary_master
from autograder.errors import AuthoringError, Problem
from autograder.notebook import (
    NotebookNode,
    read_notebook,
)
from autograder.schema import (
    AssessmentConfig,
    TrainingSpec,
    Variant,
    read_assessment_config,
)
from autograder.schema.assessment import LanguageCode

METRICS_FILE = "metrics.py"


@dataclass(frozen=True)
class Draft:
    """What was read from an assessment's folder, before anything is built from it.

    Attributes:
        measured_keys: of each question that calibration measures, the digest of all that what it
            finds depends on.
    """

    assessment: str
    config: AssessmentConfig
    master: Master
    editions: tuple[LanguageCode, ...]
    cases: tuple[Case, ...]
    rules: Mapping[str, QuestionRules]
    groups: Mapping[str, data_groups.Arrays]
    files: Mapping[str, bytes]
    imports: Mapping[str, str]
    metrics: str | None
    variant: str = ""
    measured_keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def trainings(self) -> dict[str, TrainingSpec]:
        """Training of each question that has one."""
        return {name: rules.training for name, rules in self.rules.items() if rules.training}

    @property
    def hidden_groups(self) -> tuple[str, ...]:
        """Groups of arrays that students never get."""
        return tuple(name for name in self.groups if name not in self.config.data.public)

    def cases_of(self, question: str) -> list[tuple[Case, float]]:
        """Test cases of a question with their points."""
        cases = [case for case in self.cases if case.question == question]
        return list(zip(cases, self.rules[question].case_points, strict=True))


def find_master(folder: Path) -> Path:
    """The master notebook in `folder`: the one of the folder's name, or the only one.

    Raises:
        AuthoringError: if there is none, or several and none has the folder's name.
    """
    named = folder / f"{folder.name}.ipynb"
    found = sorted(folder.glob("*.ipynb"))
    if named in found:
        return named
    if len(found) == 1:
        return found[0]
    what = f"holds {len(found)} notebooks, none called {named.name}" if found else "has no notebook"
    raise AuthoringError([Problem(str(folder), what, f"save the master as {named.name}")])


def read_draft(
    folder: Path, path: Path, assessment: str, measured: Measured
) -> tuple[Draft, list[Problem]]:
    """Everything in an assessment's folder, and what is wrong in each part of it.

    Where the assessment has parameters, texts, tests and data have their default values.

    Args:
        folder: `solutions/<assessment>/`.
        path: the master notebook in it.
        assessment: its id.
        measured: numbers for what says `auto`.

    Raises:
        AuthoringError: if the master cannot be read as a notebook at all.
    """
    plain, problems = read_plain_draft(folder, path, assessment, measured)
    values = plain.config.variants.defaults
    groups, found = data_groups.make_groups(folder, plain.config, values)
    problems += found
    plain = replace(plain, measured_keys=_make_keys(plain, groups))
    problems += _stale_problems(plain, measured)
    draft, found = vary_draft(plain, Variant(values=values), groups)
    return draft, problems + found


def read_plain_draft(
    folder: Path, path: Path, assessment: str, measured: Measured
) -> tuple[Draft, list[Problem]]:
    """The draft without data, its texts and tests as they stand in the master: see `read_draft`."""
    config, problems = _read_config(folder)
    notebook = _read_notebook(path)
    master, found = read_master(notebook, path.name, folder)
    problems += found
    editions, found = find_editions(master, config)
    problems += found
    cases, found = read_cases(master)
    problems += found
    rules: dict[str, QuestionRules] = {}
    for block in master.questions:
        rules[block.name], found = _read_rules(block, cases, config, measured)
        problems += found
    files, found = read_public_files(master, folder)
    problems += found
    metrics = _read_metrics(folder)
    draft = Draft(
        assessment=assessment,
        config=config,
        master=master,
        editions=editions,
        cases=cases,
        rules=rules,
        groups={},
        files=files,
        imports=find_imports(given_sources(master), answer_sources(master)),
        metrics=metrics,
    )
    return draft, problems


def _make_keys(plain: Draft, groups: Mapping[str, data_groups.Arrays]) -> dict[str, str]:
    """Keys of the questions that calibration measures, with the data of the default release."""
    others = plain.config, plain.metrics
    return {
        name: make_question_key(name, plain.master, rule.training, groups, others)
        for name, rule in plain.rules.items()
        if rule.measured
    }


def _read_metrics(folder: Path) -> str | None:
    path = folder / METRICS_FILE
    return path.read_text(encoding="utf-8") if path.exists() else None


def _stale_problems(draft: Draft, measured: Measured) -> list[Problem]:
    """Questions with numbers of a calibration that something else was measured in."""
    problems = []
    for block in draft.master.questions:
        found = measured.find(block.name)
        if found is None or not draft.rules[block.name].calibrated:
            continue
        if found.key != draft.measured_keys.get(block.name):
            what = "its solution, data or training changed since it was calibrated"
            problems.append(block.place.problem(what, measured.command))
    return problems


def vary_draft(
    plain: Draft, variant: Variant, groups: Mapping[str, data_groups.Arrays]
) -> tuple[Draft, list[Problem]]:
    """The draft of one variant, and what is wrong with it.

    Args:
        plain: what `read_plain_draft` gave.
        variant: its values.
        groups: its data.
    """
    told = {name: rules.told for name, rules in plain.rules.items()}
    master, problems = vary_master(plain.master, variant.values, told)
    cases, found = vary_cases(plain.cases, master, variant.values)
    made = replace(plain, master=master, cases=cases, groups=groups, variant=variant.name)
    return made, problems + found


def _read_config(folder: Path) -> tuple[AssessmentConfig, list[Problem]]:
    try:
        return read_assessment_config(folder / "assessment.toml"), []
    except AuthoringError as error:
        return AssessmentConfig(), list(error.problems)


def _read_notebook(path: Path) -> NotebookNode:
    try:
        return read_notebook(path, keep_outputs=True)
    except Exception as error:
        what = f"cannot be read as a notebook ({type(error).__name__}: {error})"
        raise AuthoringError(
            [Problem(path.name, what, "open it in Jupyter and save it")]
        ) from error


def _read_rules(
    block: QuestionBlock, cases: Sequence[Case], config: AssessmentConfig, measured: Measured
) -> tuple[QuestionRules, list[Problem]]:
    own = [case for case in cases if case.question == block.name]
    return read_rules(block, own, config.limits.question_seconds, measured)


def find_draft_problems(draft: Draft) -> list[Problem]:
    """Problems that show only when the parts of an assessment are seen together."""
    names = collect_names(draft.master, draft.imports, draft.hidden_groups, draft.trainings)
    order = [block.name for block in draft.master.questions]
    problems = find_marker_problems(draft.master) + find_form_problems(draft.cases)
    problems += find_name_problems(draft.cases, names, order)
    problems += _group_name_problems(draft, names)
    for block in draft.master.questions:
        training = draft.rules[block.name].training
        if training is not None:
            problems += _training_problems(draft, block, training, names)
    return problems


def _group_name_problems(draft: Draft, names: NameSpace) -> list[Problem]:
    return [
        Place(data_groups.DATA_FILE).problem(
            f"hidden group `{name}` is also a name of the notebook", "rename one of the two"
        )
        for name in draft.hidden_groups
        if name in names.defined
    ]


def _training_problems(
    draft: Draft, block: QuestionBlock, training: TrainingSpec, names: NameSpace
) -> list[Problem]:
    public = draft.config.data.public
    problems = data_groups.find_training_data_problems(block.place, training, draft.groups, public)
    if names.complete:
        problems += find_training_name_problems(block.place, training, names.defined)
    file, _, name = training.metric.partition(":")
    if name and (file != METRICS_FILE or not _defines(draft.metrics, name)):
        what = f"`training.metric: {training.metric}` is not a function of {METRICS_FILE}"
        problems.append(block.place.problem(what, f"define `{name}(y_true, y_pred)` there"))
    return problems


def _defines(source: str | None, name: str) -> bool:
    try:
        body = ast.parse(source or "").body
    except SyntaxError:
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in body)


def in_order(problems: list[Problem]) -> list[Problem]:
    """Problems without repetitions, those of one cell together."""

    def cell_number(problem: Problem) -> int:
        digits = problem.where.partition(", cell ")[2].split(" ")[0]
        return int(digits) if digits.isdigit() else 0

    return sorted(dict.fromkeys(problems), key=cell_number)
