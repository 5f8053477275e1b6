"""A regrade of trainings gives what grading anew gives: real Keras, small models.

Compared is all but times. Where a student's fit may leave something behind that nobody noted, the
notebook is graded anew; that it is, is told here by its way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.schema import TrainingSpec
from tests.grade.conftest import question, submit
from tests.grade.judge import Judge, Parts, hidden, replace_source, with_cases, with_questions

START = "import keras\nfrom keras import layers\nimport numpy as np"
PREPROCESS = "def preprocess(x):\n    return x.astype('float32') / 4"
BUILD = """
def build_model():
    model = keras.Sequential([keras.Input((8,)), layers.Dense(16, activation="relu"), layers.Dense(2, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.03), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
TRAIN = """
def train(model, data):
    return model.fit(preprocess(data.x_train), data.y_train, epochs=4, verbose=0)
"""
RIGHT = (START, PREPROCESS, BUILD, TRAIN)
SIZE = "def test_it(trained_model, history):\n    assert trained_model.count_params() < 300, len(history.history['loss'])"


@pytest.fixture(scope="module")
def judge(tmp_path_factory, sandbox, scorers):
    return Judge(tmp_path_factory.mktemp("judge"), sandbox, scorers)


def _draw(seed: int, count: int) -> tuple[Any, Any]:
    x = (np.random.default_rng(seed).normal(size=(count, 8)) * 4).astype("float32")
    return x, (x[:, 0] + x[:, 1] > 0).astype(int)


def _parts(spec: TrainingSpec, *sources: str, limit: float = 30.0) -> Parts:
    (x, y), (hidden_x, hidden_y) = _draw(1, 300), _draw(2, 200)
    cases = [hidden(source, number=number) for number, source in enumerate(sources, 1)]
    points = spec.points + sum(one.points for one in cases)
    asked = question("q1", *cases, training=spec, points=points, time_limit_seconds=limit)
    return {
        "questions": [asked],
        "public": {"x_train": x, "y_train": y},
        "hidden": {"x": hidden_x, "y": hidden_y},
        "imports": {"keras": "keras"},
    }


def _spec(**options: Any) -> TrainingSpec:
    known = {"full_marks_at": 0.95, "no_marks_below": 0.5, "points": 3, "preprocess": "preprocess"}
    return TrainingSpec(**{**known, **options})


def with_spec(parts: Parts, **update: Any) -> Parts:
    return with_questions(
        parts,
        lambda q: q.model_copy(update={"training": q.training.model_copy(update=update)}),
    )


def with_new_data(parts: Parts) -> Parts:
    x, y = _draw(3, 250)
    return {**parts, "hidden": {"x": x, "y": y}}


@pytest.fixture(scope="module")
def parts() -> Parts:
    return _parts(_spec(), SIZE)


CHANGES = {
    "thresholds": ({"full_marks_at": 0.99, "no_marks_below": 0.7}, "kept"),
    "less is better": ({"full_marks_at": 0.1, "no_marks_below": 0.99, "lower_is_better": True}, "kept"),
    "points": ({"points": 2.0}, "kept"),
    "metric": ({"metric": "sparse_categorical_crossentropy", "full_marks_at": 0.1, "no_marks_below": 0.9, "lower_is_better": True}, "replayed"),
    "budget kept": ({"max_parameters": 500}, "replayed"),
    "over the budget": ({"max_parameters": 50}, "replayed"),
    "seed": ({"seed": 5}, "graded"),
    "another function": ({"train": "train_twice"}, "graded"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_training(name, judge, parts):
    update, way = CHANGES[name]
    assert judge.regrade(submit(*RIGHT), parts, with_spec(parts, **update)).way == way


def test_changed_tests_of_a_training(judge, parts):
    changed = with_cases(parts, replace_source("< 300", "< 100"))
    assert judge.regrade(submit(*RIGHT), parts, changed).way == "replayed"
    extra = "def test_it(build_model):\n    assert build_model().layers[0].units == 16"
    added = with_cases(parts, lambda cases, _: [hidden(extra), *cases])
    assert judge.regrade(submit(*RIGHT), parts, added).way == "restored"


def test_a_test_that_trains_another_model_gets_that_one(judge, parts):
    """No training of the first run may be given back to a fit that starts otherwise."""
    source = (
        "def test_it(train, build_model, hidden):\n"
        "    from types import SimpleNamespace\n"
        "    model = build_model()\n"
        "    h = train(model, SimpleNamespace(x_train=hidden.x, y_train=hidden.y))\n"
        "    assert False, str(h.history)"
    )
    added = with_cases(parts, lambda cases, _: [*cases, hidden(source)])
    done = judge.regrade(submit(*RIGHT), parts, added)
    assert "loss" in done.graded.result.questions[0].test_cases[1].staff_message


EARLY = TRAIN.replace(
    "verbose=0",
    "verbose=0, validation_split=0.2, callbacks=[keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)]",
)
CHECKPOINT = """
def train(model, data):
    kept = keras.callbacks.ModelCheckpoint("best.weights.h5", save_weights_only=True)
    history = model.fit(preprocess(data.x_train), data.y_train, epochs=2, verbose=0, callbacks=[kept])
    model.load_weights("best.weights.h5")
    return history
"""
TAPE = """
import tensorflow as tf
def train(model, data):
    x, y = preprocess(data.x_train), data.y_train
    losses = []
    for _ in range(12):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, model(x)))
        model.optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
"""
CLASS = """
class Trainer:
    def __init__(self, model):
        self.model = model
    def run(self, data):
        self.model.fit(preprocess(data.x_train), data.y_train, epochs=2, verbose=0)
        return self.model.fit(preprocess(data.x_train), data.y_train, 32, 2, 0)
def train(model, data):
    return Trainer(model).run(data)
"""
CUSTOM = BUILD.replace("keras.Input((8,)),", "keras.Input((8,)), Scale(),").replace(
    "def build_model", "class Scale(layers.Layer):\n    def call(self, x):\n        return x * 0.5\ndef build_model"
)  # fmt: skip
UNBUILT = BUILD.replace("keras.Input((8,)), ", "")
STUDENTS = {
    "early stopping": ((START, PREPROCESS, BUILD, EARLY), "restored"),
    "checkpoint": ((START, PREPROCESS, BUILD, CHECKPOINT), "graded"),
    "own loop": ((START, PREPROCESS, BUILD, TAPE), "restored"),
    "in a class, twice": ((START, PREPROCESS, BUILD, CLASS), "restored"),
    "cannot be rebuilt": ((START, PREPROCESS, CUSTOM, TRAIN), "restored"),
    "without input shape": ((START, PREPROCESS, UNBUILT, TRAIN), "restored"),
    "error in a call": ((START, PREPROCESS, BUILD, "def train(model, data):\n    return data.nothing"), "replayed"),
    "no model": ((START, PREPROCESS, "def build_model():\n    return 5", TRAIN), "replayed"),
    "fit in a cell, too": ((*RIGHT, "x = np.ones((20, 8), 'float32')\nbuild_model().fit(x, np.zeros(20), epochs=1, verbose=0)"), "restored"),
}  # fmt: skip


@pytest.mark.parametrize("name", STUDENTS)
def test_new_hidden_data(name, judge, parts):
    cells, way = STUDENTS[name]
    assert judge.regrade(submit(*cells), parts, with_new_data(parts)).way == way


def test_a_model_that_the_notebook_leaves_behind(judge):
    parts = _parts(_spec(model="model"))
    cells = (
        *RIGHT,
        "from types import SimpleNamespace\nwith np.load('data/train.npz') as f:\n    data = SimpleNamespace(**f)",
        "model = build_model()\ntrain(model, data)",
    )
    assert judge.regrade(submit(*cells), parts, with_new_data(parts)).way == "restored"
    assert judge.regrade(submit(*cells), parts, with_spec(parts, full_marks_at=0.7)).way == "kept"


@pytest.mark.slow
def test_a_training_that_counts_as_far_as_it_came(judge):
    """How far it comes differs from run to run: here it has come to the end long before."""
    endless = TRAIN.replace("epochs=4", "epochs=10_000_000, callbacks=[Still()]") + (
        "class Still(keras.callbacks.Callback):\n"
        "    def on_epoch_end(self, epoch, logs):\n"
        "        self.model.optimizer.learning_rate = 0.0 if epoch > 2 else 0.03\n"
    )
    parts = _parts(_spec(on_timeout="evaluate"), limit=2.5)
    cells = (START, PREPROCESS, BUILD, endless)
    assert judge.regrade(submit(*cells), parts, with_spec(parts, full_marks_at=0.7)).way == "kept"
    longer = with_questions(parts, lambda q: q.model_copy(update={"time_limit_seconds": 3.0}))
    assert judge.regrade(submit(*cells), parts, longer).way == "graded"
