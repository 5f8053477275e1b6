"""Builds a release from an assessment's folder: what students get, and the hidden bundle.

Left out: reading the folder (`draft`), writing to disk (`publish`), and running the master through
the grader (`pipeline`, then `master_result`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assign import data_groups
from autograder.assign.cases import Case
from autograder.assign.dialect import QuestionBlock
from autograder.assign.draft import (
    METRICS_FILE,
    Draft,
    find_draft_problems,
    find_master,
    in_order,
    read_draft,
)
from autograder.assign.editions import title_of
from autograder.assign.measured import Measured, read_measured
from autograder.assign.public_tests import write_test_file
from autograder.assign.student import Edition, build_edition
from autograder.errors import AuthoringError, Problem
from autograder.notebook import (
    OUR_METADATA,
    NotebookNode,
    code_cells,
    serialize_notebook,
    source_of,
)
from autograder.schema import (
    Bundle,
    Question,
    ReleasedCell,
    TestCase,
)


@dataclass(frozen=True)
class Release:
    """Everything that `autograder assign` writes for one assessment.

    Attributes:
        bundle: for grading; its `content` is filled in.
        notebooks: student notebook by language, the main one first.
        solution: the main student notebook with the solutions in place.
        public_files: what students get beside the notebook, by relative path.
        hidden_files: `.npz` of each group that students never get, by group.
        metrics: text of `metrics.py`, or None.
        measured_keys: of each question that calibration measures; see `measured`.
    """

    bundle: Bundle
    notebooks: Mapping[str, bytes]
    solution: bytes
    public_files: Mapping[str, bytes]
    hidden_files: Mapping[str, bytes]
    metrics: str | None
    measured_keys: Mapping[str, str]


def build_release(course: Path, assessment: str, *, calibrating: bool = False) -> Release:
    """Release of `solutions/<assessment>/` in `course`; the same input gives the same bytes.

    Where the assessment has parameters, they have their defaults (see `variants` for the others).
    With `calibrating`, thresholds and time limits of what trains are placeholders: it is a draft to
    measure in, never to publish.

    Raises:
        AuthoringError: with every problem of the master, its tests, keys and data.
    """
    folder = course / "solutions" / assessment
    path = find_master(folder)
    if calibrating:
        measured = Measured(assessment, placeholders=True)
    else:
        measured = read_measured(folder, assessment)
    draft, problems = read_draft(folder, path, assessment, measured)
    problems += find_draft_problems(draft)
    if problems:
        raise AuthoringError(in_order(problems))
    return assemble_release(draft, build_editions(draft))


def assemble_release(draft: Draft, editions: Mapping[str, Edition]) -> Release:
    """Release of a draft without problems, with its notebooks in `editions`."""
    main = editions[draft.config.language]
    public = {
        f"data/{name}.npz": data_groups.to_npz(draft.groups[name])
        for name in draft.config.data.public
        if name in draft.groups
    } | dict(draft.files)
    hidden = {name: data_groups.to_npz(draft.groups[name]) for name in draft.hidden_groups}
    bundle = _build_bundle(draft, main)
    content = _hash_content(bundle, public, hidden, draft.metrics)
    return Release(
        bundle=bundle.model_copy(update={"content": content}),
        notebooks={name: _write(edition.student, draft) for name, edition in editions.items()},
        solution=_write(main.solution, draft),
        public_files=public,
        hidden_files=hidden,
        metrics=draft.metrics,
        measured_keys=dict(draft.measured_keys),
    )


def _write(notebook: NotebookNode, draft: Draft) -> bytes:
    """The notebook's bytes; that of a variant says which it is."""
    if not draft.variant:
        return serialize_notebook(notebook)
    ours = {**notebook.metadata[OUR_METADATA], "variant": draft.variant}
    metadata = NotebookNode({**notebook.metadata, OUR_METADATA: NotebookNode(ours)})
    return serialize_notebook(NotebookNode({**notebook, "metadata": metadata}))


