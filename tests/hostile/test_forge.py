"""Forging: no attack scores more than the honest wrong answer (docs/trust.md)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from autograder.schema import TrainingSpec
from tests.grade.conftest import case, grade, question, sandbox, scorers, submit, write_bundle

__all__ = ["grade", "sandbox", "scorers"]  # fixtures

FOLDER = Path(__file__).parent / "forge"
ATTACKS = sorted(path.stem for path in FOLDER.glob("*.py"))
HONEST_Q1 = "def double(x):\n    return x"
RIGHT_Q1 = "def double(x):\n    return 2 * x"
RIGHT_Q2 = """
import keras
from keras import layers
def preprocess(x):
    return x
def build_model():
    model = keras.Sequential([keras.Input((8,)), layers.Dense(32, activation="relu"), layers.Dense(2, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
def train(model, data):
    return model.fit(data.x_train, data.y_train, epochs=20, verbose=0)
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    numbers = np.random.default_rng(0)
    inputs = numbers.normal(size=(700, 8)).astype("float32")
    labels = (inputs[:, 0] * inputs[:, 1] > 0).astype(int)
    spec = TrainingSpec(
        full_marks_at=0.85,
        no_marks_below=0.65,
        points=3,
        max_parameters=1000,
        preprocess="preprocess",
        predict="predict",
    )
    hidden = "def test_{0}(double):\n    import numpy as np\n    {1}"
    checks = (
        "assert double(3.0) == 6.0",
        "np.testing.assert_allclose(double(np.arange(3.0)), [0, 2, 4])",
        "assert np.array_equal(double(np.ones(3)), np.full(3, 2.0)) and abs(double(1.5) - 3.0) < 1e-9",
        "assert isinstance(double(2.0), float) and 3.9 < double(2.0) < 4.1",
    )
    cases = [
        case(hidden.format(number, check), number=number, hidden=True)
        for number, check in enumerate(checks, 1)
    ]
    budget = "def test_size(trained_model):\n    assert trained_model.count_params() < 1000\n    assert trained_model.evaluate"
    return write_bundle(
        tmp_path_factory.mktemp("bundle"),
        [
            question("q1", *cases, time_limit_seconds=20),
            question(
                "q2",
                case(budget, question="q2", hidden=True),
                training=spec,
                points=4,
                time_limit_seconds=60,
            ),
        ],
        public={"x_train": inputs[:400], "y_train": labels[:400]},
        hidden={"x": inputs[400:], "y": labels[400:]},
        imports={"np": "numpy", "keras": "keras"},
    )


def _cells(attack: str) -> tuple[str, list[str]]:
    """The question an attack aims at, and its cells."""
    parts = re.split(r"^# %% (q\d)\n", (FOLDER / f"{attack}.py").read_text(), flags=re.MULTILINE)
    return parts[1], parts[2::2]


def test_the_right_answer_earns_full_marks(bundle, grade):
    result = grade(bundle, submit(RIGHT_Q1, "grader.check('q1')", RIGHT_Q2, "grader.check('q2')"))
    assert [item.score for item in result.questions] == [4, 4]


def test_the_honest_wrong_answer_earns_nothing(bundle, grade):
    assert grade(bundle, submit(HONEST_Q1, "grader.check('q1')")).score == 0


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_forgery_scores_no_more_than_the_honest_wrong_answer(attack, bundle, grade):
    aim, cells = _cells(attack)
    result = grade(bundle, submit(*cells, f"grader.check('{aim}')", name=attack))
    assert result.outcome == "graded", result.staff_message
    assert result.points == 8
    honest = 1 if aim == "q2" else 0  # a small model that did not learn keeps within its size
    assert result.score <= honest, [
        (item.name, item.outcome, item.score) for q in result.questions for item in q.test_cases
    ]
    assert not Path("/tmp/owned").exists()
