"""A scorer's operations run their kernels by themselves: the same numbers, to the last bit."""

from __future__ import annotations

import json
import subprocess
import sys

from autograder.warmth.environment import make_library_environment

PREDICT = """
import json
import keras, numpy as np
from autograder.grade.scorer.eager import call_kernels

keras.utils.set_random_seed(0)
layers = keras.layers
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(4, 3, activation="relu"),
    layers.BatchNormalization(),
    layers.Flatten(),
    layers.Dense(3, activation="softmax"),
])
x = np.random.default_rng(0).normal(size=(64, 8, 8, 1)).astype("float32")
before = np.asarray(model(x))
call_kernels()
after = np.asarray(model(x))
traced = model.predict(x, batch_size=64, verbose=0)
print(json.dumps([bool((before == after).all()), bool((after == traced).all())]))
"""


def test_kernels_called_by_themselves_give_the_same_numbers(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PREDICT],
        env=make_library_environment(str(tmp_path), str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert json.loads(done.stdout.splitlines()[-1]) == [True, True]