def build_editions(draft: Draft) -> dict[str, Edition]:
    """Notebooks of a draft by language; the costly part, the same for equal texts and tests.

    Raises:
        AuthoringError: if otter cannot read the master.
    """
    checked = {name: rules.points for name, rules in draft.rules.items() if not rules.manual}
    tests = _public_test_files(draft)
    main, master = draft.config.language, draft.master
    try:
        return {
            edition: build_edition(master, edition, main, draft.assessment, checked, tests)
            for edition in draft.editions
        }
    except (AssertionError, ValueError, RuntimeError, TypeError) as error:
        what = f"otter cannot read it ({error})"
        fix = "compare the cell that the message shows with otter's documentation"
        raise AuthoringError([Problem(master.file, what, fix)]) from error


def _public_test_files(draft: Draft) -> dict[str, str]:
    files = {}
    for name, rules in draft.rules.items():
        public = [(case, points) for case, points in draft.cases_of(name) if not case.hidden]
        if public:
            files[name] = write_test_file(name, public, draft.imports, rules.all_or_nothing)
    return files


def _build_bundle(draft: Draft, main: Edition) -> Bundle:
    cells = [_released(cell) for _, cell in code_cells(main.student)]
    return Bundle(
        assessment=draft.assessment,
        title=_title(draft),
        config=draft.config,
        notebook_name=f"{draft.assessment}.ipynb",
        questions=tuple(_build_question(draft, block, cells) for block in draft.master.questions),
        imports=dict(draft.imports),
        cells=tuple(cells),
        hidden_groups=draft.hidden_groups,
        variant=draft.variant,
    )


def _title(draft: Draft) -> str:
    main = draft.config.language
    given = [cell for cell in draft.master.cells if cell.question is None]
    headings = [cell for cell in given if cell.source.lstrip().startswith("#")]
    return draft.config.title or title_of(headings[:1], main, main) or draft.assessment


def _released(cell: NotebookNode) -> ReleasedCell:
    ours = cell.metadata[OUR_METADATA]
    return ReleasedCell(source=source_of(cell), role=ours["role"], question=ours["question"])


def _build_question(
    draft: Draft, block: QuestionBlock, released: Sequence[ReleasedCell]
) -> Question:
    rules = draft.rules[block.name]
    cells, main = draft.master.heading_cells(block.name), draft.config.language
    titles = {edition: title_of(cells, edition, main) for edition in draft.editions}
    return Question(
        name=block.name,
        title={edition: title for edition, title in titles.items() if title},
        points=rules.points,
        manual=rules.manual,
        all_or_nothing=rules.all_or_nothing,
        time_limit_seconds=rules.time_limit_seconds,
        isolation=rules.isolation,
        test_cases=tuple(
            _build_case(case, points, number)
            for number, (case, points) in enumerate(draft.cases_of(block.name), start=1)
        ),
        training=rules.training,
        spread=rules.spread,
        prompts=tuple(
            cell.source
            for cell in released
            if cell.role == "answer" and cell.question == block.name
        ),
    )


def _build_case(case: Case, points: float, number: int) -> TestCase:
    return TestCase(
        name=f"{case.question}-{number}",
        style=case.style,
        source=case.source,
        expected_output=case.expected_output,
        hidden=case.hidden,
        points=points,
        success_message=case.success_message,
        failure_message=case.failure_message,
    )


def _hash_content(
    bundle: Bundle, public: Mapping[str, bytes], hidden: Mapping[str, bytes], metrics: str | None
) -> str:
    parts = {"bundle.json": bundle.model_dump_json().encode()}
    parts |= {f"public/{name}": content for name, content in public.items()}
    parts |= {f"hidden/{name}.npz": content for name, content in hidden.items()}
    if metrics is not None:
        parts[METRICS_FILE] = metrics.encode()
    digest = hashlib.sha256()
    for name, content in sorted(parts.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return f"sha256:{digest.hexdigest()}"
