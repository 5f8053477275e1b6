"""Data of a01_digits: handwritten 8x8 digits pasted at a random place of a noisy 10x10 canvas.

Left out: scaling and flattening, which are the student's first task.
"""

from functools import cache

import numpy as np
from sklearn.datasets import load_digits

DIGIT_SIZE = 8
CLASSES = 10
TRAIN_IMAGES, VALIDATION_IMAGES, HIDDEN_IMAGES = 3400, 600, 1000
HIDDEN_ORIGINALS, VALIDATION_ORIGINALS = 500, 300

DEFAULT_VARIANT = {
    "size": 10,  # height and width of the canvas, in pixels
    "noise": 0.10,  # standard deviation of the background noise; the ink is 1.0
    "inverted": False,  # dark ink on white instead of bright ink on black
    "label_order": list(range(CLASSES)),  # label_order[digit] is the class id students see
    "test_images": 10_000,  # of question 5; no array depends on it
}


def make_data(seed: int, variant: dict) -> dict[str, dict[str, np.ndarray]]:
    """Make the arrays of every group.

    The original digits are divided between training, validation and hidden images *before* they
    are pasted, so no original is on both sides. Each group draws from its own random stream.

    Args:
        seed: any non-negative integer; the same seed gives the same arrays.
        variant: may replace any key of `DEFAULT_VARIANT`.

    Returns:
        `train` with x_train (3400, 10, 10), x_val (600, 10, 10) and y_train, y_val;
        `hidden` with x (1000, 10, 10), y; and `audit`, which holds the validation images once
        more, for the scorer to see whether a model was trained on them.
        Images are uint8 from 0 to 255, labels int64 from 0 to 9, equally many of each.
    """
    settings = DEFAULT_VARIANT | variant
    images, labels = load_originals(settings["label_order"])
    streams = np.random.SeedSequence(seed).spawn(4)
    parts = split_originals(len(images), np.random.default_rng(streams[0]))
    counts = {"train": TRAIN_IMAGES, "validation": VALIDATION_IMAGES, "hidden": HIDDEN_IMAGES}
    made = {
        name: paste_digits(images[rows], labels[rows], counts[name], settings, stream)
        for (name, rows), stream in zip(parts.items(), streams[1:], strict=True)
    }
    (x_train, y_train), (x_val, y_val) = made["train"], made["validation"]
    return {
        "train": {"x_train": x_train, "y_train": y_train, "x_val": x_val, "y_val": y_val},
        "hidden": dict(zip("xy", made["hidden"], strict=True)),
        "audit": {"x": x_val, "y": y_val},
    }


def load_originals(label_order: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The 1,797 digits of scikit-learn as images (n, 8, 8) from 0 to 1, and their class ids."""
    digits = read_digits()
    return digits.images / 16.0, np.asarray(label_order, dtype=np.int64)[digits.target]


@cache
def read_digits():
    """scikit-learn's digits, read once however many variants are made."""
    return load_digits()


def split_originals(count: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Divide row numbers 0..count-1 at random into train, validation and hidden."""
    order = generator.permutation(count)
    hidden, rest = np.split(order, [HIDDEN_ORIGINALS])
    validation, train = np.split(rest, [VALIDATION_ORIGINALS])
    return {"train": train, "validation": validation, "hidden": hidden}


def paste_digits(
    originals: np.ndarray,
    labels: np.ndarray,
    count: int,
    settings: dict,
    stream: np.random.SeedSequence,
) -> tuple[np.ndarray, np.ndarray]:
    """Paste `count` digits, equally many of each class, at random places of noisy canvases.

    Returns:
        Images (count, size, size) uint8 and class ids (count,) int64, in random order.
    """
    generator = np.random.default_rng(stream)
    size = settings["size"]
    rows = [np.flatnonzero(labels == label) for label in range(CLASSES)]
    classes = generator.permutation(np.arange(count) % CLASSES)
    canvases = np.zeros((count, size, size))
    for canvas, label in zip(canvases, classes, strict=True):
        digit = originals[rows[label][generator.integers(len(rows[label]))]]
        top, left = generator.integers(0, size - DIGIT_SIZE + 1, 2)
        canvas[top : top + DIGIT_SIZE, left : left + DIGIT_SIZE] = digit
    canvases += generator.normal(0.0, settings["noise"], canvases.shape)
    return to_bytes(canvases, inverted=settings["inverted"]), classes


def to_bytes(canvases: np.ndarray, *, inverted: bool) -> np.ndarray:
    """Images from 0 to 1 as uint8 from 0 to 255, with black and white exchanged if `inverted`."""
    clipped = np.clip(canvases, 0.0, 1.0)
    return np.round(255 * (1.0 - clipped if inverted else clipped)).astype(np.uint8)
