"""Labelled reference submissions: what staff say a submission must come to.

`solutions/<id>/reference/<expected>/NAME.ipynb` is a whole notebook, `NAME.py` a patch of one (see
`patch`); `reference.toml` may say more about some. Left out: grading them (`pipeline`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from autograder.errors import AuthoringError, Problem
from autograder.notebook import NotebookNode, serialize_notebook
from autograder.schema import Bundle, Submission
from autograder.schema.base import Value
from autograder.schema.toml import read_toml
from autograder.verify.mutants.allowed import ALLOWED_FILE
from autograder.verify.patch import apply_patch, read_patch

LABEL_FILE = "reference.toml"
_SUFFIXES = (".ipynb", ".py")


class Expected(StrEnum):
    """What a reference must come to: the name of its folder."""

    FULL_SCORE = "full_score"
    PARTIAL = "partial"
    FAILED = "failed"
    ERROR = "error"
    TIME_LIMIT = "time_limit"
    HOSTILE = "hostile"
    UNTOUCHED = "untouched"


class Label(Value):
    """What `reference.toml` says about one reference, beyond its folder.

    Attributes:
        score: lowest and highest score, in points.
        fails: questions that lose points; all others get theirs in full.
        message: text that must appear in some message of the result.
        only: questions that are graded, and that the score is of; all where none is named. Spares
            a mistake in one function the training of another question.
        baseline: questions whose training is to tell it apart, so that it bounds `no_marks_below`
            (`calibrate`). Where nothing is said: those that it fails, unless a test case of the
            question tells each time.
    """

    score: tuple[float, float] | None = None
    fails: tuple[str, ...] | None = None
    message: str | None = None
    only: tuple[str, ...] = ()
    baseline: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Reference:
    """One labelled submission.

    Attributes:
        name: its file without suffix.
        expected: what it must come to.
        notebook: content of the `.ipynb` to grade.
        description: the comment at the top of its patch.
        label: what `reference.toml` says of it.
        source: its file.
    """

    name: str
    expected: Expected
    notebook: bytes
    description: str = ""
    label: Label = Label()  # noqa: RUF009 - it is frozen
    source: Path | None = None

    @property
    def key(self) -> str:
        """Its name in `reference.toml`, such as `failed/no_softmax`."""
        return f"{self.expected}/{self.name}"

    @property
    def submission(self) -> Submission:
        """It as an upload, to be graded like any other."""
        name = f"{self.expected}-{self.name}"
        return Submission(name=name, student=name, notebook=self.notebook, source=self.source)


def load_references(
    folder: Path, solution: NotebookNode, student: NotebookNode, bundle: Bundle
) -> list[Reference]:
    """References in `folder`, by label and name; none where there is no such folder.

    Args:
        folder: `solutions/<id>/reference`.
        solution: notebook with all answers, which patches change.
        student: notebook as released, which patches in `untouched/` change.
        bundle: of the assessment.

    Raises:
        AuthoringError: with everything wrong with their files and labels.
    """
    problems: list[Problem] = []
    labels = _read_labels(folder / LABEL_FILE, bundle, problems)
    references = []
    for path, expected in _find_files(folder, problems):
        base = student if expected is Expected.UNTOUCHED else solution
        label = labels.pop(f"{expected}/{path.stem}", Label())
        references.append(_read_reference(path, expected, base, label, problems))
    for key in labels:
        what = f"`{key}` is no reference"
        problems.append(Problem(LABEL_FILE, what, "write it like `failed/no_softmax`"))
    problems += _label_problems(references)
    if problems:
        raise AuthoringError(problems)
    return sorted(references, key=lambda item: (list(Expected).index(item.expected), item.name))


def _find_files(folder: Path, problems: list[Problem]) -> Iterator[tuple[Path, Expected]]:
    known = ", ".join(Expected)
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name.startswith((".", "_")) or path.name in (LABEL_FILE, ALLOWED_FILE):
            continue
        if path.name not in list(Expected) or not path.is_dir():
            problems.append(Problem(f"reference/{path.name}", "is no label", f"labels are {known}"))
            continue
        for file in sorted(path.iterdir()):
            if file.suffix in _SUFFIXES:
                yield file, Expected(path.name)
            elif not file.name.startswith((".", "_")):
                place = f"reference/{path.name}/{file.name}"
                problems.append(Problem(place, "is neither a notebook nor a patch", "move it away"))


def _read_reference(
    path: Path, expected: Expected, base: NotebookNode, label: Label, problems: list[Problem]
) -> Reference:
    place = f"reference/{expected}/{path.name}"
    description, content = "", path.read_bytes()
    if path.suffix == ".py":
        patch, found = read_patch(content.decode("utf-8"), place)
        notebook, missing = apply_patch(base, patch, place)
        problems += [*found, *missing]
        description, content = patch.description, serialize_notebook(notebook)
    return Reference(path.stem, expected, content, description, label, path)


def _read_labels(path: Path, bundle: Bundle, problems: list[Problem]) -> dict[str, Label]:
    try:
        tables = read_toml(path)
    except AuthoringError as error:
        problems += error.problems
        return {}
    labels = {}
    for key, table in tables.items():
        try:
            labels[key] = Label.model_validate(table)
        except ValidationError as error:
            problems += _explain(key, error)
            labels[key] = Label()
        problems += _value_problems(key, labels[key], bundle)
    return labels


def _explain(key: str, error: ValidationError) -> list[Problem]:
    known = ", ".join(Label.model_fields)
    return [
        Problem(
            LABEL_FILE,
            f"`{key}`, key `{'.'.join(map(str, item['loc']))}`: {item['msg'].lower()}",
            f"keys are {known}",
        )
        for item in error.errors()
    ]


def _value_problems(key: str, label: Label, bundle: Bundle) -> list[Problem]:
    questions = [question.name for question in bundle.questions]
    problems = [
        Problem(LABEL_FILE, f"`{key}` names an unknown question `{name}`", _known(questions))
        for name in (*(label.fails or ()), *label.only, *(label.baseline or ()))
        if name not in questions
    ]
    if label.score and not 0 <= label.score[0] <= label.score[1] <= bundle.points:
        what = f"`{key}` has a score outside 0 to {bundle.points:g}, or its ends exchanged"
        problems.append(Problem(LABEL_FILE, what, "write `score = [lowest, highest]`"))
    return problems


def _known(questions: list[str]) -> str:
    return f"questions are {', '.join(questions)}"


def _label_problems(references: list[Reference]) -> list[Problem]:
    problems = []
    seen: set[str] = set()
    for reference in references:
        place = f"reference/{reference.key}"
        if reference.key in seen:
            problems.append(Problem(place, "is there as a notebook and as a patch", "remove one"))
        if reference.expected is Expected.HOSTILE and reference.label.score is None:
            fix = f"write `score = [0, highest]` under `{reference.key}` in {LABEL_FILE}"
            problems.append(Problem(place, "does not say what it may get at most", fix))
        seen.add(reference.key)
    return problems
