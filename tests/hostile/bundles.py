"""The assessments that attacks are graded in, and the answers that attacks are compared with.

`plain` (q1) has four hidden test cases and needs no Keras; `keras` (q2) is a training with a budget
of parameters, and `free` (q3) one without, so that models of any class are judged there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autograder.schema import AssessmentConfig, BundleFolder, TrainingSpec
from autograder.schema.assessment import Limits
from tests.grade.conftest import case, question, write_bundle

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
KINDS = {"q1": "plain", "q2": "keras", "q3": "free"}
RIGHT = {"q1": RIGHT_Q1, "q2": RIGHT_Q2, "q3": RIGHT_Q2}
HONEST_SCORE = {"q1": 0, "q2": 1, "q3": 0}  # q2: a small model that did not learn keeps its size
FULL_SCORE = {"q1": 4, "q2": 4, "q3": 3}
TESTS = (
    "value = double(3.0)\n    assert value == 6.0, value",
    "np.testing.assert_allclose(double(np.arange(3.0)), [0, 2, 4])",
    "assert np.array_equal(double(np.ones(3)), np.full(3, 2.0)) and abs(double(1.5) - 3.0) < 1e-9",
    "assert isinstance(double(2.0), float) and 3.9 < double(2.0) < 4.1",
)
SIZE_TEST = (
    "def test_size({name}):\n    assert {model}.count_params() < 1000\n    assert {model}.evaluate"
)
LIMITS = Limits(
    memory_mib=1200, wall_seconds=60, question_seconds=1.5, output_bytes=500_000, disk_mib=64
)


def make_data() -> tuple[np.ndarray, np.ndarray]:
    """700 examples of eight numbers; the label is whether the first two have the same sign."""
    inputs = np.random.default_rng(0).normal(size=(700, 8)).astype("float32")
    return inputs, (inputs[:, 0] * inputs[:, 1] > 0).astype(int)


def write_bundles(course: Path, secret: str) -> dict[str, BundleFolder]:
    """Bundle by question, below `course` where the pipeline looks for them; `secret` is in each test."""
    inputs, labels = make_data()
    hidden = "def test_{0}(double):\n    import numpy as np\n    {1}  # " + secret
    cases = [
        case(hidden.format(number, check), number=number, hidden=True)
        for number, check in enumerate(TESTS, 1)
    ]
    spec = TrainingSpec(
        full_marks_at=0.85,
        no_marks_below=0.65,
        points=3,
        max_parameters=1000,
        preprocess="preprocess",
        predict="predict",
    )
    size = SIZE_TEST.format(name="trained_model", model="trained_model")
    questions = {
        "q1": question("q1", *cases, time_limit_seconds=1.5),
        "q2": question(
            "q2",
            case(size, question="q2", hidden=True),
            training=spec,
            points=4,
            time_limit_seconds=15,
        ),
        "q3": question(
            "q3",
            training=spec.model_copy(update={"max_parameters": None}),
            points=3,
            time_limit_seconds=15,
        ),
    }
    arrays = {
        "public": {"x_train": inputs[:400], "y_train": labels[:400]},
        "hidden": {"x": inputs[400:], "y": labels[400:]},
    }
    return {
        aim: write_bundle(
            course / "build" / kind / "bundle",
            [questions[aim]],
            imports={"np": "numpy"} if aim == "q1" else {"np": "numpy", "keras": "keras"},
            config=AssessmentConfig(language="en", limits=LIMITS),
            **({} if aim == "q1" else arrays),
        )
        for aim, kind in KINDS.items()
    }
