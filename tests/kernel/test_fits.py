"""Trainings are noted and given back: only to a fit that starts from the same, else it trains."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from autograder.kernel.fits import FitLog

X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
Y = (X[:, 0] > 0).astype(int)


class Kernel:
    """Keras with a log before its `fit`, as in a kernel of its own."""

    def __init__(self, original):
        self.log = FitLog()
        keras.Model.fit = original
        self.log.hook()


@pytest.fixture
def start():
    original = keras.Model.fit

    def begin(notes=None):
        keras.utils.set_random_seed(0)
        kernel = Kernel(original)
        if notes is not None:
            kernel.log.give(notes)
        return kernel.log

    yield begin
    keras.Model.fit = original


def make_model(units=5, rate=0.05, seed=0, built=True):
    keras.utils.set_random_seed(seed)
    first = [keras.Input((4,))] if built else []
    model = keras.Sequential([*first, keras.layers.Dense(units), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


def same_weights(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(*pair) for pair in pairs)


@pytest.mark.parametrize("built", [True, False])
@pytest.mark.parametrize("positional", [True, False])
def test_a_fit_that_starts_from_the_same_ends_at_once_as_it_did(built, positional, start):
    def train(model):
        if positional:
            return model.fit(X, Y, 16, 4, 0)
        return model.fit(x=X, y=Y, epochs=4, verbose=0, validation_split=0.2)

    log = start()
    first = make_model(built=built)
    history = train(first)
    again = start(log.notes())
    second = make_model(built=built)
    given = train(second)
    assert same_weights(first, second)
    assert given.history == history.history
    assert given.epoch == [0, 1, 2, 3]
    assert second.history is given
    assert int(np.asarray(second.optimizer.iterations)) <= 1, "it did not train"
    assert len(again.notes()) == 1, "what was given back can be given back again"
    assert second.get_build_config() == first.get_build_config()
    assert second.evaluate(X, Y, verbose=0) == pytest.approx(first.evaluate(X, Y, verbose=0))


@pytest.mark.parametrize("change", ["data", "labels", "weights", "epochs", "rate", "shape"])
def test_a_fit_that_starts_otherwise_trains(change, start):
    log = start()
    make_model().fit(X, Y, epochs=3, verbose=0)
    start(log.notes())
    model = make_model(
        seed=1 if change == "weights" else 0,
        rate=0.1 if change == "rate" else 0.05,
        units=6 if change == "shape" else 5,
    )
    x, y = (X + 1 if change == "data" else X), (1 - Y if change == "labels" else Y)
    model.fit(x, y, epochs=2 if change == "epochs" else 3, verbose=0)
    assert int(np.asarray(model.optimizer.iterations)) >= 4


def test_each_fit_gets_its_own_note_whatever_their_order(start):
    log = start()
    models = {units: make_model(units) for units in (5, 6)}
    for model in models.values():
        model.fit(X, Y, epochs=2, verbose=0)
    start(log.notes())
    for units in (6, 5):
        model = make_model(units)
        model.fit(X, Y, epochs=2, verbose=0)
        assert same_weights(model, models[units])


def test_a_second_fit_of_a_model_goes_on_from_the_first(start):
    log = start()
    first = make_model()
    lengths = [len(first.fit(X, Y, epochs=n, verbose=0).epoch) for n in (1, 2)]
    start(log.notes())
    second = make_model()
    assert [len(second.fit(X, Y, epochs=n, verbose=0).epoch) for n in (1, 2)] == lengths == [1, 2]
    assert same_weights(first, second)


class Notebook(keras.callbacks.Callback):
    """A student's own, which may leave anything behind."""


CALLBACKS = {
    "early stopping": (lambda: keras.callbacks.EarlyStopping("loss", patience=1), True),
    "schedule": (lambda: keras.callbacks.LearningRateScheduler(lambda epoch: 0.1), True),
    "own": (Notebook, False),
    "checkpoint": (lambda: keras.callbacks.CSVLogger("log.csv"), False),
}


@pytest.mark.parametrize("name", CALLBACKS)
def test_callbacks_that_may_leave_something_else_behind_make_the_notes_void(
    name, start, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    make, noted = CALLBACKS[name]
    log = start()
    make_model().fit(X, Y, epochs=2, verbose=0, callbacks=[make()])
    assert (log.notes() is not None) is noted


def test_a_fit_that_raises_raises_and_makes_the_notes_void(start):
    log = start()
    with pytest.raises(ValueError, match="cardinality"):
        make_model().fit(X, Y[:3], verbose=0)
    assert log.notes() is None


def test_what_cannot_be_noted_does_not_hinder_the_student(start):
    log = start()
    model = make_model()
    model.__class__ = type("Odd", (type(model),), {"get_weights": lambda _: 1 / 0})
    assert model.fit(X, Y, epochs=1, verbose=0).epoch == [0]
    assert log.notes() is None


def test_too_many_fits_are_not_kept(start, monkeypatch):
    monkeypatch.setattr("autograder.kernel.fits._MAX_FITS", 1)
    log = start()
    model = make_model()
    for _ in range(2):
        model.fit(X, Y, epochs=1, verbose=0)
    assert log.notes() is None
