"""Metrics of predictions against hidden labels, and what a report draws of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from autograder.schema.result import Confusion, Residuals

Array = np.ndarray[Any, Any]
_MAX_CLASSES = 40
_RESIDUAL_BINS = 21


def compute_metric(name: str, truth: Array, predictions: Array, custom: dict[str, Any]) -> float:
    """Value of a metric.

    Args:
        name: a Keras metric's name, `accuracy` (fitting the shapes, as in `compile`), or
            `metrics.py:name`.
        truth: labels, shape (n,) or (n, …).
        predictions: shape (n, …).
        custom: names that the assessment's `metrics.py` defines.

    Raises:
        ValueError: if the metric cannot be computed of these shapes.
    """
    if name.startswith("metrics.py:"):
        return float(custom[name.partition(":")[2]](truth, predictions))
    if name in ("accuracy", "acc"):
        return float(np.mean(to_classes(truth, truth) == to_classes(predictions, truth)))
    metric = keras.metrics.get(name)
    if isinstance(metric, keras.metrics.Metric):
        metric.update_state(truth, predictions)
        return float(keras.ops.convert_to_numpy(metric.result()))
    return float(np.mean(keras.ops.convert_to_numpy(metric(truth, predictions))))


def to_classes(values: Array, truth: Array) -> Array:
    """Class numbers of scores or one-hot rows (n, k), of one score (n, 1), or of numbers (n,)."""
    squeezed = values[..., 0] if values.ndim > 1 and values.shape[-1] == 1 else values
    if squeezed.ndim > 1:
        return squeezed.argmax(axis=-1)
    if np.issubdtype(squeezed.dtype, np.floating) and np.issubdtype(truth.dtype, np.integer):
        return (squeezed > 0.5).astype(int) if values.ndim > 1 else np.rint(squeezed).astype(int)
    return squeezed


def fits(truth: Array, predictions: Array) -> bool:
    """Whether there is one prediction per label, of a shape that can be compared with it."""
    return predictions.ndim >= 1 and len(predictions) == len(truth)


def is_classification(truth: Array) -> bool:
    """Whether labels are class numbers of a small set."""
    return (
        truth.ndim == 1
        and np.issubdtype(truth.dtype, np.integer)
        and truth.min() >= 0
        and truth.max() < _MAX_CLASSES
    )


def make_confusion(truth: Array, predictions: Array, names: Sequence[str]) -> Confusion | None:
    """Counts by true and predicted class, or None where there are no classes."""
    if not is_classification(truth):
        return None
    predicted = to_classes(predictions, truth)
    size = max(int(truth.max()) + 1, len(names))
    if predicted.ndim != 1 or predicted.min() < 0 or predicted.max() >= size:
        return None
    counts = np.zeros((size, size), int)
    np.add.at(counts, (truth, predicted.astype(int)), 1)
    labels = tuple(names) + tuple(str(number) for number in range(len(names), size))
    return Confusion(labels=labels, counts=tuple(tuple(map(int, row)) for row in counts))


def make_residuals(truth: Array, predictions: Array) -> Residuals | None:
    """Histogram of prediction − truth, or None where labels are no numbers of a scale."""
    if not np.issubdtype(truth.dtype, np.floating):
        return None
    flat = predictions.reshape(len(predictions), -1)
    if flat.shape[1] != max(1, truth.size // len(truth)):
        return None
    differences = np.subtract(flat, truth.reshape(len(truth), -1), dtype=np.float64)
    low, high = float(differences.min()), float(differences.max())
    width = 1e-6 * max(abs(low), abs(high)) or 1.0
    if high - low < width:  # all but equal: no bins fit between them
        low, high = low - width / 2, high + width / 2
    counts, edges = np.histogram(differences, bins=_RESIDUAL_BINS, range=(low, high))
    return Residuals(edges=tuple(map(float, edges)), counts=tuple(map(int, counts)))
