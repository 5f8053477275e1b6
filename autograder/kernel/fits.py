"""Notes what every `fit` of a notebook left behind, and gives it back where a notebook runs again.

A regrade needs the student's trained models, not another training: with the notes of the first
run, `fit` sets the weights that it ended with then and returns the same history at once. The notes
lie in the student's own process and are as trustworthy as the rest of it. Left out: trainings that
do not call `fit`, which train again; callbacks, which are not called; the optimizer's state.
"""

from __future__ import annotations

import functools
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

Model = Any  # Keras's, which has no types
Fit = Callable[..., Any]
_MAX_FITS = 200
_MAX_BYTES = 64 * 2**20
_NO_EPOCHS = (
    "callbacks",
    "epochs",
    "initial_epoch",
    "steps_per_epoch",
    "validation_data",
    "validation_split",
    "verbose",
)


class FitLog:
    """The fits of one kernel, in the order in which they were called.

    Attributes:
        complete: whether every fit was noted; with one missing the rest is of no use.
    """

    def __init__(self) -> None:
        self.complete = True
        self._notes: list[dict[str, Any]] = []
        self._bytes = 0
        self._given: deque[dict[str, Any]] = deque()
        self._hooked: type | None = None

    def hook(self) -> None:
        """Stand before `keras.Model.fit`, if Keras has been imported and nothing stands there."""
        keras = sys.modules.get("keras")
        kind = getattr(keras, "Model", None)
        if kind is None or self._hooked is kind:
            return
        original = kind.fit

        @functools.wraps(original)
        def fit(model: Model, *args: Any, **kwargs: Any) -> Any:
            return self._fit(original, model, args, kwargs)

        kind.fit = fit
        self._hooked = kind

    def give(self, notes: list[dict[str, Any]]) -> None:
        """Let the coming fits end as `notes` say, one after the other."""
        self._given = deque(notes)

    def notes(self) -> list[dict[str, Any]] | None:
        """What each fit left: `weights`, `epoch`, `history`; None where one could not be noted."""
        return self._notes if self.complete else None

    def _fit(self, original: Fit, model: Model, args: Any, kwargs: dict[str, Any]) -> Any:
        if self._given:
            return self._restore(original, model, args, kwargs)
        try:
            history = original(model, *args, **kwargs)
        except BaseException:
            self.complete = False
            raise
        self._note(model, history)
        return history

    def _note(self, model: Model, history: Any) -> None:
        weights = [np.asarray(weight) for weight in model.get_weights()]
        self._bytes += sum(weight.nbytes for weight in weights)
        if self._bytes > _MAX_BYTES or len(self._notes) >= _MAX_FITS:
            self.complete = False
            self._notes.clear()
            return
        plain = {str(name): [float(one) for one in all_] for name, all_ in history.history.items()}
        epochs = [int(epoch) for epoch in history.epoch]
        self._notes.append({"weights": weights, "epoch": epochs, "history": plain})

    def _restore(self, original: Fit, model: Model, args: Any, kwargs: dict[str, Any]) -> Any:
        note = self._given.popleft()
        x, y = (*args[:2], None, None)[:2]
        plain = {name: value for name, value in kwargs.items() if name not in _NO_EPOCHS}
        given = {"x": x, "y": y, **plain} if args else plain
        # What has no weights yet gets them with the first batch.
        steps = {"epochs": 0} if model.built else {"epochs": 1, "steps_per_epoch": 1}
        history = original(model, **given, **steps, verbose=0)
        model.set_weights(note["weights"])
        history.epoch, history.history = list(note["epoch"]), dict(note["history"])
        model.history = history
        self._note(model, history)
        return history
