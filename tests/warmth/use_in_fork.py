"""Uses TensorFlow in a fork, with or without a rehearsal before it, and prints what came of it.

`python -m tests.warmth.use_in_fork TASK [rehearse]`; TASK is `train` or `wide`.
"""

from __future__ import annotations

import faulthandler
import json
import os
import random
import sys
import tempfile
import traceback

import keras
import numpy as np
import tensorflow as tf

from autograder.warmth.rehearsal import rehearse

STUCK_SECONDS = 200.0


def train():
    """A training from a seed: names and numbers."""
    keras.utils.set_random_seed(3)
    x = np.random.default_rng(0).normal(size=(256, 8, 8, 1)).astype("float32")
    y = np.arange(256) % 3
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model(x[:2], training=False)
    model.compile("adam", "sparse_categorical_crossentropy")
    losses = model.fit(x, y, epochs=2, verbose=0).history["loss"]
    return {
        "names": [model.name, *(layer.name for layer in model.layers)],
        "losses": losses,
        "weights": [float(np.abs(weight).sum()) for weight in model.get_weights()],
        "random": float(tf.random.uniform(())),
    }


def wide():
    """Much that hands work to threads of its own, each to its end."""
    x = np.random.default_rng(0).normal(size=(64, 8, 8, 1)).astype("float32")
    y = np.arange(64) % 3
    uses = (_use_data, _use_graph, _use_functions, _use_numbers, _use_networks, _use_files)
    for use in uses:
        use(x, y)
    return {"used": [use.__name__ for use in uses]}


def _use_data(x, y):
    pairs = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(10)
    pairs = pairs.map(lambda a, b: (a * 2, b), num_parallel_calls=tf.data.AUTOTUNE)
    many = pairs.batch(8).cache().prefetch(2)
    many = many.interleave(
        lambda a, _: tf.data.Dataset.from_tensors(a), cycle_length=4, num_parallel_calls=4
    )
    assert len(list(many)) == 8


def _use_graph(_x, _y):
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        assert session.run(tf.reduce_sum(tf.ones((4, 4)))) == 16


def _use_functions(x, _y):
    assert tf.py_function(lambda a: a + 1, [1.0], tf.float32) == 2
    doubled = tf.function(lambda t: tf.map_fn(lambda a: a * 2, t, parallel_iterations=8))
    assert np.allclose(doubled(tf.constant(x)), x * 2)
    counted = tf.function(lambda: tf.while_loop(lambda i: i < 50, lambda i: i + 1, [0]))()
    assert counted[0] == 50
    assert np.allclose(tf.function(lambda t: t + 1, jit_compile=True)(tf.constant(x)), x + 1)


def _use_numbers(x, _y):
    assert tf.image.resize(x, (20, 20)).shape == (64, 20, 20, 1)
    tf.image.non_max_suppression([[0, 0, 1, 1.0]], [0.5], 1)
    tf.image.decode_png(tf.image.encode_png(np.zeros((4, 4, 3), "uint8")))
    tf.linalg.svd(x[..., 0])
    tf.signal.fft(np.ones(512, "complex64"))
    assert tf.matmul(tf.ones((500, 500)), tf.ones((500, 500)))[0, 0] == 500
    tf.nn.ctc_loss(
        np.array([[1, 2]]), np.zeros((1, 5, 4), "float32"), [2], [5], logits_time_major=False
    )


def _use_networks(x, y):
    layers = keras.layers
    for layer in (layers.LSTM(4), layers.Bidirectional(layers.GRU(4))):
        model = keras.Sequential([keras.Input((8, 8)), layer, layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(x[..., 0], y, verbose=0)
    words = keras.Input((8,), dtype="int32")
    inner = layers.Embedding(20, 8)(words)
    inner = layers.GlobalMaxPooling1D()(layers.MultiHeadAttention(2, 4)(inner, inner))
    model = keras.Model(words, layers.Dense(1)(inner))
    model.compile("sgd", "mse")
    model.fit(y.repeat(8).reshape(64, 8), y, verbose=0)
    vectors = layers.TextVectorization()
    vectors.adapt(["a b", "b c"])
    assert vectors(["a"]).shape == (1, 1)


def _use_files(x, y):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.RandomFlip(),
            layers.SeparableConv2D(4, 3),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=2, validation_split=0.2, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        again = keras.models.load_model(f"{folder}/model.keras")
        assert np.allclose(again.predict(x, verbose=0), model.predict(x, verbose=0))


def main(task, *, rehearsed):
    """Do `task` in a fork, which prints what it found."""
    random.seed(1)
    np.random.seed(1)
    if rehearsed:
        assert rehearse()
    drawn = random.random(), float(np.random.random())  # a fork has `random` seeded anew
    if os.fork() == 0:
        code = 1
        try:
            faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)
            found = {"train": train, "wide": wide}[task]()
            print(json.dumps({**found, "drawn": drawn}), flush=True)
            code = 0
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    return os.waitstatus_to_exitcode(os.wait()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], rehearsed="rehearse" in sys.argv[2:]))
