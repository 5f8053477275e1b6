"""`assessment.toml`: what staff say about an assessment as a whole. Every key has a default."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from autograder.errors import AuthoringError, Problem
from autograder.schema.base import Value
from autograder.schema.outcome import Visibility
from autograder.schema.parameter import Parameter, ParameterName
from autograder.schema.toml import read_toml

LanguageCode = Literal["ko", "en"]


class Limits(Value):
    """What a submission may use.

    Attributes:
        memory_mib: memory of the kernel's process tree, in MiB.
        wall_seconds: wall-clock stop for one submission, in seconds.
        question_seconds: reference seconds per question where the question says nothing.
        output_bytes: how much output of a submission is kept, in bytes.
        disk_mib: room for all files that student code writes, in MiB (in the `process` sandbox for
            each of them).
        processes: processes and threads of student code at a time.
        network: whether student code may reach a network.
    """

    memory_mib: int = Field(4096, ge=256)
    wall_seconds: float = Field(900.0, gt=0)
    question_seconds: float = Field(60.0, gt=0)
    output_bytes: int = Field(2_000_000, ge=10_000)
    disk_mib: int = Field(512, ge=1)
    processes: int = Field(512, ge=32)
    network: bool = False


class DataConfig(Value):
    """Which groups of `data.py` students get, and the seed the arrays are made from."""

    public: tuple[str, ...] = ("train",)
    seed: int = 0


class VisibilityConfig(Value):
    """Who sees what in feedback; hidden tests never show their source or values to a student."""

    public_tests: Visibility = Visibility.VISIBLE
    hidden_tests: Visibility = Visibility.HIDDEN
    score: bool = True


class LateConfig(Value):
    """What lateness costs: a share of the points per started day, and when it stops counting."""

    percent_per_day: float = Field(0.0, ge=0, le=100)
    days: int = Field(0, ge=0)


class VariantsConfig(Value):
    """What variants may change, and how far apart they may be.

    Attributes:
        parameters: by name.
        margin: how far the reference's metric on a variant may be from that on the others, in the
            metric's own units; a fifth of the way from no marks to full marks where it is not said.
        time_margin: how much more or less processor time the reference may take there, as a share.
    """

    parameters: dict[ParameterName, Parameter] = Field(default_factory=dict)
    margin: float | None = Field(None, gt=0)
    time_margin: float = Field(0.5, gt=0)

    @property
    def defaults(self) -> dict[str, Any]:
        """Values of the release without variants."""
        return {name: item.default_value for name, item in self.parameters.items()}


class AssessmentConfig(Value):
    """`assessment.toml` as a value."""

    title: str = ""
    language: LanguageCode = "ko"
    editions: tuple[LanguageCode, ...] = ()
    due: datetime | None = None
    late: LateConfig = LateConfig()
    limits: Limits = Limits()
    data: DataConfig = DataConfig()
    variants: VariantsConfig = VariantsConfig()
    visibility: VisibilityConfig = VisibilityConfig()


def read_assessment_config(path: Path) -> AssessmentConfig:
    """Read `assessment.toml`; a missing file means every default.

    Raises:
        AuthoringError: listing every key that is unknown or wrong.
    """
    try:
        return AssessmentConfig.model_validate(read_toml(path))
    except ValidationError as error:
        raise AuthoringError(_problems(path.name, error)) from error


def _problems(where: str, error: ValidationError) -> list[Problem]:
    known = ", ".join(AssessmentConfig.model_fields)
    return [
        Problem(
            where,
            f"key `{'.'.join(map(str, item['loc']))}`: {item['msg'].lower()}",
            f"top-level keys are {known}" if item["type"] == "extra_forbidden" else "",
        )
        for item in error.errors()
    ]
