"""Values are read back from their JSON as they were, and only in their own form."""

import json
from datetime import UTC, datetime

import pytest

from autograder.schema import (
    Bundle,
    Environment,
    Outcome,
    Question,
    QuestionResult,
    ReleasedCell,
    Result,
    Submission,
    TestCase,
    TestCaseResult,
    TrainingResult,
    TrainingSpec,
    read_bundle,
)

BUNDLE = Bundle(
    assessment="a01_digits",
    title="손글씨 숫자",
    config={},
    notebook_name="a01_digits.ipynb",
    imports={"np": "numpy", "layers": "keras:layers"},
    cells=(ReleasedCell(source="x = ...", role="answer", question="q1"),),
    hidden_groups=("hidden",),
    questions=(
        Question(
            name="q1",
            points=3,
            test_cases=(TestCase(name="q1-1", style="ok", source="x", points=1, hidden=True),),
            training=TrainingSpec(
                data="train",
                evaluate="hidden",
                metric="accuracy",
                full_marks_at=0.9,
                no_marks_below=0.5,
                points=2,
            ),
        ),
        Question(name="q2", points=1.5, manual=True),
    ),
)
RESULT = Result(
    assessment="a01_digits",
    submission="김민수",
    student="김민수",
    outcome="graded",
    score=1.0,
    points=4.5,
    environment=Environment(sandbox="scripted"),
    bundle="sha256:b",
    notebook="sha256:n",
    graded_at=datetime(2026, 3, 4, 12, tzinfo=UTC),
    questions=(
        QuestionResult(
            name="q1",
            score=None,
            points=3,
            outcome=Outcome.GRADER_ERROR,
            test_cases=(TestCaseResult(name="q1-1", outcome=Outcome.PASSED, score=1, points=1),),
            training=TrainingResult(
                metric="accuracy",
                full_marks_at=0.9,
                no_marks_below=0.5,
                limit_seconds=60,
                history={"loss": (1.0, None)},
            ),
        ),
    ),
)


@pytest.mark.parametrize("value", [BUNDLE, RESULT], ids=["bundle", "result"])
def test_a_value_is_read_back_from_its_json(value):
    assert type(value).model_validate_json(value.model_dump_json()) == value


@pytest.mark.parametrize("value", [BUNDLE, RESULT], ids=["bundle", "result"])
def test_an_unknown_key_is_refused(value):
    form = json.loads(value.model_dump_json()) | {"extra": 1}
    with pytest.raises(ValueError, match="extra"):
        type(value).model_validate(form)


def test_nan_and_infinity_are_written_as_null():
    training = RESULT.questions[0].training.model_copy(update={"value": float("nan")})
    assert json.loads(training.model_dump_json())["value"] is None


def test_the_points_of_a_bundle_are_those_of_its_questions():
    assert BUNDLE.points == 4.5


def test_a_bundle_is_read_from_its_folder(tmp_path):
    (tmp_path / "bundle.json").write_text(BUNDLE.model_dump_json(), encoding="utf-8")
    opened = read_bundle(tmp_path)
    assert opened.bundle == BUNDLE
    assert (opened.public, opened.hidden) == (tmp_path / "public", tmp_path / "hidden")


def test_a_folder_without_a_bundle_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_bundle(tmp_path)


def test_submissions_do_not_share_their_files():
    first, second = (Submission(name=name, student=name, notebook=None) for name in "ab")
    first.files["x"] = b"1"
    assert second.files == {}
