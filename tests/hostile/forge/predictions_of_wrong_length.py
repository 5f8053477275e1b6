# A model that only the kernel can run predicts too few, too many and no rows.
# %% q3
import keras, numpy as np
from keras import layers
class Own(layers.Layer):
    def call(self, x): return x
def preprocess(x):
    return x
def build_model():
    return keras.Sequential([keras.Input((8,)), Own(), layers.Dense(2, activation="softmax")])
def train(model, data):
    return None
lengths = iter([1, 10**6, 0])
def predict(model, x):
    return np.full((next(lengths, 7), 2), 0.5)
