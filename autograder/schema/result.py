"""`result.json`: what grading one submission found. The format is in docs/formats.md."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from autograder.schema.base import Value
from autograder.schema.bundle import Spread
from autograder.schema.outcome import Outcome, Visibility

RESULT_SCHEMA_VERSION = 1


class StudentError(Value):
    """Where the student's own code failed.

    Attributes:
        cell: number of the code cell in the submitted notebook, from 1; None in a call.
        name: class of the exception.
        text: its message.
        traceback: the student's own frames only; never a test's source.
    """

    cell: int | None = None
    name: str
    text: str = ""
    traceback: str = ""


class TestCaseResult(Value):
    """Verdict on one test case.

    Attributes:
        hidden: whether students never see its source; `visibility` is who sees its verdict.
        message: may be shown to the student.
        staff_message: full detail for staff; may hold hidden values, never shown to a student.
    """

    __test__ = False

    name: str
    outcome: Outcome
    score: float | None
    points: float
    hidden: bool = False
    visibility: Visibility = Visibility.VISIBLE
    message: str = ""
    staff_message: str = ""


def name_training_case(question: str) -> str:
    """Name of the test case that stands for the training of a question."""
    return f"{question}-training"


class Confusion(Value):
    """Counts of hidden examples, row = true class, column = predicted class.

    `examples` of the commonest confusions never leave the scorer; only counts do.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Residuals(Value):
    """Histogram of (prediction − truth) over the hidden examples, in the task's units."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class TrainingTrial(Value):
    """One training of a submission that was trained several times."""

    seed: int
    value: float | None = None


class TrainingResult(Value):
    """What a training question measured.

    Attributes:
        metric: name of the metric.
        value: on the hidden data; None where nothing could be measured.
        parameters: of the trained model, counted on the rebuilt one; None if there is none.
        max_parameters: the budget.
        limit_seconds: reference seconds allowed for the question.
        seconds: reference seconds used by build and train.
        evaluated: `rebuilt` (by a model rebuilt in the scorer) or `predictions` (the student's
            `predict` on hidden inputs, because the model could not be rebuilt).
        timed_out: whether the training was stopped at the limit, and evaluated as it was then.
        history: what `fit` recorded, per epoch.
        lower_is_better: whether less of the metric is better.
        trials: every training of this submission, where one was so near full marks that it was
            trained again; the best counts.
        spread: of the reference, where its calibration set the full mark.
    """

    metric: str
    value: float | None = None
    full_marks_at: float
    no_marks_below: float
    lower_is_better: bool = False
    parameters: int | None = None
    max_parameters: int | None = None
    limit_seconds: float
    seconds: float | None = None
    evaluated: Literal["rebuilt", "predictions"] | None = None
    timed_out: bool = False
    history: dict[str, tuple[float | None, ...]] = Field(default_factory=dict)
    confusion: Confusion | None = None
    residuals: Residuals | None = None
    trials: tuple[TrainingTrial, ...] = ()
    spread: Spread | None = None


class QuestionResult(Value):
    """Verdict on one question.

    Attributes:
        reference_seconds: CPU seconds as they would be on the reference machine.
        limit_seconds: reference seconds allowed.
        message: what happened and why, in the student's language.
        next_step: what to do about it, in the student's language.
        error: the student's own error, where their code failed.
    """

    name: str
    title: str = ""
    score: float | None
    points: float
    outcome: Outcome
    isolation: Literal["separate", "shared"] = "separate"
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    reference_seconds: float = 0.0
    limit_seconds: float = 0.0
    message: str = ""
    next_step: str = ""
    error: StudentError | None = None
    test_cases: tuple[TestCaseResult, ...] = ()
    training: TrainingResult | None = None
    manual: bool = False

    @property
    def failed_cases(self) -> tuple[str, ...]:
        """Test cases that did not pass; not the one that stands for its training."""
        lost = [case.name for case in self.test_cases if case.outcome is not Outcome.PASSED]
        return tuple(name for name in lost if name != name_training_case(self.name))


class Environment(Value):
    """Where it was graded, and behind which walls.

    Attributes:
        speed: of the machine, in reference seconds per CPU second; None where no verdict depended
            on it, and CPU seconds count as reference seconds.
        seed: added to those of a training.
    """

    sandbox: str
    walls: tuple[str, ...] = ()
    image: str | None = None
    tensorflow: str = ""
    keras: str = ""
    python: str = ""
    seed: int = 0
    speed: float | None = None


class Result(Value):
    """What grading one submission found.

    Attributes:
        variant: whose tests and data it was graded with; empty where there are no variants.
        allocated: the variant that the student was given; empty where that is not known.
        outcome: `grader_error` is a failure of ours: `score` is None, and it is graded again.
        message: about the submission as a whole, in the student's language.
        notices: things worth telling the student that cost nothing, in their language.
        staff_message: for staff only.
        content keys `bundle` and `notebook` are hashes, `sha256:…`.
    """

    schema_version: int = RESULT_SCHEMA_VERSION
    assessment: str
    title: str = ""
    language: Literal["ko", "en"] = "ko"
    submission: str
    student: str
    email: str = ""
    platform_id: str = ""
    attempt: int = 1
    late: bool = False
    variant: str = ""
    allocated: str = ""
    outcome: Literal["graded", "grader_error"]
    score: float | None
    points: float
    message: str = ""
    notices: tuple[str, ...] = ()
    staff_message: str = ""
    questions: tuple[QuestionResult, ...] = ()
    environment: Environment
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    bundle: str = ""
    notebook: str = ""
    submitted_at: datetime | None = None
    graded_at: datetime
