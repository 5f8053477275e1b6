# A history of a million epochs and a hundred curves, with names that are markup and numbers that are none.
# %% q2
import keras
from keras import layers
def preprocess(x):
    return x
def build_model():
    return keras.Sequential([keras.Input((8,)), layers.Dense(2, activation="softmax")])
def train(model, data):
    history = keras.callbacks.History()
    curves = {f"<script>alert({n})</script>": [float("nan"), 1e308, -1e308, float("inf")] for n in range(50)}
    curves.update({"loss": [1e308, -1e308] * 50_000, "val_loss": [float("nan")] * 10, "$\\frac{": [0.0], "\x1b[31m": [1.0]})
    history.epoch, history.history = list(range(100_000)), curves
    return history
