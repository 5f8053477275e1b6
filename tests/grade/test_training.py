"""Training questions: real Keras in the kernel, judged by a model rebuilt in the scorer."""

from __future__ import annotations

import re

import numpy as np
import pytest

from autograder.grade.scorer.metrics import make_residuals
from autograder.grade.submission import grade_submission
from autograder.schema import Outcome, TrainingSpec
from tests.grade.conftest import case, question, submit, write_bundle

IMPORTS = "import keras\nfrom keras import layers\nimport numpy as np"
PREPROCESS = "def preprocess(x):\n    return x.astype('float32') / 4"
BUILD = """
def build_model():
    model = keras.Sequential([keras.Input((8,)), layers.Dense(24, activation="relu"), layers.Dense(2, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.03), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
TRAIN = """
def train(model, data):
    return model.fit(preprocess(data.x_train), data.y_train, epochs=15, verbose=0)
"""
PREDICT = "def predict(model, x):\n    return model.predict(preprocess(x), verbose=0).argmax(-1)"
RIGHT = [IMPORTS, PREPROCESS, BUILD, TRAIN, PREDICT, "grader.check('q1')"]


def _spec(**options):
    known = {
        "full_marks_at": 0.85,
        "no_marks_below": 0.6,
        "points": 3,
        "max_parameters": 1000,
        "preprocess": "preprocess",
        "predict": "predict",
        "class_names": ("no", "yes"),
    }
    return TrainingSpec(**{**known, **options})


@pytest.fixture(scope="module")
def data():
    numbers = np.random.default_rng(1)
    x = (numbers.normal(size=(900, 8)) * 4).astype("float32")
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    return {"x_train": x[:500], "y_train": y[:500]}, {"x": x[500:], "y": y[500:]}


@pytest.fixture
def bundle_of(tmp_path, data):
    def make(spec, *cases, **options):
        public, hidden = data
        hidden = {**hidden, **options.pop("hidden", {})}
        points = spec.points + sum(item.points for item in cases)
        limit = options.pop("time_limit_seconds", 30)
        asked = question("q1", *cases, training=spec, points=points, time_limit_seconds=limit)
        return write_bundle(
            tmp_path, [asked], public=public, hidden=hidden, imports={"keras": "keras"}, **options
        )

    return make


def test_a_good_training_earns_full_marks_and_tells_all_that_a_report_draws(bundle_of, grade):
    source = (
        "def test_it(predict, trained_model, hidden, history):\n"
        "    p = predict(trained_model, hidden.x)\n"
        "    assert (p == trained_model.predict(hidden.x / 4, verbose=0).argmax(-1)).mean() > 0.99\n"
        "    assert len(history.history['loss']) == 15 and trained_model.loss == 'sparse_categorical_crossentropy'"
    )
    result = grade(bundle_of(_spec(), case(source, hidden=True)), *RIGHT)
    training = result.questions[0].training
    assert result.score == 4, result.questions[0].test_cases
    assert training.evaluated == "rebuilt"
    assert training.value > 0.85
    assert training.parameters == 8 * 24 + 24 + 24 * 2 + 2
    assert len(training.history["accuracy"]) == 15
    assert training.seconds > 0
    assert np.sum(training.confusion.counts) == 400
    assert training.confusion.labels == ("no", "yes")
    assert np.trace(training.confusion.counts) / 400 == pytest.approx(training.value)
    again = grade(bundle_of(_spec()), *RIGHT)
    assert again.questions[0].training.value == training.value, "the same seed, the same model"


def test_marks_are_linear_between_the_thresholds(bundle_of, grade):
    result = grade(bundle_of(_spec(full_marks_at=1.1)), *RIGHT)
    value = result.questions[0].training.value
    assert result.questions[0].outcome is Outcome.PARTIAL
    assert result.score == pytest.approx(3 * (value - 0.6) / 0.5, abs=1e-3)
    assert f"{value:.3f}" in result.questions[0].message


def test_too_many_parameters_earn_nothing_and_are_named(bundle_of, grade):
    result = grade(bundle_of(_spec(max_parameters=100)), *RIGHT)
    assert result.score == 0
    assert "266 / 100" in result.questions[0].message


def test_a_model_that_cannot_be_rebuilt_is_judged_by_its_predictions(bundle_of, grade):
    lambda_model = BUILD.replace(
        "keras.Input((8,)),", "keras.Input((8,)), layers.Lambda(lambda x: x),"
    )
    cells = [IMPORTS, PREPROCESS, lambda_model, TRAIN, PREDICT]
    free = grade(bundle_of(_spec(max_parameters=None)), *cells)
    assert free.questions[0].training.evaluated == "predictions"
    assert free.score == 3
    counted = grade(bundle_of(_spec()), *cells)
    assert counted.score == 0
    assert "Lambda" in counted.questions[0].message


@pytest.mark.slow
def test_training_until_the_limit_is_evaluated_where_the_question_says_so(bundle_of, grade):
    endless = TRAIN.replace("epochs=15", "epochs=10_000_000")
    cells = [IMPORTS, PREPROCESS, BUILD, endless, PREDICT]
    kind = bundle_of(_spec(on_timeout="evaluate"), time_limit_seconds=8)
    asked = grade(kind, *cells).questions[0]
    assert asked.training.value > 0.8
    assert (asked.score, asked.training.timed_out) == (3, True)
    assert "stopped at the time limit of 8 s; the model was evaluated as it was" in asked.message


@pytest.mark.slow
def test_a_model_trained_in_a_cell_until_the_limit_is_evaluated_too(bundle_of, grade):
    trains = "x, y = (np.load('data/train.npz')[name] for name in ('x_train', 'y_train'))\n"
    trains += "model = build_model()\nmodel.fit(preprocess(x), y, epochs=10_000_000, verbose=0)"
    kind = bundle_of(_spec(on_timeout="evaluate", model="model"), time_limit_seconds=8)
    asked = grade(kind, IMPORTS, PREPROCESS, BUILD, trains, "grader.check('q1')").questions[0]
    assert asked.outcome is Outcome.TIME_LIMIT
    assert (asked.score, asked.training.timed_out) == (3, True)


def test_a_model_that_went_with_its_kernel_is_not_evaluated(bundle_of, grade):
    stubborn = "import signal\ndef train(model, data):\n    signal.signal(2, signal.SIG_IGN)\n"
    stubborn += "    while True: pass"
    kind = bundle_of(_spec(on_timeout="evaluate"), time_limit_seconds=2)
    graded = grade(kind, IMPORTS, PREPROCESS, BUILD, stubborn, PREDICT)
    assert graded.outcome == "graded", graded.staff_message
    asked = graded.questions[0]
    assert (asked.outcome, asked.score) == (Outcome.TIME_LIMIT, 0)
    assert not asked.training.timed_out


def test_a_metric_of_the_assessments_own_where_less_is_better(bundle_of, grade):
    metrics = "def misses(truth, predictions):\n    return float((truth != predictions.argmax(-1)).mean())\n"
    spec = _spec(
        metric="metrics.py:misses", full_marks_at=0.15, no_marks_below=0.4, lower_is_better=True
    )
    result = grade(bundle_of(spec, metrics=metrics), *RIGHT)
    assert result.score == 3
    assert result.questions[0].training.metric == "misses"


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        ([IMPORTS, PREPROCESS, TRAIN, PREDICT], "build_model"),
        ([IMPORTS, PREPROCESS, "def build_model():\n    return 5", TRAIN], "model"),
        ([IMPORTS, "def preprocess(x):\n    return x[:3]", BUILD, TRAIN], "number of examples"),
        ([IMPORTS, PREPROCESS, BUILD.replace("Adam(0.03)", "SGD(1e30)"), TRAIN], "NaN"),
        ([IMPORTS, PREPROCESS, BUILD, "def train(model, data):\n    raise KeyError('acc')"], "acc"),
    ],
    ids=["no build_model", "no model", "wrong shape", "NaN", "exception"],
)
def test_what_went_wrong_is_named(cells, word, bundle_of, grade):
    result = grade(bundle_of(_spec()), *cells)
    assert result.outcome == "graded"
    assert result.score == 0
    assert word in result.questions[0].message + result.questions[0].next_step


DRAW = """
import keras, random
import numpy as np
drawn = [random.random(), float(np.random.rand()), float(keras.random.uniform(()))]
"""
DRAWN = """
def test_it(drawn, pick):
    assert False, f"{drawn} {[pick() for _ in range(2)]}"
"""
PICK = "def pick():\n    return float(np.random.rand())"


def test_another_seed_draws_other_numbers_and_the_same_one_the_same(tmp_path, sandbox, scorers):
    bundle = write_bundle(tmp_path, [question("q1", case(DRAWN))], imports={"keras": "keras"})

    def draw(seed):
        graded = grade_submission(submit(DRAW, PICK), bundle, sandbox, scorers, seed=seed)
        assert graded.result.environment.seed == seed
        return graded.result.questions[0].test_cases[0].staff_message

    first, other, again = (re.findall(r"0\.\d+", draw(seed)) for seed in (0, 5, 5))
    assert len(first) == 5
    assert other == again
    assert not set(first) & set(other)


@pytest.mark.parametrize("offset", [0.0, 1e-9, 0.1, 1.7, 1e6])
def test_predictions_that_are_all_off_by_the_same_still_have_a_histogram(offset):
    truth = np.linspace(0, 1, 50, dtype="float32").reshape(-1, 1)
    found = make_residuals(truth, truth + np.float32(offset))
    assert sum(found.counts) == 50
    assert found.edges[0] < offset + 0.1
