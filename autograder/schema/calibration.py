"""`calibration.json`: what runs of the reference and of wrong references came to, and what follows.

It lies beside the master. `full_marks_at: auto`, `no_marks_below: auto` and `time_limit: 3.0x` take
their numbers from it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from autograder.errors import AuthoringError, Problem
from autograder.schema.base import Value
from autograder.schema.bundle import name_metric
from autograder.schema.outcome import Outcome

CALIBRATION_FILE = "calibration.json"
CALIBRATION_PICTURE = "calibration.svg"
CALIBRATION_SCHEMA_VERSION = 1
SOLUTION = "solution"  # name of the series of the master's solution

Role = Literal["reference", "full_score", "partial", "failed", "time_limit"]
RIGHT_ROLES: tuple[Role, ...] = ("reference", "full_score")
WRONG_ROLES: tuple[Role, ...] = ("partial", "failed")


class Run(Value):
    """One submission, graded in one question with one seed.

    Attributes:
        seed: added to those of the kernel and of the training.
        value: of the metric; None where nothing could be measured, or nothing is trained.
        reference_seconds: that its cells and calls took (`grade.speed`).
        stopped: whether it ended at the limit set for the calibration.
        failed: test cases that did not pass; the training is none of them.
    """

    seed: int
    value: float | None = None
    reference_seconds: float
    stopped: bool = False
    failed: tuple[str, ...] = ()
    outcome: Outcome = Outcome.PASSED


class Series(Value):
    """Runs of one submission in one question.

    Attributes:
        name: `SOLUTION`, or that of a reference such as `failed/no_hidden_layer`.
        notebook: hash of what was graded.
        bounds: whether `no_marks_below` has to be above it.
        remark: why it does not bound although it is wrong; empty otherwise.
        excused: whether its label says that it may get full marks in the question.
    """

    name: str
    role: Role
    notebook: str = ""
    runs: tuple[Run, ...] = ()
    bounds: bool = False
    remark: str = ""
    excused: bool = False

    @property
    def values(self) -> list[float]:
        """Metric of each run in which it could be measured."""
        return [run.value for run in self.runs if run.value is not None]


class Thresholds(Value):
    """Thresholds of a training, and how sure they are.

    Attributes:
        full_marks_at: value that all but a few runs of the weakest right answer reach.
        no_marks_below: value that all but a few runs of the best wrong reference stay short of;
            None where there is none.
        false_fail_rate: share of runs of any right answer (the solution and `full_score/`) that
            miss full marks, at most, at `confidence`; values are taken for normal unless a test
            rejects that.
        false_fail_rate_any: the same without any assumption.
        false_pass_rate: share of runs of the best wrong reference that get any marks, at most.
        factor: tolerance factor k of full_marks_at = mean - k * SD of the weakest right answer;
            None where the normality test rejects, and the order statistic is taken.
        normality: p-value of that test.
        weakest_right: name of that answer.
        runs: of the solution that gave a value.
        mean: of the solution's runs.
        sd: of the solution's runs.
        hidden_sd: SD that the size of the hidden set adds; 0 for metrics that are no share.
        hidden_examples: how many there are.
        best_wrong: name of the wrong reference that bounds `no_marks_below`.
    """

    full_marks_at: float
    no_marks_below: float | None = None
    lower_is_better: bool = False
    confidence: float
    false_fail_rate: float
    false_fail_rate_any: float
    false_pass_rate: float | None = None
    factor: float | None = None
    normality: float | None = None
    weakest_right: str = SOLUTION
    runs: int
    mean: float
    sd: float
    hidden_sd: float = 0.0
    hidden_examples: int = 0
    best_wrong: str = ""


class Times(Value):
    """Reference seconds of a question, and the time limits that they allow.

    Attributes:
        mean_seconds: of the reference.
        max_seconds: of the reference.
        slowest_seconds: of the reference and of what is in `full_score/`.
        fastest_seconds: of what is in `time_limit/`; None where nothing is there.
        least_limit: the least whole second with at least twice the slowest.
        most_limit: what is at most two thirds of the fastest; None for no bound.
    """

    mean_seconds: float
    max_seconds: float
    slowest_seconds: float
    fastest_seconds: float | None = None
    least_limit: float
    most_limit: float | None = None


class QuestionCalibration(Value):
    """What was found for one question.

    Attributes:
        name: such as `q4`.
        key: digest of all that the metric depends on; another one means: calibrate again.
        metric: its name; empty where nothing is trained.
        remarks: what staff should know, in sentences.
    """

    name: str
    key: str
    metric: str = ""
    thresholds: Thresholds | None = None
    times: Times
    series: tuple[Series, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def metric_name(self) -> str:
        """The metric for people: without the file of one's own."""
        return name_metric(self.metric)


class Machine(Value):
    """Where the runs were made."""

    system: str = ""
    processor: str = ""
    cores: int = 1
    python: str = ""
    tensorflow: str = ""
    keras: str = ""


class Calibration(Value):
    """`calibration.json` as a value."""

    schema_version: int = CALIBRATION_SCHEMA_VERSION
    assessment: str
    bundle: str = Field("", description="of the draft that was run, which no student has")
    measured_at: datetime
    machine: Machine = Machine()
    questions: tuple[QuestionCalibration, ...] = ()

    def find(self, question: str) -> QuestionCalibration | None:
        """What was found for `question`."""
        return next((item for item in self.questions if item.name == question), None)


def read_calibration(folder: Path) -> Calibration | None:
    """The calibration beside the master in `folder`; None where there is none.

    Raises:
        AuthoringError: if it cannot be read.
    """
    path = folder / CALIBRATION_FILE
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        what = f"is not what `autograder calibrate` writes ({error.error_count()} errors)"
        fix = f"remove it and run `autograder calibrate {folder.name}`"
        raise AuthoringError([Problem(CALIBRATION_FILE, what, fix)]) from error
