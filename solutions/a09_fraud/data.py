"""Data of a09_fraud: card payments, of which a few come from four rings of fraudsters.

Left out: scaling, and the choice of a threshold, which are the student's tasks.
"""

import numpy as np

ANONYMOUS_FEATURES = 10
RING_FEATURES = 3
TRAIN_ROWS, VALIDATION_ROWS, HIDDEN_ROWS = 14_000, 8_000, 20_000
SMALLEST_SCALE, LARGEST_SCALE = 0.1, 100.0  # of the anonymous features, in their own units

# Corners of a cube, so that no plane parts frauds from payments, and no single feature tells them.
RINGS = np.array([[1, 1, -1], [-1, -1, -1], [1, -1, 1], [-1, 1, 1]], dtype=np.float64)

DEFAULT_VARIANT = {
    "fraud_rate": 0.008,  # share of frauds in every group
    "ring_distance": 2.5,  # of a ring from the middle, along each of three axes, in SD of a payment
    "ring_spread": 0.55,  # SD of a ring, in SD of a payment
    "rotation_seed": 99,  # of the rotation that hides the rings among the anonymous features
    "feature_order": list(range(ANONYMOUS_FEATURES)),  # column i holds feature feature_order[i]
    "daily_frauds": 400,  # of question 5; no array depends on it
    "threshold_names": ["A", "B", "C"],  # of question 5, from the strictest; no array depends on it
}


def make_data(seed: int, variant: dict) -> dict[str, dict[str, np.ndarray]]:
    """Make the arrays of every group, each from its own random stream.

    Args:
        seed: any non-negative integer; the same seed gives the same arrays.
        variant: may replace any key of `DEFAULT_VARIANT`.

    Returns:
        `train` with x_train (14000, 12), x_val (8000, 12) and y_train, y_val;
        `hidden` with x (20000, 12), y; and `audit`, for the scorer alone: the validation rows once
        more as x, y, and the mean and standard deviation of each column of x_train.
        Rows are float32: ten anonymous features, the amount in thousand won, the hour of the day
        from 0 to 24. Labels are int64, 1 for a fraud.
    """
    settings = DEFAULT_VARIANT | variant
    streams = np.random.SeedSequence(seed).spawn(3)
    counts = (TRAIN_ROWS, VALIDATION_ROWS, HIDDEN_ROWS)
    (x_train, y_train), (x_val, y_val), hidden = (
        draw_payments(count, settings, np.random.default_rng(stream))
        for count, stream in zip(counts, streams, strict=True)
    )
    exact = x_train.astype(np.float64)
    return {
        "train": {"x_train": x_train, "y_train": y_train, "x_val": x_val, "y_val": y_val},
        "hidden": dict(zip("xy", hidden, strict=True)),
        "audit": {"x": x_val, "y": y_val, "mean": exact.mean(axis=0), "sd": exact.std(axis=0)},
    }


def draw_payments(
    count: int, settings: dict, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw `count` payments, exactly `fraud_rate` of them frauds, in random order.

    Returns:
        Rows (count, 12) float32 and labels (count,) int64.
    """
    labels = generator.permutation(np.arange(count) < round(count * settings["fraud_rate"]))
    hidden = generator.normal(0.0, 1.0, (count, ANONYMOUS_FEATURES))
    hidden[labels, :RING_FEATURES] = draw_rings(labels.sum(), settings, generator)
    scales = np.geomspace(SMALLEST_SCALE, LARGEST_SCALE, ANONYMOUS_FEATURES)
    features = hidden @ make_rotation(settings["rotation_seed"]) * scales
    features = features.take(settings["feature_order"], axis=1)
    amounts = np.exp(generator.normal(3.2, 1.0, count) + labels * generator.normal(0.3, 0.5, count))
    hours = generator.uniform(0.0, 24.0, count)
    rows = np.column_stack([features, amounts, hours])
    return rows.astype(np.float32), labels.astype(np.int64)


def draw_rings(count: int, settings: dict, generator: np.random.Generator) -> np.ndarray:
    """Points (count, 3) around the four rings, about equally many around each."""
    centres = RINGS[generator.permutation(np.arange(count) % len(RINGS))]
    spread = generator.normal(0.0, settings["ring_spread"], centres.shape)
    return settings["ring_distance"] * centres + spread


def make_rotation(seed: int) -> np.ndarray:
    """A random rotation (10, 10)."""
    normal = np.random.default_rng(seed).normal(size=(ANONYMOUS_FEATURES, ANONYMOUS_FEATURES))
    return np.linalg.qr(normal)[0]
