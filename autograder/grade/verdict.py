"""What the scorer says of one test case or one training, before anybody words it for a student."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from autograder.schema.base import Value
from autograder.schema.bundle import TrainingSpec
from autograder.schema.outcome import Outcome
from autograder.schema.result import Confusion, Residuals, StudentError

Reason = Literal[
    "",
    "missing_name",  # detail: the name the notebook does not define
    "not_filled",  # detail: the name that still holds the prompt's `...`
    "refused",  # detail: why a value cannot cross the wall
    "assertion",  # detail: the test's own words, or its line
    "exception",  # detail: what the test raised on the student's value
    "output",  # detail: expected and given output
    "student_error",  # `error` tells where the student's code failed
    "stopped",  # the outcome says by what
    "no_model",  # detail: what was returned instead of a model
    "too_large",  # detail: parameters, of a budget
    "uncountable",  # detail: the class that cannot be rebuilt, so parameters cannot be counted
    "shape",  # detail: predictions of a shape that does not fit the data
    "not_finite",  # predictions with NaN or infinity
    "below",  # metric below full marks
]


class CaseVerdict(Value):
    """What running one test case gave.

    Attributes:
        detail: for the reason; may hold hidden values, so shown to students of public cases only.
        staff_message: the test's failing line and what it raised.
    """

    outcome: Outcome
    reason: Reason = ""
    detail: str = ""
    staff_message: str = ""
    error: StudentError | None = None


class ModelFacts(Value):
    """What a diagnosis of a training looks at, read off the rebuilt model."""

    loss: str | None = None
    from_logits: bool | None = None
    last_activation: str | None = None
    output_units: int | None = None
    classes: int | None = None


class TrainingVerdict(Value):
    """What running one training gave.

    Attributes:
        share: of the training's points, from 0 to 1.
        value: of the metric on the hidden data.
        evaluated: whether a rebuilt model or the student's `predict` made the predictions.
        timed_out: whether it is of a model as it was when its time was over.
    """

    outcome: Outcome
    reason: Reason = ""
    detail: str = ""
    staff_message: str = ""
    share: float = 0.0
    value: float | None = None
    parameters: int | None = None
    evaluated: Literal["rebuilt", "predictions"] | None = None
    timed_out: bool = False
    history: dict[str, tuple[float | None, ...]] = Field(default_factory=dict)
    confusion: Confusion | None = None
    residuals: Residuals | None = None
    facts: ModelFacts = ModelFacts()
    error: StudentError | None = None


class Versions(Value):
    """Of what scored."""

    tensorflow: str
    keras: str
    python: str


def judge_training(measured: TrainingVerdict, spec: TrainingSpec) -> TrainingVerdict:
    """The verdict on a training whose metric was measured, under the thresholds of `spec`."""
    share = 0.0 if measured.value is None else compute_share(measured.value, spec)
    outcome = Outcome.PASSED if share >= 1 else Outcome.PARTIAL if share > 0 else Outcome.FAILED
    reason: Reason = "" if share >= 1 else "below"
    return measured.model_copy(update={"outcome": outcome, "reason": reason, "share": share})


def compute_share(value: float, spec: TrainingSpec) -> float:
    """Share of the points, linear from `no_marks_below` (0) to `full_marks_at` (1)."""
    if not math.isfinite(value):
        return 0.0
    span = spec.full_marks_at - spec.no_marks_below
    if span == 0:
        reached = (
            value <= spec.full_marks_at if spec.lower_is_better else value >= spec.full_marks_at
        )
        return 1.0 if reached else 0.0
    return min(1.0, max(0.0, (value - spec.no_marks_below) / span))
