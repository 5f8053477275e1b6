"""Rules for a training that ran and yet cannot have learned: loss, labels and last layer.

Left out: underfitting and overfitting, which the report shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

LINEAR = (None, "linear")


@dataclass(frozen=True)
class Training:
    """What is known about a training.

    Attributes:
        history: what `fit` recorded per epoch; None stands for NaN.
        loss: name of the loss, as Keras' identifier or class.
        last_activation: name of the last layer's activation.
        output_units: width of the last layer.
        classes: number of classes in the labels; None if they are not classes.
        from_logits: whether the loss expects values before softmax or sigmoid.
    """

    history: Mapping[str, Sequence[float | None]]
    loss: str | None = None
    last_activation: str | None = None
    output_units: int | None = None
    classes: int | None = None
    from_logits: bool | None = None

    @property
    def loss_key(self) -> str:
        """`loss` without capitals and underscores: one key for identifier and class."""
        return (self.loss or "").casefold().replace("_", "")

    @property
    def is_multiclass(self) -> bool:
        """Whether there are more than two classes."""
        return (self.classes or 0) > 2

    @property
    def is_categorical(self) -> bool:
        """Whether the loss is a (sparse) categorical cross-entropy."""
        return self.loss_key.endswith("categoricalcrossentropy")

    @property
    def places(self) -> dict[str, object]:
        """Values for the texts."""
        return {
            "units": self.output_units,
            "classes": self.classes,
            "activation": self.last_activation,
            "loss": self.loss,
        }


@dataclass(frozen=True)
class TrainingRule:
    """One idea about why a training did not learn."""

    applies: Callable[[Training], bool]
    message: str
    next_step: str


def _is_nan(training: Training) -> bool:
    losses = training.history.get("loss")
    if losses is None:
        return False
    return not losses or any(value is None or not math.isfinite(value) for value in losses)


def _has_wrong_width(training: Training) -> bool:
    if not training.classes or training.output_units is None or training.classes < 2:
        return False
    one_unit = training.classes == 2 and training.output_units == 1
    return training.output_units != training.classes and not one_unit


RULES = (
    TrainingRule(
        _is_nan,
        "The loss became NaN (not a number) during the training, so nothing was learned.",
        "Scale the inputs (for example to 0–1), use a smaller learning rate, and avoid `log(0)` "
        "and division by 0.",
    ),
    TrainingRule(
        lambda t: t.last_activation == "softmax" and t.output_units == 1,
        "Softmax on a single unit always gives 1, so the model predicts the same for everything.",
        "Use `sigmoid` for two classes, as many units as classes with `softmax` for more, and no "
        "activation for a number.",
    ),
    TrainingRule(
        _has_wrong_width,
        "The last layer has {units} units, but there are {classes} classes.",
        "Give the last layer {classes} units.",
    ),
    TrainingRule(
        lambda t: t.is_multiclass and t.loss_key == "binarycrossentropy",
        "`binary_crossentropy` judges each of the {classes} classes by itself; its accuracy looks "
        "high although the model hardly learns.",
        "Use `categorical_crossentropy` for one-hot labels or `sparse_categorical_crossentropy` "
        "for whole numbers, with `softmax` in the last layer.",
    ),
    TrainingRule(
        lambda t: t.is_categorical and t.last_activation in LINEAR and t.from_logits is False,
        "The last layer has no softmax, but the loss expects probabilities.",
        "Use `activation='softmax'` in the last layer, or tell the loss `from_logits=True`.",
    ),
    TrainingRule(
        lambda t: t.last_activation in ("softmax", "sigmoid") and t.from_logits is True,
        "`{activation}` is applied twice: in the last layer, and in the loss with "
        "`from_logits=True`.",
        "Leave out the activation of the last layer, or `from_logits=True`.",
    ),
    TrainingRule(
        lambda t: t.is_categorical and t.last_activation not in ("softmax", *LINEAR),
        "The last layer has the activation `{activation}`, but classes exclude each other.",
        "Use `activation='softmax'` in the last layer.",
    ),
)
