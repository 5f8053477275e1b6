"""Small real gradings: a bundle written to disk, a notebook of a few cells, a real kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import notebook
from autograder.grade.scorer.process import LightScorers, Scorers
from autograder.grade.submission import grade_submission
from autograder.sandbox.base import SandboxOptions
from autograder.sandbox.fork import ForkSandbox
from autograder.schema import (
    AssessmentConfig,
    Bundle,
    BundleFolder,
    Question,
    Result,
    Submission,
    TestCase,
    read_bundle,
)
from autograder.warmth.ancestor import Ancestor

Grade = Callable[..., Result]


@pytest.fixture(scope="session")
def ancestor() -> Iterator[Ancestor]:
    """One import of Keras for all tests of this process."""
    with Ancestor(rehearses=True) as started:
        yield started


@pytest.fixture(scope="session")
def scorers(ancestor: Ancestor) -> Iterator[Scorers]:
    """One warm scorer for all tests of this process."""
    with (
        LightScorers() as light,
        Scorers(ancestor, light) as warm,
    ):
        yield warm


@pytest.fixture(scope="session")
def sandbox(ancestor: Ancestor) -> Iterator[ForkSandbox]:
    """One sandbox for all tests of this process: its kernels are forked warm."""
    with closing(ForkSandbox(SandboxOptions(ancestor=ancestor))) as opened:
        yield opened


def case(source: str, *, number: int = 1, question: str = "q1", **options: Any) -> TestCase:
    """Test case of exception style, unless said otherwise."""
    known = {"style": "exception", "points": 1.0, **options}
    return TestCase(name=f"{question}-{number}", source=source, **known)


def question(name: str, *cases: TestCase, **options: Any) -> Question:
    """Question worth the points of its cases."""
    points = sum(item.points for item in cases)
    known = {"points": points, "time_limit_seconds": 10.0, **options}
    return Question(name=name, test_cases=cases, **known)


def write_bundle(
    folder: Path,
    questions: Sequence[Question],
    *,
    public: dict[str, Any] | None = None,
    hidden: dict[str, Any] | None = None,
    metrics: str = "",
    **options: Any,
) -> BundleFolder:
    """Bundle of `questions` in `folder`."""
    for name, group in (("public/data/train.npz", public), ("hidden/hidden.npz", hidden)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if group is not None:
            np.savez(path, **group)
    if metrics:
        (folder / "metrics.py").write_text(metrics, encoding="utf-8")
    options.setdefault("config", AssessmentConfig(language="en"))
    bundle = Bundle(
        assessment="t01_small",
        title="Small",
        notebook_name="t01_small.ipynb",
        questions=tuple(questions),
        hidden_groups=("hidden",) if hidden is not None else (),
        **options,
    )
    (folder / "bundle.json").write_text(bundle.model_dump_json(), encoding="utf-8")
    return read_bundle(folder)


def submit(*cells: str, name: str = "kim") -> Submission:
    """Submission of code cells."""
    content = notebook.make_notebook([notebook.make_code_cell(cell) for cell in cells])
    return Submission(name=name, student=name, notebook=notebook.serialize_notebook(content))


@pytest.fixture
def grade(scorers: Scorers, sandbox: ForkSandbox) -> Grade:
    """Grades code cells, or a submission, against a bundle, in a real kernel."""

    def run(bundle: BundleFolder, *cells: str | Submission) -> Result:
        first = cells[0] if cells else ""
        submission = first if isinstance(first, Submission) else submit(*map(str, cells))
        return grade_submission(submission, bundle, sandbox, scorers).result

    return run
