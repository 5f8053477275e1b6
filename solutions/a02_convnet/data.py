"""Data of a02_convnet: 8x8 digits anywhere on a noisy 16x16 canvas that also has a stray dash.

Left out: scaling and the channel axis, which are the student's task.
"""

import numpy as np
from sklearn.datasets import load_digits

DIGIT_SIZE, DASH_LENGTH = 8, 3
CLASSES = 10
TRAIN_IMAGES, VALIDATION_IMAGES, HIDDEN_IMAGES = 3400, 600, 1000
HIDDEN_ORIGINALS, VALIDATION_ORIGINALS = 500, 300

DEFAULT_VARIANT = {
    "size": 16,  # height and width of the canvas, in pixels
    "noise": 0.10,  # standard deviation of the background noise; the ink is 1.0
    "dashes": 1,  # stray dashes per image
    "vertical_share": 0.5,  # share of the dashes that stand upright
    "label_order": list(range(CLASSES)),  # label_order[digit] is the class id students see
}


def make_data(seed: int, variant: dict) -> dict[str, dict[str, np.ndarray]]:
    """Make the arrays of every group.

    The original digits are divided between training, validation and hidden images *before* they
    are pasted, so no original is on both sides. Each group draws from its own random stream.

    Args:
        seed: any non-negative integer; the same seed gives the same arrays.
        variant: may replace any key of `DEFAULT_VARIANT`.

    Returns:
        `train` with x_train (3400, 16, 16), x_val (600, 16, 16) and y_train, y_val;
        `hidden` with x (1000, 16, 16), y.
        Images are uint8 from 0 to 255, labels int64 from 0 to 9, equally many of each.
    """
    settings = DEFAULT_VARIANT | variant
    images, labels = load_originals(settings["label_order"])
    streams = np.random.SeedSequence(seed).spawn(4)
    parts = split_originals(len(images), np.random.default_rng(streams[0]))
    counts = {"train": TRAIN_IMAGES, "validation": VALIDATION_IMAGES, "hidden": HIDDEN_IMAGES}
    made = {
        name: draw_scenes(images[rows], labels[rows], counts[name], settings, stream)
        for (name, rows), stream in zip(parts.items(), streams[1:], strict=True)
    }
    (x_train, y_train), (x_val, y_val) = made["train"], made["validation"]
    return {
        "train": {"x_train": x_train, "y_train": y_train, "x_val": x_val, "y_val": y_val},
        "hidden": dict(zip("xy", made["hidden"], strict=True)),
    }


def load_originals(label_order: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The 1,797 digits of scikit-learn as images (n, 8, 8) from 0 to 1, and their class ids."""
    digits = load_digits()
    return digits.images / 16.0, np.asarray(label_order, dtype=np.int64)[digits.target]


def split_originals(count: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Divide row numbers 0..count-1 at random into train, validation and hidden."""
    order = generator.permutation(count)
    hidden, rest = np.split(order, [HIDDEN_ORIGINALS])
    validation, train = np.split(rest, [VALIDATION_ORIGINALS])
    return {"train": train, "validation": validation, "hidden": hidden}


def draw_scenes(
    originals: np.ndarray,
    labels: np.ndarray,
    count: int,
    settings: dict,
    stream: np.random.SeedSequence,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw `count` scenes, equally many of each class: dashes, a digit over them, noise.

    Returns:
        Images (count, size, size) uint8 and class ids (count,) int64, in random order.
    """
    generator = np.random.default_rng(stream)
    size = settings["size"]
    classes = generator.permutation(np.arange(count) % CLASSES)
    canvases = np.zeros((count, size, size))
    for canvas, label in zip(canvases, classes, strict=True):
        for _ in range(settings["dashes"]):
            draw_dash(canvas, settings["vertical_share"], generator)
        paste(canvas, generator.choice(originals[labels == label]), generator)
    canvases += generator.normal(0.0, settings["noise"], canvases.shape)
    return np.round(255 * np.clip(canvases, 0.0, 1.0)).astype(np.uint8), classes


def draw_dash(canvas: np.ndarray, vertical_share: float, generator: np.random.Generator) -> None:
    """Draw one dash of three pixels, in a grey between 0.4 and 0.9, at a random place."""
    upright = generator.random() < vertical_share
    view = canvas.T if upright else canvas
    row = generator.integers(0, len(canvas))
    start = generator.integers(0, len(canvas) - DASH_LENGTH + 1)
    view[row, start : start + DASH_LENGTH] = generator.uniform(0.4, 0.9)


def paste(canvas: np.ndarray, digit: np.ndarray, generator: np.random.Generator) -> None:
    """Put `digit` at a random place of `canvas`; where both have ink, the brighter one stays."""
    top, left = generator.integers(0, len(canvas) - DIGIT_SIZE + 1, 2)
    place = canvas[top : top + DIGIT_SIZE, left : left + DIGIT_SIZE]
    np.maximum(place, digit, out=place)
