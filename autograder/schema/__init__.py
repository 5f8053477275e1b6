"""The frozen values that travel between stages, and their JSON form."""

from autograder.schema.assessment import AssessmentConfig, Limits, read_assessment_config
from autograder.schema.bundle import (
    Bundle,
    BundleFolder,
    Question,
    ReleasedCell,
    Spread,
    TestCase,
    TrainingSpec,
    read_bundle,
    read_files,
)
from autograder.schema.outcome import Outcome, Visibility
from autograder.schema.parameter import (
    Choices,
    Parameter,
    Permutation,
    Range,
    Variant,
    make_variant,
)
from autograder.schema.result import (
    Confusion,
    Environment,
    QuestionResult,
    Residuals,
    Result,
    StudentError,
    TestCaseResult,
    TrainingResult,
    TrainingTrial,
    name_training_case,
)
from autograder.schema.submission import Submission

__all__ = [
    "AssessmentConfig",
    "Bundle",
    "BundleFolder",
    "Choices",
    "Confusion",
    "Environment",
    "Limits",
    "Outcome",
    "Parameter",
    "Permutation",
    "Question",
    "QuestionResult",
    "Range",
    "ReleasedCell",
    "Residuals",
    "Result",
    "Spread",
    "StudentError",
    "Submission",
    "TestCase",
    "TestCaseResult",
    "TrainingResult",
    "TrainingSpec",
    "TrainingTrial",
    "Variant",
    "Visibility",
    "make_variant",
    "name_training_case",
    "read_assessment_config",
    "read_bundle",
    "read_files",
]
