# An operation without weights that makes gigabytes out of every batch.
# %% q2
import keras
from keras import layers
def preprocess(x):
    return x
def build_model():
    inputs = keras.Input((8,))
    wide = keras.ops.tile(inputs, (1, 300_000))
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(keras.ops.max(wide, axis=1, keepdims=True)))
def train(model, data):
    return None
