"""Does once, in the ancestor, what every fork would do at its first use of TensorFlow.

A process's first model costs it some 60 ms of CPU time that later ones do not: kernels are looked
up, classes are gone through, pages are read. Forks of a process that has been through it are
spared that. TensorFlow itself does not survive a fork once it has been used, for a child has none
of the threads that would run what it is given. So the context that was used is given up, and each
fork makes one of its own, with threads of its own, as if it were the first; what stays of the old
one are a few threads that only wait (`ancestor` sees to that before it forks).

Numbers do not change: random numbers that are drawn here are given back, and layers are counted
from the beginning again.
"""

from __future__ import annotations

import os
import random
import sys
from typing import Any

_ONE_THREAD = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def rehearse() -> bool:
    """Use Keras once and leave nothing of it, where it is loaded and computes in one thread.

    How many threads there are is decided at the first use for good, so that a fork which is to have
    more must come from a process that has used none.

    Returns:
        whether it was done.
    """
    is_single = all(os.environ.get(name) == "1" for name in _ONE_THREAD)
    if "keras" not in sys.modules or not is_single or sys.platform != "linux":
        return False
    import keras  # noqa: PLC0415 - loaded already
    import numpy as np  # noqa: PLC0415 - the same
    from tensorflow.python.eager import context  # noqa: PLC0415 - the same

    drawn = random.getstate(), np.random.get_state()
    try:
        _use(keras, np)
    finally:
        keras.utils.clear_session()
        context._reset_context()  # noqa: SLF001 - as between TensorFlow's own tests
        random.setstate(drawn[0])
        np.random.set_state(drawn[1])
    return True


def _use(keras: Any, np: Any) -> None:
    """Build a model, build it again from its description, and let both predict, untraced."""
    layers = keras.layers
    made = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(2, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(4, activation="relu"),
            layers.Dropout(0.1),
            layers.Dense(2, activation="softmax"),
        ]
    )
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    described = keras.saving.serialize_keras_object(made)
    rebuilt = keras.saving.deserialize_keras_object(described, safe_mode=True)
    rebuilt.set_weights(made.get_weights())
    images = np.zeros((2, 8, 8, 1), "float32")
    for model in (made, rebuilt):
        keras.ops.convert_to_numpy(model(images, training=False))
