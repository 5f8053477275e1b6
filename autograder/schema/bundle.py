"""The hidden bundle: all that grading needs and students never get.

It lies in `build/<id>/bundle/`: this value as `bundle.json`, `public/` (files that the kernel's
working folder gets), `hidden/` (arrays that stay with the scorer, one `.npz` per group) and, where
the assessment has one, `metrics.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from autograder.schema.assessment import AssessmentConfig
from autograder.schema.base import Value

SCHEMA_VERSION = 1
BUNDLE_FILE = "bundle.json"


class TestCase(Value):
    """One test case: ordinary otter code, run in the scorer and never beside student code.

    Attributes:
        name: `<question>-<number from 1>`.
        style: `ok` runs `source` and compares what it prints and its last value with
            `expected_output`; `exception` defines one function `test_*` and calls it.
        source: the code, without otter's configuration lines.
        expected_output: what an `ok` case must print, as a Python prompt would; empty otherwise.
        hidden: whether students may not see it before or after.
        points: what it is worth.
        success_message: shown to students when it passes.
        failure_message: shown to students when it fails; the only text of a hidden case they see.
    """

    __test__ = False

    name: str
    style: Literal["ok", "exception"]
    source: str
    expected_output: str = ""
    hidden: bool = False
    points: float = Field(0.0, ge=0)
    success_message: str | None = None
    failure_message: str | None = None


def name_metric(metric: str) -> str:
    """A metric for people: `average_precision` for `metrics.py:average_precision`."""
    return metric.rpartition(":")[2]


class TrainingSpec(Value):
    """How a question's training is run and judged (the `training:` key of a question).

    The grader calls `train(build(), data)` in the kernel, or takes the variable `model`; rebuilds
    the model in the scorer; feeds `preprocess(x)` of the hidden group to it; and compares the
    metric with the two thresholds, linear in between.

    Attributes:
        build: the student's function `() -> keras.Model`.
        train: the student's function `(model, data) -> History`.
        preprocess: the student's function from raw inputs to model inputs; None feeds them raw.
        predict: the student's function `(model, x_raw) -> predictions`, used where the model
            cannot be rebuilt in the scorer.
        model: a variable that the notebook leaves behind, instead of `build` and `train`.
        data: group of `data.py` given to `train` as a namespace.
        evaluate: hidden group, with arrays `x` and `y`.
        metric: a Keras metric, or `metrics.py:name` for a function `(y_true, y_pred) -> float`.
        full_marks_at: metric value that earns all points of the training.
        no_marks_below: metric value up to which no points are earned.
        lower_is_better: whether less is better.
        max_parameters: most parameters the model may have.
        on_timeout: `evaluate` scores the model as it was when the time was over.
        points: what the training is worth.
        class_names: names of the classes, for the confusion matrix of the report.
        seed: seed of the training run.
    """

    build: str = "build_model"
    train: str = "train"
    preprocess: str | None = None
    predict: str | None = None
    model: str | None = None
    data: str = "train"
    evaluate: str = "hidden"
    metric: str = "accuracy"
    full_marks_at: float
    no_marks_below: float
    lower_is_better: bool = False
    max_parameters: int | None = Field(None, gt=0)
    on_timeout: Literal["fail", "evaluate"] = "fail"
    points: float = Field(0.0, ge=0)
    class_names: tuple[str, ...] = ()
    seed: int = 0

    @property
    def metric_name(self) -> str:
        """The metric for people: without the file of one's own."""
        return name_metric(self.metric)


class Spread(Value):
    """What the reference solution reached in the runs of the calibration.

    Attributes:
        mean: of the metric.
        sd: of the metric: a value so little below the full mark may pass with another seed.
        runs: how many there were.
    """

    mean: float
    sd: float = Field(ge=0)
    runs: int = Field(ge=1)


class Question(Value):
    """A question: the unit of points.

    Attributes:
        name: as in the master, such as `q1`.
        title: its heading in the notebook, by language.
        points: what it is worth altogether (test cases and training).
        manual: graded by a person; not run.
        all_or_nothing: one failing test case costs all points.
        time_limit_seconds: reference seconds for its cells and calls.
        isolation: `shared` runs its tests in the kernel, after the student's code.
        test_cases: in the order of the master.
        training: None where nothing is trained.
        spread: of the reference, where its calibration set the full mark; else None.
        prompts: the answer cells as released, to notice an untouched one.
    """

    name: str
    title: dict[str, str] = Field(default_factory=dict)
    points: float
    manual: bool = False
    all_or_nothing: bool = False
    time_limit_seconds: float = 60.0
    isolation: Literal["separate", "shared"] = "separate"
    test_cases: tuple[TestCase, ...] = ()
    training: TrainingSpec | None = None
    spread: Spread | None = None
    prompts: tuple[str, ...] = ()


class ReleasedCell(Value):
    """A code cell of the student notebook as released.

    Attributes:
        source: its text.
        role: `setup` (given code), `answer`, `check` (`grader.check(…)`), `try_out` (given code
            that only shows the student something; skipped at grading while unchanged).
        question: the question it belongs to, or None.
    """

    source: str
    role: Literal["setup", "answer", "check", "try_out"]
    question: str | None = None


class Bundle(Value):
    """All that grading one assessment needs.

    Attributes:
        imports: names that the master imports, as `module` or `module:attribute`; the scorer
            binds them itself and never asks the kernel for them.
        cells: code cells of the student notebook as released, in order.
        hidden_groups: names of the arrays in `hidden/`.
        variant: name of the variant it is of; empty for the release without variants.
        content: hash over everything above and the files beside it, `sha256:…`.
    """

    schema_version: int = SCHEMA_VERSION
    assessment: str
    title: str
    config: AssessmentConfig
    notebook_name: str
    questions: tuple[Question, ...]
    imports: dict[str, str] = Field(default_factory=dict)
    cells: tuple[ReleasedCell, ...] = ()
    hidden_groups: tuple[str, ...] = ()
    variant: str = ""
    content: str = ""

    @property
    def points(self) -> float:
        """Points of the whole assessment."""
        return sum(question.points for question in self.questions)

    @property
    def automatic_points(self) -> float:
        """Points of the questions that no person grades."""
        return sum(question.points for question in self.questions if not question.manual)


class BundleFolder(Value):
    """A bundle together with the folder it was read from."""

    bundle: Bundle
    folder: Path

    def select(self, questions: Sequence[str]) -> BundleFolder:
        """The same with these questions only; with all of them where none is named."""
        if not questions:
            return self
        chosen = tuple(item for item in self.bundle.questions if item.name in questions)
        return self.model_copy(
            update={"bundle": self.bundle.model_copy(update={"questions": chosen})}
        )

    @property
    def public(self) -> Path:
        """Files that the kernel's working folder gets."""
        return self.folder / "public"

    @property
    def hidden(self) -> Path:
        """Arrays that stay with the scorer, one `.npz` per group."""
        return self.folder / "hidden"


def read_files(folder: Path) -> dict[str, bytes]:
    """Content of every file below `folder`, by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read_bundle(folder: Path) -> BundleFolder:
    """Read the bundle in `folder`.

    Raises:
        FileNotFoundError: if there is none; build it with `autograder assign`.
    """
    text = (folder / BUNDLE_FILE).read_text(encoding="utf-8")
    return BundleFolder(bundle=Bundle.model_validate_json(text), folder=folder.resolve())
